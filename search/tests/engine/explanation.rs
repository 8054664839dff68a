//! Why something was found.

use std::sync::Arc;

use proptest::prelude::*;
use search::{Explanation, Index, MatchKind, Request, Settings, SignalWeights, Synonyms, Text};

use crate::common::{ask, document, index_of, puts};

fn explained(index: &Index, request: Request) -> Vec<(f32, Explanation)> {
    let request = Request {
        explain: true,
        ..request
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    let hits = answer.hits.into_iter();
    hits.map(|hit| (hit.score, hit.explanation.unwrap()))
        .collect()
}

/// What the factors say that the score is.
fn total(explanation: &Explanation) -> f32 {
    let of = |names: &[&str]| -> Vec<f32> {
        let factors = explanation.factors.iter();
        let named = factors.filter(|factor| names.contains(&factor.name));
        named.map(|factor| factor.value).collect()
    };
    of(&["words", "title", "pairs", "accents"])
        .iter()
        .sum::<f32>()
        * of(&["evidence", "standing", "recency", "overdue"])
            .iter()
            .product::<f32>()
        + of(&["exactTitle"]).iter().sum::<f32>()
}

fn kinds(explanation: &Explanation) -> Vec<(&str, &str, MatchKind)> {
    let matches = explanation.matches.iter();
    matches
        .map(|one| (one.field.as_str(), one.term.as_str(), one.how))
        .collect()
}

#[test]
fn each_word_is_explained_by_how_the_text_has_it() {
    let mut one = document(
        1,
        "Assessments of peers",
        "Peers assess drafts; mentoring helps them.",
    );
    one.texts
        .insert(0, Text::plain("description", "About coaching."));
    let index = index_of([one]);
    let synonyms = Arc::new(Synonyms::new([["mentorship", "coaching"]]));
    let request = Request {
        synonyms,
        ..ask("peers assess mentorship draf*")
    };
    let found = explained(&index, request);
    assert_eq!(
        kinds(&found[0].1),
        [
            ("title", "assess", MatchKind::Stem),
            ("title", "peers", MatchKind::Exact),
            ("description", "mentorship", MatchKind::Synonym),
            ("body", "peers", MatchKind::Exact),
            ("body", "assess", MatchKind::Exact),
            ("body", "draf", MatchKind::Prefix),
        ]
    );
    let found = explained(&index, ask("mentorimg"));
    assert_eq!(kinds(&found[0].1), [("body", "mentoring", MatchKind::Typo)]);
    let unasked = index.searcher(None).unwrap().search(&ask("peers")).unwrap();
    assert_eq!(unasked.hits[0].explanation, None);
}

#[test]
fn an_exact_title_and_signals_are_named() {
    let mut one = document(1, "Peer review", "Peer review of drafts.");
    one.evidence = 0.5;
    one.review_due_at = Some(0);
    let index = index_of([one, document(2, "Other", "A peer.")]);
    let request = Request {
        now: 900_000_000_000_000,
        ..ask("peer review")
    };
    let (score, explanation) = explained(&index, request).remove(0);
    let names: Vec<&str> = explanation
        .factors
        .iter()
        .map(|factor| factor.name)
        .collect();
    assert_eq!(
        names,
        [
            "words",
            "title",
            "pairs",
            "evidence",
            "overdue",
            "exactTitle"
        ]
    );
    assert!((score - total(&explanation)).abs() < 0.01);
}

const WORDS: [&str; 7] = [
    "peer", "review", "reviews", "évaluer", "evaluer", "draft", "学习",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_factors_make_up_the_score(
        texts in prop::collection::vec((prop::collection::vec(0..WORDS.len(), 1..5), prop::collection::vec(0..WORDS.len(), 0..9), 0.0f32..=1.0, 0.0f32..=1.0, any::<bool>()), 1..8),
        asked in prop::collection::vec(0..WORDS.len(), 0..6),
        signals: bool,
    ) {
        let words = |chosen: &[usize]| chosen.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        let settings = Settings {
            signals: if signals { SignalWeights::default() } else { SignalWeights::NONE },
            ..Settings::default()
        };
        let index = Index::in_memory(&settings).unwrap();
        let documents = texts.into_iter().zip(1..).map(|((title, body, evidence, standing, french), number)| {
            let mut one = document(number, &words(&title), &words(&body));
            one.evidence = evidence;
            one.standing = standing;
            one.language = Some(if french { "fr" } else { "en" }.into());
            one
        });
        index.apply(puts(documents), 1).unwrap();
        let synonyms = Arc::new(Synonyms::new([["peer review", "draft"]]));
        for (score, explanation) in explained(&index, Request { now: 1_000, synonyms, ..ask(&words(&asked)) }) {
            let total = total(&explanation);
            prop_assert!((score - total).abs() <= 0.001 * score.max(1.0), "{score} is not {total}: {explanation:?}");
        }
    }
}
