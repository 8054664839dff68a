//! Completions, by their definition.

use std::collections::BTreeMap;

use proptest::prelude::*;
use search::{Completion, Document, DocumentKind, Filter, Index, SuggestRequest, fold};
use uuid::Uuid;

use crate::common::{PUBLIC, document, id, index_of, puts, viewer};

const WORDS: [&str; 9] = [
    "peer",
    "peers",
    "Pear",
    "plan",
    "tree",
    "tea",
    "assessments",
    "assessmente",
    "学习社区学习",
];
const TAGS: [&str; 5] = ["peer", "Peer", "plan", "pear", "tea"];
const TEAM: &str = "team";

fn complete(index: &Index, request: &SuggestRequest) -> Vec<Completion> {
    index.searcher(None).unwrap().suggest(request).unwrap()
}

/// What anybody types.
fn typed(prefix: &str, first: usize) -> SuggestRequest {
    SuggestRequest {
        prefix: prefix.to_owned(),
        filter: Filter::default(),
        viewer: viewer(&[PUBLIC]),
        first,
    }
}

fn texts(completions: &[Completion]) -> Vec<&str> {
    let completions = completions.iter();
    completions.map(|one| one.text.as_str()).collect()
}

prop_compose! {
    fn any_document()(
        title in prop::collection::vec(0..WORDS.len(), 1..4),
        kind in 0..3_usize,
        tags in prop::collection::vec(0..TAGS.len(), 0..3),
        team in prop::bool::weighted(0.3),
    ) -> Document {
        let words: Vec<&str> = title.into_iter().map(|word| WORDS[word]).collect();
        let mut one = document(0, &words.join(" "), "");
        one.kind = DocumentKind::ALL[kind];
        one.tags = tags.into_iter().map(|tag| TAGS[tag].to_owned()).collect();
        if team {
            one.audience = vec![TEAM.to_owned()];
        }
        one
    }
}

/// Whether the title has all the words, the last of them perhaps only begun.
fn has_words(title: &str, typed: &str) -> bool {
    let mut words: Vec<&str> = typed.split(' ').collect();
    let last = words.pop().unwrap();
    let has = |test: &dyn Fn(&str) -> bool| title.split(' ').any(test);
    words.iter().all(|word| has(&|one: &str| one == *word))
        && has(&|one: &str| one.starts_with(last))
}

/// What completes: folded, and the document of titles.
fn by_definition(
    documents: &[Document],
    request: &SuggestRequest,
) -> Vec<(String, Option<(Uuid, DocumentKind)>)> {
    let typed = fold(&request.prefix);
    let matching = documents.iter().filter(|one| {
        let has = |tag: &String| {
            request
                .filter
                .tags
                .iter()
                .any(|asked| fold(asked) == fold(tag))
        };
        one.audience
            .iter()
            .any(|token| request.viewer.audience.contains(token))
            && !request.viewer.excluded_ids.contains(&one.id)
            && (request.filter.kinds.is_empty() || request.filter.kinds.contains(&one.kind))
            && (request.filter.tags.is_empty() || one.tags.iter().any(has))
    });
    let (mut starting, mut inside) = (BTreeMap::new(), BTreeMap::new());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in matching {
        let title = fold(&one.title);
        let place = if title.starts_with(&typed) {
            Some(&mut starting)
        } else {
            has_words(&title, &typed).then_some(&mut inside)
        };
        if let Some(place) = place {
            let known: &mut Uuid = place.entry((one.kind, title)).or_insert(one.id);
            *known = one.id.min(*known);
        }
        let mut tags: Vec<String> = one.tags.iter().map(|tag| fold(tag)).collect();
        tags.sort();
        tags.dedup();
        for tag in tags.into_iter().filter(|tag| tag.starts_with(&typed)) {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let mut tags: Vec<(String, usize)> = counts.into_iter().collect();
    tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let titles = |titles: BTreeMap<(DocumentKind, String), Uuid>| {
        let titles = titles.into_iter();
        titles.map(|((kind, title), id)| (title, Some((id, kind))))
    };
    titles(starting)
        .chain(tags.into_iter().map(|(tag, _)| (tag, None)))
        .chain(titles(inside))
        .take(request.first)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn completions_are_as_they_are_defined(
        documents in prop::collection::vec(any_document(), 1..50),
        requests in prop::collection::vec((
            prop_oneof![
                "(p|pe|pea|peer|PEER p|pl|t|te|tree pe|x)",
                "(assessment|peer assess|peer assessm|assessment[se]|assessment[se] [pt]|assessment[se] (pe|te))",
                "(学习社|学习社区|学习社区学|tea 学习社|peer 学习社|assessments 学)",
            ],
            prop_oneof![Just(vec![]), prop::collection::vec(0..3_usize, 1..3)],
            prop_oneof![Just(vec![]), prop::collection::vec(0..TAGS.len(), 1..3)],
            prop_oneof![Just(vec![]), prop::collection::vec(0..50_u64, 1..4)],
            any::<bool>(),
            0..12_usize,
        ), 1..12),
    ) {
        let mut documents = documents;
        for (one, number) in documents.iter_mut().zip(0..) {
            one.id = id(number);
        }
        let index = index_of([]);
        for (part, position) in documents.chunks(12).zip(2..) {
            index.apply(puts(part.iter().cloned()), position).unwrap();
        }
        for (prefix, kinds, tags, excluded, of_team, first) in requests {
            let mut request = typed(&prefix, first);
            request.filter.kinds = kinds.into_iter().map(|kind| DocumentKind::ALL[kind]).collect();
            request.filter.tags = tags.into_iter().map(|tag| TAGS[tag].to_owned()).collect();
            request.viewer = viewer(if of_team { &[PUBLIC, TEAM] } else { &[PUBLIC] });
            request.viewer.excluded_ids = excluded.into_iter().map(id).collect();
            let found = complete(&index, &request);
            let found: Vec<_> = found.into_iter().map(|one| (fold(&one.text), one.document)).collect();
            prop_assert_eq!(found, by_definition(&documents, &request), "{:?}", request);
        }
    }
}

#[test]
fn titles_are_told_apart_by_their_first_bytes() {
    let long = "assessments ".repeat(11);
    let titles = [("peer", 1), ("tea", 2)];
    let titles = titles.map(|(end, number)| document(number, &format!("{long}{end}"), ""));
    let others = [
        document(3, "Assessment of peers", ""),
        document(4, "学习社区学习", ""),
    ];
    let index = index_of(titles.into_iter().chain(others));
    let first = format!("{long}peer");
    for (prefix, expected) in [
        (&long[..127], first.as_str()),
        (&long[..131], first.as_str()),
        (&first[..134], first.as_str()),
        ("assessment of", "Assessment of peers"),
        ("学习社区", "学习社区学习"),
        ("学习社区学", "学习社区学习"),
    ] {
        let found = complete(&index, &typed(prefix, 10));
        assert_eq!(texts(&found), [expected], "{prefix}");
    }
}

#[test]
fn titles_that_many_documents_have_leave_room_for_others() {
    let titles = (1..40).map(|number| document(number, "Meeting notes", ""));
    let others = ["Meeting rooms", "Meeting times", "Notes of a meeting"];
    let others = others.into_iter().zip(40..);
    let index = index_of(titles.chain(others.map(|(title, number)| document(number, title, ""))));
    let found = complete(&index, &typed("meeting", 4));
    assert_eq!(
        texts(&found),
        [
            "Meeting notes",
            "Meeting rooms",
            "Meeting times",
            "Notes of a meeting"
        ]
    );
    assert_eq!(found[0].document, Some((id(1), DocumentKind::Resource)));
}

#[test]
fn a_title_of_thousands_of_documents_is_completed_as_others_are() {
    let titles = (1..5_000).map(|number| document(number, "Meeting notes", ""));
    let index = index_of(titles.chain([document(5_000, "Meeting rooms", "")]));
    let mut request = typed("mee", 10);
    let expected = ["Meeting notes", "Meeting rooms"];
    assert_eq!(texts(&complete(&index, &request)), expected);
    request.viewer.excluded_ids = vec![id(1), id(2)];
    let found = complete(&index, &request);
    assert_eq!(texts(&found), expected);
    assert_eq!(found[0].document, Some((id(3), DocumentKind::Resource)));
}

#[test]
fn few_that_may_be_seen_are_found_among_many_that_may_not() {
    let hidden = (1..3_000).map(|number| {
        let mut one = document(number, &format!("Plan {number:04}"), "");
        one.audience = vec![TEAM.to_owned()];
        one.tags = vec![format!("plan {}", number % 200)];
        one
    });
    let mut seen = document(3_000, "Plan of all plans", "");
    seen.tags = vec!["Plan 7".to_owned()];
    let inside = document(3_001, "Another plan", "");
    let index = index_of(hidden.chain([seen, inside]));
    let found = complete(&index, &typed("plan", 10));
    let expected = ["Plan of all plans", "Plan 7", "Another plan"];
    assert_eq!(texts(&found), expected);
}
