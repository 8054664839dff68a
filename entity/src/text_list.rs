use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// A short ordered list of texts, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct TextList(pub Vec<String>);

/// A text in a language; the language is a BCP 47 tag, or absent where none is stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text.
    pub text: String,
    /// Its BCP 47 language tag.
    pub language: Option<String>,
}

/// An ordered list of labels, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LabelList(pub Vec<Label>);
