//! Nobody learns anything of what they may not see.

use proptest::prelude::*;
use search::{
    Answer, Change, Document, DocumentKind, FacetField, FacetRequest, Filter, Index, Order,
    RelatedRequest, Request, SuggestRequest, Viewer,
};

use crate::common::{document, id, index_of, puts};

const WORDS: [&str; 8] = [
    "mentoring",
    "mentorimg",
    "assessment",
    "asessment",
    "community",
    "broker",
    "brokers",
    "évaluer",
];
const TOKENS: [&str; 3] = ["public", "team", "board"];

prop_compose! {
    /// A document of few words, so that much is shared between what is seen and what is not.
    fn any_document()(
        title in prop::collection::vec(0..WORDS.len(), 1..4),
        body in prop::collection::vec(0..WORDS.len(), 0..5),
        audience in prop::collection::vec(0..TOKENS.len(), 0..3),
        tag in 0..WORDS.len(),
        kind in 0..DocumentKind::ALL.len(),
        french: bool,
    ) -> (Vec<usize>, Vec<usize>, Vec<usize>, usize, usize, bool) {
        (title, body, audience, tag, kind, french)
    }
}

fn made(
    number: u64,
    (title, body, audience, tag, kind, french): (
        Vec<usize>,
        Vec<usize>,
        Vec<usize>,
        usize,
        usize,
        bool,
    ),
) -> Document {
    let text = |words: &[usize]| {
        words
            .iter()
            .map(|word| WORDS[*word])
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut one = document(number, &text(&title), &text(&body));
    one.kind = DocumentKind::ALL[kind];
    one.audience = audience
        .iter()
        .map(|token| TOKENS[*token].to_owned())
        .collect();
    one.tags = vec![WORDS[tag].to_owned()];
    one.evidence = if number.is_multiple_of(3) { 1.0 } else { 0.0 };
    one.review_due_at = number.is_multiple_of(4).then_some(1);
    one.domains = vec![id(500 + tag as u64)];
    one.community = Some(id(600 + number % 3));
    one.language = Some(if french { "fr" } else { "en" }.to_owned());
    one
}

/// What the viewer may see of the documents, by the definition.
fn visible(documents: &[Document], viewer: &Viewer) -> Vec<Document> {
    let sees = |one: &&Document| {
        one.audience
            .iter()
            .any(|token| viewer.audience.contains(token))
            && !viewer.excluded_ids.contains(&one.id)
            && !one
                .community
                .is_some_and(|community| viewer.excluded_communities.contains(&community))
    };
    documents.iter().filter(sees).cloned().collect()
}

/// The answer without its cursors, which name the searcher. Scores are rounded: sums of the same numbers may be added in
/// another order; without `scores` they do not count at all.
fn essence(mut answer: Answer, scores: bool) -> Answer {
    let round = |score: f32| {
        if scores {
            (score * 1_000.0).round() / 1_000.0
        } else {
            0.0
        }
    };
    for hit in &mut answer.hits {
        hit.score = round(hit.score);
        hit.cursor = String::new();
        for factor in hit.explanation.iter_mut().flat_map(|one| &mut one.factors) {
            factor.value = round(factor.value);
        }
    }
    answer
        .hits
        .sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    answer
}

fn ask(index: &Index, query: &str, order: Order, viewer: &Viewer) -> Answer {
    let request = Request {
        query: query.to_owned(),
        order,
        first: 100,
        viewer: viewer.clone(),
        facets: FacetField::ALL
            .iter()
            .map(|field| FacetRequest {
                field: *field,
                size: 100,
            })
            .collect(),
        snippets: true,
        explain: true,
        now: 40 * 24 * 3_600 * 1_000_000,
        did_you_mean: true,
        ..Request::default()
    };
    index.searcher(None).unwrap().search(&request).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The index with everything answers as an index that holds nothing but what the viewer may see.
    #[test]
    fn answers_are_as_if_the_rest_were_not_there(
        documents in prop::collection::vec(any_document(), 1..14),
        tokens in prop::collection::vec(0..TOKENS.len(), 0..3),
        excluded in prop_oneof![Just(vec![]), prop::collection::vec(1u64..14, 0..3)],
        left in prop_oneof![Just(vec![]), prop::collection::vec(600u64..603, 0..2)],
        queries in prop::collection::vec("(|mentoring|mentorin|assesment|assessment|asesment|comunity broker|brok*|-broker|évalue|\"broker community\"|tag:broker|title:broker|mentoring OR brokers|brokers community mentoring asesment)", 1..6),
        prefix in "(m|as|b|br|é|evaluer |mentoring a)",
    ) {
        let documents: Vec<Document> = documents.into_iter().zip(1..).map(|(one, number)| made(number, one)).collect();
        let viewer = Viewer {
            audience: tokens.iter().map(|token| TOKENS[*token].to_owned()).collect(),
            excluded_ids: excluded.into_iter().map(id).collect(),
            excluded_communities: left.into_iter().map(id).collect(),
        };
        let whole = index_of([]);
        // What was said before, and what is gone, says nothing either.
        let earlier = documents.iter().zip(1..).map(|(one, number)| {
            let mut earlier = document(number, "mentoring broker broker", "assessment");
            earlier.audience.clone_from(&one.audience);
            earlier
        });
        whole.apply(puts(earlier.chain([document(99, "brokers", "mentoring")])), 1).unwrap();
        for (part, position) in documents.chunks(5).zip(2..) {
            whole.apply(puts(part.iter().cloned()), position).unwrap();
        }
        whole.apply(vec![Change::Delete(id(99))], 9).unwrap();
        let seen = index_of(visible(&documents, &viewer));
        // What was narrowed since the index was written counts in scores until the index has caught up.
        let caught_up = viewer.excluded_ids.is_empty() && viewer.excluded_communities.is_empty();
        for query in &queries {
            prop_assert_eq!(
                essence(ask(&whole, query, Order::Relevance, &viewer), caught_up),
                essence(ask(&seen, query, Order::Relevance, &viewer), caught_up),
                "{}", query
            );
            for order in [Order::Newest, Order::Title] {
                let ids = |index: &Index| ask(index, query, order, &viewer).hits.iter().map(|hit| hit.id).collect::<Vec<_>>();
                prop_assert_eq!(ids(&whole), ids(&seen));
            }
        }
        for one in &documents {
            let request = RelatedRequest { id: one.id, filter: Filter::default(), viewer: viewer.clone(), first: 20 };
            let related = |index: &Index| index.searcher(None).unwrap().related(&request).unwrap();
            let among = |related: Option<Vec<(uuid::Uuid, DocumentKind)>>| related.map(|mut found| { found.sort(); found });
            prop_assert_eq!(among(related(&whole)), among(related(&seen)));
            prop_assert_eq!(
                related(&whole).is_some(),
                visible(&documents, &viewer).iter().any(|known| known.id == one.id)
            );
        }
        let request = SuggestRequest { prefix, filter: Filter::default(), viewer, first: 20 };
        prop_assert_eq!(
            whole.searcher(None).unwrap().suggest(&request).unwrap(),
            seen.searcher(None).unwrap().suggest(&request).unwrap()
        );
    }
}

#[test]
fn whoever_holds_no_token_sees_nothing() {
    let mut secret = document(1, "mentoring", "");
    secret.audience = Vec::new();
    let index = index_of([secret, document(2, "mentoring", "")]);
    assert_eq!(
        ask(&index, "", Order::Relevance, &Viewer::default()).total,
        0
    );
    let everybody = crate::common::viewer(&["public", ""]);
    assert_eq!(ask(&index, "", Order::Relevance, &everybody).total, 1);
}
