//! The way in for every change of an item: load it locked, with its community and the actor's present standing, and
//! ask the policy. What the actor may not see is answered as if it were not there.

use entity::community;
use entity::item::{self, ItemType};
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use super::content::References;
use super::{CheckedContent, ItemState, load_for_update, noun};
use crate::error::{Error, Result};
use crate::membership::{self, Hold};
use crate::policy::Decision;
use crate::policy::item::ItemFacts;
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// An item that the actor may change.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The actor with fresh memberships.
    pub(crate) viewer: Viewer,
    /// The item's community.
    pub(crate) community: community::Model,
    /// The item.
    pub(crate) state: ItemState,
}

impl Opened {
    /// What the policy looks at.
    pub(crate) fn facts(&self) -> ItemFacts<'_> {
        ItemFacts {
            community: &self.community,
            item: &self.state.item,
            authors: &self.state.authors,
        }
    }
}

/// Opens an item for a change that `decide` allows.
pub(crate) async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    item_type: Option<ItemType>,
    id: Uuid,
    decide: impl FnOnce(&Viewer, ItemFacts<'_>) -> Decision,
) -> Result<Opened> {
    let what = item_type.map_or("item", noun);
    let absent = || Error::not_found(&["id"], what);
    // The community is held before the item: what changes a community goes the same way.
    let community = community_of(unit, id).await?.unwrap_or_default();
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let community = community.ok_or_else(absent)?;
    let state = load_for_update(unit.db(), item_type, id)
        .await?
        .ok_or_else(absent)?;
    check_home(state.item.community_id, &community)?;
    let opened = Opened {
        viewer,
        community,
        state,
    };
    decide(&opened.viewer, opened.facts()).require(&["id"], what)?;
    Ok(opened)
}

/// Holds the community of an item before the item is: for who holds another item as well.
pub(crate) async fn hold_home(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<()> {
    let community = community_of(unit, id).await?.unwrap_or_default();
    membership::standing(unit, viewer, community, Hold::Shared).await?;
    Ok(())
}

/// Makes sure that something still belongs to the community that was held for it: to `home`.
pub(crate) fn check_home(home: Uuid, community: &community::Model) -> Result<()> {
    if home == community.id {
        return Ok(());
    }
    Err(Error::Unavailable(
        "This was moved to another community at the same time; try again.".into(),
    ))
}

/// The community of an item, until it is moved to another one.
async fn community_of(unit: &WriteUnit, id: Uuid) -> Result<Option<Uuid>> {
    Ok(item::Entity::find_by_id(id)
        .select_only()
        .column(item::Column::CommunityId)
        .into_tuple()
        .one(unit.db())
        .await?)
}

/// Notes every reference of a change that leads nowhere, and has it name the domains of which others became part in the
/// place of these.
pub(crate) async fn check_references(
    unit: &WriteUnit,
    state: &ItemState,
    content: &mut CheckedContent,
    faults: &mut Faults,
) -> Result<()> {
    let community = state.item.community_id;
    let references = References::load(unit.db(), &[(community, &*content)]).await?;
    references.check(content, community, &state.authors, faults);
    Ok(())
}
