//! Crediting people whose work goes on as another item: members as its authors, the others by name.
//!
//! A byline is a text. Where it is the name of a user, a row says whose it is, as long as the item is there: its revisions
//! go on holding the name when the item does no more. By these rows it is found in all of them when the user is erased.

use std::collections::{HashMap, HashSet};

use entity::membership::{self, MembershipState};
use entity::{item_byline, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ItemState;
use crate::error::Result;
use crate::store::WriteUnit;
use crate::user::FORMER_MEMBER;

/// People in one statement.
const CHUNK: usize = 500;

/// A byline that is the name of a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Byline {
    /// Whose name it is.
    pub(crate) user: Uuid,
    /// The name.
    pub(crate) name: String,
}

/// Active members of a community as authors, and the others as bylines, each in their order.
pub(crate) async fn credit(
    unit: &WriteUnit,
    community: Uuid,
    people: Vec<Uuid>,
) -> Result<(Vec<Uuid>, Vec<Byline>)> {
    let members: Vec<Uuid> = membership::Entity::find()
        .select_only()
        .column(membership::Column::UserId)
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::UserId.is_in(people.iter().copied()))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .into_tuple()
        .all(unit.db())
        .await?;
    let (authors, others): (Vec<Uuid>, Vec<Uuid>) = people
        .into_iter()
        .partition(|person| members.contains(person));
    Ok((authors, bylines_of(unit, &others).await?))
}

/// People as bylines, in their order. Nobody of them is erased until the commit.
pub(crate) async fn bylines_of(unit: &WriteUnit, people: &[Uuid]) -> Result<Vec<Byline>> {
    let mut names: HashMap<Uuid, String> = HashMap::with_capacity(people.len());
    for people in people.chunks(CHUNK) {
        let rows = user::Entity::find()
            .filter(user::Column::Id.is_in(people.iter().copied()))
            .order_by_asc(user::Column::Id)
            .lock(LockType::KeyShare)
            .all(unit.db())
            .await?;
        names.extend(rows.into_iter().map(|row| {
            let gone = row.status == user::UserStatus::Erased;
            let name = if gone {
                FORMER_MEMBER.to_owned()
            } else {
                row.display_name
            };
            (row.id, name)
        }));
    }
    let bylines = people.iter().filter_map(|id| {
        let name = names.get(id)?.clone();
        Some(Byline { user: *id, name })
    });
    Ok(bylines.collect())
}

/// Adds people to the names of an item's bylines, of which some are names of users already. One who is called as somebody
/// in another of these is named by the same text; a namesake who is no user is named there for good.
pub(crate) fn add_bylines(
    names: &mut Vec<String>,
    bylines: &mut Vec<Byline>,
    people: impl IntoIterator<Item = Byline>,
) {
    for person in people {
        if bylines.contains(&person) {
            continue;
        }
        let is_there = names.contains(&person.name);
        if is_there && !bylines.iter().any(|other| other.name == person.name) {
            continue;
        }
        if !is_there {
            names.push(person.name.clone());
        }
        bylines.push(person);
    }
}

/// Those bylines of an item that are names of users. Nobody of them is erased until the commit: what is read of the item
/// after this still names them.
pub(crate) async fn bylines_in(unit: &WriteUnit, item: Uuid) -> Result<Vec<Byline>> {
    let people: Vec<Uuid> = item_byline::Entity::find()
        .select_only()
        .column(item_byline::Column::UserId)
        .filter(item_byline::Column::ItemId.eq(item))
        .into_tuple()
        .all(unit.db())
        .await?;
    bylines_of(unit, &people).await?;
    // Whoever was erased before they were held is named no more.
    let rows = item_byline::Entity::find()
        .filter(item_byline::Column::ItemId.eq(item))
        .all(unit.db())
        .await?;
    let bylines = rows.into_iter().map(|row| Byline {
        user: row.user_id,
        name: row.name,
    });
    Ok(bylines.collect())
}

/// The rows that say whose names the bylines of a new item are, of those that it was to have. A name that was left out
/// stands there for somebody else already.
pub(crate) fn byline_rows(made: &ItemState, bylines: &[Byline]) -> Vec<item_byline::ActiveModel> {
    let mut seen = HashSet::new();
    bylines
        .iter()
        .filter(|byline| byline.name != FORMER_MEMBER)
        .filter(|byline| made.item.bylines.0.contains(&byline.name))
        .filter(|byline| seen.insert(*byline))
        .map(|byline| item_byline::ActiveModel {
            item_id: Set(made.item.id),
            user_id: Set(byline.user),
            name: Set(byline.name.clone()),
        })
        .collect()
}
