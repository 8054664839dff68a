//! What every item of the shared repertoire has; the rest is in the table of its type.

use sea_orm::entity::prelude::*;

use crate::TextList;

stored_enum! {
    /// The kinds of item in the shared repertoire.
    ItemType {
        /// A resource.
        Resource = "RESOURCE",
        /// A practice.
        Practice = "PRACTICE",
        /// An innovation.
        Innovation = "INNOVATION",
        /// An activity.
        Activity = "ACTIVITY",
        /// A discussion.
        Discussion = "DISCUSSION",
        /// A collection.
        Collection = "COLLECTION",
    }
}

stored_enum! {
    /// Who may see an item, within those who may see its community.
    ItemVisibility {
        /// As its community.
        Community = "COMMUNITY",
        /// Active members.
        Members = "MEMBERS",
        /// Stewards, facilitators and its authors.
        Stewards = "STEWARDS",
        /// Its authors.
        Authors = "AUTHORS",
    }
}

stored_enum! {
    /// Where a resource, a practice or a collection stands.
    PublicationStatus {
        /// Being written.
        Draft = "DRAFT",
        /// Waits for reviewers.
        InReview = "IN_REVIEW",
        /// Reviewers asked for changes.
        ChangesRequested = "CHANGES_REQUESTED",
        /// Part of the repertoire.
        Published = "PUBLISHED",
        /// Kept, no longer offered.
        Archived = "ARCHIVED",
    }
}

/// What every item of the shared repertoire has; the rest is in the table of its type.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which table holds the rest.
    pub item_type: ItemType,
    /// The community that it belongs to.
    pub community_id: Uuid,
    /// Its title.
    pub title: String,
    /// The folded title, for order.
    pub title_key: String,
    /// The kind of a resource, a practice or an activity, by name.
    pub kind: Option<String>,
    /// The publication status; none where the type has none.
    pub status: Option<PublicationStatus>,
    /// Whether it is past drafting: what decides between draft and ordinary readers.
    pub published: bool,
    /// When it was first published.
    pub published_at: Option<DateTimeUtc>,
    /// Who may see it.
    pub visibility: ItemVisibility,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// SPDX or Creative Commons identifier, or a URL.
    pub licence: Option<String>,
    /// How to name the source.
    pub attribution: Option<String>,
    /// Where it is on the web.
    pub url: Option<String>,
    /// Names of authors who are no users here.
    #[sea_orm(column_type = "JsonBinary")]
    pub bylines: TextList,
    /// Number of the revision that readers are shown; counts changes of its own editable fields, from 1.
    pub revision: i32,
    /// Number of the newer revision that waits for its review, while readers keep the one before.
    pub pending_revision: Option<i32>,
    /// Where the pending revision stands.
    pub pending_status: Option<PublicationStatus>,
    /// Who keeps it.
    pub steward_id: Option<Uuid>,
    /// When it is to be reviewed next.
    pub review_due_at: Option<DateTimeUtc>,
    /// When somebody is to be reminded of that review next; none where that was done or there is no date.
    pub review_reminder_at: Option<DateTimeUtc>,
    /// Since when it waits: a question for its first answer, a revision for its review, an innovation for a decision
    /// about its stage; none where it waits for nothing.
    pub waiting_since: Option<DateTimeUtc>,
    /// Since when it is a recommended practice that nobody uses; none where it is something else or somebody does.
    pub unadopted_since: Option<DateTimeUtc>,
    /// The revision with which it was last compared with others; none where it never was.
    pub compared_revision: Option<i32>,
    /// When it had waited so long that those who can help were told, the last time that this happened.
    pub reminded_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
