//! One question of a community's learning agenda.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Where a question of the learning agenda stands.
    LearningQuestionState {
        /// It waits.
        Open = "OPEN",
        /// Members look into it.
        InInquiry = "IN_INQUIRY",
        /// It is answered.
        Answered = "ANSWERED",
        /// It is set aside.
        Parked = "PARKED",
    }
}

/// One question of a community's learning agenda.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "learning_question")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community.
    pub community_id: Uuid,
    /// Who asked it; none where that is not known any more.
    pub author_id: Option<Uuid>,
    /// What it asks.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Its place in the agenda, from 1.
    pub rank: i32,
    /// Where it stands.
    pub state: LearningQuestionState,
    /// When it was added.
    pub created_at: DateTimeUtc,
    /// When it last changed its state or answers.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
