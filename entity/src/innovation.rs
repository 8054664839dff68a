//! What an innovation has beyond every item.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Where an innovation stands.
    InnovationStage {
        /// An idea.
        Idea = "IDEA",
        /// Being explored.
        Exploring = "EXPLORING",
        /// Being tried.
        Piloting = "PILOTING",
        /// A pilot worked.
        Validated = "VALIDATED",
        /// A practice or resource was made from it.
        Promoted = "PROMOTED",
        /// Set aside.
        Parked = "PARKED",
        /// Given up, with what was learned.
        Abandoned = "ABANDONED",
    }
}

/// What an innovation has beyond every item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "innovation")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is to solve.
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    /// The idea, Markdown.
    #[sea_orm(column_type = "Text")]
    pub idea: String,
    /// What is expected.
    #[sea_orm(column_type = "Text", nullable)]
    pub hypothesis: Option<String>,
    /// What was learned.
    #[sea_orm(column_type = "Text", nullable)]
    pub learning: Option<String>,
    /// Where it stands.
    pub stage: InnovationStage,
    /// How many people support it.
    pub supporter_count: i32,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
