//! Keeping for work queues what is likely the same: each revision of a resource is compared once, in the background, as
//! the stewards of its community may read the others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

use entity::membership::{self, MembershipState};
use entity::user::{self, UserStatus};
use entity::{item, likely_duplicate};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::duplicates::likely_duplicates;
use crate::error::Result;
use crate::policy::work::KEEPERS;
use crate::search::SearchIndex;
use crate::store::{Store, WriteUnit};
use crate::viewer::{Scope, SignedIn, Viewer};

/// How many resources are compared before what was found is written.
const BATCH: u64 = 50;
/// How much longer than the comparing of a batch the rest after it is: when very many resources came at once, requests go
/// first.
const REST: u32 = 3;
/// So many of those who look after a community are tried for one whose account can be used.
const MOST_KEEPERS: u64 = 20;
/// How long the search index may take to know what is compared.
const PATIENCE: Duration = Duration::from_secs(10);

/// The condition of the index that finds what is to be compared, written out as it is there.
const TO_COMPARE: &str = "item.item_type = 'RESOURCE' AND item.status IN ('PUBLISHED', 'IN_REVIEW') \
                          AND (item.compared_revision IS NULL OR item.compared_revision <> item.revision)";

/// Compares every resource that is published or waits for that, and was not compared as it is now; answers how many
/// there were. Where the search index is too far behind it is left for the next time.
#[crate::boxed]
pub async fn find_duplicates(store: &Store, index: &SearchIndex) -> Result<u64> {
    let newest = store.position().await?;
    if !index.wait_for(newest, PATIENCE).await {
        return Ok(0);
    }
    let mut compared = 0;
    loop {
        let found = item::Entity::find()
            .filter(Expr::cust(TO_COMPARE))
            .order_by_asc(item::Column::Id)
            .limit(BATCH)
            .all(store.reader())
            .await?;
        let many = found.len() as u64;
        compared += many;
        let began = Instant::now();
        compare(store, index, found).await?;
        if many < BATCH {
            return Ok(compared);
        }
        tokio::time::sleep(began.elapsed() * REST).await;
    }
}

async fn compare(store: &Store, index: &SearchIndex, items: Vec<item::Model>) -> Result<()> {
    let mut keepers: HashMap<Uuid, Option<Viewer>> = HashMap::new();
    let mut compared = Vec::with_capacity(items.len());
    for item in items {
        let keeper = match keepers.entry(item.community_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(keeper_of(store, item.community_id).await?),
        };
        // Where nobody keeps the community nobody is told either.
        let likeliest = match keeper {
            Some(keeper) => {
                let alike = likely_duplicates(store, index, keeper, &item).await?;
                alike.first().copied()
            }
            None => None,
        };
        compared.push((item, likeliest));
    }
    store
        .write(None, move |unit| {
            async move {
                for (item, likeliest) in compared {
                    keep(unit, &item, likeliest).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

/// Somebody who looks after a community, with the rights of that alone.
async fn keeper_of(store: &Store, community: Uuid) -> Result<Option<Viewer>> {
    let memberships = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .filter(membership::Column::Role.is_in(KEEPERS.iter().copied()))
        .order_by_asc(membership::Column::Id)
        .limit(MOST_KEEPERS)
        .all(store.reader())
        .await?;
    let users: Vec<Uuid> = memberships.iter().map(|row| row.user_id).collect();
    let user = user::Entity::find()
        .filter(user::Column::Id.is_in(users))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .one(store.reader())
        .await?;
    let keeper = user.and_then(|user| {
        let membership = memberships.into_iter().find(|row| row.user_id == user.id)?;
        Some(Viewer::signed_in(SignedIn {
            user,
            memberships: HashMap::from([(community, membership)]),
            scopes: vec![Scope::Read],
            only_community: Some(community),
        }))
    });
    Ok(keeper)
}

/// Notes what a resource is likely the same as, the newer of the two by the older, and that it was compared. One that
/// was changed meanwhile is compared again.
async fn keep(unit: &WriteUnit, item: &item::Model, likeliest: Option<Uuid>) -> Result<()> {
    let noted = item::Entity::update_many()
        .col_expr(item::Column::ComparedRevision, Expr::value(item.revision))
        .filter(item::Column::Id.eq(item.id))
        .filter(item::Column::Revision.eq(item.revision))
        .exec(unit.db())
        .await?;
    if noted.rows_affected == 0 {
        return Ok(());
    }
    likely_duplicate::Entity::delete_many()
        .filter(
            Condition::any()
                .add(likely_duplicate::Column::ItemId.eq(item.id))
                .add(likely_duplicate::Column::OtherId.eq(item.id)),
        )
        .exec(unit.db())
        .await?;
    let Some(other) = likeliest else {
        return Ok(());
    };
    let (newer, older) = (item.id.max(other), item.id.min(other));
    likely_duplicate::Entity::delete_by_id(newer)
        .exec(unit.db())
        .await?;
    likely_duplicate::Entity::insert(likely_duplicate::ActiveModel {
        item_id: Set(newer),
        other_id: Set(older),
        community_id: Set(item.community_id),
        found_at: Set(unit.now()),
    })
    .exec_without_returning(unit.db())
    .await?;
    Ok(())
}
