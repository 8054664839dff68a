use std::collections::HashMap;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::word::{MAX_WORD_BYTES, Words, is_unspaced, words};
use super::{Analysis, Normalizer};

/// So many words are remembered with their terms.
const MAX_REMEMBERED: usize = 32_768;

/// Gives the engine the terms of a text. Words that are too long are left out, their positions kept.
#[derive(Clone)]
pub(crate) struct WordTokenizer {
    normalizer: Normalizer,
    /// Whether neighbouring letters of scripts without spaces give a term for both.
    pairs: bool,
    /// Terms of words that were met before, where stems are dearer than looking them up.
    remembered: Option<HashMap<Box<str>, Terms>>,
    token: Token,
}

/// The terms of a word.
#[derive(Clone)]
struct Terms {
    term: Box<str>,
    other: Option<Box<str>>,
}

impl WordTokenizer {
    /// The terms of a text.
    pub(crate) fn new(analysis: Analysis) -> Self {
        let remembered = (analysis != Analysis::Other).then(HashMap::new);
        Self {
            normalizer: Normalizer::new(analysis),
            pairs: true,
            remembered,
            token: Token::default(),
        }
    }

    /// The folded words of a text, one a word.
    pub(crate) fn of_folded_words() -> Self {
        Self {
            pairs: false,
            ..Self::new(Analysis::Other)
        }
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream {
            text,
            words: words(text),
            normalizer: self.normalizer,
            pairs: self.pairs,
            remembered: self.remembered.as_mut(),
            token: &mut self.token,
            waiting: None,
            letter: None,
        }
    }
}

/// See [`WordTokenizer`].
pub(crate) struct WordStream<'a> {
    text: &'a str,
    words: Words<'a>,
    normalizer: Normalizer,
    pairs: bool,
    remembered: Option<&'a mut HashMap<Box<str>, Terms>>,
    token: &'a mut Token,
    /// Another term of the word that was just given.
    waiting: Option<Box<str>>,
    /// Where the last letter of a script without spaces ended, and its term.
    letter: Option<(usize, Box<str>)>,
}

impl WordStream<'_> {
    /// Writes the term of the word, and has its other term wait.
    fn write_term(&mut self, word: &str) {
        let Some(remembered) = &mut self.remembered else {
            return self.normalizer.term_into(word, &mut self.token.text);
        };
        if let Some(known) = remembered.get(word) {
            self.token.text.clear();
            self.token.text.push_str(&known.term);
            self.waiting.clone_from(&known.other);
            return;
        }
        self.normalizer.term_into(word, &mut self.token.text);
        self.waiting = self.normalizer.other_term(word).map(Into::into);
        if remembered.len() == MAX_REMEMBERED {
            remembered.clear();
        }
        let terms = Terms {
            term: self.token.text.as_str().into(),
            other: self.waiting.clone(),
        };
        remembered.insert(word.into(), terms);
    }

    /// Has the pair of this letter and the one before it wait, where both are of scripts without spaces.
    fn pair_up(&mut self, start: usize, end: usize) {
        let unspaced = self.text[start..].chars().next().is_some_and(is_unspaced);
        let before = self.letter.take();
        if !unspaced {
            return;
        }
        if let Some((last_end, last)) = before
            && last_end == start
        {
            self.waiting = Some(format!("{last}{}", self.token.text).into());
        }
        self.letter = Some((end, self.token.text.as_str().into()));
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(other) = self.waiting.take() {
            self.token.text.clear();
            self.token.text.push_str(&other);
            return true;
        }
        while let Some((start, end)) = self.words.next() {
            self.token.position = self.token.position.wrapping_add(1);
            if end - start > MAX_WORD_BYTES {
                continue;
            }
            self.write_term(&self.text[start..end]);
            if self.token.text.is_empty() {
                continue;
            }
            if self.pairs && self.text.as_bytes()[start] >= 0x80 {
                self.pair_up(start, end);
            }
            self.token.offset_from = start;
            self.token.offset_to = end;
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(mut tokenizer: WordTokenizer, text: &str) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        let mut stream = tokenizer.token_stream(text);
        stream.process(&mut |token| found.push((token.text.clone(), token.position)));
        found
    }

    fn owned(terms: &[(&str, usize)]) -> Vec<(String, usize)> {
        terms
            .iter()
            .map(|(term, position)| ((*term).to_owned(), *position))
            .collect()
    }

    #[test]
    fn scripts_without_spaces_give_letters_and_pairs() {
        assert_eq!(
            terms(WordTokenizer::new(Analysis::English), "学习法 x 한국"),
            owned(&[
                ("学", 0),
                ("习", 1),
                ("学习", 1),
                ("法", 2),
                ("习法", 2),
                ("x", 3),
                ("한", 4),
                ("국", 5),
                ("한국", 5)
            ])
        );
        assert_eq!(
            terms(WordTokenizer::of_folded_words(), "学习 Été"),
            owned(&[("学", 0), ("习", 1), ("ete", 2)])
        );
    }

    #[test]
    fn a_third_person_has_two_terms_at_one_place_however_often_it_is_met() {
        let twice = terms(WordTokenizer::new(Analysis::French), "animent animent");
        assert_eq!(
            twice,
            owned(&[("animent", 0), ("anim", 0), ("animent", 1), ("anim", 1)])
        );
    }
}
