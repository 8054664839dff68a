//! One answer of a community to the question what defines it.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What of a community a statement is about.
    StatementAspect {
        /// The concern that members share.
        Concern = "CONCERN",
        /// What the community is for.
        Purpose = "PURPOSE",
        /// What it knows about.
        Domain = "DOMAIN",
        /// How members are together.
        Community = "COMMUNITY",
        /// What members do.
        Practice = "PRACTICE",
        /// What members expect of each other.
        Norm = "NORM",
    }
}

stored_enum! {
    /// Where a statement stands.
    StatementState {
        /// Somebody wrote it.
        Proposed = "PROPOSED",
        /// Enough members endorsed it.
        Adopted = "ADOPTED",
        /// Another one took its place.
        Superseded = "SUPERSEDED",
        /// It was taken back.
        Withdrawn = "WITHDRAWN",
    }
}

/// One answer of a community to the question what defines it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "defining_statement")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// Who proposed it; none where that is not known any more.
    pub author_id: Option<Uuid>,
    /// What it says.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// What it is about.
    pub aspect: StatementAspect,
    /// Where it stands.
    pub state: StatementState,
    /// How many members endorsed it.
    pub endorsement_count: i32,
    /// The statement whose place it is to take.
    pub supersedes_id: Option<Uuid>,
    /// The statement that took its place.
    pub superseded_by_id: Option<Uuid>,
    /// When it was proposed.
    pub created_at: DateTimeUtc,
    /// When it was last endorsed or changed its state.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
