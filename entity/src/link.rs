//! One stated relation between two things: the lineage of the repertoire.

use sea_orm::entity::prelude::*;

pub use crate::change::EntityType;

stored_enum! {
    /// How one thing relates to another, read from the first to the second.
    LinkRelation {
        /// Made in an activity.
        MadeIn = "MADE_IN",
        /// Made from another item.
        MadeFrom = "MADE_FROM",
        /// Answers a question.
        Answers = "ANSWERS",
        /// Is evidence for something.
        EvidenceFor = "EVIDENCE_FOR",
        /// Takes the place of another.
        Supersedes = "SUPERSEDES",
        /// Adapted from another item.
        AdaptedFrom = "ADAPTED_FROM",
        /// Adopts an item.
        Adopted = "ADOPTED",
        /// Captured from a discussion.
        CapturedFrom = "CAPTURED_FROM",
        /// An innovation that became an item.
        PromotedTo = "PROMOTED_TO",
        /// A community that split off another.
        SplitFrom = "SPLIT_FROM",
        /// A community that was merged into another.
        MergedInto = "MERGED_INTO",
        /// An item that came from another community, when that was split or merged.
        CameFrom = "CAME_FROM",
        /// Refers to another item: a practice to what it uses, a discussion to what it is about.
        References = "REFERENCES",
        /// Says in another language what another item says.
        TranslationOf = "TRANSLATION_OF",
        /// A part of another item.
        PartOf = "PART_OF",
        /// Needs another item.
        Requires = "REQUIRES",
    }
}

/// One stated relation between two things: the lineage of the repertoire.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    /// What the relation starts from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_id: Uuid,
    /// How they relate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub relation: LinkRelation,
    /// What the relation leads to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub to_id: Uuid,
    /// What kind of thing it starts from.
    pub from_type: EntityType,
    /// What kind of thing it leads to.
    pub to_type: EntityType,
    /// The occurrence of the activity that something was made in, by the start that its rule gives.
    pub occurrence: Option<DateTimeUtc>,
    /// Who stated it; none for the platform itself.
    pub actor_id: Option<Uuid>,
    /// When it was stated.
    pub at: DateTimeUtc,
    /// Whether the content of what it starts from states it, and so it goes when that content changes.
    pub derived: Option<bool>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
