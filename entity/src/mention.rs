//! A person who is named by `@handle` in the text of a discussion or of one of its posts.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

/// A person who is named by `@handle` in the text of a discussion or of one of its posts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mention")]
pub struct Model {
    /// The discussion or post whose text names the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: Uuid,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Which of the two it is.
    pub source_type: EntityType,
    /// The discussion, in either case.
    pub discussion_id: Uuid,
    /// When the person was first named there.
    pub at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
