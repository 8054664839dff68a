//! A concept of the tree of domains: what communities care about.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{LabelList, TextList};

stored_enum! {
    /// How far a competency reaches. Frameworks of what people can do have three steps or more, and share these: the basic,
    /// independent and proficient users of the one for languages (CEFR); foundation, intermediate and advanced in that for
    /// digital competence.
    CompetencyLevel {
        /// With guidance, in familiar situations: what newcomers learn first.
        Foundation = "FOUNDATION",
        /// Alone, in the situations of everyday work.
        Practitioner = "PRACTITIONER",
        /// In new and difficult situations, and so that others learn from it.
        Expert = "EXPERT",
    }
}

/// What a practitioner of a domain can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Competency {
    /// What they can do, as a sentence.
    pub statement: String,
    /// How far it reaches.
    pub level: CompetencyLevel,
}

/// What practitioners of a domain can do, in order, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CompetencyList(pub Vec<Competency>);

/// A concept of the tree of domains: what communities care about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domain")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its preferred name.
    pub name: String,
    /// The folded name, for order and prefix search.
    pub name_key: String,
    /// Unique readable name.
    pub slug: String,
    /// What it covers.
    pub description: Option<String>,
    /// The problems that members care about.
    pub concern: Option<String>,
    /// Preferred names by language.
    #[sea_orm(column_type = "JsonBinary")]
    pub labels: LabelList,
    /// Synonyms.
    #[sea_orm(column_type = "JsonBinary")]
    pub alternative_labels: LabelList,
    /// What it asks.
    #[sea_orm(column_type = "JsonBinary")]
    pub key_questions: TextList,
    /// What its practitioners can do.
    #[sea_orm(column_type = "JsonBinary")]
    pub competencies: CompetencyList,
    /// The broader domain.
    pub parent_id: Option<Uuid>,
    /// Counts changes of its own editable fields, from 1.
    pub revision: i32,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
