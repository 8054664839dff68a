//! A search that somebody saved, with what its hits must have besides.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::community::CommunityKind;
use crate::evidence::EvidenceLevel;
use crate::item::PublicationStatus;
use crate::resource::ResourceKind;

stored_enum! {
    /// Where something that is searched stands. What counts is what its kind calls it: a publication status, the stage of
    /// an innovation, the state of an activity or a discussion, the status of a community.
    SearchState {
        /// Being written.
        Draft = "DRAFT",
        /// Waits for reviewers.
        InReview = "IN_REVIEW",
        /// Reviewers asked for changes.
        ChangesRequested = "CHANGES_REQUESTED",
        /// Part of the shared repertoire.
        Published = "PUBLISHED",
        /// Kept, and no longer offered; a community that is not written to any more.
        Archived = "ARCHIVED",
        /// A community that is open.
        Active = "ACTIVE",
        /// An idea.
        Idea = "IDEA",
        /// An innovation that is explored.
        Exploring = "EXPLORING",
        /// An innovation that is tried.
        Piloting = "PILOTING",
        /// An innovation of which a pilot worked.
        Validated = "VALIDATED",
        /// An innovation of which a practice or resource was made.
        Promoted = "PROMOTED",
        /// An innovation that is set aside.
        Parked = "PARKED",
        /// An innovation that was given up.
        Abandoned = "ABANDONED",
        /// An activity that is to take place.
        Planned = "PLANNED",
        /// An activity that took place.
        Held = "HELD",
        /// An activity that does not take place.
        Cancelled = "CANCELLED",
        /// A discussion that goes on.
        Open = "OPEN",
        /// A discussion with an accepted answer.
        Resolved = "RESOLVED",
        /// A discussion that ended without one.
        Closed = "CLOSED",
    }
}

/// What the hits of a saved search must have; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct SavedFilter {
    /// Kinds of things, by their names in the schema.
    pub kinds: Vec<String>,
    /// Kinds of resources.
    pub resource_kinds: Vec<ResourceKind>,
    /// Publication statuses.
    pub statuses: Vec<PublicationStatus>,
    /// Evidence levels.
    pub evidence_levels: Vec<EvidenceLevel>,
    /// Whether innovations that are parked or abandoned are found too.
    pub include_abandoned: bool,
    /// Communities.
    pub community_ids: Vec<Uuid>,
    /// Kinds of communities.
    pub community_kinds: Vec<CommunityKind>,
    /// Domains.
    pub domain_ids: Vec<Uuid>,
    /// Leaves out what is filed under narrower domains only.
    pub without_narrower_domains: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// BCP 47 language tags.
    pub languages: Vec<String>,
    /// Licences.
    pub licences: Vec<String>,
    /// Authors.
    pub author_ids: Vec<Uuid>,
    /// Last changed at this time or later.
    pub updated_from: Option<DateTimeUtc>,
    /// Last changed before this time.
    pub updated_to: Option<DateTimeUtc>,
    /// Statuses, stages and states.
    pub states: Vec<SearchState>,
    /// Educational levels, as given.
    pub educational_levels: Vec<String>,
    /// Years of publication.
    pub years: Vec<i32>,
}

/// A search that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_search")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What its owner calls it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What is searched for.
    #[sea_orm(column_type = "Text")]
    pub query: String,
    /// What hits must have, besides.
    #[sea_orm(column_type = "JsonBinary")]
    pub filter: SavedFilter,
    /// Whether its owner is told of what it finds newly.
    pub alerts: bool,
    /// The position of the change log when it was saved: what came later is new.
    pub position: i64,
    /// When it was saved.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
