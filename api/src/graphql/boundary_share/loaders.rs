//! What is asked of many boundary shares at once.

use service::boundary_share::by_ids;

use super::BoundaryShare;
use crate::graphql::loaders::by_id;

by_id!(
    /// A share that the viewer may see.
    BoundaryShareById => BoundaryShare, by_ids
);
