use std::collections::HashMap;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::word::{MAX_WORD_BYTES, Words, words};
use super::{Analysis, Normalizer};

/// So many words are remembered with their terms.
const MAX_REMEMBERED: usize = 32_768;

/// Gives the engine the terms of a text. Words that are too long are left out, their positions kept.
#[derive(Clone)]
pub(crate) struct WordTokenizer {
    normalizer: Normalizer,
    /// Terms of words that were met before, where stems are dearer than looking them up.
    remembered: Option<HashMap<Box<str>, Box<str>>>,
    token: Token,
}

impl WordTokenizer {
    pub(crate) fn new(analysis: Analysis) -> Self {
        let remembered = (analysis != Analysis::Other).then(HashMap::new);
        Self {
            normalizer: Normalizer::new(analysis),
            remembered,
            token: Token::default(),
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
            remembered: self.remembered.as_mut(),
            token: &mut self.token,
        }
    }
}

/// See [`WordTokenizer`].
pub(crate) struct WordStream<'a> {
    text: &'a str,
    words: Words<'a>,
    normalizer: Normalizer,
    remembered: Option<&'a mut HashMap<Box<str>, Box<str>>>,
    token: &'a mut Token,
}

impl WordStream<'_> {
    fn write_term(&mut self, word: &str) {
        let Some(remembered) = &mut self.remembered else {
            return self.normalizer.term_into(word, &mut self.token.text);
        };
        if let Some(term) = remembered.get(word) {
            self.token.text.clear();
            self.token.text.push_str(term);
            return;
        }
        self.normalizer.term_into(word, &mut self.token.text);
        if remembered.len() == MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(word.into(), self.token.text.as_str().into());
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some((start, end)) = self.words.next() {
            self.token.position = self.token.position.wrapping_add(1);
            if end - start > MAX_WORD_BYTES {
                continue;
            }
            self.write_term(&self.text[start..end]);
            if self.token.text.is_empty() {
                continue;
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
