//! How much a query asks for.

use uuid::Uuid;

use super::*;
use crate::query::maker::filter_atom;
use crate::{Change, Document, DocumentKind, Index, Settings};

/// The number of terms that texts in three languages are asked for.
fn terms(query: &str, synonyms: &Synonyms) -> usize {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let documents = ["en", "fr", "de"].into_iter().zip(1..);
    let changes = documents.map(|(language, number)| {
        let mut one = Document::new(Uuid::from_u128(number), DocumentKind::Practice, "ICT");
        one.language = Some(language.to_owned());
        one.audience = vec!["public".to_owned()];
        Change::Put(Box::new(one))
    });
    index.apply(changes.collect(), 1).unwrap();
    let snapshot = index.searcher(None).unwrap().snapshot;
    let audience = Audience::new(index.fields(), &snapshot, &["public".to_owned()]).unwrap();
    let builder = Builder::new(index.fields(), &snapshot, &audience, query, synonyms);
    let text = builder.build(Mode::Any).text.unwrap();
    let mut count = 0;
    text.query_terms(&mut |_, _| count += 1);
    count
}

fn labels(number: usize) -> Vec<String> {
    (0..17)
        .map(|other| format!("label{number}x{other}"))
        .collect()
}

#[test]
fn a_label_that_is_said_again_is_only_counted() {
    let synonyms = Synonyms::new([labels(1)]);
    let once = terms("label1x0", &synonyms);
    assert!(once >= 3 * 17, "{once}");
    let again = terms(&"label1x0 ".repeat(2_000), &synonyms);
    // As a pair with itself it is asked for 24 times.
    assert!(again <= once + 3 * 2 * 24, "{again}, and once {once}");
}

#[test]
fn the_alternatives_of_many_labels_are_bounded() {
    let synonyms = Synonyms::new((0..300).map(labels));
    let typed: Vec<String> = (0..300).map(|number| format!("label{number}x0")).collect();
    let asked = terms(&typed.join(" "), &synonyms);
    assert!(asked < 1_000, "{asked}");
}

#[test]
fn a_name_is_asked_for_by_its_first_different_words() {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let asked = |name: &str| {
        let query = filter_atom(index.fields(), &Atom::Author(name.to_owned()));
        let mut count = 0;
        query.query_terms(&mut |_, _| count += 1);
        count
    };
    assert_eq!(asked(&"ada ".repeat(10_000)), 1);
    let names: Vec<String> = (0..1_000).map(|number| format!("ada{number}")).collect();
    assert_eq!(asked(&names.join(" ")), 64);
}

#[test]
fn only_some_words_of_alternatives_are_asked_for_in_each_form() {
    let none = Synonyms::default();
    let words = |pieces: usize| -> String {
        let pieces = (0..pieces).map(|piece| {
            let words: Vec<String> = (0..30).map(|word| format!("w{piece}x{word}ent")).collect();
            words.join("-")
        });
        pieces.collect::<Vec<_>>().join(" OR ")
    };
    // In French texts each may be of a verb.
    let two = terms(&words(2), &none);
    assert!(two > 3 * 60, "{two}");
    let many = terms(&words(20), &none);
    assert!(
        many <= two + 3 * 18 * 30 + 3 * 4,
        "{many}, and of two {two}"
    );
}

#[test]
fn letters_that_are_said_again_are_only_counted() {
    let none = Synonyms::default();
    let again = terms(&"学习 ".repeat(2_000), &none);
    assert!(again <= terms("学习", &none) + 3 * 2 * 24, "{again}");
}
