//! Telling people of what their saved searches find newly.
//!
//! This is a projection of the change log like the others, but for one thing: what is new is compared with all searches
//! before the transaction, so that no other write waits for that. What was changed is put as it is now into an index of
//! its own, in memory, and each search with alerts is asked of it on its owner's behalf. A hit has all the words of the
//! query: nobody looks through alerts as through a page of hits.
//!
//! Something is new to a person when it was made after the search was saved, or when a change since then shows it to them
//! for the first time. Each search tells of it once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ::search::{Change, Index, Order, Request, Settings, Synonyms};
use entity::change::{self, Operation};
use entity::notification::NotificationReason;
use entity::{TextList, saved_search, search_alert};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::SavedSearch;
use crate::change::load;
use crate::error::{Error, Result};
use crate::item::insert::insert_many;
use crate::link::End;
use crate::notification::{Act, raise_for};
use crate::policy::audience;
use crate::projection::{rows_after, stored_position, take_rows};
use crate::search::document::{Source, source_of};
use crate::search::{FormerSlugs, SearchFilter, read_synonyms};
use crate::store::{Store, WriteUnit};
use crate::user::acting;
use crate::viewer::Viewer;
use crate::webhook::{Found, queue_found};

/// Its row in the table `projection`.
const PROJECTION: &str = "search_alerts";
/// Saved searches that are compared at once, and alerts that are written at once.
const BATCH: usize = 500;

/// Something that a saved search finds newly.
#[derive(Clone, Copy, Debug)]
struct Alert {
    search: Uuid,
    user: Uuid,
    about: End,
    act: Act,
    community: Option<Uuid>,
    position: i64,
}

/// Brings the alerts to a position of the log at least, and answers where they are. [`crate::projection::reach`] does so
/// together with everything else that is derived from the log.
#[crate::boxed]
pub async fn advance(store: &Store, position: i64) -> Result<i64> {
    loop {
        let reached = stored_position(store, PROJECTION).await?;
        if reached >= position {
            return Ok(reached);
        }
        let rows = rows_after(store.reader(), reached).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            return Ok(reached);
        };
        let found = find(store, &rows).await?;
        let deleted: Vec<Uuid> = rows
            .iter()
            .filter(|row| row.operation == Operation::Deleted)
            .map(|row| row.entity_id)
            .collect();
        store
            .write(None, move |unit| {
                async move {
                    if take_rows(unit, PROJECTION, reached, last).await? {
                        forget(unit, deleted).await?;
                        for found in found.chunks(BATCH) {
                            tell(unit, found).await?;
                        }
                    }
                    Ok(())
                }
                .boxed()
            })
            .await?;
    }
}

/// What is searched that the rows made or changed, each with its rows.
#[derive(Debug, Default)]
struct News<'a> {
    rows: HashMap<Uuid, Vec<&'a change::Model>>,
}

impl<'a> News<'a> {
    fn of(rows: &'a [change::Model]) -> Self {
        let mut news = Self::default();
        for row in rows {
            if row.operation != Operation::Deleted && source_of(row.entity_type).is_some() {
                news.rows.entry(row.entity_id).or_default().push(row);
            }
        }
        news
    }

    /// The ids of what comes from a source.
    fn of_source(&self, source: Source) -> Vec<Uuid> {
        let is_meant = |rows: &&Vec<&change::Model>| {
            let row = rows.first();
            row.and_then(|row| source_of(row.entity_type))
                .is_some_and(|(of, _)| of == source)
        };
        let things = self.rows.iter().filter(|(_, rows)| is_meant(rows));
        things.map(|(id, _)| *id).collect()
    }
}

/// What is new as it is now, in an index of its own.
struct Fresh {
    engine: Index,
    /// When each thing was made, in microseconds since 1970.
    made: HashMap<Uuid, i64>,
}

impl Fresh {
    /// None when there is nothing any more.
    async fn load(store: &Store, news: &News<'_>) -> Result<Option<Self>> {
        let mut changes = Vec::new();
        for source in Source::ALL {
            changes.extend(load(store, source, news.of_source(source)).await?.changes);
        }
        let made: HashMap<Uuid, i64> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Put(document) => Some((document.id, document.created_at)),
                Change::Delete(_) | Change::DeleteCommunity(_) => None,
            })
            .collect();
        if made.is_empty() {
            return Ok(None);
        }
        let filled = blocking(move || {
            let engine = Index::in_memory(&Settings::default())?;
            engine.apply(changes, 1)?;
            Ok(engine)
        });
        Ok(match filled.await {
            Ok(engine) => Some(Self { engine, made }),
            Err(error) => {
                // It would be the same again and again, and hold up everything behind it.
                tracing::error!(%error, "nobody is told of some changes, which could not be indexed");
                None
            }
        })
    }

    /// What each of the searches finds. They are told apart by their places in a list.
    async fn hits(&self, searches: Vec<(usize, Request)>) -> Result<Vec<(usize, Vec<Uuid>)>> {
        let engine = self.engine.clone();
        blocking(move || {
            let searcher = engine.searcher(None)?;
            let mut found = Vec::new();
            for (place, request) in searches {
                match searcher.search(&request) {
                    Ok(answer) if answer.hits.is_empty() => {}
                    Ok(answer) => {
                        let hits = answer.hits.into_iter();
                        found.push((place, hits.map(|hit| hit.id).collect()));
                    }
                    // The others are not held up by it.
                    Err(error) => tracing::error!(%error, "a saved search cannot be run"),
                }
            }
            Ok(found)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> ::search::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

/// What the searches with alerts find newly in what these rows made or changed.
async fn find(store: &Store, rows: &[change::Model]) -> Result<Vec<Alert>> {
    let mut alerts = Vec::new();
    let news = News::of(rows);
    let mut searches = alerting(store, None).await?;
    if news.rows.is_empty() || searches.is_empty() {
        return Ok(alerts);
    }
    let Some(fresh) = Fresh::load(store, &news).await? else {
        return Ok(alerts);
    };
    let synonyms = read_synonyms(store).await?;
    while let Some(last) = searches.last().map(|search| search.id) {
        let owners = owners(store, &searches).await?;
        let queries: Vec<&str> = searches
            .iter()
            .map(|search| search.query.as_str())
            .collect();
        let former = FormerSlugs::named_in(store, &queries).await?;
        let first = fresh.made.len();
        let requests = searches.iter().enumerate().filter_map(|(place, search)| {
            let tokens = owners.get(&search.user_id)?;
            let asked = request(store, search, tokens, first, &synonyms, &former);
            Some((place, asked.ok()?))
        });
        let hits = fresh.hits(requests.collect()).await?;
        for (place, hits) in hits {
            let search = searches.get(place);
            let Some((search, tokens)) =
                search.and_then(|search| Some((search, owners.get(&search.user_id)?)))
            else {
                continue;
            };
            for hit in hits {
                let (Some(rows), Some(made)) = (news.rows.get(&hit), fresh.made.get(&hit)) else {
                    continue;
                };
                alerts.extend(alert(search, tokens, rows, *made));
            }
        }
        searches = alerting(store, Some(last)).await?;
    }
    Ok(alerts)
}

/// The next searches with alerts, in the order of their ids.
async fn alerting(store: &Store, after: Option<Uuid>) -> Result<Vec<SavedSearch>> {
    let mut select = saved_search::Entity::find()
        .filter(saved_search::Column::Alerts.eq(true))
        .order_by_asc(saved_search::Column::Id)
        .limit(BATCH as u64);
    if let Some(after) = after {
        select = select.filter(saved_search::Column::Id.gt(after));
    }
    Ok(select.all(store.reader()).await?)
}

/// The audience tokens of those whose searches these are and who can sign in.
async fn owners(
    store: &Store,
    searches: &[SavedSearch],
) -> Result<HashMap<Uuid, BTreeSet<String>>> {
    let ids = searches.iter().map(|search| search.user_id).collect();
    let people = acting(store.reader(), &ids).await?;
    let tokens = people.into_iter().map(|(id, person)| {
        let viewer = Viewer::signed_in(person);
        (id, audience::of_viewer(&viewer))
    });
    Ok(tokens.collect())
}

fn request(
    store: &Store,
    search: &SavedSearch,
    tokens: &BTreeSet<String>,
    first: usize,
    synonyms: &Arc<Synonyms>,
    former: &FormerSlugs,
) -> Result<Request> {
    Ok(Request {
        query: search.query.clone(),
        filter: SearchFilter::from(search.filter.clone()).to_engine()?,
        order: Order::Newest,
        first,
        viewer: ::search::Viewer {
            audience: tokens.iter().cloned().collect(),
            ..::search::Viewer::default()
        },
        all_words: true,
        correct: false,
        now: store.clock().now().timestamp_micros(),
        synonyms: Arc::clone(synonyms),
        redirects: former.redirects(&search.query, tokens),
        ..Request::default()
    })
}

/// The alert of a hit, where that is new to the owner of the search.
fn alert(
    search: &SavedSearch,
    tokens: &BTreeSet<String>,
    rows: &[&change::Model],
    made: i64,
) -> Option<Alert> {
    let last = rows.last()?;
    let meets = |audience: &Option<TextList>| {
        let mut audience = audience.iter().flat_map(|audience| &audience.0);
        audience.any(|token| tokens.contains(token))
    };
    let mut later = rows.iter().filter(|row| row.position > search.position);
    let is_new = made > search.created_at.timestamp_micros()
        || later.any(|row| meets(&row.audience_after) && !meets(&row.audience_before));
    is_new.then_some(Alert {
        search: search.id,
        user: search.user_id,
        about: (last.entity_type, last.entity_id),
        act: Act {
            actor: last.actor_id,
            at: last.at,
        },
        community: last.community_id,
        position: last.position,
    })
}

/// What is gone is told of no more, and can be forgotten.
async fn forget(unit: &WriteUnit, deleted: Vec<Uuid>) -> Result<()> {
    if deleted.is_empty() {
        return Ok(());
    }
    search_alert::Entity::delete_many()
        .filter(search_alert::Column::AboutId.is_in(deleted))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Tells of what was not told of before, by searches that are there still: people, and their webhooks.
async fn tell(unit: &WriteUnit, found: &[Alert]) -> Result<()> {
    let searches: BTreeSet<Uuid> = found.iter().map(|alert| alert.search).collect();
    let things: BTreeSet<Uuid> = found.iter().map(|alert| alert.about.1).collect();
    let there: Vec<Uuid> = saved_search::Entity::find()
        .select_only()
        .column(saved_search::Column::Id)
        .filter(saved_search::Column::Id.is_in(searches.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?;
    let there: HashSet<Uuid> = there.into_iter().collect();
    let told: Vec<(Uuid, Uuid)> = search_alert::Entity::find()
        .select_only()
        .columns([
            search_alert::Column::SavedSearchId,
            search_alert::Column::AboutId,
        ])
        .filter(search_alert::Column::SavedSearchId.is_in(searches))
        .filter(search_alert::Column::AboutId.is_in(things))
        .into_tuple()
        .all(unit.db())
        .await?;
    let told: HashSet<(Uuid, Uuid)> = told.into_iter().collect();
    let new = found.iter().filter(|alert| {
        there.contains(&alert.search) && !told.contains(&(alert.search, alert.about.1))
    });
    let new: Vec<Alert> = new.copied().collect();
    let rows = new.iter().map(|alert| {
        search_alert::Model {
            saved_search_id: alert.search,
            about_id: alert.about.1,
        }
        .into_active_model()
    });
    insert_many(unit, rows.collect()).await?;
    let for_webhooks = new.iter().map(|alert| Found {
        saved_search: alert.search,
        user: alert.user,
        about: alert.about,
        community: alert.community,
        position: alert.position,
        at: alert.act.at,
    });
    queue_found(unit, &for_webhooks.collect::<Vec<_>>()).await?;
    let mut by_thing: BTreeMap<End, (Act, BTreeSet<Uuid>)> = BTreeMap::new();
    for alert in new {
        let thing = by_thing.entry(alert.about);
        let (_, users) = thing.or_insert_with(|| (alert.act, BTreeSet::new()));
        users.insert(alert.user);
    }
    for (about, (act, users)) in by_thing {
        let users: Vec<Uuid> = users.into_iter().collect();
        raise_for(unit, NotificationReason::SearchAlert, about, act, &users).await?;
    }
    Ok(())
}
