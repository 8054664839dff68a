//! Words are found in each language's forms, and across languages where they agree.

use search::Document;

use crate::common::{ask, document, found, index_of, numbers};

fn of(number: u64, language: &str, title: &str, body: &str) -> Document {
    let mut one = document(number, title, body);
    one.language = Some(language.to_owned());
    one
}

#[test]
fn every_language_finds_other_forms_of_a_word() {
    let index = index_of([
        of(
            1,
            "de",
            "Bewertungen unter Lernenden",
            "Die Schulen bewerten gemeinsam.",
        ),
        of(
            2,
            "es",
            "Las evaluaciones formativas",
            "Los maestros enseñan matemáticas.",
        ),
        of(
            3,
            "it",
            "Le valutazioni dell’apprendimento",
            "Gli insegnanti valutano.",
        ),
        of(
            4,
            "pt",
            "As avaliações formativas do currículo",
            "Os professores ensinam.",
        ),
        of(
            5,
            "nl",
            "Beoordelingen door leraren",
            "De scholen werken samen.",
        ),
        of(6, "sv", "Bedömningar av elever", "Lärarna samarbetar."),
        of(
            7,
            "fi",
            "Opettajien yhteisöt",
            "Koulut tekevät yhteistyötä.",
        ),
        of(8, "ru", "Сообщества учителей", "Школы работают вместе."),
        of(9, "ar", "المعلمون والمدارس", "مجتمعات الممارسة"),
        of(10, "da", "Vurderinger af elever", "Lærerne samarbejder."),
        of(11, "nb", "Vurderinger av elevene", "Skolene samarbeider."),
        of(
            12,
            "ca",
            "L’avaluació de l’alumnat",
            "Els mestres ensenyen.",
        ),
        of(
            13,
            "fr",
            "Ils évaluent et animent",
            "Les enseignantes partagent leurs pratiques.",
        ),
    ]);
    for (query, expected) in [
        ("Bewertung", 1),
        ("Schule", 1),
        ("evaluación", 2),
        ("evaluacion", 2),
        ("matematicas", 2),
        ("valutazione", 3),
        ("apprendimento", 3),
        ("dell'apprendimento", 3),
        ("avaliação", 4),
        ("avaliacao", 4),
        ("beoordeling", 5),
        ("school werken", 5),
        ("bedömning", 6),
        ("lärare", 6),
        ("opettaja yhteisö", 7),
        ("сообщество учитель", 8),
        ("школа", 8),
        ("معلم", 9),
        ("lærer samarbejde", 10),
        ("skole", 11),
        ("avaluació", 12),
        ("l'alumnat", 12),
        ("évaluer animer", 13),
        ("animer", 13),
        ("partager la pratique", 13),
    ] {
        assert_eq!(found(&index, query), [expected], "{query}");
    }
}

#[test]
fn words_that_agree_are_found_across_languages() {
    let index = index_of([
        of(1, "en", "Documentation of projects", ""),
        of(2, "fr", "La documentation de projets", ""),
        of(3, "de", "Projekte und Dokumentation", ""),
    ]);
    assert_eq!(found(&index, "la documentation"), [1, 2]);
    assert_eq!(found(&index, "documentation"), [1, 2]);
}

#[test]
fn function_words_of_one_language_are_words_of_another() {
    let index = index_of([
        of(1, "en", "Die casting", "Metal."),
        of(2, "en", "Casting of metal", ""),
        of(3, "de", "Die Schule", ""),
        of(4, "de", "Schule ohne Artikel", ""),
    ]);
    assert_eq!(found(&index, "die casting"), [1]);
    assert_eq!(found(&index, "die Schule"), [3, 4]);
}

#[test]
fn languages_without_spaces_are_found_by_pairs_of_letters() {
    let index = index_of([
        of(1, "zh", "实践社区的知识管理", "我们在一起学习。"),
        of(2, "zh", "大学", "习惯"),
        of(3, "ja", "学習コミュニティの運営", "評価の方法を共有する。"),
        of(4, "ko", "학습공동체를 운영하는 방법", "평가를 공유합니다."),
        of(5, "th", "ชุมชนแห่งการเรียนรู้", "ครูแบ่งปันความรู้"),
    ]);
    assert_eq!(found(&index, "学习"), [1], "not the letters apart");
    assert_eq!(found(&index, "知识管理实践"), [1], "most of the pairs");
    assert_eq!(found(&index, "コミュニティ"), [3]);
    assert_eq!(found(&index, "学習 評価"), [3]);
    assert_eq!(found(&index, "학습공동체"), [4]);
    assert_eq!(found(&index, "평가"), [4], "the word carries a particle");
    assert_eq!(found(&index, "การเรียนรู้"), [5]);
    assert_eq!(found(&index, "\"学习\""), [1]);
}

#[test]
fn words_that_touch_letters_without_spaces_are_found() {
    let index = index_of([
        of(1, "zh", "AI教育的未来", "2024年的报告"),
        of(2, "zh", "3D打印技术", "PBL教学法"),
        of(3, "ja", "AIを使う授業", ""),
        of(4, "ko", "AI는 도구이다", "활용 방법"),
        of(5, "zh", "教学", "大学 2023"),
        of(6, "th", "การเรียนรู้STEMศึกษา", ""),
    ]);
    for (query, expected) in [
        ("AI教育", &[1][..]),
        ("教育AI", &[1]),
        ("2024年", &[1]),
        ("3D打印", &[2]),
        ("PBL教学法", &[2]),
        ("AI授業", &[3]),
        ("AI를", &[1, 3, 4]),
        ("AI를 활용", &[4]),
        ("STEMศึกษา", &[6]),
        ("\"AI教育\"", &[1]),
        ("AI教育 OR 3D打印", &[1, 2]),
        ("AI -AI教育", &[3, 4]),
    ] {
        assert_eq!(found(&index, query), expected, "{query}");
    }
}

#[test]
fn korean_nouns_are_found_whatever_their_particle() {
    let index = index_of([
        of(1, "ko", "학습은 즐겁다", ""),
        of(2, "ko", "연습을 하다", ""),
        of(3, "ko", "학습공동체의 운영", ""),
    ]);
    assert_eq!(found(&index, "학습을"), [1, 3]);
    assert_eq!(found(&index, "학습에서는"), [1, 3]);
    assert_eq!(found(&index, "학습공동체를"), [3]);
    assert_eq!(found(&index, "연습은"), [2]);
}

#[test]
fn accents_do_not_matter_but_the_same_ones_come_first() {
    let index = index_of([
        of(1, "fr", "La cote du marché", "Une cote."),
        of(2, "fr", "La côté du marché", "Une côté."),
    ]);
    assert_eq!(found(&index, "cote"), [1, 2]);
    assert_eq!(numbers(&index, &ask("côté")), [2, 1]);
}

#[test]
fn words_written_together_are_found_by_their_parts() {
    let index = index_of([
        of(1, "de", "Eine Lerngemeinschaft gründen", ""),
        of(2, "de", "Gemeinschaften", "Das Lernen in der Schule."),
        of(3, "de", "Grundschulen", ""),
        of(4, "sv", "Lärandegemenskaper", ""),
        of(5, "nl", "Praktijkgemeenschappen", ""),
        of(6, "fi", "Oppimisyhteisöt", ""),
    ]);
    assert_eq!(numbers(&index, &ask("Gemeinschaft")), [2, 1]);
    assert_eq!(numbers(&index, &ask("Lerngemeinschaften")), [1, 2]);
    assert_eq!(found(&index, "Schule"), [2, 3]);
    assert_eq!(found(&index, "gemenskap"), [4]);
    assert_eq!(found(&index, "gemeenschap"), [5]);
    assert_eq!(found(&index, "yhteisö"), [6]);
}

#[test]
fn undeclared_languages_are_detected() {
    let index = index_of([
        document(
            1,
            "Lernende Schulen",
            "Die Lehrerinnen und Lehrer unserer Schulen bewerten gemeinsam ihre Aufgaben.",
        ),
        document(
            2,
            "Escuelas que aprenden",
            "Los maestros de nuestras escuelas comparten las evaluaciones de sus alumnos.",
        ),
        document(
            3,
            "Школы",
            "Учителя наших школ вместе обсуждают работы своих учеников и делятся опытом.",
        ),
    ]);
    assert_eq!(found(&index, "Lehrerin Aufgabe"), [1]);
    assert_eq!(found(&index, "evaluación"), [2]);
    assert_eq!(found(&index, "учитель ученик"), [3]);
    assert_eq!(found(&index, "lang:de"), [1]);
}
