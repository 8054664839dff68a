//! Where something was made: the activity, and the occurrence of it, that its maker names.

use chrono::{DateTime, Utc};
use entity::item::{self, ItemType};
use entity::link::{EntityType, LinkRelation};
use entity::{activity, community};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::lists;
use crate::error::{Error, FaultCode, Result};
use crate::link::{End, NewLink};
use crate::policy::item::{ItemFacts, read};
use crate::schedule::{self, Times, whole_seconds};
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// Where something was made, as a client says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The activity.
    pub made_in_id: Option<Uuid>,
    /// The occurrence, by the start that the activity's rule gives.
    pub occurrence: Option<DateTime<Utc>>,
}

/// Where something was made, checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MadeIn {
    activity: Uuid,
    occurrence: Option<DateTime<Utc>>,
}

impl MadeIn {
    /// The relation of what was made there.
    pub(crate) fn link(self, from: End) -> NewLink {
        NewLink {
            from,
            relation: LinkRelation::MadeIn,
            to: (EntityType::Activity, self.activity),
            occurrence: self.occurrence,
        }
    }
}

/// The times of an activity.
pub(crate) fn times(row: &activity::Model) -> Times {
    Times {
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        time_zone: row.time_zone.clone(),
        recurrence: row.recurrence.clone(),
    }
}

/// Notes what is wrong with an origin. The activity must be one of the same community that the viewer, with fresh
/// memberships, may read, and have the occurrence. What is made in a single activity is made in its one occurrence.
pub(crate) async fn check(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    origin: Origin,
    faults: &mut Faults,
) -> Result<Option<MadeIn>> {
    let Some(id) = origin.made_in_id else {
        if origin.occurrence.is_some() {
            let message = "Name the activity that the occurrence belongs to.";
            faults.add(FaultCode::Required, &["input", "madeInId"], message);
        }
        return Ok(None);
    };
    let field = &["input", "madeInId"];
    let Some(row) = readable(unit, viewer, community, id).await? else {
        faults.absorb::<()>(Err(Error::not_found(field, "activity of this community")))?;
        return Ok(None);
    };
    let occurrence = match origin.occurrence.map(whole_seconds) {
        Some(start) => {
            if !schedule::has(times(&row), start).await? {
                faults.add(
                    FaultCode::NotFound,
                    &["input", "madeInOccurrence"],
                    "The activity has no occurrence with this recurrenceId.",
                );
            }
            Some(start)
        }
        None => row.recurrence.is_none().then_some(row.starts_at),
    };
    Ok(Some(MadeIn {
        activity: id,
        occurrence,
    }))
}

/// An activity of the community that the viewer may read, held as it is until the commit.
async fn readable(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    id: Uuid,
) -> Result<Option<activity::Model>> {
    let found = item::Entity::find_by_id(id)
        .filter(item::Column::ItemType.eq(ItemType::Activity))
        .filter(item::Column::CommunityId.eq(community.id))
        .lock_shared()
        .one(unit.db())
        .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    let authors = lists::authors_of(unit.db(), &[id]).await?.remove(&id);
    let facts = ItemFacts {
        community,
        item: &found,
        authors: &authors.unwrap_or_default(),
    };
    if !read(viewer, facts) {
        return Ok(None);
    }
    Ok(activity::Entity::find_by_id(id).one(unit.db()).await?)
}
