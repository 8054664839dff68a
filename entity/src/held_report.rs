//! An anonymous report that waits for the end of its day, so that nobody can tell by when it comes who wrote it.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;
pub use crate::experience_report::Consent;

/// An anonymous report that waits for the end of its day, so that nobody can tell by when it comes who wrote it. Nothing
/// but its secret reaches it until then. It is kept apart from the reports that are read: there, the order in which rows
/// were written would tell between which others it came.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_report")]
pub struct Model {
    /// `UUIDv4`: the id that the report keeps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of thing it is about.
    pub about_type: EntityType,
    /// What it is about.
    pub about_id: Uuid,
    /// Whose that is.
    pub owner_id: Option<Uuid>,
    /// What kind of item was tried.
    pub subject_type: EntityType,
    /// The item that was tried.
    pub subject_id: Uuid,
    /// The community of that item.
    pub community_id: Uuid,
    /// The hash of its secret.
    pub secret_hash: String,
    /// What it tells.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Where a recording is.
    pub media_url: Option<String>,
    /// How good it was, from 1 to 5.
    pub rating: Option<i32>,
    /// Whether the author would use it again.
    pub would_reuse: Option<bool>,
    /// Who may read it.
    pub consent: Consent,
    /// The day that it waits for.
    pub held_until: Date,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
