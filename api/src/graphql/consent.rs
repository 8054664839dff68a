//! How far somebody lets others read what they tell, in the schema.

use async_graphql::Enum;

/// Who may read what somebody tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::consent::Consent")]
pub enum Consent {
    /// Who wrote it, and of an experience report those who made what it is about: who planned the pilot, and the authors
    /// of what it tries out.
    Authors,
    /// Active members of the community too.
    Members,
    /// Everybody who may see what a report is about, or the community that a story is told in.
    Public,
}
