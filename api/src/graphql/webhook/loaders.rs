//! What is asked of many webhooks and deliveries at once.

use service::webhook::{by_ids, deliveries_by_ids};

use super::{Webhook, WebhookDelivery};
use crate::graphql::loaders::by_id;

by_id!(
    /// A webhook of the viewer's.
    WebhookById => Webhook, by_ids
);

by_id!(
    /// A delivery of a webhook of the viewer's.
    DeliveryById => WebhookDelivery, deliveries_by_ids
);
