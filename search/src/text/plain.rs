//! Plain text of Markdown: what is indexed and shown. It reads once over the text and never fails; what looks like
//! markup and is none stays.

/// How far a link's or tag's end is looked for, in bytes.
const LOOK_AHEAD: usize = 1_000;

/// The text without Markdown's markup, link targets and HTML tags. Lines of a paragraph are joined by spaces, blocks
/// by line breaks.
pub(crate) fn plain_text(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut in_paragraph = false;
    for line in markdown.lines() {
        let content = line.trim();
        if content.is_empty() || is_rule(content) {
            in_paragraph = false;
            continue;
        }
        let (content, opens_block) = without_block_markers(content);
        if content.is_empty() {
            continue;
        }
        if !plain.is_empty() {
            plain.push(if in_paragraph && !opens_block {
                ' '
            } else {
                '\n'
            });
        }
        in_paragraph = true;
        push_inline(content, &mut plain);
    }
    plain
}

/// Fences, underlines of headings, rules, and the line between a table's head and body.
fn is_rule(line: &str) -> bool {
    line.starts_with("```")
        || line.starts_with("~~~")
        || line
            .bytes()
            .all(|byte| matches!(byte, b'-' | b'=' | b'*' | b'_' | b'|' | b':' | b' '))
}

/// The line without the markers of headings, quotes, lists and tables, and whether it begins a block.
fn without_block_markers(line: &str) -> (&str, bool) {
    let mut rest = line;
    let mut opens_block = false;
    // Markers nest, but a line of nothing else must not take quadratic time.
    for _ in 0..8 {
        let next = if let Some(heading) = heading(rest) {
            heading
        } else if let Some(quoted) = rest.strip_prefix('>') {
            quoted
        } else if let Some(item) = list_item(rest) {
            item
        } else if let Some(cells) = rest.strip_prefix('|') {
            cells.strip_suffix('|').unwrap_or(cells)
        } else {
            break;
        };
        opens_block = true;
        rest = next.trim();
    }
    (rest, opens_block)
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && (text.is_empty() || text.starts_with(' ')))
        .then(|| text.trim().trim_end_matches('#'))
}

fn list_item(line: &str) -> Option<&str> {
    if let Some(rest) = ["- ", "* ", "+ "]
        .iter()
        .find_map(|marker| line.strip_prefix(marker))
    {
        return Some(
            ["[ ] ", "[x] ", "[X] "]
                .iter()
                .find_map(|task| rest.strip_prefix(task))
                .unwrap_or(rest),
        );
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=9).contains(&digits) {
        return [". ", ") "]
            .iter()
            .find_map(|marker| line[digits..].strip_prefix(marker));
    }
    None
}

/// Appends the text of a line without emphasis, code marks, link targets and tags.
fn push_inline(line: &str, plain: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['*', '_', '`', '[', ']', '!', '<', '\\', '|']) {
        plain.push_str(&rest[..at]);
        let special = &rest[at..];
        let before = rest[..at]
            .chars()
            .next_back()
            .or_else(|| plain.chars().next_back());
        rest = match special.as_bytes()[0] {
            b'\\' => match special[1..].chars().next() {
                Some(escaped) if escaped.is_ascii_punctuation() => {
                    plain.push(escaped);
                    &special[1 + escaped.len_utf8()..]
                }
                _ => keep(special, plain),
            },
            b'_' => {
                let run = special.len() - special.trim_start_matches('_').len();
                let inside = before.is_some_and(char::is_alphanumeric)
                    && special[run..]
                        .chars()
                        .next()
                        .is_some_and(char::is_alphanumeric);
                if inside {
                    plain.push_str(&special[..run]);
                }
                &special[run..]
            }
            b'*' => {
                let run = special.len() - special.trim_start_matches('*').len();
                let alone =
                    before.is_none_or(char::is_whitespace) && special[run..].starts_with(' ');
                if alone {
                    plain.push_str(&special[..run]);
                }
                &special[run..]
            }
            b'|' => {
                if before.is_some_and(|letter| !letter.is_whitespace()) {
                    plain.push(' ');
                }
                special[1..].trim_start()
            }
            b'!' if special[1..].starts_with('[') => &special[1..],
            // The text of a link goes on as text; its end is met as `]`.
            b'`' | b'[' => &special[1..],
            b']' => after_link(&special[1..]),
            b'<' => after_tag(special).unwrap_or_else(|| keep(special, plain)),
            _ => keep(special, plain),
        };
    }
    plain.push_str(rest);
}

/// Keeps the first character, which is ASCII.
fn keep<'a>(special: &'a str, plain: &mut String) -> &'a str {
    plain.push_str(&special[..1]);
    &special[1..]
}

/// What follows a link's text: without the target, if there is one.
fn after_link(rest: &str) -> &str {
    let close = match rest.as_bytes().first() {
        Some(b'(') => b')',
        Some(b'[') => b']',
        _ => return rest,
    };
    match rest.bytes().take(LOOK_AHEAD).position(|byte| byte == close) {
        Some(end) => &rest[end + 1..],
        None => rest,
    }
}

/// What follows an HTML tag or an address in angle brackets, which is left out.
fn after_tag(rest: &str) -> Option<&str> {
    let second = rest.as_bytes().get(1)?;
    if !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!')) {
        return None;
    }
    let end = rest
        .bytes()
        .take(LOOK_AHEAD)
        .position(|byte| byte == b'>')?;
    Some(&rest[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_text_stays() {
        let markdown = "# Peer *assessment*\n\nGive **clear** criteria\nand `time`.\n\n- [ ] see [the guide](https://example.org/a_b)\n- ![plan](x.png)\n\n> quoted\n\n```rust\nlet a_b = 1;\n```\n";
        assert_eq!(
            plain_text(markdown),
            "Peer assessment\nGive clear criteria and time.\nsee the guide\nplan\nquoted\nlet a_b = 1;"
        );
    }

    #[test]
    fn tables_give_their_cells() {
        assert_eq!(plain_text("| a | b |\n|---|---|\n| c | d |"), "a b\nc d");
    }

    #[test]
    fn what_is_no_markup_stays() {
        assert_eq!(
            plain_text("2 * 3 < 4, a_b, 5] and x < y"),
            "2 * 3 < 4, a_b, 5 and x < y"
        );
        assert_eq!(plain_text(r"\*kept\*"), "*kept*");
        assert_eq!(
            plain_text("<b>bold</b> <script>alert(1)</script>"),
            "bold alert(1)"
        );
    }

    proptest::proptest! {
        #[test]
        fn words_of_plain_sentences_survive(text in "[a-z]{1,8}( [a-z]{1,8}){0,10}") {
            proptest::prop_assert_eq!(plain_text(&text), text);
        }

        #[test]
        fn anything_is_read_without_harm(text in "[\\[\\]()<>`*_#|!\\\\a \n]{0,200}") {
            let _ = plain_text(&text);
        }
    }
}
