//! What is asked of many API tokens at once.

use service::auth::api_tokens_by_ids;

use super::ApiToken;
use crate::graphql::loaders::by_id;

by_id!(
    /// An API token of the viewer's own.
    ApiTokenById => ApiToken, api_tokens_by_ids
);
