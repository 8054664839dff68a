//! What the people of a community search for and do not find: where knowledge is missing.
//!
//! Kept are the folded words, the day, and a hash that tells people apart within one community and one query and nowhere
//! else: not who searched, nor when on that day, nor what was searched for with filters of its own. Words are shown only
//! when [`LEAST_PEOPLE`] people searched for them, and all of it is forgotten after [`KEPT_DAYS`].

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use entity::{community, missed_search, setting};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, Order,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::SearchFilter;
use crate::auth::{digest, generate};
use crate::error::{Error, Result};
use crate::policy::community::{read_knowledge_gaps, read_whole};
use crate::policy::platform::own_matters;
use crate::store::{Store, WriteUnit};
use crate::text::fold;
use crate::viewer::Viewer;

/// So many people must have searched for the same before anybody is shown it.
pub const LEAST_PEOPLE: i64 = 3;
/// For so many days it is kept.
pub const KEPT_DAYS: i64 = 180;
/// Longer texts are pasted, and say more of who pastes them than of what is missing.
const MOST_LETTERS: usize = 100;
/// So many communities are told of one search at most.
const MOST_COMMUNITIES: usize = 100;
/// The setting that holds what the hashes are salted with.
const SALT: &str = "missed_search_salt";
/// What the salt begins with.
const SALT_PREFIX: &str = "rpms_";

/// What several people searched for and did not find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeGap {
    /// The folded words.
    pub query: String,
    /// How often, a person and day counted once.
    pub searches: u64,
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

/// Notes that somebody found nothing: for the communities that they searched, or for their own when they searched
/// everywhere. What was narrowed otherwise may be there all the same, and is not noted.
pub(super) async fn note(
    store: &Store,
    viewer: &Viewer,
    query: &str,
    filter: &SearchFilter,
) -> Result<()> {
    let (Some(user), Some(query)) = (own_matters(viewer), normalized(query)) else {
        return Ok(());
    };
    if !filter.is_of_communities_only() {
        return Ok(());
    }
    let communities = searched(store, viewer, filter).await?;
    if communities.is_empty() {
        return Ok(());
    }
    let written = store.write(None, move |unit| {
        async move {
            let salt = salt(unit).await?;
            let day = unit.now().date_naive();
            let rows = communities.into_iter().map(|community_id| {
                let person = digest(&format!("{salt} {community_id} {user} {query}"));
                missed_search::Model {
                    community_id,
                    query: query.clone(),
                    day,
                    person,
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

/// The communities that a search was of.
async fn searched(store: &Store, viewer: &Viewer, filter: &SearchFilter) -> Result<Vec<Uuid>> {
    if filter.community_ids.is_empty() {
        let own = viewer
            .memberships()
            .map(|membership| membership.community_id);
        let mut own: Vec<Uuid> = own.filter(|id| viewer.role(*id).is_some()).collect();
        own.sort_unstable();
        own.truncate(MOST_COMMUNITIES);
        return Ok(own);
    }
    let rows = community::Entity::find()
        .filter(community::Column::Id.is_in(filter.community_ids.iter().copied()))
        .all(store.reader())
        .await?;
    let seen = rows.into_iter().filter(|row| read_whole(viewer, row));
    Ok(seen.map(|row| row.id).collect())
}

/// What the hashes of this database are salted with, made when there is none.
async fn salt(unit: &WriteUnit) -> Result<String> {
    if let Some(salt) = stored_salt(unit.db()).await? {
        return Ok(salt);
    }
    let row = setting::ActiveModel {
        key: Set(SALT.to_owned()),
        value: Set(json!(generate(SALT_PREFIX).expose())),
        updated_at: Set(unit.now()),
    };
    // Whoever comes first makes it.
    let key = OnConflict::column(setting::Column::Key)
        .do_nothing()
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(key)
        .try_insert()
        .exec_without_returning(unit.db())
        .await?;
    let salt = stored_salt(unit.db()).await?;
    salt.ok_or_else(|| Error::internal("no salt was made"))
}

async fn stored_salt(connection: &impl ConnectionTrait) -> Result<Option<String>> {
    let row = setting::Entity::find_by_id(SALT.to_owned());
    Ok(row.one(connection).await?.and_then(|row| match row.value {
        Value::String(salt) => Some(salt),
        _ => None,
    }))
}

/// What was searched for in these communities by several people and not found, the most frequent first; nothing of
/// communities of which the viewer is no active member.
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
    let rows: Vec<(Uuid, String, i64, NaiveDate)> = missed_search::Entity::find()
        .select_only()
        .columns([Column::CommunityId, Column::Query])
        .column_as(searches(), "searches")
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
    for (community, query, searches, last_day) in rows {
        gaps.entry(community).or_default().push(KnowledgeGap {
            query,
            searches: u64::try_from(searches).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use entity::community::CommunityVisibility;
    use entity::membership::{MembershipRole, MembershipState};
    use entity::user::PlatformRole;
    use sea_orm::PaginatorTrait;

    use super::super::testing::Library;
    use super::super::{SearchIndex, SearchQuery};
    use super::*;
    use crate::testing;

    #[test]
    fn words_are_compared_as_people_mean_them() {
        let words = |query| normalized(query).unwrap();
        assert_eq!(
            words("  Évaluation   PAR les pairs\n"),
            "evaluation par les pairs"
        );
        assert_eq!(words("a"), "a");
        for nothing in ["", "  ", "!?", "bell\u{0}", &"long ".repeat(40)] {
            assert_eq!(normalized(nothing), None, "{nothing:?}");
        }
    }

    async fn member(library: &Library, handle: &str) -> Viewer {
        let user = testing::user(&library.store, handle, PlatformRole::Member).await;
        let (role, state) = (MembershipRole::Member, MembershipState::Active);
        testing::membership(&library.store, library.community.id, user.id, role, state).await;
        testing::viewer(&library.store, user.id).await
    }

    async fn gaps(library: &Library, viewer: &Viewer) -> Vec<KnowledgeGap> {
        let id = library.community.id;
        let found = knowledge_gaps(&library.store, viewer, &[id]).await.unwrap();
        found.into_values().flatten().collect()
    }

    async fn noted(library: &Library) -> u64 {
        let all = missed_search::Entity::find();
        all.count(library.store.reader()).await.unwrap()
    }

    #[tokio::test]
    async fn what_three_people_miss_is_shown_to_members() {
        let library = Library::new(CommunityVisibility::Private).await;
        library.publish("Walking lessons").await;
        library.follow().await;
        let people = [
            library.ada.clone(),
            member(&library, "ben").await,
            member(&library, "cleo").await,
        ];
        for (number, person) in people.iter().enumerate() {
            assert_eq!(
                gaps(&library, person).await,
                [],
                "{number} people do not do"
            );
            // Twice on a day is once.
            for query in ["Zymurgy", "  zymürgy ", "walking"] {
                library.found(person, query).await;
            }
        }
        let day = library.store.clock().now().date_naive();
        let expected = KnowledgeGap {
            query: "zymurgy".into(),
            searches: 3,
            last_day: day,
        };
        for person in &people {
            assert_eq!(
                gaps(&library, person).await,
                std::slice::from_ref(&expected)
            );
        }
        assert_eq!(gaps(&library, &library.stranger).await, []);
        assert_eq!(gaps(&library, &Viewer::anonymous()).await, []);

        library.store.clock().advance(TimeDelta::days(1));
        library.found(&people[0], "zymurgy").await;
        let later = gaps(&library, &people[0]).await;
        assert_eq!(
            (later[0].searches, later[0].last_day),
            (4, day.succ_opt().unwrap())
        );
        library.store.clock().advance(TimeDelta::days(KEPT_DAYS));
        assert_eq!(
            gaps(&library, &people[0]).await,
            [],
            "two of the three are too long ago"
        );
        assert_eq!(forget_missed(&library.store).await.unwrap(), 3);
        assert_eq!(noted(&library).await, 1);
    }

    #[tokio::test]
    async fn one_person_with_many_searches_is_one_person() {
        let library = Library::new(CommunityVisibility::Public).await;
        for _ in 0..5 {
            library.found(&library.ada, "zymurgy").await;
            library.store.clock().advance(TimeDelta::days(1));
        }
        assert_eq!(noted(&library).await, 5);
        assert_eq!(gaps(&library, &library.ada).await, []);
    }

    #[tokio::test]
    async fn only_searches_of_a_community_are_noted_and_nobody_is_named() {
        let library = Library::new(CommunityVisibility::Private).await;
        let search = async |viewer: &Viewer, filter: SearchFilter| {
            let query = SearchQuery {
                query: "zymurgy".into(),
                filter,
                ..SearchQuery::default()
            };
            library.search(viewer, query).await;
            noted(&library).await
        };
        let here = SearchFilter {
            community_ids: vec![library.community.id],
            ..SearchFilter::default()
        };
        let narrower = SearchFilter {
            tags: vec!["beer".into()],
            ..here.clone()
        };
        assert_eq!(search(&library.ada, narrower).await, 0);
        assert_eq!(
            search(&library.stranger, here.clone()).await,
            0,
            "it is closed to them"
        );
        assert_eq!(search(&library.stranger, SearchFilter::default()).await, 0);
        assert_eq!(
            search(&Viewer::anonymous(), SearchFilter::default()).await,
            0
        );
        assert_eq!(search(&library.ada, SearchFilter::default()).await, 1);
        assert_eq!(
            search(&library.ada, here).await,
            1,
            "the same person and day"
        );
        let row = missed_search::Entity::find()
            .one(library.store.reader())
            .await;
        let row = row.unwrap().unwrap();
        let ada = library.ada.user_id().unwrap();
        let plain = [ada.to_string(), ada.simple().to_string()];
        assert!(!plain.contains(&row.person));
        assert_ne!(
            row.person,
            digest(&format!("{} {ada} {}", row.community_id, row.query))
        );
    }

    #[tokio::test]
    async fn an_index_that_is_not_there_misses_nothing() {
        let library = Library::new(CommunityVisibility::Public).await;
        let directory = library.directory.path().join("index");
        let settings = super::super::IndexSettings::default();
        let index = SearchIndex::open(directory, settings).await.unwrap();
        assert!(index.needs_rebuild().is_some());
        let query = SearchQuery {
            query: "zymurgy".into(),
            ..SearchQuery::default()
        };
        let answer = super::super::search(&library.store, &index, &library.ada, query).await;
        assert_eq!(answer.unwrap().total, 0);
        assert_eq!(noted(&library).await, 0);
    }
}
