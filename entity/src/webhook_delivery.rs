//! One event that a webhook is told of, and what became of it.

use sea_orm::entity::prelude::*;

use crate::TextList;
pub use crate::change::{EntityType, Operation};
pub use crate::webhook::WebhookEvent;

stored_enum! {
    /// Where a delivery stands.
    DeliveryState {
        /// It is to be sent.
        Pending = "PENDING",
        /// The receiver took it.
        Delivered = "DELIVERED",
        /// An attempt failed; it is tried again.
        Retrying = "RETRYING",
        /// It was given up.
        Dead = "DEAD",
    }
}

/// One event that a webhook is told of, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// UUIDv7. The receiver tells by it what it has already.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The webhook.
    pub webhook_id: Uuid,
    /// What it is told of.
    pub event: WebhookEvent,
    /// The place of the change in the log.
    pub position: i64,
    /// What was changed.
    pub entity_type: EntityType,
    /// Which.
    pub entity_id: Uuid,
    /// How, as the webhook's owner saw it.
    pub operation: Operation,
    /// Whether the whole community came into the owner's sight or left it.
    pub whole_community: bool,
    /// The community that it belongs to.
    pub community_id: Option<Uuid>,
    /// Names of the changed fields.
    #[sea_orm(column_type = "JsonBinary")]
    pub fields: TextList,
    /// The saved search that found it.
    pub saved_search_id: Option<Uuid>,
    /// The audience tokens by which the owner saw it.
    #[sea_orm(column_type = "JsonBinary")]
    pub seen_by: TextList,
    /// When it happened.
    pub happened_at: DateTimeUtc,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often somebody began to send it.
    pub attempts: i32,
    /// How many of the attempts were made before it was last asked for anew, or were cut short by the end of a process.
    pub earlier_attempts: i32,
    /// When it is next to be sent.
    pub due_at: DateTimeUtc,
    /// Until then it is left to whoever is sending it.
    pub leased_until: Option<DateTimeUtc>,
    /// The HTTP status that was last answered.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
