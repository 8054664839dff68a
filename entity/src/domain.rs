//! A concept of the tree of domains: what communities care about.

use sea_orm::entity::prelude::*;

use crate::{LabelList, TextList};

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
