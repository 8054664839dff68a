//! Making items: all faults of each input at once, all items of a call in a few statements.

use std::collections::HashMap;

use entity::community;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::content::References;
use super::insert::check_publication;
use super::origin::{self, MadeIn};
use super::{CheckedContent, Details, ItemState, NewItem, entity_type, insert};
use crate::error::{Error, Result};
use crate::link;
use crate::membership;
use crate::policy::community as policy;
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// An item to be made, checked as far as that needs no database.
#[derive(Debug)]
pub struct Draft {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// The shared content.
    pub content: CheckedContent,
    /// The kind, by name, where its type has kinds.
    pub kind: Option<String>,
    /// What only its type has.
    pub details: Details,
    /// Whether it is published at once.
    pub publish: bool,
    /// What was found wrong with the input.
    pub faults: Faults,
}

/// Whether a new item can be published at once in the community that it goes to.
pub(crate) fn publishes_at_once(community: &community::Model, draft: &Draft) -> bool {
    check_publication(community, &draft.content, &draft.details).is_ok()
}

/// Makes one item.
pub async fn create_one(unit: &mut WriteUnit, viewer: &Viewer, draft: Draft) -> Result<ItemState> {
    let created = create_many(unit, viewer, vec![draft]).await?;
    created
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(Error::internal("nothing was created")))
}

/// Makes items. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    drafts: Vec<Draft>,
) -> Result<Vec<Result<ItemState>>> {
    let mut community_ids: Vec<Uuid> = drafts.iter().map(|draft| draft.community_id).collect();
    community_ids.sort_unstable();
    community_ids.dedup();
    let communities = communities(unit, &community_ids).await?;
    let viewer = membership::refresh(unit, viewer, &community_ids).await?;
    let contents: Vec<_> = drafts
        .iter()
        .map(|draft| (draft.community_id, &draft.content))
        .collect();
    let references = References::load(unit.db(), &contents).await?;

    let mut refusals: Vec<Option<Error>> = Vec::with_capacity(drafts.len());
    let mut items = Vec::with_capacity(drafts.len());
    let mut made_in: Vec<Option<MadeIn>> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Draft {
            community_id,
            mut content,
            kind,
            details,
            publish,
            mut faults,
        } = draft;
        references.check(&mut content, community_id, &[], &mut faults);
        let community = communities.get(&community_id);
        let allowed = match may_create(&viewer, community, &details, &mut faults) {
            Ok(Some(community)) => {
                if publish {
                    faults.absorb(check_publication(community, &content, &details))?;
                }
                origin::check(unit, &viewer, community, content.origin, &mut faults)
                    .await
                    .map(|found| Some((community, found)))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match allowed {
            Ok(Some((community, found))) if faults.is_empty() => {
                made_in.push(found);
                items.push(NewItem {
                    community,
                    content,
                    kind,
                    details,
                    publish,
                });
                refusals.push(None);
            }
            Ok(_) => refusals.push(faults.check().err()),
            Err(error) => refusals.push(Some(error)),
        }
    }
    let written = insert(unit, items).await?;
    let links: Vec<_> = written
        .iter()
        .zip(made_in)
        .filter_map(|(state, found)| {
            let from = (entity_type(state.item.item_type), state.item.id);
            found.map(|found| found.link(from))
        })
        .collect();
    link::state(unit, &links).await?;
    let mut written = written.into_iter();
    Ok(refusals
        .into_iter()
        .map(|refusal| match refusal {
            Some(error) => Err(error),
            None => written
                .next()
                .ok_or_else(|| Error::internal("an item was not written")),
        })
        .collect())
}

async fn communities(unit: &WriteUnit, ids: &[Uuid]) -> Result<HashMap<Uuid, community::Model>> {
    let rows = community::Entity::find()
        // Visibility, status and memberships stay as they are read here until the commit.
        .lock_shared()
        .filter(community::Column::Id.is_in(ids.iter().copied()))
        .all(unit.db())
        .await?;
    Ok(rows
        .into_iter()
        .map(|community| (community.id, community))
        .collect())
}

/// The community, when the viewer may make this there; otherwise the fault is noted with the input's others.
fn may_create<'a>(
    viewer: &Viewer,
    community: Option<&'a community::Model>,
    details: &Details,
    faults: &mut Faults,
) -> Result<Option<&'a community::Model>> {
    let field = &["input", "communityId"];
    let allowed = match community {
        Some(community) => match details {
            Details::Activity(_) => policy::manage_activities(viewer, community),
            _ => policy::contribute(viewer, community),
        }
        .require(field, "community")
        .map(|()| community),
        None => Err(Error::not_found(field, "community")),
    };
    faults.absorb(allowed)
}
