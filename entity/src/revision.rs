//! An immutable state of an item’s content.

use sea_orm::entity::prelude::*;

pub use crate::item::PublicationStatus;

/// An immutable state of an item’s content.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// Counts from 1 in each item.
    pub number: i32,
    /// Where this revision stands.
    pub state: PublicationStatus,
    /// The title at that time.
    pub title: String,
    /// The body at that time.
    #[sea_orm(column_type = "Text", nullable)]
    pub body: Option<String>,
    /// Every editable field by its name.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Json,
    /// Who made it.
    pub author_id: Option<Uuid>,
    /// What the change was about.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
