//! What queries take, however long and whatever they are.

use crate::common::{PUBLIC, ask, document, index_of, numbers, viewer};
use crate::query::library;
use search::Filter;

#[test]
fn long_questions_are_read_to_their_end_in_bounded_time() {
    let fillers: Vec<String> = (1..=150).map(|number| format!("filler{number}")).collect();
    let filler = format!("{} ", fillers.join(" "));
    let mut documents: Vec<_> = (1..=200)
        .map(|number| document(number, "many words", &filler))
        .collect();
    documents.push(document(500, "Quokka census", "How to count quokkas."));
    let index = index_of(documents);
    for text in [
        format!("{} and how should we count the quokka?", filler.repeat(8)),
        format!("{filler} and how should we count the quokka?"),
        "学习社区".repeat(2_500),
        "\"a long quoted question\" ".repeat(400),
    ] {
        let text: String = text.chars().take(14_000).collect();
        let started = std::time::Instant::now();
        let request = search::Request {
            snippets: true,
            explain: true,
            did_you_mean: true,
            ..ask(&text)
        };
        index.searcher(None).unwrap().search(&request).unwrap();
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
    let question = format!("{} quokka", filler.repeat(6));
    assert!(
        numbers(
            &index,
            &search::Request {
                first: 1_000,
                ..ask(&question)
            }
        )
        .contains(&500)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_has_an_answer(
        text in "(\\PC{0,40}|(-|\"|\\*|:| |OR |tag:|title:|before:|é|学|한국|ا|x|evaluat|\u{1F600}|\u{202e}|\u{0}){0,40})",
    ) {
        let index = library();
        let request = search::Request {
            snippets: true,
            explain: true,
            did_you_mean: true,
            facets: search::FacetField::ALL
                .iter()
                .map(|field| search::FacetRequest { field: *field, size: 10 })
                .collect(),
            ..ask(&text)
        };
        let searcher = index.searcher(None).unwrap();
        let answer = searcher.search(&request).unwrap();
        proptest::prop_assert!(answer.total <= 5);
        searcher
            .suggest(&search::SuggestRequest {
                prefix: text,
                filter: Filter::default(),
                viewer: viewer(&[PUBLIC]),
                first: 10,
            })
            .unwrap();
    }
}

#[test]
fn monstrous_queries_are_answered() {
    let index = library();
    for query in [
        "(".repeat(10_000),
        "-(\"".repeat(5_000),
        "a OR ".repeat(3_000),
        "x* ".repeat(1_000),
        "\"a b c d e f g h\" ".repeat(500),
        "\u{0}\u{202e}\u{fffd}".repeat(500),
        "tag:".repeat(1_000),
        "é".repeat(5_000),
        format!("author:\"{}\"", "ada ".repeat(10_000)),
        "l'a-b-c-d-e-f OR ".repeat(600),
    ] {
        let answer = index.searcher(None).unwrap().search(&search::Request {
            snippets: true,
            did_you_mean: true,
            ..ask(&query)
        });
        assert!(answer.unwrap().total <= 5);
    }
}
