//! What is offered in place of a word is found with all that is asked for besides.

use search::{Answer, Document, DocumentKind, Filter, Index, Request};

use crate::common::{ask, document, index_of, numbers};

fn answer(index: &Index, query: &str, filter: Filter) -> Answer {
    let request = Request {
        filter,
        did_you_mean: true,
        ..ask(query)
    };
    index.searcher(None).unwrap().search(&request).unwrap()
}

fn english(number: u64, title: &str, body: &str) -> Document {
    let mut one = document(number, title, body);
    one.language = Some("en".to_owned());
    one
}

fn of_kind(kind: DocumentKind) -> Filter {
    Filter {
        kinds: vec![kind],
        ..Filter::default()
    }
}

/// Five practices and a resource, with a word each that is like the other's; and an innovation that is parked.
fn shelf() -> Index {
    let mut documents: Vec<Document> = (1..=5)
        .map(|number| english(number, "Broker", "Assessment of communities."))
        .collect();
    for one in &mut documents {
        one.kind = DocumentKind::Practice;
    }
    documents.push(english(6, "Brokers", "Friction."));
    let mut parked = english(7, "Zanzibar", "A journey.");
    parked.kind = DocumentKind::Innovation;
    parked.status = Some("PARKED".into());
    documents.push(parked);
    index_of(documents)
}

#[test]
fn a_word_that_the_filter_leaves_out_is_not_offered() {
    let index = shelf();
    let (practice, resource) = (DocumentKind::Practice, DocumentKind::Resource);
    let found = answer(&index, "asessment", of_kind(practice));
    assert_eq!(found.corrected_query.as_deref(), Some("assessment"));
    assert_eq!(found.total, 5);
    let nothing = answer(&index, "asessment", of_kind(resource));
    assert_eq!(nothing, Answer::default());

    let likeliest = answer(&index, "brokes", Filter::default());
    assert_eq!(likeliest.corrected_query.as_deref(), Some("broker"));
    let left = answer(&index, "brokes", of_kind(resource));
    assert_eq!(left.corrected_query.as_deref(), Some("brokers"));
    assert_eq!(left.did_you_mean.as_deref(), Some("brokers"));
    assert_eq!(left.total, 1, "what is offered finds something");
}

#[test]
fn what_is_left_out_by_its_status_gives_no_words() {
    let index = shelf();
    let filter = Filter {
        without_statuses: vec!["PARKED".into()],
        ..Filter::default()
    };
    assert_eq!(answer(&index, "zanzibas", filter), Answer::default());
    let all = answer(&index, "zanzibas", Filter::default());
    assert_eq!(all.corrected_query.as_deref(), Some("zanzibar"));
}

#[test]
fn filters_in_the_query_count_like_others() {
    let index = shelf();
    for query in ["asessment kind:resource", "asessment -communities"] {
        let found = answer(&index, query, Filter::default());
        assert_eq!((found.corrected_query, found.total), (None, 0), "{query}");
    }
    let found = answer(&index, "asessment kind:practice", Filter::default());
    let corrected = "assessment kind:practice";
    assert_eq!(found.corrected_query.as_deref(), Some(corrected));
    assert_eq!(found.total, 5);
}

#[test]
fn a_word_is_no_mistake_because_a_filter_leaves_it_out() {
    let mut documents = vec![english(1, "Friction", "")];
    let mut practice = english(2, "Fraction", "");
    practice.kind = DocumentKind::Practice;
    documents.push(practice);
    let index = index_of(documents);
    let found = answer(&index, "fraction", of_kind(DocumentKind::Resource));
    assert_eq!(found, Answer::default());
}

#[test]
fn a_better_word_is_offered_where_the_filter_has_it() {
    let mut documents: Vec<Document> = (1..=40)
        .map(|number| english(number, "Community", ""))
        .collect();
    for one in &mut documents[..20] {
        one.kind = DocumentKind::Practice;
    }
    documents.push(english(41, "Comunity", ""));
    let index = index_of(documents);
    let offered = |filter: Filter| answer(&index, "comunity", filter).did_you_mean;
    assert_eq!(offered(Filter::default()).as_deref(), Some("community"));
    let practices = of_kind(DocumentKind::Practice);
    assert_eq!(offered(practices).as_deref(), Some("community"));
    assert_eq!(offered(of_kind(DocumentKind::Collection)), None);
}

#[test]
fn the_next_page_is_read_as_the_first_one() {
    let index = shelf();
    let first = Request {
        first: 2,
        filter: of_kind(DocumentKind::Practice),
        ..ask("asessment")
    };
    let page = index.searcher(None).unwrap().search(&first).unwrap();
    assert_eq!((page.hits.len(), page.has_next_page), (2, true));
    let next = Request {
        after: Some(page.hits[1].cursor.clone()),
        ..first
    };
    assert_eq!(numbers(&index, &next), [3, 4]);
}
