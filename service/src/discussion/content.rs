//! Beginning a discussion, and changing what it says.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::discussion::{self, DiscussionKind, DiscussionState};
use entity::item::{self as item_row, ItemType};
use entity::post;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Discussion, mentions};
use crate::error::{Error, FaultCode, Result};
use crate::expertise;
use crate::item::gate::{check_references, open};
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, Edges, ItemContent, ItemState, Listed, entity_type};
use crate::membership::{self, Hold};
use crate::policy::filter::readable_items;
use crate::policy::{audience, discussion as policy, item as item_policy};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, Patch};
use crate::viewer::{Scope, Viewer};

/// A new discussion.
#[derive(Clone, Debug)]
pub struct CreateDiscussion {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have; the body must say something.
    pub content: ItemContent,
    /// What it is for.
    pub kind: DiscussionKind,
    /// The item that it is about, one that the author may read.
    pub about_id: Option<Uuid>,
}

/// A change of a discussion. What it is for stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateDiscussion {
    /// What all items have.
    pub content: ItemContent,
    /// The item that it is about, one that the actor may read.
    pub about_id: Patch<Uuid>,
}

/// The question is what a discussion begins with.
fn check_body(body: &Patch<String>, required: bool, faults: &mut Faults) {
    let missing = match body {
        Patch::Absent => required,
        Patch::Null => true,
        Patch::Value(text) => text.trim().is_empty(),
    };
    if missing {
        let message = "A discussion needs a text that says what it is about.";
        faults.add(FaultCode::Required, &["input", "body"], message);
    }
}

/// The types of those of the items that the actor may read.
async fn readable_types(
    unit: &WriteUnit,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, EntityType>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, ItemType)> = item_row::Entity::find()
        .select_only()
        .columns([item_row::Column::Id, item_row::Column::ItemType])
        .filter(item_row::Column::Id.is_in(ids))
        .filter(readable_items(viewer))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, item_type)| (id, entity_type(item_type)))
        .collect())
}

fn about(types: &HashMap<Uuid, EntityType>, id: Uuid, faults: &mut Faults) -> Option<EntityType> {
    let found = types.get(&id).copied();
    if found.is_none() {
        let message = "There is no item with this id that you may see.";
        faults.add(FaultCode::NotFound, &["input", "aboutId"], message);
    }
    found
}

/// Begins a discussion. An announcement is for facilitators.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateDiscussion,
) -> Result<Written<Discussion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    let written = store
        .write(Some(actor), move |unit| {
            async move {
                let made = create_many(unit, &viewer, vec![input]).await?;
                made.into_iter()
                    .next()
                    .unwrap_or_else(|| Err(Error::internal("nothing was created")))
            }
            .boxed()
        })
        .await?;
    let position = written.position;
    Ok(Written {
        value: listed(written.value)?,
        position,
    })
}

/// Begins discussions in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreateDiscussion>,
) -> Result<Vec<Result<ItemState>>> {
    let ids = inputs.iter().filter_map(|input| input.about_id).collect();
    let types = readable_types(unit, viewer, ids).await?;
    let mut drafts = Vec::with_capacity(inputs.len());
    for input in inputs {
        drafts.push(draft(unit, viewer, input, &types).await?);
    }
    let made = item::create_many(unit, viewer, drafts).await?;
    for state in made.iter().flatten() {
        mentions::of_discussion(unit, state, true).await?;
    }
    Ok(made)
}

async fn draft(
    unit: &WriteUnit,
    viewer: &Viewer,
    input: CreateDiscussion,
    types: &HashMap<Uuid, EntityType>,
) -> Result<Draft> {
    let mut faults = Faults::default();
    check_body(&input.content.body, true, &mut faults);
    let content = input.content.check(&mut faults);
    let about_type = input.about_id.and_then(|id| about(types, id, &mut faults));
    if input.kind == DiscussionKind::Announcement {
        let community = input.community_id;
        let (viewer, community) =
            membership::standing(unit, viewer, community, Hold::Shared).await?;
        // Whether the viewer may contribute at all is said with the item's other faults.
        if let Some(community) = community
            && crate::policy::community::contribute(&viewer, &community).allows()
        {
            let allowed =
                policy::announce(&viewer, &community).require(&["input", "kind"], "community");
            faults.absorb(allowed)?;
        }
    }
    let details = Details::Discussion(discussion::Model {
        id: Uuid::nil(),
        community_id: input.community_id,
        kind: input.kind,
        state: DiscussionState::Open,
        close_reason: None,
        about_type,
        about_id: input.about_id,
        accepted_post_id: None,
        first_answered_at: None,
        resolved_at: None,
        post_count: 0,
        last_post_at: None,
        last_activity_at: unit.now(),
    });
    Ok(Draft {
        community_id: input.community_id,
        content,
        kind: None,
        details,
        publish: false,
        faults,
    })
}

/// Changes what a discussion says.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateDiscussion,
    expected_revision: Option<i32>,
) -> Result<Written<Discussion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    let written = store
        .write(Some(actor), move |unit| {
            update_in(unit, viewer, id, input, expected_revision).boxed()
        })
        .await?;
    let position = written.position;
    Ok(Written {
        value: listed(written.value)?,
        position,
    })
}

async fn update_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    input: UpdateDiscussion,
    expected_revision: Option<i32>,
) -> Result<ItemState> {
    let item_type = Some(ItemType::Discussion);
    let opened = open(unit, &viewer, item_type, id, item_policy::update).await?;
    let mut faults = Faults::default();
    check_body(&input.content.body, false, &mut faults);
    let mut content = input.content.check(&mut faults);
    check_references(unit, &opened.state, &mut content, &mut faults).await?;
    let mut new = opened.state.clone();
    let Details::Discussion(row) = &mut new.details else {
        return Err(lacks_details(id));
    };
    match input.about_id {
        Patch::Absent => {}
        Patch::Null => (row.about_type, row.about_id) = (None, None),
        // What it is about already stays, whether or not this actor sees it.
        Patch::Value(about_id) if row.about_id == Some(about_id) => {}
        Patch::Value(about_id) => {
            let types = readable_types(unit, &opened.viewer, vec![about_id]).await?;
            row.about_type = about(&types, about_id, &mut faults);
            row.about_id = Some(about_id);
        }
    }
    faults.check()?;
    check_revision(expected_revision, opened.state.item.revision)?;
    content.apply(&mut new);
    let reworded =
        new.body != opened.state.body || new.item.visibility != opened.state.item.visibility;
    let refiled = new.domains != opened.state.domains || new.tags != opened.state.tags;
    let (base, community) = (opened.state.clone(), opened.community.clone());
    let state = item::update(unit, opened, &base, new, None).await?;
    if reworded {
        mentions::of_discussion(unit, &state, false).await?;
    }
    if let Details::Discussion(row) = &state.details
        && refiled
        && let Some(accepted) = row.accepted_post_id
    {
        let post = post::Entity::find_by_id(accepted).one(unit.db()).await?;
        let helper = post
            .and_then(|post| post.author_id)
            .filter(|author| !state.authors.contains(author));
        let audience = audience::of_item(&community, &state.item, &state.authors);
        expertise::demonstrate(unit, id, helper, &audience).await?;
    }
    Ok(state)
}

fn lacks_details(id: Uuid) -> Error {
    Error::internal(format!("discussion {id} lacks its details"))
}

/// A discussion as lists answer it.
pub(super) fn listed(state: ItemState) -> Result<Discussion> {
    match state.details {
        Details::Discussion(details) => Ok(Listed {
            item: state.item,
            details,
            edges: Edges::default(),
        }),
        _ => Err(lacks_details(state.item.id)),
    }
}
