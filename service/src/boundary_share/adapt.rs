//! Making something of one's own community's of what is shared with it.

use entity::boundary_share::BoundaryShareState;
use entity::community::{self, CommunityVisibility};
use entity::innovation;
use entity::item::{self as item_row, ItemVisibility};
use entity::link::LinkRelation;
use entity::practice::{self, PracticeKind};
use entity::resource::{self, ResourceKind};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::held::{Opened, open};
use super::{ID, WHAT, not_from_here, record, refused};
use crate::collection::{self, CollectionContent, CreateCollection, NewEntry};
use crate::error::{BlockerCode, Error, Result};
use crate::innovation::{CreateInnovation, InnovationContent};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::{
    Byline, Details, ItemContent, ItemState, add_bylines, byline_rows, bylines_in, bylines_of,
    entity_type, load_many,
};
use crate::link::{self, NewLink};
use crate::policy::boundary_share as policy;
use crate::policy::filter::readable_items;
use crate::practice::{CreatePractice, PracticeContent};
use crate::resource::{CreateResource, ResourceContent};
use crate::store::{Store, WriteUnit, Written};
use crate::user::FORMER_MEMBER;
use crate::validation::{MAX_AUTHORS, Patch};
use crate::viewer::{Scope, Viewer};

/// Makes a draft of the community that something is shared with, from what is shared: with its licence, its attribution
/// and those who wrote it as bylines. For an active member who may read the item. Once, unless that draft was deleted.
#[crate::boxed]
pub async fn adapt(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { adapt_in(unit, &viewer, id).await }.boxed()
        })
        .await
}

async fn adapt_in(unit: &mut WriteUnit, viewer: &Viewer, id: Uuid) -> Result<ItemState> {
    let opened = open(unit, viewer, id).await?;
    policy::adapt(&opened.viewer, &opened.share, &opened.to).require(ID, WHAT)?;
    check_state(unit, &opened).await?;
    let (source, mut bylines) = source(unit, &opened).await?;
    let visibility = visibility(unit, &source, &opened.to).await?;
    let names = names(unit, &source, &mut bylines).await?;
    let made = make(unit, &opened, &source, visibility, names).await?;
    insert_many(unit, byline_rows(&made, &bylines)).await?;
    let of_type = entity_type(source.item.item_type);
    let origin = NewLink {
        from: (of_type, made.item.id),
        relation: LinkRelation::AdaptedFrom,
        to: (of_type, source.item.id),
        occurrence: None,
    };
    link::state(unit, &[origin]).await?;
    adapted(unit, opened, made.item.id).await?;
    Ok(made)
}

async fn check_state(unit: &WriteUnit, opened: &Opened) -> Result<()> {
    let share = &opened.share;
    let to = BoundaryShareState::Adapted;
    match (share.state, share.adaptation_id) {
        (BoundaryShareState::Accepted, _) => Ok(()),
        (BoundaryShareState::Adapted, Some(made)) => {
            let there = item_row::Entity::find_by_id(made).one(unit.db()).await?;
            match there {
                Some(_) => Err(not_from_here(share.state, to)),
                None => Ok(()),
            }
        }
        (from, _) => Err(not_from_here(from, to)),
    }
}

/// What is shared, when the actor may read it, with those of its bylines that are names of users.
async fn source(unit: &WriteUnit, opened: &Opened) -> Result<(ItemState, Vec<Byline>)> {
    let item = opened.share.item_id;
    let readable = item_row::Entity::find_by_id(item)
        .filter(readable_items(&opened.viewer))
        .one(unit.db())
        .await?;
    let found = match readable {
        Some(_) => {
            let bylines = bylines_in(unit, item).await?;
            let state = load_many(unit.db(), &[item]).await?.pop();
            state.map(|state| (state, bylines))
        }
        None => None,
    };
    found.ok_or_else(|| {
        let message = "You may not see what is shared, or it is gone.";
        refused(BlockerCode::CriterionUnmet, message.to_owned())
    })
}

/// Who may see what is made of an item: nobody who may not see the item itself.
async fn visibility(
    unit: &WriteUnit,
    source: &ItemState,
    to: &community::Model,
) -> Result<ItemVisibility> {
    use CommunityVisibility::{Internal, Private, Public, Unlisted};
    let home = community::Entity::find_by_id(source.item.community_id)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::internal("an item has no community"))?;
    match (source.item.visibility, home.visibility, to.visibility) {
        (ItemVisibility::Community, Public, _)
        | (ItemVisibility::Community, Internal, Internal | Private | Unlisted) => {
            Ok(ItemVisibility::Community)
        }
        (ItemVisibility::Community, Internal, Public) => Ok(ItemVisibility::Members),
        _ => {
            let message = "This is for fewer people than your community has; what is made of it would be for more. Ask its authors to open it.";
            Err(refused(BlockerCode::CriterionUnmet, message.to_owned()))
        }
    }
}

/// The names of those who made the item: its own bylines, then its authors. These are added to the bylines that are names
/// of users.
async fn names(
    unit: &WriteUnit,
    source: &ItemState,
    bylines: &mut Vec<Byline>,
) -> Result<Vec<String>> {
    let mut names = source.item.bylines.0.clone();
    let authors = bylines_of(unit, &source.authors).await?.into_iter();
    let authors = authors.filter(|author| author.name != FORMER_MEMBER);
    add_bylines(&mut names, bylines, authors);
    names.truncate(MAX_AUTHORS);
    Ok(names)
}

fn given<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Absent, Patch::Value)
}

async fn make(
    unit: &mut WriteUnit,
    opened: &Opened,
    source: &ItemState,
    visibility: ItemVisibility,
    bylines: Vec<String>,
) -> Result<ItemState> {
    let item = &source.item;
    let content = ItemContent {
        title: Patch::Value(item.title.clone()),
        body: given(source.body.clone()),
        url: given(item.url.clone()),
        licence: given(item.licence.clone()),
        attribution: given(item.attribution.clone()),
        language: given(item.language.clone()),
        bylines: Patch::Value(bylines),
        tags: Patch::Value(source.tags.clone()),
        domain_ids: Patch::Value(source.domains.clone()),
        visibility: Patch::Value(visibility),
        ..ItemContent::default()
    };
    let (viewer, home) = (&opened.viewer, opened.to.id);
    let kind = item.kind.as_deref();
    let made = match &source.details {
        Details::Resource(row) => {
            let resource = resource_content(row, kind.and_then(ResourceKind::parse));
            let input = CreateResource {
                community_id: home,
                content,
                resource,
                publish: false,
            };
            crate::resource::create_many(unit, viewer, vec![input]).await?
        }
        Details::Practice(row, uses) => {
            let uses = readable(unit, viewer, uses).await?;
            let input = CreatePractice {
                community_id: home,
                content,
                practice: practice_content(row, kind.and_then(PracticeKind::parse), uses),
                publish: false,
            };
            crate::practice::create_many(unit, viewer, vec![input]).await?
        }
        Details::Innovation(row) => {
            let input = CreateInnovation {
                community_id: home,
                content,
                innovation: innovation_content(row),
            };
            crate::innovation::create_many(unit, viewer, vec![input]).await?
        }
        Details::Collection(row, entries) => {
            let ids: Vec<Uuid> = entries.iter().map(|entry| entry.item.1).collect();
            let readable = readable(unit, viewer, &ids).await?;
            let entries = entries.iter();
            let entries = entries.filter(|entry| readable.contains(&entry.item.1));
            let entries = entries.map(|entry| NewEntry {
                id: entry.item.1,
                note: entry.note.clone(),
            });
            let input = CreateCollection {
                community_id: home,
                content,
                collection: CollectionContent {
                    description: given(row.description.clone()),
                    search_query: given(row.search_query.clone()),
                    entries: Some(entries.collect()),
                },
                publish: false,
            };
            collection::create_many(unit, viewer, vec![input]).await?
        }
        Details::Activity(_) | Details::Discussion(_) => Vec::new(),
    };
    made.into_iter()
        .next()
        .unwrap_or_else(|| Err(Error::internal("nothing was made of what is shared")))
}

fn resource_content(row: &resource::Model, kind: Option<ResourceKind>) -> ResourceContent {
    ResourceContent {
        kind: given(kind),
        description: given(row.description.clone()),
        educational_levels: Patch::Value(row.educational_levels.0.clone()),
        time_required_minutes: given(row.time_required_minutes.map(i64::from)),
        // What it is called elsewhere goes with the original.
        ..ResourceContent::default()
    }
}

fn practice_content(
    row: &practice::Model,
    kind: Option<PracticeKind>,
    uses: Vec<Uuid>,
) -> PracticeContent {
    PracticeContent {
        kind: given(kind),
        summary: given(row.summary.clone()),
        problem: given(row.problem.clone()),
        context: given(row.context.clone()),
        resource_ids: Patch::Value(uses),
    }
}

fn innovation_content(row: &innovation::Model) -> InnovationContent {
    InnovationContent {
        idea: Patch::Value(row.idea.clone()),
        problem: given(row.problem.clone()),
        hypothesis: given(row.hypothesis.clone()),
        learning: given(row.learning.clone()),
    }
}

/// Those of the items that the actor may read, in their order.
async fn readable(unit: &WriteUnit, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let found: Vec<Uuid> = item_row::Entity::find()
        .select_only()
        .column(item_row::Column::Id)
        .filter(item_row::Column::Id.is_in(ids.iter().copied()))
        .filter(readable_items(viewer))
        .into_tuple()
        .all(unit.db())
        .await?;
    let kept = ids.iter().copied().filter(|id| found.contains(id));
    Ok(kept.collect())
}

async fn adapted(unit: &mut WriteUnit, opened: Opened, made: Uuid) -> Result<()> {
    let before = opened.share;
    let mut now = before.clone();
    now.state = BoundaryShareState::Adapted;
    now.adaptation_id = Some(made);
    now.updated_at = unit.now();
    replace_row(unit, now.clone()).await?;
    let mut fields = vec!["adaptation"];
    if before.state != now.state {
        fields.push("state");
        let from = Some(before.state.as_str());
        let step = transition_row(unit, now.id, from, now.state.as_str(), None);
        insert_many(unit, vec![step]).await?;
    }
    record(unit, &opened.to, Some(&before), &now, &fields);
    Ok(())
}
