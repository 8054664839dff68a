//! What a reviewer says of one revision of an item.

use sea_orm::entity::prelude::*;

pub use crate::item::ItemType;
pub use crate::membership::MembershipRole;

stored_enum! {
    /// What a review comes to.
    ReviewVerdict {
        /// Readers may be shown the revision.
        Approve = "APPROVE",
        /// The revision is to be changed first.
        RequestChanges = "REQUEST_CHANGES",
        /// A remark that decides nothing.
        Comment = "COMMENT",
    }
}

/// What a reviewer says of one revision of an item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// The type of the item.
    pub item_type: ItemType,
    /// The revision that was reviewed.
    pub revision_id: Uuid,
    /// The number of that revision.
    pub revision: i32,
    /// Who reviewed it.
    pub author_id: Option<Uuid>,
    /// As what the author reviewed it.
    pub role: MembershipRole,
    /// What it comes to.
    pub verdict: ReviewVerdict,
    /// What the author says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
