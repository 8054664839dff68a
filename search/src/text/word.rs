use unicode_normalization::char::is_combining_mark;

/// Longer words are not indexed: nobody types them.
pub(crate) const MAX_WORD_BYTES: usize = 120;

/// The words of a text as byte ranges: runs of letters, digits and marks. Scripts that are written without spaces
/// give one word a character.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// See [`words`].
#[derive(Clone)]
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Words<'_> {
    /// Goes on from this byte, where a word ended.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }
}

impl Iterator for Words<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let start = loop {
            let byte = *bytes.get(self.at)?;
            if byte < 0x80 {
                if byte.is_ascii_alphanumeric() {
                    break self.at;
                }
                self.at += 1;
            } else {
                let letter = self.text[self.at..].chars().next()?;
                if letter.is_alphanumeric() {
                    break self.at;
                }
                self.at += letter.len_utf8();
            }
        };
        let mut unspaced = false;
        loop {
            match bytes.get(self.at) {
                Some(byte) if *byte < 0x80 => {
                    if unspaced || !byte.is_ascii_alphanumeric() {
                        break;
                    }
                    self.at += 1;
                }
                Some(_) => {
                    let Some(letter) = self.text[self.at..].chars().next() else {
                        break;
                    };
                    let first = self.at == start;
                    if is_unspaced(letter) && !is_combining_mark(letter) {
                        if !first {
                            break;
                        }
                        unspaced = true;
                    } else if !(continues_word(letter) || (letter.is_alphanumeric() && !unspaced)) {
                        break;
                    }
                    self.at += letter.len_utf8();
                }
                None => break,
            }
        }
        Some((start, self.at))
    }
}

/// Marks, soft hyphens and joiners belong to the word that they stand in.
fn continues_word(letter: char) -> bool {
    is_combining_mark(letter) || matches!(letter, '\u{AD}' | '\u{200C}' | '\u{200D}')
}

/// Letters of scripts that put no spaces between words, or few: a Korean word carries its particles.
pub(crate) fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|(start, end)| &text[start..end]).collect()
    }

    #[test]
    fn words_end_at_punctuation_but_not_at_marks() {
        assert_eq!(
            split("L'e\u{301}valuation, 3.5 — self-directed"),
            ["L", "e\u{301}valuation", "3", "5", "self", "directed"]
        );
        assert_eq!(split("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(split(" \u{301}x "), ["x"]);
    }

    #[test]
    fn unspaced_scripts_give_a_word_a_character() {
        assert_eq!(split("学习 abc学x"), ["学", "习", "abc", "学", "x"]);
        assert_eq!(split("ที่นี่"), ["ที่", "นี่"]);
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_ordered_and_lie_on_character_bounds(text in "\\PC{0,60}") {
            let mut last = 0;
            for (start, end) in words(&text) {
                proptest::prop_assert!(last <= start && start < end);
                proptest::prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
                last = end;
            }
        }
    }
}
