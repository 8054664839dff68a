//! What the people of a community search for and do not find: where knowledge is missing. A search that finds nothing
//! counts, and one that its front end says was abandoned: something was found, and nothing of it was opened.
//!
//! Kept are the folded words, the day, and a hash that tells people apart within one community and one query and nowhere
//! else: not who searched, nor when on that day, nor what was searched for with filters of its own. Words are shown only
//! when [`LEAST_PEOPLE`] people searched for them, and all of it is forgotten after [`KEPT_DAYS`].

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use entity::missed_search::{self, SearchOutcome};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, Iterable, Order, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::{SearchFilter, SearchIndex, SearchQuery};
use crate::auth::{Salt, digest};
use crate::community;
use crate::error::Result;
use crate::policy::community::{read_knowledge_gaps, read_whole};
use crate::policy::platform::own_matters;
use crate::store::{Store, Written};
use crate::text::fold;
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// So many people must have searched for the same before anybody is shown it.
pub const LEAST_PEOPLE: i64 = 3;
/// For so many days it is kept.
pub const KEPT_DAYS: i64 = 180;
/// Longer texts are pasted, and say more of who pastes them than of what is missing.
const MOST_LETTERS: usize = 100;
/// So many communities are told of one search at most.
const MOST_COMMUNITIES: usize = 100;
/// What the hashes are salted with.
const SALT: Salt = Salt {
    setting: "missed_search_salt",
    prefix: "rpms_",
};

/// What several people searched for and did not find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeGap {
    /// The folded words.
    pub query: String,
    /// How often, a person and day counted once.
    pub searches: u64,
    /// How many of these found something that nobody opened.
    pub abandoned: u64,
    /// The last day.
    pub last_day: NaiveDate,
}

/// The words as they are compared; none for what is not kept.
fn normalized(query: &str) -> Option<String> {
    let folded = fold(query);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let words = words.join(" ");
    let says_something = words.chars().any(char::is_alphanumeric);
    let is_text = !words.chars().any(char::is_control);
    (says_something && is_text && words.chars().count() <= MOST_LETTERS).then_some(words)
}

/// A search by somebody of some communities.
struct Searched {
    user: Uuid,
    words: String,
    communities: Vec<Uuid>,
}

/// What a search is of: the communities that were searched, or those of whom searched everywhere. None where it says
/// nothing of any: what was narrowed otherwise may be there all the same.
async fn searched(
    store: &Store,
    viewer: &Viewer,
    query: &str,
    filter: &SearchFilter,
) -> Result<Option<Searched>> {
    let (Some(user), Some(words)) = (own_matters(viewer), normalized(query)) else {
        return Ok(None);
    };
    if !filter.is_of_communities_only() {
        return Ok(None);
    }
    let communities = communities_of(store, viewer, filter).await?;
    Ok((!communities.is_empty()).then_some(Searched {
        user,
        words,
        communities,
    }))
}

/// Counts a search, and notes one that found nothing.
pub(super) async fn count(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    query: &SearchQuery,
    found_nothing: bool,
) -> Result<()> {
    let Some(searched) = searched(store, viewer, &query.query, &query.filter).await? else {
        return Ok(());
    };
    let day = store.clock().now().date_naive();
    let counts = index.counts();
    counts.count(&searched.communities, day, found_nothing);
    if found_nothing {
        note(store, searched, SearchOutcome::NothingFound).await?;
    }
    Ok(())
}

/// Notes that somebody searched without a use. On one day the first outcome of a search by somebody is kept.
async fn note(store: &Store, searched: Searched, outcome: SearchOutcome) -> Result<()> {
    let written = store.write(None, move |unit| {
        async move {
            let salt = SALT.of(unit).await?;
            let day = unit.now().date_naive();
            let Searched { user, words, .. } = &searched;
            let rows = searched.communities.iter().map(|community_id| {
                let person = digest(&format!("{salt} {community_id} {user} {words}"));
                missed_search::Model {
                    community_id: *community_id,
                    query: words.clone(),
                    day,
                    person,
                    outcome,
                }
                .into_active_model()
            });
            let key = missed_search::PrimaryKey::iter();
            let once = OnConflict::columns(key).do_nothing().to_owned();
            missed_search::Entity::insert_many(rows)
                .on_conflict(once)
                .exec_without_returning(unit.db())
                .await?;
            Ok(())
        }
        .boxed()
    });
    written.await.map(|written| written.value)
}

/// Notes that somebody left a search without opening anything of what it found. A search that is of no community changes
/// nothing.
#[crate::boxed]
pub async fn abandon(
    store: &Store,
    viewer: &Viewer,
    query: &str,
    filter: &SearchFilter,
) -> Result<Written<()>> {
    viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    filter.check(&mut faults);
    faults.check()?;
    if let Some(searched) = searched(store, viewer, query, filter).await? {
        note(store, searched, SearchOutcome::Abandoned).await?;
    }
    Ok(Written {
        value: (),
        position: store.position().await?,
    })
}

/// The communities that the filter names, as far as the viewer sees all of them, or the viewer's own.
async fn communities_of(
    store: &Store,
    viewer: &Viewer,
    filter: &SearchFilter,
) -> Result<Vec<Uuid>> {
    if filter.community_ids.is_empty() {
        let own = viewer
            .memberships()
            .map(|membership| membership.community_id);
        let mut own: Vec<Uuid> = own.filter(|id| viewer.role(*id).is_some()).collect();
        own.sort_unstable();
        own.truncate(MOST_COMMUNITIES);
        return Ok(own);
    }
    let rows = community::by_ids(store, viewer, &filter.community_ids).await?;
    let seen = rows.into_values().filter(|row| read_whole(viewer, row));
    Ok(seen.map(|row| row.id).collect())
}

/// What was searched for in these communities by several people and not found, the most frequent first; nothing of
/// communities of which the viewer is no active member.
#[crate::boxed]
pub async fn knowledge_gaps(
    store: &Store,
    viewer: &Viewer,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<KnowledgeGap>>> {
    use missed_search::Column;
    let own = communities.iter().copied();
    let own: Vec<Uuid> = own.filter(|id| read_knowledge_gaps(viewer, *id)).collect();
    if own.is_empty() {
        return Ok(HashMap::new());
    }
    let since = store.clock().now().date_naive() - TimeDelta::days(KEPT_DAYS);
    let searches = || Expr::cust("COUNT(*)");
    let abandoned = Expr::cust("COUNT(CASE WHEN outcome = 'ABANDONED' THEN 1 END)");
    let rows: Vec<(Uuid, String, i64, i64, NaiveDate)> = missed_search::Entity::find()
        .select_only()
        .columns([Column::CommunityId, Column::Query])
        .column_as(searches(), "searches")
        .column_as(abandoned, "abandoned")
        .column_as(Column::Day.max(), "last_day")
        .filter(Column::CommunityId.is_in(own))
        .filter(Column::Day.gte(since))
        .group_by(Column::CommunityId)
        .group_by(Column::Query)
        .having(Expr::col(Column::Person).count_distinct().gte(LEAST_PEOPLE))
        .order_by(searches(), Order::Desc)
        .order_by(Column::Day.max(), Order::Desc)
        .order_by_asc(Column::Query)
        .into_tuple()
        .all(store.reader())
        .await?;
    let mut gaps: HashMap<Uuid, Vec<KnowledgeGap>> = HashMap::new();
    for (community, query, searches, abandoned, last_day) in rows {
        gaps.entry(community).or_default().push(KnowledgeGap {
            query,
            searches: u64::try_from(searches).unwrap_or_default(),
            abandoned: u64::try_from(abandoned).unwrap_or_default(),
            last_day,
        });
    }
    Ok(gaps)
}

/// Forgets what was searched for more than [`KEPT_DAYS`] ago, and answers how many rows that were.
pub(crate) async fn forget_missed(store: &Store) -> Result<u64> {
    let written = store.write(None, |unit| {
        async move {
            let since = unit.now().date_naive() - TimeDelta::days(KEPT_DAYS);
            let removed = missed_search::Entity::delete_many()
                .filter(missed_search::Column::Day.lt(since))
                .exec(unit.db())
                .await?;
            Ok(removed.rows_affected)
        }
        .boxed()
    });
    Ok(written.await?.value)
}
