//! Reads a query leniently: whatever it is, it means something, and it takes time in proportion to its length.

use super::ast::{Ast, Atom, Clause};
use super::date::parse_date;
use super::lexer::{Lexer, Piece};
use crate::text::{fold, is_unspaced, words};

/// Only the beginning of a query is read, in bytes: 10,000 letters of any script.
const MAX_BYTES: usize = 40_000;
/// And so many pieces of it, of which only the first are more than words.
const MAX_PIECES: usize = 2_000;
const MAX_ATOMS: usize = 64;
/// So many beginnings of words are completed: each visits a part of the dictionary.
const MAX_PREFIXES: usize = 6;
/// Shorter beginnings are taken for words.
const MIN_PREFIX_LETTERS: usize = 2;

/// What the query says.
pub(crate) fn parse(text: &str) -> Ast {
    let text = crate::schema::cut(text, MAX_BYTES);
    let mut clauses: Vec<Clause> = Vec::new();
    let mut joins = false;
    let (mut prefixes, mut special) = (0, 0);
    for piece in Lexer::new(text).take(MAX_PIECES) {
        let value = &text[piece.value.clone()];
        if is_bare(&piece) && (value == "OR" || value == "|") {
            joins = true;
            continue;
        }
        if is_bare(&piece) && value == "AND" {
            continue;
        }
        let Some(mut atom) = atom(text, &piece) else {
            continue;
        };
        if matches!(atom, Atom::Prefix(_)) {
            prefixes += 1;
            if prefixes > MAX_PREFIXES {
                atom = Atom::Words(piece.value.clone());
            }
        }
        if joins || piece.excluded || !matches!(atom, Atom::Words(_)) {
            special += 1;
            if special > MAX_ATOMS {
                joins = false;
                continue;
            }
        }
        match clauses.last_mut() {
            Some(last) if joins && !piece.excluded && !last.excluded => {
                last.alternatives.push(atom);
            }
            _ => clauses.push(Clause {
                excluded: piece.excluded,
                alternatives: vec![atom],
            }),
        }
        joins = false;
    }
    Ast { clauses }
}

fn is_bare(piece: &Piece) -> bool {
    piece.field.is_none() && !piece.quoted && !piece.excluded
}

/// What a piece means: nothing, when it has neither letter nor digit.
fn atom(text: &str, piece: &Piece) -> Option<Atom> {
    let value = &text[piece.value.clone()];
    words(value).next()?;
    let Some(field) = &piece.field else {
        return Some(if piece.quoted {
            Atom::Phrase(value.to_owned())
        } else if let Some(beginning) = value.strip_suffix('*') {
            prefix(beginning).unwrap_or_else(|| Atom::Words(piece.value.clone()))
        } else {
            Atom::Words(piece.value.clone())
        });
    };
    // What cannot be understood as a field's value is searched as text.
    let as_text = Atom::Words(field.start..piece.value.end);
    Some(match text[field.clone()].to_ascii_lowercase().as_str() {
        "title" => Atom::Title(value.to_owned()),
        "tag" => Atom::Tag(fold(value)),
        "author" => Atom::Author(value.to_owned()),
        "kind" => Atom::Kind(value.to_ascii_uppercase().replace(['-', ' '], "_")),
        "domain" => Atom::Domain(fold(value)),
        "in" => Atom::In(vec![fold(value)]),
        "lang" => Atom::Language(value.to_ascii_lowercase().replace('_', "-")),
        "before" => parse_date(value).map_or(as_text, Atom::Before),
        "after" => parse_date(value).map_or(as_text, Atom::After),
        _ => as_text,
    })
}

/// A beginning of one word, folded.
fn prefix(beginning: &str) -> Option<Atom> {
    let mut found = words(beginning);
    let (start, end) = found.next()?;
    let word = &beginning[start..end];
    let long = word.chars().count() >= MIN_PREFIX_LETTERS || word.chars().any(is_unspaced);
    (long && found.next().is_none() && end == beginning.len()).then(|| Atom::Prefix(fold(word)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn one(atom: Atom) -> Clause {
        Clause {
            excluded: false,
            alternatives: vec![atom],
        }
    }

    #[test]
    fn every_piece_of_the_language_is_read() {
        let text = r#"peer "co op" assess* -boring -"not this" title:"big idea" tag:Évaluation author:Ana kind:case-study domain:maths in:physics lang:fr_CA before:2024 after:2023-05"#;
        let clauses = parse(text).clauses;
        assert_eq!(clauses[0], one(Atom::Words(0..4)));
        assert_eq!(clauses[1], one(Atom::Phrase("co op".into())));
        assert_eq!(clauses[2], one(Atom::Prefix("assess".into())));
        assert!(
            clauses[3].excluded
                && matches!(&clauses[3].alternatives[0], Atom::Words(span) if &text[span.clone()] == "boring")
        );
        assert_eq!(
            clauses[4],
            Clause {
                excluded: true,
                alternatives: vec![Atom::Phrase("not this".into())]
            }
        );
        let rest: Vec<Atom> = clauses[5..]
            .iter()
            .map(|clause| clause.alternatives[0].clone())
            .collect();
        assert_eq!(
            rest,
            [
                Atom::Title("big idea".into()),
                Atom::Tag("evaluation".into()),
                Atom::Author("Ana".into()),
                Atom::Kind("CASE_STUDY".into()),
                Atom::Domain("maths".into()),
                Atom::In(vec!["physics".into()]),
                Atom::Language("fr-ca".into()),
                Atom::Before(1_704_067_200_000_000),
                Atom::After(1_682_899_200_000_000),
            ]
        );
    }

    #[test]
    fn or_joins_its_neighbours_only() {
        let clauses = parse("a OR b c | d AND e OR").clauses;
        let sizes: Vec<usize> = clauses
            .iter()
            .map(|clause| clause.alternatives.len())
            .collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert_eq!(parse("OR OR").clauses, []);
        assert_eq!(parse("or").clauses.len(), 1);
    }

    #[test]
    fn broken_queries_mean_what_is_left_of_them() {
        let text = "- * - \"\" () tag: :x";
        let spans: Vec<_> = parse(text)
            .clauses
            .into_iter()
            .flat_map(|clause| clause.alternatives)
            .collect();
        assert_eq!(spans, [Atom::Words(12..15), Atom::Words(17..19)]);
        assert_eq!(
            parse("\"never closed").clauses,
            [one(Atom::Phrase("never closed".into()))]
        );
        assert_eq!(parse("before:soon").clauses, [one(Atom::Words(0..11))]);
        assert_eq!(parse("12:30 http://x.org").clauses.len(), 2);
    }

    #[test]
    fn brackets_by_the_thousand_are_harmless() {
        let started = Instant::now();
        assert_eq!(parse(&"(".repeat(100_000)).clauses, []);
        assert_eq!(parse(&"-(\"[".repeat(100_000)).clauses, []);
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn clauses_are_bounded() {
        assert_eq!(parse(&"ab ".repeat(5_000)).clauses.len(), MAX_PIECES);
        assert_eq!(parse(&"-ab ".repeat(1_000)).clauses.len(), MAX_ATOMS);
        assert_eq!(parse(&"tag:ab ".repeat(1_000)).clauses.len(), MAX_ATOMS);
        let alternatives = parse(&"ab OR ".repeat(1_000)).clauses;
        assert_eq!(alternatives[0].alternatives.len(), MAX_ATOMS + 1);
        let prefixes = parse(&"ab* ".repeat(1_000)).clauses;
        assert_eq!(
            prefixes
                .iter()
                .filter(|clause| matches!(clause.alternatives[0], Atom::Prefix(_)))
                .count(),
            6
        );
        assert_eq!(parse("a*").clauses, [one(Atom::Words(0..2))]);
    }

    #[test]
    fn words_behind_too_many_alternatives_are_read() {
        let alternatives = "ab OR ".repeat(MAX_ATOMS + 10);
        let text = format!("{alternatives}ab cd -ef gh");
        let clauses = parse(&text).clauses;
        assert_eq!(clauses[0].alternatives.len(), MAX_ATOMS + 1);
        let end = text.len();
        let (cd, gh) = (end - 9..end - 7, end - 2..end);
        assert_eq!(clauses[1..], [one(Atom::Words(cd)), one(Atom::Words(gh))]);
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "\\PC{0,300}") {
            check(&text);
        }

        #[test]
        fn anything_made_of_the_language_is_read(text in "(-|\"|\\*|:| |OR |\\(|\\)|tag:|title:|before:|é|学|2024|x|\u{1F600}){0,120}") {
            check(&text);
        }
    }

    fn check(text: &str) {
        for clause in parse(text).clauses {
            assert!(!clause.alternatives.is_empty());
            for atom in clause.alternatives {
                if let Atom::Words(span) = atom {
                    assert!(words(&text[span]).next().is_some());
                }
            }
        }
    }
}
