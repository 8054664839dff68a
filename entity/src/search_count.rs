//! How many searches of a community there were on a day.

use sea_orm::entity::prelude::*;

/// The searches of a community on one day, whoever searched.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_count")]
pub struct Model {
    /// The community.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    /// On which day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// How many searches.
    pub searches: i64,
    /// How many of them found nothing.
    pub found_nothing: i64,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
