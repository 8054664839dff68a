//! Whose webhooks somebody may see and change, and what of it webhooks are told.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::{community, webhook, webhook_delivery};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};

use super::Decision;
use super::community::{Access, access};
use super::filter::Reader;
use crate::viewer::{Scope, Viewer};

const TABLE: &str = "webhook";

/// The condition that a webhook is the viewer's, and within reach of the credential: a token needs the scope SYNC, and
/// one for a community reaches the webhooks of that community only. None where there can be none.
#[must_use]
pub fn readable(viewer: &Viewer) -> Option<Condition> {
    let user = viewer.user_id().filter(|_| viewer.has_scope(Scope::Sync))?;
    let only = viewer.only_community();
    let in_reach = only.map(|only| Expr::col((TABLE, "community_id")).eq(only));
    Some(
        Condition::all()
            .add(Expr::col((TABLE, "user_id")).eq(user))
            .add_option(in_reach),
    )
}

/// The condition that a webhook is the reader's own.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    Condition::all().add(Expr::col((TABLE, "user_id")).eq(reader.user()))
}

/// May the viewer change this webhook, and ask for its deliveries anew?
#[must_use]
pub fn change(viewer: &Viewer, webhook: &webhook::Model) -> Decision {
    let only = viewer.only_community();
    let in_reach = only.is_none() || only == webhook.community_id;
    if viewer.user_id() == Some(webhook.user_id) && in_reach {
        Decision::Allow
    } else {
        Decision::Conceal
    }
}

/// May the viewer have a webhook that is told of one community, or of all?
#[must_use]
pub fn create(viewer: &Viewer, community: Option<&community::Model>) -> Decision {
    let reach = viewer.only_community();
    let Some(community) = community else {
        return Decision::when(
            reach.is_none(),
            "This token is good for one community only: name that community.",
        );
    };
    match access(viewer, community) {
        Access::None => Decision::Conceal,
        Access::About => {
            Decision::Deny("Only members may be told of what happens in this community.")
        }
        Access::Full => Decision::when(
            reach.is_none_or(|only| only == community.id),
            "This token is good for another community only.",
        ),
    }
}

/// Whether what a delivery tells of may be told still, where its webhook's owner is `viewer`: `tokens` are what the owner
/// holds now, `community` is the one that it belongs to, and `readable` says whether the thing is there and the owner may
/// read it, for the types of which a reference asks.
#[must_use]
pub fn still_told(
    viewer: &Viewer,
    tokens: &BTreeSet<String>,
    delivery: &webhook_delivery::Model,
    community: Option<&community::Model>,
    readable: bool,
) -> bool {
    // That a community left one's sight can only be told afterwards.
    if delivery.whole_community {
        return true;
    }
    let seen_by = &delivery.seen_by.0;
    if !seen_by.is_empty() && !seen_by.iter().any(|token| tokens.contains(token)) {
        return false;
    }
    let sees = |least: Access| match community {
        Some(community) => access(viewer, community) >= least,
        None => delivery.community_id.is_none(),
    };
    match (delivery.entity_type, delivery.operation) {
        (EntityType::Community, _) => sees(Access::About),
        (_, Operation::Deleted)
        | (
            EntityType::Goal
            | EntityType::LearningQuestion
            | EntityType::Review
            | EntityType::Flag
            | EntityType::Organization
            | EntityType::ApiToken,
            _,
        ) => sees(Access::Full),
        (
            EntityType::User
            | EntityType::Domain
            | EntityType::Membership
            | EntityType::Resource
            | EntityType::Practice
            | EntityType::Innovation
            | EntityType::Activity
            | EntityType::DefiningStatement
            | EntityType::Discussion
            | EntityType::Collection
            | EntityType::ValueStory
            | EntityType::BoundaryShare
            | EntityType::Post
            | EntityType::Adoption
            | EntityType::Pilot
            | EntityType::ExperienceReport
            | EntityType::Webhook,
            _,
        ) => readable,
    }
}
