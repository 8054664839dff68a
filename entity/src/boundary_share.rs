//! An item that one community offers to another, through somebody who belongs to both.

use sea_orm::entity::prelude::*;

pub use crate::item::ItemType;

stored_enum! {
    /// Where a share stands.
    BoundaryShareState {
        /// It waits for the other community.
        Offered = "OFFERED",
        /// The other community took it up.
        Accepted = "ACCEPTED",
        /// The other community made something of its own of it.
        Adapted = "ADAPTED",
        /// The other community did not take it up.
        Declined = "DECLINED",
        /// It was taken back.
        Withdrawn = "WITHDRAWN",
    }
}

/// An item that one community offers to another, through somebody who belongs to both.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "boundary_share")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The item, as long as it is there.
    pub item_id: Uuid,
    /// What kind of item it is; what is made of it is of the same kind.
    pub item_type: ItemType,
    /// The community that offers it.
    pub from_community_id: Uuid,
    /// The community that it is offered to.
    pub to_community_id: Uuid,
    /// Who brokers it; none where that is not known any more.
    pub broker_id: Option<Uuid>,
    /// What the broker says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Where it stands.
    pub state: BoundaryShareState,
    /// What the other community made of it.
    pub adaptation_id: Option<Uuid>,
    /// When it was offered.
    pub created_at: DateTimeUtc,
    /// When it last changed its state.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
