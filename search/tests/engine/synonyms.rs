//! Labels of one thing stand for each other.

use std::sync::Arc;

use search::{Document, Index, MatchKind, Request, Synonyms};

use crate::common::{ask, document, index_of, numbers};

fn of(number: u64, language: &str, title: &str, body: &str) -> Document {
    let mut one = document(number, title, body);
    one.language = Some(language.to_owned());
    one
}

fn asked(query: &str) -> Request {
    let labels = [
        vec!["Community of practice", "Communauté de pratique", "CoP"],
        vec![
            "Assessment for learning",
            "Évaluation au service des apprentissages",
        ],
        vec![
            "Évaluation par les pairs",
            "Peer assessment",
            "Coevaluation",
        ],
        vec!["Information technology", "IT"],
        vec!["学习社区", "Lerngemeinschaft"],
    ];
    Request {
        synonyms: Arc::new(Synonyms::new(labels)),
        correct: false,
        ..ask(query)
    }
}

fn found(index: &Index, query: &str) -> Vec<u64> {
    let mut found = numbers(index, &asked(query));
    found.sort_unstable();
    found
}

#[test]
fn labels_with_function_words_stand_for_each_other() {
    let index = index_of([
        of(1, "en", "Running a community of practice", "Members meet."),
        of(
            2,
            "fr",
            "Animer une communauté de pratique",
            "Les membres se rencontrent.",
        ),
        of(3, "en", "The CoP handbook", "Members meet."),
        of(4, "en", "The practice of a large community", "It meets."),
        of(5, "en", "Communities of teachers", "They meet."),
    ]);
    assert_eq!(found(&index, "community of practice"), [1, 2, 3, 4]);
    assert_eq!(
        found(&index, "what is a community of practice?"),
        [1, 2, 3, 4]
    );
    assert_eq!(found(&index, "communities of practice"), [1, 2, 3, 4]);
    assert_eq!(
        found(&index, "CoP"),
        [1, 2, 3],
        "an alternative only counts as a whole"
    );
    assert_eq!(found(&index, "communautés de pratique"), [1, 2, 3]);
}

#[test]
fn function_words_tell_labels_apart() {
    let index = index_of([
        of(1, "en", "Assessment for learning in maths", ""),
        of(2, "fr", "L’évaluation au service des apprentissages", ""),
        of(3, "en", "Assessment of learning", ""),
    ]);
    assert_eq!(found(&index, "assessment for learning"), [1, 2, 3]);
    assert_eq!(found(&index, "assessment of learning"), [1, 3]);
    assert_eq!(
        found(&index, "évaluation au service des apprentissages"),
        [1, 2]
    );
}

#[test]
fn labels_in_other_forms_and_behind_elisions_are_found() {
    let index = index_of([
        of(1, "en", "Peer assessment of essays", ""),
        of(2, "fr", "L’évaluation par les pairs", ""),
        of(3, "fr", "Pairs et évaluation", ""),
    ]);
    assert_eq!(found(&index, "l'évaluation par les pairs"), [1, 2, 3]);
    assert_eq!(found(&index, "peer assessments"), [1, 2]);
    assert_eq!(found(&index, "coevaluation"), [1, 2]);
}

#[test]
fn words_around_something_else_are_no_label() {
    let index = index_of([
        of(1, "en", "Coevaluation", ""),
        of(2, "en", "Peer assessment", ""),
    ]);
    assert_eq!(found(&index, "peer assessment"), [1, 2]);
    assert_eq!(found(&index, "peer -rubric assessment"), [2]);
    assert_eq!(found(&index, "assessment peer"), [2]);
}

#[test]
fn a_function_word_stands_for_nothing() {
    let index = index_of([
        of(1, "en", "Information technology at school", ""),
        of(2, "en", "How it is done", ""),
        of(3, "en", "Our school", ""),
    ]);
    assert_eq!(found(&index, "information technology"), [1]);
    assert_eq!(found(&index, "it"), [1, 2], "unless nothing else is said");
    assert_eq!(found(&index, "it school"), [1, 3]);
}

#[test]
fn words_of_a_label_count_alone_where_any_word_does() {
    let index = index_of([
        of(1, "en", "Groups of peers", ""),
        of(2, "en", "Coevaluation", ""),
        of(3, "en", "Essays", ""),
    ]);
    assert_eq!(
        found(&index, "peer assessment rubrics criteria drafts"),
        [1, 2]
    );
}

#[test]
fn words_of_a_label_weigh_more_in_the_title() {
    let text = "at home with friends and neighbours";
    let index = index_of([
        of(1, "en", "Something", &format!("peer assessment {text}")),
        of(2, "en", "Peer assessment", &format!("something {text}")),
    ]);
    assert_eq!(numbers(&index, &asked("peer assessments")), [2, 1]);
}

#[test]
fn labels_are_found_in_what_is_written_without_spaces() {
    let index = index_of([
        of(1, "zh", "在线学习社区", ""),
        of(2, "de", "Eine Lerngemeinschaft gründen", ""),
        of(3, "zh", "社区", ""),
    ]);
    assert_eq!(found(&index, "学习社区"), [1, 2]);
    assert_eq!(found(&index, "建设学习社区"), [1, 2]);
    assert_eq!(found(&index, "Lerngemeinschaft"), [1, 2]);
}

/// The snippets of the first hit, and how it matches.
fn shown(index: &Index, query: &str) -> (Vec<String>, Vec<(String, String, MatchKind)>) {
    let request = Request {
        snippets: true,
        explain: true,
        ..asked(query)
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    let hit = answer.hits.into_iter().next().unwrap();
    let snippets = hit.snippets.into_iter().map(|snippet| snippet.html);
    let matches = hit.explanation.unwrap().matches.into_iter();
    (
        snippets.collect(),
        matches.map(|one| (one.field, one.term, one.how)).collect(),
    )
}

#[test]
fn alternatives_are_marked_as_a_whole() {
    let index = index_of([of(
        1,
        "en",
        "Handbook",
        "A community of teachers tells of the practice of communities of practice.",
    )]);
    let (snippets, matches) = shown(&index, "CoP");
    assert_eq!(
        snippets,
        ["A community of teachers tells of the practice of <mark>communities of practice</mark>."]
    );
    let by_label = ("body".to_owned(), "CoP".to_owned(), MatchKind::Synonym);
    assert_eq!(matches, [by_label]);
}

#[test]
fn what_was_typed_is_marked_beside_its_alternatives() {
    let index = index_of([of(
        1,
        "en",
        "Handbook",
        "Coevaluation, or assessment among peers, is a practice of communities of practice.",
    )]);
    let (snippets, matches) = shown(&index, "peer assessment practice CoP");
    assert_eq!(
        snippets,
        [
            "<mark>Coevaluation</mark>, or <mark>assessment</mark> among <mark>peers</mark>, is a <mark>practice</mark> of \
             <mark>communities of practice</mark>."
        ]
    );
    let kinds: Vec<(&str, MatchKind)> = matches
        .iter()
        .map(|(_, term, how)| (term.as_str(), *how))
        .collect();
    assert_eq!(
        kinds,
        [
            ("peer assessment", MatchKind::Synonym),
            ("assessment", MatchKind::Exact),
            ("peer", MatchKind::Stem),
            ("practice", MatchKind::Exact),
            ("CoP", MatchKind::Synonym),
        ]
    );
}
