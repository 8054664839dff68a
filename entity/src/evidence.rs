//! What shows that an item works, counted.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// How much shows that something works, in rising order.
    EvidenceLevel {
        /// Nothing does.
        None = "NONE",
        /// Somebody uses it, or told of it.
        Reported = "REPORTED",
        /// It was tried out on purpose, and what was found is written down.
        Piloted = "PILOTED",
        /// Several people confirmed it, in more than one setting.
        Confirmed = "CONFIRMED",
    }
}

/// What shows that an item works, counted; without a row nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The level that the numbers come to.
    pub level: EvidenceLevel,
    /// Pilots that were concluded.
    pub concluded: i32,
    /// Of these, those that worked, with changes or without.
    pub worked: i32,
    /// Experience reports that all may read who may read the item.
    pub reports: i32,
    /// Adoptions that are in use or confirmed.
    pub adoptions: i32,
    /// Adoptions that were confirmed, and did not make things worse.
    pub confirmed: i32,
    /// The settings of these.
    pub settings: i32,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
