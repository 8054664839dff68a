//! What is asked of many flags at once.

use service::flag::{by_ids, raisers};
use uuid::Uuid;

use super::Flag;
use crate::graphql::loaders::by_id;

by_id!(
    /// A flag that the viewer may see.
    FlagById => Flag, by_ids
);

by_id!(
    /// Who raised a flag; no answer where the viewer is not told.
    RaiserOf => Uuid, raisers
);
