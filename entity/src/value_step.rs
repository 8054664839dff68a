//! One step of a value story.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// The cycles of value creation of Wenger, Trayner & de Laat.
    ValueCycle {
        /// What taking part was worth in itself.
        Immediate = "IMMEDIATE",
        /// What was learned or made that may be of use.
        Potential = "POTENTIAL",
        /// What was done with it in practice.
        Applied = "APPLIED",
        /// What got better by it.
        Realized = "REALIZED",
        /// What is seen otherwise since.
        Reframing = "REFRAMING",
    }
}

/// One step of a value story.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "value_step")]
pub struct Model {
    /// The story.
    #[sea_orm(primary_key, auto_increment = false)]
    pub story_id: Uuid,
    /// Order, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// Which kind of value it tells of.
    pub cycle: ValueCycle,
    /// What it says.
    #[sea_orm(column_type = "Text")]
    pub text: String,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
