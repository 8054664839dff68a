//! What is asked of many memberships at once.

use std::collections::HashMap;
use std::sync::Arc;

use service::entity::community;
use service::error::Result;
use uuid::Uuid;

use super::{Membership, MembershipFunction};
use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A membership that the viewer may see.
    MembershipById => Membership, service::membership::by_ids
);

by_id!(
    /// A community that the viewer has, or once had, a membership of, whatever else the viewer may see of it now.
    CommunityOfOwnMembership => Arc<community::Model>, service::community::of_own_memberships
);

/// What a member does for a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionsOf(pub Uuid);

impl Question for FunctionsOf {
    type Answer = Vec<MembershipFunction>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::membership::functions_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, functions)| {
                let functions = functions.into_iter().map(MembershipFunction::from);
                (Self(id), functions.collect())
            })
            .collect())
    }
}
