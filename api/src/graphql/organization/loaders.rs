//! What is asked of many organizations at once.

use std::sync::Arc;

use service::entity::organization;

use crate::graphql::loaders::by_id;

by_id!(
    /// An organization.
    OrganizationById => Arc<organization::Model>, service::organization::by_ids
);
