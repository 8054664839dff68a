//! What is asked of many resources at once.

use service::resource::rated_by_viewer;

use crate::graphql::loaders::by_id;

by_id!(
    /// What the viewer rated a resource; no answer where they did not.
    RatedByViewer => i32, rated_by_viewer
);
