//! Enums that all items share.

use async_graphql::Enum;

use crate::graphql::plain::plain_enums;

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::paging::Direction")]
pub enum OrderDirection {
    /// Smallest, oldest, A first.
    #[graphql(name = "ASC")]
    Ascending,
    /// Largest, newest, Z first.
    #[graphql(name = "DESC")]
    Descending,
}

/// Who may see an item, within those who may see its community. Authors always see their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::item::ItemVisibility")]
pub enum ItemVisibility {
    /// Everybody who may see its community.
    Community,
    /// Active members of its community.
    Members,
    /// Stewards and facilitators of its community.
    Stewards,
    /// Its authors only.
    Authors,
}

/// Where a resource, a practice or a collection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::item::PublicationStatus")]
pub enum PublicationStatus {
    /// Being written; for its authors, reviewers and above.
    Draft,
    /// Waits for reviewers.
    InReview,
    /// Reviewers asked for changes.
    ChangesRequested,
    /// Part of the shared repertoire.
    Published,
    /// Kept and readable, no longer offered.
    Archived,
}

/// What you may do with an object now. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::policy::Action")]
pub enum Action {
    /// See all of it.
    Read,
    /// Change its content.
    Update,
    /// Remove it for good.
    Delete,
    /// Hand it in for review.
    Submit,
    /// Review it.
    Review,
    /// Put it into the shared repertoire.
    Publish,
    /// Take it out of what is offered.
    Archive,
    /// Bring it back from the archive.
    Restore,
    /// Move the innovation to another stage, or the pilot to another state.
    Advance,
    /// Support the innovation.
    Support,
    /// Become a member of the community, or ask to.
    Join,
    /// End one's membership of the community.
    Leave,
    /// Invite, admit, promote and remove members.
    ManageMembers,
    /// Make a resource in the community.
    CreateResource,
    /// Make a practice in the community.
    CreatePractice,
    /// Make an innovation in the community.
    CreateInnovation,
    /// Make a collection in the community.
    CreateCollection,
    /// Make an activity in the community.
    CreateActivity,
    /// Say whether one comes to an occurrence of the activity.
    Attend,
    /// Propose and endorse statements of what defines the community.
    ProposeStatement,
    /// Set the community's goals, and say where they stand.
    ManageGoals,
    /// Add a question to the community's learning agenda.
    AddLearningQuestion,
    /// Begin a discussion in the community.
    CreateDiscussion,
    /// Post to the discussion, or answer the post.
    Reply,
    /// Accept the post as the answer.
    Accept,
    /// Hide the post, or show it again.
    Hide,
    /// Plan a pilot of the item.
    PlanPilot,
    /// Tell how it went with the pilot.
    Report,
    /// Narrow who may read the report.
    Narrow,
}

plain_enums!(ItemVisibility, PublicationStatus);
