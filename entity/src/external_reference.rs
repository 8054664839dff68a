//! A resource's identity in another system, and where it stands with that system.

use sea_orm::entity::prelude::*;

/// A resource's identity in another system, and where it stands with that system.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_reference")]
pub struct Model {
    /// The community of the resource, within which the identity is unique.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    /// The name of the other system.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub system: String,
    /// What the resource is called there.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub external_id: String,
    /// The resource.
    pub resource_id: Uuid,
    /// Where the other system shows it.
    #[sea_orm(column_type = "Text", nullable)]
    pub url: Option<String>,
    /// Place in the resource's list.
    pub place: i32,
    /// The digest of what the system last sent of it and what was taken; none where it was never synchronized.
    #[sea_orm(column_type = "Text", nullable)]
    pub sent_hash: Option<String>,
    /// The resource's newest revision after that.
    pub synced_revision: Option<i32>,
    /// When it was archived because the system no longer listed it; none where that was not so, or where it was listed
    /// again.
    pub archived_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
