//! What queries find.

use std::sync::Arc;

use crate::common::{PUBLIC, ask, document, found, id, index_of, numbers};
use search::{Document, DocumentKind, Filter, Index, Order, Synonyms, Text};

pub(crate) fn library() -> Index {
    let mut first = document(
        1,
        "Peer assessment in mathematics",
        "Students assess each other with clear criteria.",
    );
    first.tags = vec!["Évaluation".into(), "peer-learning".into()];
    first.resource_kind = Some("CASE_STUDY".into());
    first.author_names = vec!["Ana María Núñez".into()];
    first.community_slug = Some("maths-teachers".into());
    first.domain_slugs = vec!["assessment".into(), "teaching".into()];
    first.updated_at = 1_704_067_200_000_000;
    let mut second = document(
        2,
        "Brokering between communities",
        "A broker connects communities of practice.",
    );
    second.kind = DocumentKind::Practice;
    second.domain_slugs = vec!["teaching".into()];
    second.updated_at = 1_735_689_600_000_000;
    let mut third = document(
        3,
        "L'évaluation entre pairs",
        "Les élèves évaluent le travail de leurs pairs.",
    );
    third.language = Some("fr-CA".into());
    let mut fourth = document(
        4,
        "Kollegiale Beratung",
        "Übungen für Gruppen, eine Einführung",
    );
    fourth.language = Some("de".into());
    let fifth = document(5, "The Who and other bands", "Rock music of the sixties");
    index_of([first, second, third, fourth, fifth])
}

#[test]
fn english_and_french_words_are_found_in_other_forms() {
    let index = library();
    assert_eq!(found(&index, "assessing"), [1]);
    assert_eq!(found(&index, "community practices"), [2]);
    assert_eq!(found(&index, "evaluation"), [3]);
    assert_eq!(found(&index, "ÉVALUÉ"), [3]);
    assert_eq!(found(&index, "eleve"), [3]);
    assert_eq!(found(&index, "l'évaluation"), [3]);
    assert_eq!(found(&index, "ubungen"), [4]);
}

#[test]
fn languages_that_nobody_declared_are_detected_and_kept() {
    let mut text = document(
        1,
        "Analyse de pratiques",
        "Les enseignants partagent leurs expériences et réfléchissent ensemble à leurs pratiques professionnelles.",
    );
    text.language = None;
    let index = index_of([text]);
    let request = search::Request {
        filter: Filter {
            languages: vec!["fr".into()],
            ..Filter::default()
        },
        ..ask("réflexion OR réfléchir")
    };
    assert_eq!(numbers(&index, &request), [1]);
}

#[test]
fn up_to_three_words_must_all_be_there_unless_nothing_is() {
    let index = index_of([
        document(1, "alpha beta gamma", ""),
        document(2, "alpha beta", ""),
        document(3, "alpha delta epsilon", ""),
    ]);
    assert_eq!(found(&index, "alpha"), [1, 2, 3]);
    assert_eq!(found(&index, "beta alpha"), [1, 2]);
    assert_eq!(found(&index, "the alpha of beta and gamma"), [1]);
    // Nothing has both: eased.
    assert_eq!(found(&index, "gamma delta"), [1, 3]);
    // Of more words any.
    assert_eq!(found(&index, "alpha beta gamma delta"), [1, 2, 3]);
    assert_eq!(numbers(&index, &ask("alpha beta gamma omicron"))[0], 1);
    // OR lifts it.
    assert_eq!(found(&index, "gamma OR delta"), [1, 3]);
    assert_eq!(found(&index, "alpha gamma OR epsilon"), [1, 3]);
}

#[test]
fn phrases_prefixes_and_exclusions_hold() {
    let index = library();
    assert_eq!(found(&index, "\"peer assessment\""), [1]);
    assert_eq!(found(&index, "\"assessment peer\""), [0; 0]);
    assert_eq!(found(&index, "\"the who\""), [5]);
    assert_eq!(found(&index, "the who"), [5]);
    assert_eq!(found(&index, "communit*"), [2]);
    assert_eq!(found(&index, "communit* -broker"), [0; 0]);
    assert_eq!(found(&index, "-broker -assess*"), [3, 4, 5]);
    assert_eq!(found(&index, "-\"peer assessment\" -évaluation"), [2, 4, 5]);
}

#[test]
fn fields_are_asked_by_name() {
    let index = library();
    assert_eq!(found(&index, "title:brokering"), [2]);
    assert_eq!(found(&index, "title:\"peer assessment\""), [1]);
    assert_eq!(found(&index, "title:criteria"), [0; 0]);
    assert_eq!(found(&index, "tag:evaluation"), [1]);
    assert_eq!(found(&index, "author:nunez"), [1]);
    assert_eq!(found(&index, "author:\"ana maria\""), [1]);
    assert_eq!(found(&index, "kind:practice"), [2]);
    assert_eq!(found(&index, "kind:case-study"), [1]);
    assert_eq!(found(&index, "kind:practice kind:case_study"), [1, 2]);
    assert_eq!(found(&index, "-kind:resource"), [2]);
    assert_eq!(found(&index, "in:maths-teachers"), [1]);
    assert_eq!(found(&index, "domain:teaching"), [1, 2]);
    assert_eq!(found(&index, "domain:teaching domain:assessment"), [1]);
    assert_eq!(found(&index, "lang:fr"), [3]);
    assert_eq!(found(&index, "lang:fr-ca"), [3]);
    assert_eq!(found(&index, "domain:teaching after:2024-06"), [2]);
    assert_eq!(found(&index, "domain:teaching before:2025"), [1]);
    assert_eq!(found(&index, "tag:evaluation OR kind:practice"), [1, 2]);
    // What `OR` joins stands by itself.
    let joined = "kind:practice OR kind:lesson-plan kind:case-study";
    assert_eq!(found(&index, joined), [0; 0]);
    assert_eq!(found(&index, "lang:fr OR lang:de lang:en"), [0; 0]);
}

#[test]
fn an_empty_query_matches_everything_visible() {
    let index = library();
    for query in ["", "   ", "()", "- *", "\"\"", "OR AND"] {
        assert_eq!(found(&index, query).len(), 5, "{query}");
    }
}

#[test]
fn words_count_as_often_as_they_are_said() {
    let filler = "something else that goes on for a while";
    let index = index_of([
        document(1, "One", &format!("mentoring mentoring cooking {filler}")),
        document(2, "Two", &format!("mentoring cooking cooking {filler}")),
    ]);
    assert_eq!(numbers(&index, &ask("mentoring cooking mentoring")), [1, 2]);
    assert_eq!(numbers(&index, &ask("cooking mentoring cooking")), [2, 1]);
}

#[test]
fn a_title_weighs_a_little_more_than_the_text() {
    let index = index_of([
        document(
            1,
            "Something",
            "mentoring at home with friends and neighbours",
        ),
        document(
            2,
            "Mentoring",
            "something at home with friends and neighbours",
        ),
    ]);
    assert_eq!(numbers(&index, &ask("mentoring")), [2, 1]);
}

#[test]
fn neighbours_in_the_query_rank_neighbours_in_the_text_first() {
    let index = index_of([
        document(
            1,
            "One",
            "formative things and an assessment far away from that word in this text",
        ),
        document(
            2,
            "Two",
            "formative assessment and things far away from that word in this text, too",
        ),
    ]);
    assert_eq!(numbers(&index, &ask("formative assessment")), [2, 1]);
}

#[test]
fn synonyms_find_other_words() {
    let index = library();
    let mut request = ask("peer review");
    assert_eq!(numbers(&index, &request), [1]);
    request.query = "peer feedback".into();
    request.correct = false;
    request.synonyms = Arc::new(Synonyms::new([["peer feedback", "peer assessment"]]));
    assert_eq!(numbers(&index, &request), [1]);
    assert_eq!(
        index
            .searcher(None)
            .unwrap()
            .search(&request)
            .unwrap()
            .corrected_query,
        None
    );
}

#[test]
fn filters_are_anded_and_their_values_ored() {
    let domains = [id(100), id(101)];
    let documents = (1..=6).map(|number| {
        let mut one = document(number, "same words", "");
        one.kind = if number % 2 == 0 {
            DocumentKind::Practice
        } else {
            DocumentKind::Resource
        };
        one.domains = vec![domains[usize::from(number > 3)]];
        one.domain_ancestors = vec![id(99)];
        one.tags = vec![format!("Tag{number}")];
        one.authors = vec![id(200 + number)];
        one.year = Some(2020 + i32::try_from(number).unwrap());
        one
    });
    let index = index_of(documents);
    let with = |filter: Filter| {
        let mut numbers = numbers(
            &index,
            &search::Request {
                filter,
                ..ask("words")
            },
        );
        numbers.sort_unstable();
        numbers
    };
    let none = Filter::default;
    assert_eq!(
        with(Filter {
            kinds: vec![DocumentKind::Practice],
            ..none()
        }),
        [2, 4, 6]
    );
    assert_eq!(
        with(Filter {
            domain_ids: vec![id(100)],
            ..none()
        }),
        [1, 2, 3]
    );
    assert_eq!(
        with(Filter {
            domain_ids: vec![id(99)],
            ..none()
        }),
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(
        with(Filter {
            domain_ids: vec![id(99)],
            without_narrower_domains: true,
            ..none()
        }),
        [0; 0]
    );
    assert_eq!(
        with(Filter {
            tags: vec!["tag1".into(), "TAG4".into()],
            ..none()
        }),
        [1, 4]
    );
    assert_eq!(
        with(Filter {
            author_ids: vec![id(202)],
            years: vec![2022, 2023],
            ..none()
        }),
        [2]
    );
    assert_eq!(
        with(Filter {
            updated_from: Some(2_000_000),
            updated_to: Some(4_000_000),
            ..none()
        }),
        [2, 3]
    );
    assert_eq!(
        with(Filter {
            kinds: vec![DocumentKind::Resource],
            domain_ids: vec![id(101)],
            ..none()
        }),
        [5]
    );
}

#[test]
fn excluded_documents_and_communities_are_gone() {
    let mut documents: Vec<Document> = (1..=200)
        .map(|number| document(number, "same words", ""))
        .collect();
    for one in &mut documents[..100] {
        one.community = Some(id(1_000));
    }
    let mut community = Document::new(id(1_001), DocumentKind::Community, "same words");
    community.audience = vec![PUBLIC.into()];
    documents.push(community);
    let index = index_of(documents);
    let mut request = ask("words");
    request.viewer.excluded_ids = (101..=190).map(id).collect();
    request.viewer.excluded_communities = vec![id(1_000), id(1_001)];
    let searcher = index.searcher(None).unwrap();
    assert_eq!(searcher.search(&request).unwrap().total, 10);
    request.order = Order::Newest;
    assert_eq!(
        numbers(&index, &request),
        (191..=200).rev().collect::<Vec<_>>()
    );
}

#[test]
fn unspaced_scripts_are_found_by_their_words() {
    let mut text = document(1, "学习社区", "我们在一起学习。");
    text.texts.push(Text::plain("summary", "社区"));
    let index = index_of([text, document(2, "习", "学")]);
    assert_eq!(found(&index, "学习"), [1]);
    assert_eq!(found(&index, "社区"), [1]);
}

#[test]
fn what_has_some_status_can_be_left_out() {
    let index = index_of((1..=3).map(|number| {
        let mut one = document(number, "same words", "");
        one.status =
            Some(["PARKED", "ABANDONED", "IDEA"][usize::try_from(number).unwrap() - 1].into());
        one
    }));
    let request = search::Request {
        filter: Filter {
            without_statuses: vec!["PARKED".into(), "ABANDONED".into()],
            ..Filter::default()
        },
        ..ask("words")
    };
    assert_eq!(numbers(&index, &request), [3]);
}

#[test]
fn unknown_fields_are_words() {
    let index = index_of([
        document(1, "nofield of meaning", ""),
        document(2, "other", ""),
    ]);
    assert_eq!(found(&index, "nofield:meaning"), [1]);
    assert_eq!(found(&index, "nofield: meaning"), [1]);
}
