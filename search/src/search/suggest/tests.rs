use proptest::prelude::*;
use uuid::Uuid;

use super::Way;
use crate::{Change, Document, DocumentKind, Filter, Index, Settings, SuggestRequest, Viewer};

const WORDS: [&str; 10] = [
    "peer",
    "peers",
    "pear",
    "Pëer",
    "plan",
    "tree",
    "tea",
    // Longer than what the dictionary of beginnings has of titles.
    "assessments",
    "assessmente",
    "学习社区学习",
];
const TAGS: [&str; 6] = ["peer", "Peer", "peers", "plan", "pear", "tea"];
const TOKENS: [&str; 3] = ["public", "team", "board"];
const PARKED: &str = "PARKED";

fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0, number)
}

fn named(names: &[&str], places: &[usize]) -> Vec<String> {
    let places = places.iter();
    places.map(|place| names[*place].to_owned()).collect()
}

/// Some of the places in a list of so many.
fn some(length: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..length, 0..3)
}

prop_compose! {
    /// A document without an id. Titles and tags begin alike, so that many are completions.
    fn any_document()(
        title in prop::collection::vec(0..WORDS.len(), 1..4),
        kind in 0..3_usize,
        audience in some(TOKENS.len()),
        tags in some(TAGS.len()),
        long in prop::bool::weighted(0.2),
        parked: bool,
    ) -> Document {
        // Longer than sort keys.
        let before = if long { "assessments ".repeat(11) } else { String::new() };
        let title = format!("{before}{}", named(&WORDS, &title).join(" "));
        let mut document = Document::new(Uuid::nil(), DocumentKind::ALL[kind], title);
        document.audience = named(&TOKENS, &audience);
        document.tags = named(&TAGS, &tags);
        document.status = parked.then(|| PARKED.to_owned());
        document
    }
}

prop_compose! {
    fn any_filter()(
        kinds in prop_oneof![Just(Vec::new()), prop::collection::vec(0..3_usize, 1..3)],
        tags in prop_oneof![Just(Vec::new()), some(TAGS.len())],
        parked in 0..3,
    ) -> Filter {
        let statuses = |asked: bool| if asked { vec![PARKED.to_owned()] } else { Vec::new() };
        Filter {
            kinds: kinds.into_iter().map(|kind| DocumentKind::ALL[kind]).collect(),
            tags: named(&TAGS, &tags),
            statuses: statuses(parked == 1),
            without_statuses: statuses(parked == 2),
            ..Filter::default()
        }
    }
}

prop_compose! {
    fn any_request()(
        prefix in prop_oneof![
            "(p|pe|pea|peer|peer p|peer pl|pl|t|te|tree pe|x)",
            "(assessment|peer assess|peer assessm|assessment[se]|assessment[se] [pt]|assessment[se] (pe|te))",
            "(学习社|学习社区|学习社区学|tea 学习社|peer 学习社|assessments 学)",
            "(assessments ){10}assessm|(assessments ){11}(p|te|peer|学习)",
        ],
        filter in any_filter(),
        audience in some(TOKENS.len()),
        excluded in prop_oneof![Just(Vec::new()), prop::collection::vec(0..60_u64, 1..4)],
        first in 1..12_usize,
    ) -> SuggestRequest {
        let viewer = Viewer {
            audience: named(&TOKENS, &audience),
            excluded_ids: excluded.into_iter().map(id).collect(),
            ..Viewer::default()
        };
        SuggestRequest { prefix, filter, viewer, first }
    }
}

/// An index of several segments, some of whose documents were replaced or deleted.
fn index(documents: &[Document], gone: &[u64]) -> Index {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let numbered: Vec<Document> = documents
        .iter()
        .zip(0..)
        .map(|(document, number)| Document {
            id: id(number),
            ..document.clone()
        })
        .collect();
    let put = |document: &Document| Change::Put(Box::new(document.clone()));
    // Others had some of these ids before.
    let others = documents.iter().rev().zip(0..30);
    let earlier = others.map(|(document, number)| Document {
        id: id(2 * number),
        ..document.clone()
    });
    let mut position = 1;
    index
        .apply(earlier.map(|document| put(&document)).collect(), position)
        .unwrap();
    for part in numbered.chunks(16) {
        position += 1;
        index
            .apply(part.iter().map(put).collect(), position)
            .unwrap();
    }
    let gone = gone.iter().map(|number| Change::Delete(id(*number)));
    index.apply(gone.collect(), position + 1).unwrap();
    index
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Dictionaries, documents, and documents once a dictionary has cost too much find the same.
    #[test]
    fn every_way_finds_the_same(
        documents in prop::collection::vec(any_document(), 1..60),
        gone in prop::collection::vec(0..60_u64, 0..6),
        requests in prop::collection::vec((any_request(), 0..1_500_u64), 1..20),
    ) {
        let searcher = index(&documents, &gone).searcher(None).unwrap();
        for (request, most) in requests {
            let found = |way| searcher.suggest_by(way, &request).unwrap();
            let in_documents = found(Way::Spending(0));
            for way in [Way::Spending(u64::MAX), Way::Spending(most), Way::Cheaper] {
                prop_assert_eq!(found(way), in_documents.clone(), "{:?} {:?}", way, request);
            }
        }
    }
}

#[test]
fn tags_of_what_is_left_out_only_take_no_place() {
    let documents: Vec<Document> = (0..80)
        .map(|number| {
            let mut one = Document::new(Uuid::nil(), DocumentKind::ALL[0], "Notes");
            one.audience = vec![TOKENS[0].to_owned()];
            one.tags = vec![format!("plan {number:02}")];
            one.status = (number != 70).then(|| PARKED.to_owned());
            one
        })
        .collect();
    let searcher = index(&documents, &[]).searcher(None).unwrap();
    let request = SuggestRequest {
        prefix: "plan".to_owned(),
        filter: Filter {
            without_statuses: vec![PARKED.to_owned()],
            ..Filter::default()
        },
        viewer: Viewer {
            audience: vec![TOKENS[0].to_owned()],
            ..Viewer::default()
        },
        first: 5,
    };
    for way in [Way::Spending(0), Way::Spending(u64::MAX), Way::Cheaper] {
        let found = searcher.suggest_by(way, &request).unwrap();
        let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["plan 70"], "{way:?}");
    }
}
