//! What a member tells of the value that a community had for them.

use sea_orm::entity::prelude::*;

pub use crate::consent::Consent;

/// What a member tells of the value that a community had for them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "value_story")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// Who tells it; none where that is not known any more.
    pub author_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Who may read it.
    pub consent: Consent,
    /// When it was told.
    pub created_at: DateTimeUtc,
    /// When it was last narrowed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
