//! Text: folding for order and uniqueness, slugs, and Markdown made safe.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds case and accents away, and white space to single spaces: the key by which names are ordered and matched.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        // Most long texts are.
        text.bytes()
            .for_each(|byte| push_folded(&mut folded, char::from(byte.to_ascii_lowercase())));
    } else {
        push_decomposed(&mut folded, text);
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn push_decomposed(folded: &mut String, text: &str) {
    // Letters such as ℌ decompose to capitals, and capitals such as İ have small letters with marks.
    let letters = text.nfkd().flat_map(char::to_lowercase).nfkd();
    for letter in letters.filter(|&letter| !is_combining_mark(letter)) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            _ => push_folded(folded, letter),
        }
    }
}

fn push_folded(folded: &mut String, letter: char) {
    if !letter.is_whitespace() {
        folded.push(letter);
    } else if !folded.is_empty() && !folded.ends_with(' ') {
        folded.push(' ');
    }
}

/// Makes a readable slug of a name: ASCII letters, digits and single hyphens, at most 60 of them. It may be empty, when
/// the name has no letter that can be written so.
#[must_use]
pub fn slugify(name: &str) -> String {
    let mut slug = String::new();
    for letter in fold(name).chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') && letter != '’' && letter != '\'' {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Beyond this nesting of quotes, lists or brackets Markdown is shown as plain text: rendering it would need too much stack.
const DEEPEST_MARKDOWN: usize = 100;

/// Renders Markdown (CommonMark with tables, strikethrough, task lists and autolinks) to sanitized HTML.
#[must_use]
pub fn markdown_to_html(markdown: &str) -> String {
    static OPTIONS: LazyLock<comrak::Options<'static>> = LazyLock::new(|| {
        let mut options = comrak::Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.tasklist = true;
        options.extension.autolink = true;
        options.extension.footnotes = true;
        options
    });
    static SANITIZER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut builder = ammonia::Builder::default();
        builder
            .rm_tags(["svg", "math", "style", "map", "area"])
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .link_rel(Some("noopener noreferrer nofollow"));
        builder
    });
    if nesting(markdown) > DEEPEST_MARKDOWN {
        return format!("<p>{}</p>", ammonia::clean_text(markdown));
    }
    SANITIZER
        .clean(&comrak::markdown_to_html(markdown, &OPTIONS))
        .to_string()
}

/// The deepest nesting that a line's markers or the running brackets could open; never too low.
fn nesting(markdown: &str) -> usize {
    let mut deepest = 0;
    let mut brackets = 0_usize;
    for line in markdown.lines() {
        let markers = line
            .chars()
            .take_while(|c| " \t>-*+0123456789.)".contains(*c))
            .filter(|c| ">-*+.)".contains(*c))
            .count();
        let indent = line.chars().take_while(|c| c.is_whitespace()).count() / 2;
        deepest = deepest.max(markers.max(indent));
        for letter in line.chars() {
            match letter {
                '[' | '<' => brackets += 1,
                ']' | '>' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(brackets);
        }
        if line.trim().is_empty() {
            brackets = 0;
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_forgets_case_and_accents() {
        assert_eq!(
            fold("  L’Évaluation  des\tÉlèves "),
            "l’evaluation des eleves"
        );
        assert_eq!(fold("Straße"), "strasse");
    }

    #[test]
    fn slugs_are_readable() {
        assert_eq!(
            slugify("Open source maintainers’ circle"),
            "open-source-maintainers-circle"
        );
        assert_eq!(slugify("Évaluation : cycle 2"), "evaluation-cycle-2");
        assert_eq!(slugify("日本"), "");
    }

    #[test]
    fn rendered_markdown_holds_no_script() {
        let html = markdown_to_html(
            "**bold** <script>alert(1)</script> [x](javascript:alert(1)) <svg onload=x>",
        );
        assert!(html.contains("<strong>bold</strong>"), "{html}");
        assert!(!html.contains("script") && !html.contains("svg"), "{html}");
    }

    #[test]
    fn deeply_nested_markdown_is_shown_as_text() {
        assert!(markdown_to_html(&">".repeat(10_000)).starts_with("<p>"));
        assert!(markdown_to_html(&"[".repeat(10_000)).starts_with("<p>"));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
        }

        #[test]
        fn plain_letters_fold_as_all_do(text in "[ -~\\t\\n\\r]{0,40}") {
            let mut folded = String::new();
            push_decomposed(&mut folded, &text);
            prop_assert_eq!(fold(&text), folded.trim_end());
        }

        #[test]
        fn slugs_hold_only_what_a_slug_may(text in "\\PC{0,80}") {
            let slug = slugify(&text);
            prop_assert!(slug.len() <= 60);
            let valid = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            prop_assert!(valid);
        }
    }
}
