//! What belongs to a community as a whole: its defining statements, its goals, its learning agenda. The way in for every
//! change of such a thing, and the change rows that go with it.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::community::{self, CommunityVisibility};
use sea_orm::{EntityTrait, PrimaryKeyTrait, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::membership::{self, Hold};
use crate::policy::audience;
use crate::policy::community::read_whole;
use crate::store::{PendingChange, WriteUnit};
use crate::viewer::Viewer;

/// A type of thing that belongs to a community as a whole.
pub(crate) trait Belonging: EntityTrait {
    /// What the change log calls it.
    const ENTITY_TYPE: EntityType;
    /// The word for it in messages.
    const NOUN: &'static str;
    /// The field of the community that holds it, and in which its text is found.
    const FIELD: &'static str;

    /// Its id.
    fn id(row: &Self::Model) -> Uuid;

    /// Its community, which never changes.
    fn community(row: &Self::Model) -> Uuid;
}

/// A thing that is to be changed; whether the actor may is still to be asked.
#[derive(Debug)]
pub(crate) struct Opened<M> {
    /// The actor with fresh memberships.
    pub(crate) viewer: Viewer,
    /// Its community, which stays as it is until the commit.
    pub(crate) community: community::Model,
    /// The thing, which nobody else changes until the commit.
    pub(crate) row: M,
}

/// Opens a thing for a change. One of a community that the actor does not see whole is not there.
pub(crate) async fn open<B: Belonging>(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Opened<B::Model>>
where
    <B::PrimaryKey as PrimaryKeyTrait>::ValueType: From<Uuid>,
{
    let absent = || Error::not_found(&["id"], B::NOUN);
    // The community is held before what belongs to it: what changes a community goes the same way.
    let found = B::find_by_id(id).one(unit.db()).await?;
    let community = found.as_ref().map(B::community).unwrap_or_default();
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let community = community
        .filter(|community| read_whole(&viewer, community))
        .ok_or_else(absent)?;
    let row = B::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    Ok(Opened {
        viewer,
        community,
        row,
    })
}

/// The community that something new is to belong to, with the actor's fresh standing.
pub(crate) async fn home(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    hold: Hold,
) -> Result<(Viewer, community::Model)> {
    let (viewer, found) = membership::standing(unit, viewer, community, hold).await?;
    let found = found.ok_or_else(|| Error::not_found(HOME, "community"))?;
    Ok((viewer, found))
}

/// Where an input names the community.
pub(crate) const HOME: &[&str] = &["input", "communityId"];

/// Adds the change row of a thing that all who see its community whole see.
pub(crate) fn record<B: Belonging>(
    unit: &mut WriteUnit,
    community: &community::Model,
    row: &B::Model,
    operation: Operation,
    fields: &[&str],
) {
    let audience = audience::of_community_whole(community);
    record_for::<B>(unit, row, operation, fields, audience);
}

/// Adds the change row of a thing that this audience sees, before and after.
pub(crate) fn record_for<B: Belonging>(
    unit: &mut WriteUnit,
    row: &B::Model,
    operation: Operation,
    fields: &[&str],
    audience: BTreeSet<String>,
) {
    unit.record(PendingChange {
        entity_type: B::ENTITY_TYPE,
        entity_id: B::id(row),
        operation,
        community_id: Some(B::community(row)),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: (operation != Operation::Created).then(|| audience.clone()),
        audience_after: Some(audience),
    });
}

/// Says that the text of the community changed, of which its document in the index is made. Of a community that others
/// see only the about of, the document holds none.
pub(crate) fn record_text<B: Belonging>(unit: &mut WriteUnit, community: &community::Model) {
    if !has_open_text(community) {
        return;
    }
    let audience = audience::of_community_about(community);
    unit.record(PendingChange {
        entity_type: EntityType::Community,
        entity_id: community.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields: vec![B::FIELD.to_owned()],
        audience_before: Some(audience.clone()),
        audience_after: Some(audience),
    });
}

/// Whether all who find the community may read what it says of itself.
pub(crate) fn has_open_text(community: &community::Model) -> bool {
    matches!(
        community.visibility,
        CommunityVisibility::Public | CommunityVisibility::Internal
    )
}
