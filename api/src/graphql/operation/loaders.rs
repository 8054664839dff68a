//! What is asked of many operations at once.

use service::operation::by_ids;

use super::Operation;
use crate::graphql::loaders::by_id;

by_id!(
    /// An operation of the viewer's.
    OperationById => Operation, by_ids
);
