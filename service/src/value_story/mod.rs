//! Value stories: what a community was worth to a member, told in steps by cycle of value (Wenger, Trayner & de Laat 2011),
//! each pointing at what it is about. Who may read a story is its author's to say, and can only become fewer.

mod queries;
mod tell;

#[cfg(test)]
mod tests;

pub use queries::{
    Steps, ValueStep, by_ids, count_of_community, page_of_community, steps_of, steps_of_rows,
};
pub use tell::{NewStep, TellStory, tell};

use entity::change::{EntityType, Operation};
use entity::community;
use entity::value_story::{self, Consent};
use futures_util::FutureExt;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::item::gate::check_home;
use crate::item::insert::replace_row;
use crate::link;
use crate::membership::{self, Hold};
use crate::policy::{audience, value_story as policy};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// A value story.
pub type ValueStory = value_story::Model;

/// What the steps of a story can point at.
pub const REFERRED_TYPES: [EntityType; 9] = [
    EntityType::Activity,
    EntityType::Collection,
    EntityType::DefiningStatement,
    EntityType::Discussion,
    EntityType::Goal,
    EntityType::Innovation,
    EntityType::LearningQuestion,
    EntityType::Practice,
    EntityType::Resource,
];

const ID: &[&str] = &["id"];
const WHAT: &str = "value story";

/// A story that nobody else changes until the commit; whether the actor may is still to be asked.
struct Opened {
    viewer: Viewer,
    community: community::Model,
    story: ValueStory,
}

async fn open(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Opened> {
    let absent = || Error::not_found(ID, WHAT);
    // The community is held before what belongs to it: what changes a community goes the same way.
    let found = value_story::Entity::find_by_id(id).one(unit.db()).await?;
    let community = found.map(|row| row.community_id).unwrap_or_default();
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let community = community.ok_or_else(absent)?;
    let story = value_story::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    check_home(story.community_id, &community)?;
    Ok(Opened {
        viewer,
        community,
        story,
    })
}

/// Makes a story one for fewer people; for its author. For whom it is already nothing changes.
#[crate::boxed]
pub async fn narrow(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: Consent,
) -> Result<Written<ValueStory>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id).await?;
                let Opened {
                    viewer,
                    community,
                    story: before,
                } = opened;
                policy::narrow(&viewer, &community, &before).require(ID, WHAT)?;
                if to == before.consent {
                    return Ok(before);
                }
                // Declared from the fewest to the most.
                if to > before.consent {
                    let message = format!(
                        "Consent can be narrowed, not widened: this story is for {} now. Tell it again for more people.",
                        before.consent.as_str()
                    );
                    return Err(Error::fault(FaultCode::Invalid, &["consent"], message));
                }
                let now = ValueStory {
                    consent: to,
                    updated_at: unit.now(),
                    ..before.clone()
                };
                replace_row(unit, now.clone()).await?;
                record(unit, &community, Some(&before), Some(&now), &["consent"]);
                Ok(now)
            }
            .boxed()
        })
        .await
}

/// Deletes a story for good, and answers its id; for its author, and for facilitators who may read it.
#[crate::boxed]
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id).await?;
                let Opened {
                    viewer,
                    community,
                    story,
                } = opened;
                policy::delete(&viewer, &community, &story).require(ID, WHAT)?;
                link::forget(unit, id).await?;
                value_story::Entity::delete_by_id(id)
                    .exec(unit.db())
                    .await?;
                record(unit, &community, Some(&story), None, &[]);
                Ok(id)
            }
            .boxed()
        })
        .await
}

fn record(
    unit: &mut WriteUnit,
    community: &community::Model,
    before: Option<&ValueStory>,
    now: Option<&ValueStory>,
    fields: &[&str],
) {
    let Some(story) = now.or(before) else {
        return;
    };
    let audience = |story| audience::of_value_story(community, story);
    unit.record(PendingChange {
        entity_type: EntityType::ValueStory,
        entity_id: story.id,
        operation: match (before, now) {
            (None, _) => Operation::Created,
            (Some(_), Some(_)) => Operation::Updated,
            (Some(_), None) => Operation::Deleted,
        },
        community_id: Some(community.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: before.map(audience),
        audience_after: now.map(audience),
    });
}
