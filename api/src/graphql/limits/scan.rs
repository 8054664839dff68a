//! A linear pass over the raw text of a document, before any parser sees it.
//!
//! The parser recurses once per bracket: some thousands of nested lists end the process. It bounds nested selections,
//! not nested values, so both are bounded here, for every kind of bracket alike: selections, arguments, list and
//! object literals in variable defaults, arguments and directives.

use async_graphql::{Pos, ServerError};

use super::Limits;
use super::error::{Exceeded, coded};
use crate::graphql::codes;

/// What the scan counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tokens: usize,
    pub(super) bracket_depth: usize,
    /// Length of the longest name or number.
    pub(super) longest_word: usize,
}

/// Refuses text that no parser should see.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), ServerError> {
    let counts = scan(text).map_err(|offset| {
        let at = position(text, offset);
        coded(
            codes::GRAPHQL_PARSE_FAILED,
            format!(
                "Syntax error at line {}, column {}: control characters other than tab and line ends are not allowed.",
                at.line, at.column
            ),
            Some(at),
        )
    })?;
    let exceeded = |limit, subject, maximum: usize, actual: usize, remedy| Exceeded {
        limit,
        subject,
        maximum: maximum as u64,
        actual: actual as u64,
        remedy,
        at: None,
    };
    if counts.bracket_depth > limits.bracket_depth {
        let remedy = "Pass nested values as variables, and nest selections less.";
        let subject = "The nesting of brackets in the document";
        return Err(exceeded(
            "bracketDepth",
            subject,
            limits.bracket_depth,
            counts.bracket_depth,
            remedy,
        )
        .into());
    }
    if counts.tokens > limits.tokens {
        let remedy = "Pass values as variables, and split the document.";
        let subject = "The number of tokens in the document";
        return Err(exceeded("tokens", subject, limits.tokens, counts.tokens, remedy).into());
    }
    if counts.longest_word > limits.name_length {
        let subject = "The length of a name in the document";
        return Err(exceeded(
            "nameLength",
            subject,
            limits.name_length,
            counts.longest_word,
            "Shorten it.",
        )
        .into());
    }
    Ok(())
}

/// Counts, or answers the byte offset of a character that GraphQL does not allow anywhere.
fn scan(text: &str) -> Result<Counts, usize> {
    let bytes = text.as_bytes();
    let mut counts = Counts::default();
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        match byte {
            b'\t' | b'\n' | b'\r' | b' ' | b',' => index += 1,
            0..=31 | 127 => return Err(index),
            b'#' => index = end_of_comment(bytes, index)?,
            b'"' => {
                counts.tokens += 1;
                index = end_of_string(bytes, index)?;
            }
            b'(' | b'[' | b'{' => {
                counts.tokens += 1;
                depth += 1;
                counts.bracket_depth = counts.bracket_depth.max(depth);
                index += 1;
            }
            b')' | b']' | b'}' => {
                counts.tokens += 1;
                depth = depth.saturating_sub(1);
                index += 1;
            }
            b'.' => {
                counts.tokens += 1;
                index += if bytes[index..].starts_with(b"...") {
                    3
                } else {
                    1
                };
            }
            byte if is_word(byte) || byte == b'-' => {
                counts.tokens += 1;
                let rest = &bytes[index + 1..];
                let length = 1 + rest
                    .iter()
                    .position(|byte| !is_word(*byte))
                    .unwrap_or(rest.len());
                counts.longest_word = counts.longest_word.max(length);
                index += length;
            }
            // Bytes of other characters, which only the parser's error can come of, count one each.
            _ => {
                counts.tokens += 1;
                index += 1;
            }
        }
    }
    Ok(counts)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a byte may stand in a comment or a string.
fn is_allowed(byte: u8) -> bool {
    byte >= 32 && byte != 127 || matches!(byte, b'\t' | b'\n' | b'\r')
}

fn end_of_comment(bytes: &[u8], start: usize) -> Result<usize, usize> {
    for (offset, byte) in bytes[start..].iter().enumerate() {
        if matches!(byte, b'\n' | b'\r') {
            return Ok(start + offset);
        }
        if !is_allowed(*byte) {
            return Err(start + offset);
        }
    }
    Ok(bytes.len())
}

/// The index after a string or block string. A plain string ends at a line end, too: there the parser gives up, so
/// nothing behind it can be hidden from the count.
fn end_of_string(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut index = start + if block { 3 } else { 1 };
    while let Some(&byte) = bytes.get(index) {
        if !is_allowed(byte) {
            return Err(index);
        }
        if block {
            if bytes[index..].starts_with(b"\\\"\"\"") {
                index += 4;
            } else if bytes[index..].starts_with(b"\"\"\"") {
                return Ok(index + 3);
            } else {
                index += 1;
            }
        } else {
            match byte {
                b'"' => return Ok(index + 1),
                b'\n' | b'\r' => return Ok(index),
                b'\\'
                    if bytes
                        .get(index + 1)
                        .is_some_and(|next| !matches!(next, b'\n' | b'\r')) =>
                {
                    index += 2;
                }
                _ => index += 1,
            }
        }
    }
    Ok(bytes.len())
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> Pos {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;
    use async_graphql::parser::types::Selection;
    use proptest::prelude::*;

    use super::*;

    fn nesting(value: &Value) -> usize {
        match value {
            Value::List(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Lists of lists, with brackets in strings and comments between.
    fn literal() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("\"[[\"".to_owned()),
            Just("\"\\\"[[\\\\\"".to_owned()),
            Just("\"\"".to_owned()),
            Just("\"\"\"[ \" [ \\\"\"\" [\n[\"\"\"".to_owned()),
            Just("# ]]]\n2".to_owned()),
            Just("#\" [[\r3".to_owned()),
        ];
        leaf.prop_recursive(6, 32, 4, |inner| {
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", ")))
        })
    }

    fn counts(text: &str) -> Counts {
        scan(text).unwrap()
    }

    #[test]
    fn brackets_in_strings_and_comments_are_no_brackets() {
        for text in [
            "{ f(a: \"[[[[\") }",
            "{ f(a: \"\\\"[[[[\") }",
            "{ f(a: \"\"\"[[ \" [[ \\\"\"\" [[\"\"\") } # [[[[[[",
            "# [[[[[[\n{ f(a: 1) }",
            "# [[[[[[\r{ f(a: 1) }",
        ] {
            assert_eq!(counts(text).bracket_depth, 2, "{text}");
        }
    }

    #[test]
    fn a_string_that_is_not_closed_hides_nothing_behind_its_line() {
        assert_eq!(counts("{ f(a: \"\n[[[[\") }").bracket_depth, 6);
        assert_eq!(counts("{ f(a: \"\\\n[[[[\") }").bracket_depth, 6);
        assert_eq!(counts("{ f(a: \"\"[[[[) }").bracket_depth, 6);
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_has_them() {
        assert_eq!(counts("{ f(a: -12, b: $c) { ...g } }").tokens, 16);
        assert_eq!(counts("\u{feff}").tokens, 3);
    }

    #[test]
    fn nul_is_refused_wherever_it_stands() {
        for text in [
            "\0",
            "{ a\0 }",
            "# \0",
            "{ f(a: \"\0\") }",
            "{ f(a: \"\"\"\0\"\"\") }",
        ] {
            assert_eq!(scan(text), Err(text.find('\0').unwrap()), "{text:?}");
        }
        let error = check("{ a\n  \u{1} }", &Limits::default()).unwrap_err();
        assert_eq!(error.locations, [Pos { line: 2, column: 3 }]);
    }

    proptest! {
        #[test]
        fn any_text_is_scanned_without_panic(text in ".*") {
            let _ = check(&text, &Limits::default());
        }

        /// Strings, block strings and comments hide neither more nor less than they do from the parser.
        #[test]
        fn the_scan_and_the_parser_agree_on_what_is_nested(literal in literal()) {
            let text = format!("{{ f(a: {literal}) }}");
            let document = async_graphql::parser::parse_query(&text).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!() };
            let nested = nesting(&field.node.arguments[0].1.node.clone().into_const().unwrap());
            prop_assert_eq!(counts(&text).bracket_depth, 2 + nested);
        }

        /// Whatever the parser makes of a text, it saw no deeper nesting than the scan counted.
        #[test]
        fn the_parser_sees_nothing_that_the_scan_did_not(
            text in r#"\{ f\(a: (\[|\]|"|\\|"""|\\"""|#|\n|1| ){0,24}\) \}"#
        ) {
            if let Ok(document) = async_graphql::parser::parse_query(&text) {
                let (_, operation) = document.operations.iter().next().unwrap();
                let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!() };
                let nested = nesting(&field.node.arguments[0].1.node.clone().into_const().unwrap());
                prop_assert_eq!(counts(&text).bracket_depth, 2 + nested);
            }
        }
    }
}
