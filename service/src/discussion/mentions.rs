//! Mentions: who is named by `@handle` in a text, among the members who may read it.

use std::collections::{BTreeSet, HashMap};

use entity::change::EntityType;
use entity::user::UserStatus;
use entity::{community, membership, mention, post, user};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::gate::Opened;
use crate::error::Result;
use crate::item::ItemState;
use crate::item::insert::insert_many;
use crate::policy::item::{ItemFacts, read};
use crate::store::WriteUnit;
use crate::user::{LONGEST_HANDLE, SHORTEST_HANDLE};
use crate::viewer::{SignedIn, Viewer};

/// The first so many people that a text names are mentioned.
const MOST_MENTIONS: usize = 50;

/// The handles that a text names, folded.
fn handles(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let in_handle = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    for (at, _) in text.match_indices('@') {
        // An address such as ada@example.org names nobody.
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|letter| letter.is_alphanumeric() || in_handle(letter)) {
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        let end = rest.find(|letter| !in_handle(letter)).unwrap_or(rest.len());
        let handle = rest
            .get(..end)
            .unwrap_or_default()
            .trim_end_matches(['-', '_']);
        if (SHORTEST_HANDLE..=LONGEST_HANDLE).contains(&handle.len()) {
            found.insert(handle.to_ascii_lowercase());
        }
        if found.len() == MOST_MENTIONS {
            break;
        }
    }
    found
}

/// Notes whom the text of a discussion names; of a new one nothing is noted yet.
pub(super) async fn of_discussion(unit: &WriteUnit, state: &ItemState, is_new: bool) -> Result<()> {
    let id = state.item.id;
    let handles = state.body.as_deref().map(handles).unwrap_or_default();
    let community = if handles.is_empty() {
        None
    } else {
        community::Entity::find_by_id(state.item.community_id)
            .one(unit.db())
            .await?
    };
    let named = match &community {
        Some(community) => {
            let facts = ItemFacts {
                community,
                item: &state.item,
                authors: &state.authors,
            };
            readers(unit, facts, handles).await?
        }
        None => Vec::new(),
    };
    note(unit, (EntityType::Discussion, id), id, named, is_new).await
}

/// Notes whom the text of a post names.
pub(super) async fn of_post(unit: &WriteUnit, opened: &Opened, post: &post::Model) -> Result<()> {
    let handles = handles(&post.body);
    let named = if handles.is_empty() {
        Vec::new()
    } else {
        readers(unit, opened.facts(), handles).await?
    };
    let is_new = post.created_at == post.updated_at;
    let source = (EntityType::Post, post.id);
    note(unit, source, post.discussion_id, named, is_new).await
}

/// Those of the named who are active members and may read the discussion; nobody mentions themselves.
async fn readers(
    unit: &WriteUnit,
    facts: ItemFacts<'_>,
    handles: BTreeSet<String>,
) -> Result<Vec<Uuid>> {
    let named: HashMap<Uuid, user::Model> = user::Entity::find()
        .filter(user::Column::HandleKey.is_in(handles))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .all(unit.db())
        .await?
        .into_iter()
        .filter(|user| Some(user.id) != unit.actor())
        .map(|user| (user.id, user))
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let memberships = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(facts.community.id))
        .filter(membership::Column::UserId.is_in(named.keys().copied()))
        .filter(membership::Column::State.eq(membership::MembershipState::Active))
        .all(unit.db())
        .await?;
    let mut readers: Vec<Uuid> = memberships
        .into_iter()
        .filter_map(|membership| {
            let viewer = Viewer::signed_in(SignedIn {
                user: named.get(&membership.user_id)?.clone(),
                memberships: HashMap::from([(membership.community_id, membership.clone())]),
                scopes: Vec::new(),
                only_community: None,
            });
            read(&viewer, facts).then_some(membership.user_id)
        })
        .collect();
    readers.sort_unstable();
    Ok(readers)
}

/// Makes the mentions of a text those of these people; one who was named before keeps the time.
async fn note(
    unit: &WriteUnit,
    source: (EntityType, Uuid),
    discussion: Uuid,
    named: Vec<Uuid>,
    is_new: bool,
) -> Result<()> {
    let known: Vec<Uuid> = if is_new {
        Vec::new()
    } else {
        let rows = mention::Entity::find()
            .filter(mention::Column::SourceId.eq(source.1))
            .all(unit.db())
            .await?;
        rows.into_iter().map(|row| row.user_id).collect()
    };
    if known.iter().any(|user| !named.contains(user)) {
        mention::Entity::delete_many()
            .filter(mention::Column::SourceId.eq(source.1))
            .filter(mention::Column::UserId.is_not_in(named.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    let rows = named
        .into_iter()
        .filter(|user| !known.contains(user))
        .map(|user| mention::ActiveModel {
            source_id: Set(source.1),
            user_id: Set(user),
            source_type: Set(source.0),
            discussion_id: Set(discussion),
            at: Set(unit.now()),
        })
        .collect();
    insert_many(unit, rows).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_found_and_addresses_are_not() {
        let found = handles(
            "@ada and (@Bob_2), see ada@example.org, @x, @@carl. @dora-. Thanks, @ada! é@eve",
        );
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["ada", "bob_2", "carl", "dora"]);
        let many: Vec<String> = (100..300).map(|number| format!("@user{number}")).collect();
        let many = many.join(" ");
        assert_eq!(handles(&many).len(), MOST_MENTIONS);
    }
}
