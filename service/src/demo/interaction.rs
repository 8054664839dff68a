//! What the invented people follow, and what one of them reports. All of it is made up.

use entity::change::EntityType;
use entity::flag::FlagReason;
use entity::item;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::items::Ids;
use super::people::{FACILITATOR, MEMBER, People, REVIEWER};
use crate::error::{Error, Result};
use crate::flag::{RaiseFlag, raise};
use crate::follow::follow;
use crate::item::entity_type;
use crate::store::Store;

/// Who follows which community.
const FOLLOWED: &[(&str, &str)] = &[
    (FACILITATOR, "maintainers-circle"),
    (MEMBER, "maintainers-circle"),
    (MEMBER, "demo-staff-exchange"),
];

/// The community and the title of what is reported.
const FLAGGED: (&str, &str) = (
    "demo-staff-exchange",
    "First week with a new class: a checklist",
);

/// Makes what is not there yet.
pub(super) async fn load(store: &Store, people: &People, ids: &Ids) -> Result<()> {
    for (handle, slug) in FOLLOWED {
        let target = (EntityType::Community, ids.community(slug)?);
        follow(store, people.get(handle)?, target).await?;
    }
    let (slug, title) = FLAGGED;
    let flagged = item::Entity::find()
        .filter(item::Column::CommunityId.eq(ids.community(slug)?))
        .filter(item::Column::Title.eq(title))
        .one(store.reader())
        .await?
        .ok_or_else(|| Error::internal(format!("\"{title}\" is not there")))?;
    let input = RaiseFlag {
        target: (entity_type(flagged.item_type), flagged.id),
        reason: FlagReason::Outdated,
        note: Some("The invented form that it speaks of is gone. (Made up.)".to_owned()),
    };
    raise(store, people.get(REVIEWER)?, input).await?;
    Ok(())
}
