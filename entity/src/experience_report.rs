//! How it went, told by somebody who was there.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;
pub use crate::consent::Consent;

/// How it went, told by somebody who was there.
///
/// Of an anonymous report no row here or elsewhere names who wrote it, or when: its id is random, it has neither author
/// nor time, and it came here together with all others of its day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "experience_report")]
pub struct Model {
    /// `UUIDv4`, for every report: by their ids they come in no particular order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of thing it is about.
    pub about_type: EntityType,
    /// What it is about: a pilot, for example.
    pub about_id: Uuid,
    /// Whose that is: who planned the pilot. Never the author as such.
    pub owner_id: Option<Uuid>,
    /// What kind of item was tried.
    pub subject_type: EntityType,
    /// The item that was tried, which decides who may read anything of this.
    pub subject_id: Uuid,
    /// The community of that item.
    pub community_id: Uuid,
    /// Who wrote it; none for an anonymous one.
    pub author_id: Option<Uuid>,
    /// Whether it is anonymous.
    pub anonymous: bool,
    /// The hash of the secret with which an anonymous one can be narrowed or withdrawn; none for any other.
    pub secret_hash: Option<String>,
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
    /// When it was written; none for an anonymous one.
    pub created_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
