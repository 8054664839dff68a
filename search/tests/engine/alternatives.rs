//! What alternatives and exclusions find that are more than one plain word.

use crate::common::{document, found, index_of};
use search::{Document, Index};

fn of(number: u64, language: &str, title: &str, body: &str) -> Document {
    let mut document = document(number, title, body);
    document.language = Some(language.to_owned());
    document
}

fn shelf() -> Index {
    index_of([
        of(1, "fr", "Évaluation formative", "Retours entre pairs."),
        of(2, "fr", "Notation", "Barème des copies."),
        of(3, "fr", "Animer un atelier", "Commencer et finir."),
        of(4, "fr", "Un examen oral", "Devant un jury."),
        of(5, "it", "Apprendimento", "Un percorso."),
        of(6, "de", "Lerngemeinschaft", "Gruppen in der Schule."),
        of(7, "ko", "AI는 도구이다", "활용 방법"),
    ])
}

#[test]
fn an_alternative_finds_what_it_finds_alone() {
    let index = shelf();
    for (alone, expected) in [
        ("l'évaluation", 1),
        ("dell’apprendimento", 5),
        ("d'examen", 4),
        ("animent", 3),
        ("Gemeinschaft", 6),
        ("AI를", 7),
    ] {
        assert_eq!(found(&index, alone), [expected], "{alone}");
        for text in [
            format!("{alone} OR quokka"),
            format!("quokka OR {alone}"),
            format!("{alone} | in:nowhere"),
        ] {
            assert_eq!(found(&index, &text), [expected], "{text}");
        }
    }
    assert_eq!(found(&index, "l'évaluation OR notation"), [1, 2]);
    // Of several words all must be there.
    assert_eq!(found(&index, "formative-évaluation OR notation"), [1, 2]);
    assert_eq!(found(&index, "formative-notation OR examen"), [4]);
}

#[test]
fn what_is_excluded_is_so_whatever_article_it_has() {
    let index = shelf();
    assert_eq!(found(&index, "-d'examen"), [1, 2, 3, 5, 6, 7]);
    assert_eq!(found(&index, "-l’évaluation"), [2, 3, 4, 5, 6, 7]);
    assert_eq!(found(&index, "-dell'apprendimento"), [1, 2, 3, 4, 6, 7]);
    assert_eq!(
        found(&index, "un -d'examen -l'atelier"),
        found(&index, "un -examen -atelier")
    );
}

#[test]
fn an_exclusion_leaves_out_no_more_than_it_says() {
    let index = index_of([
        of(1, "en", "E-learning", "Platforms to learn with."),
        of(2, "en", "Learning circles", "People who meet."),
        of(3, "fr", "Un parent", "Au conseil d'école."),
        of(4, "fr", "Vu par les élèves", "Une enquête."),
        of(5, "de", "Hochschule", "Forschung und Lehre."),
        of(6, "de", "Schule", "Unterricht am Morgen."),
    ]);
    assert_eq!(found(&index, "-e-learning"), [2, 3, 4, 5, 6]);
    // "par" may be of the verb "parer", and so may "parent".
    assert_eq!(found(&index, "-parent"), [1, 2, 4, 5, 6]);
    assert_eq!(found(&index, "-Schule"), [1, 2, 3, 4, 5]);
}
