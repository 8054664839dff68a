//! What is asked of many saved searches at once.

use service::saved_search::by_ids;

use super::SavedSearch;
use crate::graphql::loaders::by_id;

by_id!(
    /// A saved search of the viewer's.
    SavedSearchById => SavedSearch, by_ids
);
