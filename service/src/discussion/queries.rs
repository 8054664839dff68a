//! Reading discussions and posts.

use std::collections::{HashMap, HashSet};

use entity::discussion::{self, DiscussionKind, DiscussionState};
use entity::{item, post};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::{Discussion, Post};
use crate::error::{Error, Result};
use crate::item::{With, count_where, page_where};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue, Window};
use crate::policy::filter::readable_items;
use crate::store::Store;
use crate::viewer::Viewer;

/// Which discussions. The fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default)]
pub struct DiscussionFilter {
    /// What they are for.
    pub kinds: Vec<DiscussionKind>,
    /// Where they stand.
    pub states: Vec<DiscussionState>,
    /// Only those to which nobody but the asker has posted.
    pub unanswered_only: bool,
}

/// Most values in one list of a filter.
const MOST_VALUES: usize = 100;

/// What was talked about last comes first.
const NEWEST_ACTIVITY_FIRST: Keyset = Keyset {
    table: "discussion",
    column: Some("last_activity_at"),
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// As the reply tree is read: each post before its answers, answers in the order in which they were given. The path
/// is unique in its discussion, so a page costs the same wherever it begins.
const IN_TREE_ORDER: Keyset = Keyset {
    table: "post",
    column: Some("path"),
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

impl DiscussionFilter {
    /// The condition, for the discussions of one community or of all.
    fn condition(&self, community: Option<Uuid>) -> Result<Condition> {
        if self.kinds.len().max(self.states.len()) > MOST_VALUES {
            return Err(Error::BadArgument {
                argument: "filter",
                message: format!("A list in a filter may hold {MOST_VALUES} values at most."),
            });
        }
        let column = |name: &'static str| Expr::col(("discussion", name));
        let mut condition = Condition::all();
        if let Some(community) = community {
            condition = condition.add(column("community_id").eq(community));
        }
        if !self.kinds.is_empty() {
            let kinds = self.kinds.iter().map(|kind| kind.as_str());
            condition = condition.add(column("kind").is_in(kinds));
        }
        if !self.states.is_empty() {
            let states = self.states.iter().map(|state| state.as_str());
            condition = condition.add(column("state").is_in(states));
        }
        if self.unanswered_only {
            condition = condition.add(column("first_answered_at").is_null());
        }
        Ok(condition)
    }
}

/// A page of the discussions of a community that the viewer may read, the newest activity first, with what is asked
/// for beside.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    filter: &DiscussionFilter,
    request: &PageRequest,
    with: With,
) -> Result<Page<Discussion>> {
    let condition = filter.condition(Some(community))?;
    let keyset = NEWEST_ACTIVITY_FIRST;
    page_where::<discussion::Entity>(store, viewer, condition, keyset, request, with).await
}

/// How many discussions [`page`] lists.
#[crate::boxed]
pub async fn count(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    filter: &DiscussionFilter,
) -> Result<u64> {
    let condition = filter.condition(Some(community))?;
    count_where::<discussion::Entity>(store, viewer, condition).await
}

/// A page of the posts of a discussion that the viewer was shown, in the order of the reply tree.
#[crate::boxed]
pub async fn page_of_posts(
    store: &Store,
    discussion: Uuid,
    request: &PageRequest,
) -> Result<Page<Post>> {
    let window = request.check(&IN_TREE_ORDER)?;
    let rows = store.list(posts_of(discussion, &window)).await?;
    Ok(window.page(&IN_TREE_ORDER, rows, |row| Cursor {
        value: SortValue::Text(row.path.clone()),
        id: row.id,
    }))
}

fn posts_of(discussion: Uuid, window: &Window) -> Select<post::Entity> {
    let mut select = post::Entity::find().filter(post::Column::DiscussionId.eq(discussion));
    window.apply(QueryTrait::query(&mut select), &IN_TREE_ORDER);
    select
}

/// Those of the posts whose discussion the viewer may read.
pub async fn posts_by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Post>> {
    let readable = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("post", "discussion_id")))
        .cond_where(readable_items(viewer))
        .take();
    let rows = post::Entity::find()
        .filter(post::Column::Id.is_in(ids.iter().copied()))
        .filter(Expr::exists(readable))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// To which of the discussions the viewer has posted.
#[crate::boxed]
pub async fn posted_by_viewer(
    store: &Store,
    viewer: &Viewer,
    discussions: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let Some(user) = viewer.user_id() else {
        return Ok(HashSet::new());
    };
    let posted = post::Entity::find()
        .select_only()
        .distinct()
        .column(post::Column::DiscussionId)
        .filter(post::Column::AuthorId.eq(user))
        .filter(post::Column::DiscussionId.is_in(discussions.iter().copied()))
        .into_tuple::<Uuid>()
        .all(store.reader())
        .await?;
    Ok(posted.into_iter().collect())
}

/// The title of an item with the beginning of its body, for those that are there.
pub(super) async fn texts(
    store: &Store,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (String, Option<String>)>> {
    use entity::item_text;
    let titles: Vec<(Uuid, String)> = item::Entity::find()
        .select_only()
        .columns([item::Column::Id, item::Column::Title])
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(store.reader())
        .await?;
    let bodies: Vec<(Uuid, String)> = item_text::Entity::find()
        .select_only()
        .columns([item_text::Column::ItemId, item_text::Column::Body])
        .filter(item_text::Column::ItemId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(store.reader())
        .await?;
    let mut bodies: HashMap<Uuid, String> = bodies.into_iter().collect();
    Ok(titles
        .into_iter()
        .map(|(id, title)| (id, (title, bodies.remove(&id))))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::select_where;
    use crate::testing;
    use entity::community::CommunityVisibility;
    use entity::membership::{MembershipRole, MembershipState};
    use entity::user::PlatformRole;
    use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

    /// How SQLite answers a statement, step by step.
    async fn plan(store: &Store, statement: Statement) -> String {
        let explained = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            ..statement
        };
        let rows = store.reader().query_all_raw(explained).await.unwrap();
        rows.iter()
            .map(|row| row.try_get::<String>("", "detail").unwrap())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[tokio::test]
    async fn pages_are_read_from_an_index_in_its_order() {
        let (_directory, store) = testing::store().await;
        if store.backend() != DatabaseBackend::Sqlite {
            return;
        }
        let (discussion, post) = (Uuid::now_v7(), Uuid::now_v7());
        let cursor = Cursor {
            value: SortValue::Text("0000000100000002".to_owned()),
            id: post,
        };
        let request = PageRequest {
            after: Some(cursor.encode(&IN_TREE_ORDER)),
            ..PageRequest::default()
        };
        let window = request.check(&IN_TREE_ORDER).unwrap();
        let select = posts_of(discussion, &window).build(DatabaseBackend::Sqlite);
        let posts = plan(&store, select).await;
        assert!(posts.contains("post_discussion_id_path_id_key"), "{posts}");
        assert!(!posts.contains("TEMP B-TREE"), "{posts}");

        let user = testing::user(&store, "ada", PlatformRole::Member).await;
        let community = testing::community(&store, "helpers", CommunityVisibility::Private).await;
        let (role, state) = (MembershipRole::Member, MembershipState::Active);
        testing::membership(&store, community.id, user.id, role, state).await;
        let viewer = testing::viewer(&store, user.id).await;
        let request = PageRequest::default();
        let window = request.check(&NEWEST_ACTIVITY_FIRST).unwrap();
        let condition = DiscussionFilter::default().condition(Some(community.id));
        let mut select = select_where::<discussion::Entity>(&viewer, condition.unwrap());
        window.apply(QueryTrait::query(&mut select), &NEWEST_ACTIVITY_FIRST);
        let discussions = plan(&store, select.build(DatabaseBackend::Sqlite)).await;
        assert!(
            discussions.contains("discussion_community_id_last_activity_at_id_idx"),
            "{discussions}"
        );
        assert!(!discussions.contains("TEMP B-TREE"), "{discussions}");
    }
}
