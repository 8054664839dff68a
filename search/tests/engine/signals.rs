//! What is known of a document besides its text counts a little, and never more than an exact title.

use proptest::prelude::*;
use search::{Index, Request, Settings, SignalWeights};

use crate::common::{ask, document, index_of, number, numbers, puts};

const DAY: i64 = 24 * 3_600 * 1_000_000;

fn scores(index: &Index, request: &Request) -> Vec<(u64, f32)> {
    let answer = index.searcher(None).unwrap().search(request).unwrap();
    let hits = answer.hits.iter();
    hits.map(|hit| (number(hit.id), hit.score)).collect()
}

#[test]
fn each_signal_counts_a_little() {
    let mut documents: Vec<_> = (1..=5)
        .map(|number| document(number, "same words here", ""))
        .collect();
    documents[1].evidence = 1.0;
    documents[2].standing = 1.0;
    documents[3].updated_at = 1_000 * DAY;
    documents[4].review_due_at = Some(999 * DAY);
    let request = Request {
        now: 1_000 * DAY,
        ..ask("words")
    };
    let index = index_of(documents.clone());
    let found = scores(&index, &request);
    let of = |wanted: u64| {
        found
            .iter()
            .find(|(number, _)| *number == wanted)
            .unwrap()
            .1
    };
    for (number, factor) in [(2, 1.1), (3, 1.1), (4, 1.05), (5, 0.9)] {
        let ratio = of(number) / of(1);
        assert!((ratio - factor).abs() < 0.01, "{number}: {ratio}");
    }
    let later = Request {
        now: 998 * DAY,
        ..ask("words")
    };
    let before = scores(&index, &later);
    let (one, due) = (
        before.iter().find(|hit| hit.0 == 1),
        before.iter().find(|hit| hit.0 == 5),
    );
    let apart = (one.unwrap().1 - due.unwrap().1).abs();
    assert!(apart < f32::EPSILON, "not due yet");

    let settings = Settings {
        signals: SignalWeights::NONE,
        ..Settings::default()
    };
    let plain = Index::in_memory(&settings).unwrap();
    plain.apply(puts(documents), 1).unwrap();
    let found = scores(&plain, &request);
    assert!(
        found
            .iter()
            .all(|hit| (hit.1 - found[0].1).abs() < f32::EPSILON),
        "{found:?}"
    );
}

#[test]
fn the_pages_of_an_answer_are_of_one_day() {
    let mut documents: Vec<_> = (1..=6)
        .map(|number| document(number, "same words here", ""))
        .collect();
    for one in &mut documents[..3] {
        one.review_due_at = Some(10 * DAY);
    }
    let index = index_of(documents);
    let first = Request {
        first: 3,
        now: 10 * DAY,
        ..ask("words")
    };
    let answer = index.searcher(None).unwrap().search(&first).unwrap();
    let mut seen: Vec<u64> = answer.hits.iter().map(|hit| number(hit.id)).collect();
    let next = Request {
        after: Some(answer.hits[2].cursor.clone()),
        now: 12 * DAY,
        ..first
    };
    seen.extend(numbers(&index, &next));
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn punctuation_and_quotes_do_not_matter_in_an_exact_title() {
    for (title, query) in [
        ("What’s next?", "what's next"),
        (
            "The “hidden” curriculum: a guide",
            "the \"hidden\" curriculum - a guide",
        ),
        ("Évaluer : pourquoi ?", "evaluer pourquoi"),
        ("Teaching and learning", "Teaching AND learning"),
        ("Peer-to-peer", "peer to peer"),
    ] {
        let mut exact = document(1, title, &"something else altogether ".repeat(100));
        exact.review_due_at = Some(DAY);
        let mut other = document(2, &format!("{title} {title}"), title);
        other.evidence = 1.0;
        exact.language = Some("en".to_owned());
        other.language = Some("en".to_owned());
        let index = index_of([exact, other]);
        let request = Request {
            now: 400 * DAY,
            ..ask(query)
        };
        assert_eq!(numbers(&index, &request), [1, 2], "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_buries_an_exact_title(
        others in prop::collection::vec(("(peer|review|peer review|review of peers|peer review peer review)", "(peer review ){0,30}", 0.0f32..=1.0, 0.0f32..=1.0, 0i64..400), 1..12),
        filler in 0usize..400,
        evidence in 0.0f32..=0.2,
        overdue: bool,
        weights in (0.0f32..2.0, 0.0f32..2.0, 0.0f32..2.0, 0.0f32..2.0),
        title in "(Peer Review|Peer review\\?|“Peer” review|Peer-review|Peer: review)",
        query in "(peer review|Peer  Review|\"peer review\"|PEER REVIEW|peer-review|peer review\\?|Peer: review|\"peer\" review|“peer” review|peer, review!)",
    ) {
        let settings = Settings {
            signals: SignalWeights { evidence: weights.0, standing: weights.1, recency: weights.2, overdue: weights.3 },
            ..Settings::default()
        };
        let index = Index::in_memory(&settings).unwrap();
        let mut exact = document(1, &title, &"words about something else ".repeat(filler));
        exact.evidence = evidence;
        exact.updated_at = 0;
        exact.review_due_at = overdue.then_some(DAY);
        let mut documents = vec![exact];
        for ((title, body, evidence, standing, age), number) in others.into_iter().zip(2..) {
            let mut one = document(number, &title, &body);
            one.evidence = evidence;
            one.standing = standing;
            one.updated_at = (400 - age) * DAY;
            documents.push(one);
        }
        let titled: Vec<u64> = documents
            .iter()
            .zip(1..)
            .filter(|(one, number)| *number == 1 || one.title == "peer review")
            .map(|(_, number)| number)
            .collect();
        index.apply(puts(documents), 1).unwrap();
        let found = numbers(&index, &Request { now: 400 * DAY, ..ask(&query) });
        let mut first = found[..titled.len()].to_vec();
        first.sort_unstable();
        prop_assert_eq!(first, titled);
    }
}
