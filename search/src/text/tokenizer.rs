use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::word::{MAX_WORD_BYTES, Words, words};
use super::{Analysis, Normalizer};

/// Gives the engine the terms of a text. Words that are too long are left out, their positions kept.
#[derive(Clone)]
pub(crate) struct WordTokenizer {
    normalizer: Normalizer,
    token: Token,
}

impl WordTokenizer {
    pub(crate) fn new(analysis: Analysis) -> Self {
        Self {
            normalizer: Normalizer::new(analysis),
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
            token: &mut self.token,
        }
    }
}

/// See [`WordTokenizer`].
pub(crate) struct WordStream<'a> {
    text: &'a str,
    words: Words<'a>,
    normalizer: Normalizer,
    token: &'a mut Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        for (start, end) in self.words.by_ref() {
            self.token.position = self.token.position.wrapping_add(1);
            if end - start > MAX_WORD_BYTES {
                continue;
            }
            self.normalizer
                .term_into(&self.text[start..end], &mut self.token.text);
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
