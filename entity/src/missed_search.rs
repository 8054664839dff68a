//! A search of a community that was of no use.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Why a search was of no use.
    SearchOutcome {
        /// There was nothing.
        NothingFound = "NOTHING_FOUND",
        /// There was something, and nothing of it was opened.
        Abandoned = "ABANDONED",
    }
}

/// A search of a community that was of no use: one row a person and day, which does not say who it was.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "missed_search")]
pub struct Model {
    /// The community.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    /// What was searched for, folded.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub query: String,
    /// On which day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// A hash that tells people apart within this community and query, and nowhere else.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub person: String,
    /// Why it was of no use.
    pub outcome: SearchOutcome,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
