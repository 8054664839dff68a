//! What is asked of many adoptions at once.

use service::adoption::by_ids;

use super::Adoption;
use crate::graphql::loaders::by_id;

by_id!(
    /// An adoption that the viewer may read.
    AdoptionById => Adoption, by_ids
);
