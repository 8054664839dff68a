//! From text to terms: words, folding, stems, stop words, languages, and Markdown's plain text.

mod fold;
mod language;
mod particle;
mod plain;
mod stem;
mod stop_words;
mod tokenizer;
mod word;

pub use fold::fold;

pub(crate) use fold::{first_folded_letter, fold_word};
pub(crate) use language::{Analysis, detect};
pub(crate) use particle::{is_particle, particle_letters};
pub(crate) use plain::plain_text;
pub(crate) use stem::{Normalizer, lower_case};
pub(crate) use stop_words::{is_function_word, is_stop_word};
pub(crate) use tokenizer::WordTokenizer;
pub(crate) use word::{MAX_WORD_BYTES, Words, is_unspaced, words};
