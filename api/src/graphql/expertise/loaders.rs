//! What is asked of the expertise of many users at once.

use service::expertise::{Expertise, of_users};

use crate::graphql::loaders::by_id;

by_id!(
    /// What a user is known to know, as far as the viewer may know of it.
    ExpertiseOf => Vec<Expertise>, of_users
);
