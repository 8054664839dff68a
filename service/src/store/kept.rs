//! Rows that most requests read and few writes change, kept in memory for as long as the change log says that they are
//! as they were: communities, users, domains, who the bearer of a credential is, and how a community does.
//!
//! A request first makes sure that nothing kept is older than the database ([`super::Store::freshen`]), which costs one
//! small statement, shared by the requests that wait for it at the same time. So what another process wrote holds here
//! at once too.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use entity::change::{self, EntityType};
use entity::{api_token, community, domain, user};
use moka::sync::Cache;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Store;
use crate::error::Result;
use crate::health::KeptHealth;
use crate::viewer::SignedIn;

/// After so many changes at once everything is forgotten: reading them would cost more than loading anew.
const MOST_CHANGES: u64 = 500;

/// Rows of one kind by their key, at most a number of them.
#[derive(Debug)]
pub(crate) struct Shelf<K: Hash + Eq + Send + Sync + 'static, T: Send + Sync + 'static> {
    rows: Cache<K, Arc<T>>,
}

impl<K: Hash + Eq + Send + Sync + 'static, T: Send + Sync + 'static> Shelf<K, T> {
    fn new(most: u64) -> Self {
        Self {
            rows: Cache::new(most),
        }
    }

    /// What is kept under the key. Only a freshened request may believe it.
    pub(crate) fn get(&self, key: &K) -> Option<Arc<T>> {
        self.rows.get(key)
    }
}

/// An API token with whom it makes a viewer.
#[derive(Debug)]
pub(crate) struct KeptToken {
    /// Its row.
    pub(crate) token: api_token::Model,
    /// Its owner, with the rights that it gives.
    pub(crate) owner: Arc<SignedIn>,
}

/// All that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) communities: Shelf<Uuid, community::Model>,
    pub(crate) domains: Shelf<Uuid, domain::Model>,
    pub(crate) users: Shelf<Uuid, user::Model>,
    /// By user: who signed in by a session.
    pub(crate) viewers: Shelf<Uuid, SignedIn>,
    /// By the hash of the token's secret.
    pub(crate) tokens: Shelf<String, KeptToken>,
    /// By community: how it does, as it was asked last.
    pub(crate) health: Shelf<Uuid, KeptHealth>,
    /// The changes up to this position are being taken into account, or have been.
    applied: AtomicI64,
    /// What they changed is forgotten.
    settled: AtomicI64,
    /// How many requests have asked for freshness.
    asked: AtomicU64,
    /// The last of them that is served.
    served: tokio::sync::Mutex<u64>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            communities: Shelf::new(4_096),
            domains: Shelf::new(8_192),
            users: Shelf::new(16_384),
            viewers: Shelf::new(4_096),
            tokens: Shelf::new(1_024),
            health: Shelf::new(1_024),
            applied: AtomicI64::new(0),
            settled: AtomicI64::new(0),
            asked: AtomicU64::new(0),
            served: tokio::sync::Mutex::new(0),
        }
    }
}

impl Kept {
    /// The mark to take before rows are loaded that are to be kept.
    pub(crate) fn mark(&self) -> i64 {
        self.applied.load(Ordering::SeqCst)
    }

    /// Keeps rows that were loaded after `mark` was taken, unless changes came in between: they may be older than those.
    pub(crate) fn keep<K, T>(
        &self,
        shelf: &Shelf<K, T>,
        mark: i64,
        rows: impl IntoIterator<Item = (K, Arc<T>)>,
    ) where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        T: Send + Sync + 'static,
    {
        for (key, row) in rows {
            if self.mark() != mark {
                return;
            }
            shelf.rows.insert(key.clone(), row);
            // The mark moves before rows are forgotten: whoever sees the old one here was in time.
            if self.mark() != mark {
                shelf.rows.invalidate(&key);
                return;
            }
        }
    }

    fn is_settled(&self, newest: i64) -> bool {
        newest == self.settled.load(Ordering::SeqCst)
    }

    /// Forgets everything that has changed until `newest`, the newest position a moment ago.
    pub(super) async fn freshen_to(&self, store: &Store, newest: i64) -> Result<()> {
        if self.is_settled(newest) {
            return Ok(());
        }
        self.freshen(store).await
    }

    /// Forgets everything that has changed in the database until now.
    pub(super) async fn freshen(&self, store: &Store) -> Result<()> {
        // Where the position is read in place, those who ask must not wait for each other.
        if let Some(newest) = store.position_in_place()?
            && self.is_settled(newest)
        {
            return Ok(());
        }
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.served.lock().await;
        if *served >= number {
            return Ok(());
        }
        // Whoever asks from here on may have seen a write that this read does not.
        let serving = self.asked.load(Ordering::SeqCst);
        let newest = store.position().await?;
        let applied = self.mark();
        if newest != applied {
            let changes = changes_between(store.reader(), applied, newest).await?;
            self.applied.store(newest, Ordering::SeqCst);
            match changes {
                Some(changes) => changes.iter().for_each(|change| self.forget(change)),
                None => self.forget_all(),
            }
            self.settled.store(newest, Ordering::SeqCst);
        }
        *served = serving;
        Ok(())
    }

    fn forget(&self, (entity_type, id, community): &Change) {
        if let Some(community) = community {
            self.health.rows.invalidate(community);
        }
        match entity_type {
            EntityType::Community => {
                self.communities.rows.invalidate(id);
                self.health.rows.invalidate(id);
            }
            EntityType::Domain => {
                self.domains.rows.invalidate(id);
                self.health.rows.invalidate_all();
            }
            EntityType::User => {
                self.users.rows.invalidate(id);
                self.viewers.rows.invalidate(id);
                self.tokens.rows.invalidate_all();
            }
            EntityType::Membership => {
                self.viewers.rows.invalidate_all();
                self.tokens.rows.invalidate_all();
            }
            EntityType::ApiToken => self.tokens.rows.invalidate_all(),
            _ => {}
        }
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        self.communities.rows.invalidate_all();
        self.domains.rows.invalidate_all();
        self.users.rows.invalidate_all();
        self.viewers.rows.invalidate_all();
        self.tokens.rows.invalidate_all();
        self.health.rows.invalidate_all();
    }
}

/// What a change is about: its type, its id, and its community.
type Change = (EntityType, Uuid, Option<Uuid>);

/// What was changed after one position up to another; none when that is too much to read, or the log begins anew.
async fn changes_between(
    reader: &DatabaseConnection,
    after: i64,
    until: i64,
) -> Result<Option<Vec<Change>>> {
    if after == 0 || until < after {
        return Ok(None);
    }
    let changes: Vec<Change> = change::Entity::find()
        .select_only()
        .columns([
            change::Column::EntityType,
            change::Column::EntityId,
            change::Column::CommunityId,
        ])
        .filter(change::Column::Position.gt(after))
        .filter(change::Column::Position.lte(until))
        .order_by_asc(change::Column::Position)
        .limit(MOST_CHANGES + 1)
        .into_tuple()
        .all(reader)
        .await?;
    // Positions have no gaps: where rows are missing, they were too old to be kept.
    let all = u64::try_from(until - after).unwrap_or(u64::MAX);
    Ok((all <= MOST_CHANGES && changes.len() as u64 == all).then_some(changes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::PendingChange;
    use crate::testing;
    use entity::change::Operation;
    use entity::user::PlatformRole;
    use futures_util::FutureExt;

    async fn touch(store: &Store, id: Uuid) {
        store
            .write(None, move |unit| {
                async move {
                    unit.record(PendingChange {
                        entity_type: EntityType::User,
                        entity_id: id,
                        operation: Operation::Updated,
                        community_id: None,
                        fields: Vec::new(),
                        audience_before: None,
                        audience_after: None,
                    });
                    Ok(())
                }
                .boxed()
            })
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_change_is_taken_into_account_and_what_was_loaded_before_it_is_not_kept() {
        let (_directory, store) = testing::store().await;
        let ada = Arc::new(testing::user(&store, "ada", PlatformRole::Member).await);
        let eve = testing::user(&store, "eve", PlatformRole::Member).await;
        let kept = store.kept();
        touch(&store, eve.id).await;
        store.freshen().await.unwrap();

        let mark = kept.mark();
        kept.keep(&kept.users, mark, [(ada.id, Arc::clone(&ada))]);
        touch(&store, eve.id).await;
        store.freshen().await.unwrap();
        assert!(kept.users.get(&ada.id).is_some(), "she did not change");
        kept.keep(&kept.users, mark, [(eve.id, Arc::new(eve.clone()))]);
        assert!(
            kept.users.get(&eve.id).is_none(),
            "loaded before the change"
        );

        touch(&store, ada.id).await;
        store.freshen().await.unwrap();
        assert!(kept.users.get(&ada.id).is_none());
    }

    #[tokio::test]
    async fn many_changes_at_once_forget_everything() {
        let (_directory, store) = testing::store().await;
        let ada = Arc::new(testing::user(&store, "ada", PlatformRole::Member).await);
        let kept = store.kept();
        touch(&store, ada.id).await;
        store.freshen().await.unwrap();
        kept.keep(&kept.users, kept.mark(), [(ada.id, ada.clone())]);
        for _ in 0..=MOST_CHANGES {
            touch(&store, Uuid::nil()).await;
        }
        store.freshen().await.unwrap();
        assert!(kept.users.get(&ada.id).is_none());
    }
}
