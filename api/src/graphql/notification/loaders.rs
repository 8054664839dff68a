//! What is asked of many notifications at once.

use service::notification::by_ids;

use super::Notification;
use crate::graphql::loaders::by_id;

by_id!(
    /// A notification of the viewer.
    NotificationById => Notification, by_ids
);
