//! What a receiver is sent: `type`, `timestamp` and `data`, by the specification of Standard Webhooks. It names what
//! happened by ids only; the receiver reads the rest by the API, as it may.

use chrono::SecondsFormat;
use entity::change::EntityType;
use entity::webhook::WebhookEvent;
use entity::webhook_delivery;
use serde::Serialize;
use uuid::Uuid;

use crate::error::{Error, Result};

/// How the API writes what a payload names.
pub trait Names: std::fmt::Debug + Send + Sync + 'static {
    /// The global id of something.
    fn node(&self, entity_type: EntityType, id: Uuid) -> String;

    /// The name of its type in the schema.
    fn type_name(&self, entity_type: EntityType) -> String;

    /// The global id of a saved search.
    fn saved_search(&self, id: Uuid) -> String;

    /// The global id of a delivery: what the receiver is given as `webhook-id`.
    fn delivery(&self, id: Uuid) -> String;

    /// A place in the change log.
    fn position(&self, position: i64) -> String;
}

#[derive(Debug, Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    event: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    webhook_id: String,
    scope: &'static str,
    operation: &'static str,
    node_id: String,
    type_name: String,
    community_id: Option<String>,
    position: String,
    fields: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_search_id: Option<String>,
}

/// The name of an event as receivers get it: `RESOURCE_PUBLISHED` is `resource.published`.
#[must_use]
pub fn event_name(event: WebhookEvent) -> String {
    event.as_str().to_lowercase().replacen('_', ".", 1)
}

/// The body of a delivery: the same bytes at each attempt.
pub(super) fn body(names: &dyn Names, delivery: &webhook_delivery::Model) -> Result<Vec<u8>> {
    let payload = Payload {
        event: event_name(delivery.event),
        timestamp: delivery
            .happened_at
            .to_rfc3339_opts(SecondsFormat::AutoSi, true),
        data: Data {
            webhook_id: names.node(EntityType::Webhook, delivery.webhook_id),
            scope: if delivery.whole_community {
                "COMMUNITY"
            } else {
                "NODE"
            },
            operation: delivery.operation.as_str(),
            node_id: names.node(delivery.entity_type, delivery.entity_id),
            type_name: names.type_name(delivery.entity_type),
            community_id: delivery
                .community_id
                .map(|id| names.node(EntityType::Community, id)),
            position: names.position(delivery.position),
            fields: &delivery.fields.0,
            saved_search_id: delivery.saved_search_id.map(|id| names.saved_search(id)),
        },
    };
    serde_json::to_vec(&payload).map_err(Error::internal)
}
