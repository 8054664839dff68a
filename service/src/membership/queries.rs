//! Reading memberships.

use std::collections::HashMap;

use entity::membership::{MembershipRole, MembershipState};
use entity::membership_function::MembershipFunction;
use entity::participation::ParticipationLevel;
use entity::{community, membership};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::community::{Access, access, read_all_memberships};
use crate::policy::filter;
use crate::store::Store;
use crate::viewer::Viewer;

/// The oldest membership first.
const BY_ID: Keyset = Keyset {
    table: "membership",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// Which members to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter {
    /// Those with just this role.
    pub role: Option<MembershipRole>,
    /// Those with this function.
    pub function: Option<MembershipFunction>,
    /// Those who take part so much; only facilitators see such a list.
    pub participation: Option<ParticipationLevel>,
    /// Those in this state; active ones when absent. States other than ACTIVE only facilitators see.
    pub state: Option<MembershipState>,
}

/// The memberships of these ids that the viewer may see.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, membership::Model>> {
    let rows = membership::Entity::find()
        .filter(membership::Column::Id.is_in(ids.iter().copied()))
        .filter(filter::readable_memberships(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a community's members, the oldest membership first; empty to whom the community shows only its about.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: &community::Model,
    filter: MemberFilter,
    request: &PageRequest,
) -> Result<Page<membership::Model>> {
    page(store, of_community(viewer, community, filter), request).await
}

/// How many members [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(
    store: &Store,
    viewer: &Viewer,
    community: &community::Model,
    filter: MemberFilter,
) -> Result<u64> {
    count(store, of_community(viewer, community, filter)).await
}

/// A page of a person's memberships, the oldest first: to the person all, as far as the credential reaches; to others
/// active ones that they may see: of communities that they see whole.
#[crate::boxed]
pub async fn page_of_user(
    store: &Store,
    viewer: &Viewer,
    user: Uuid,
    request: &PageRequest,
) -> Result<Page<membership::Model>> {
    page(store, Some(of_user(viewer, user)), request).await
}

/// How many memberships [`page_of_user`] lists.
#[crate::boxed]
pub async fn count_of_user(store: &Store, viewer: &Viewer, user: Uuid) -> Result<u64> {
    count(store, Some(of_user(viewer, user))).await
}

fn of_community(
    viewer: &Viewer,
    community: &community::Model,
    filter: MemberFilter,
) -> Option<Select<membership::Entity>> {
    let state = filter.state.unwrap_or(MembershipState::Active);
    let for_all = state == MembershipState::Active && filter.participation.is_none();
    let shown = access(viewer, community) == Access::Full
        && (for_all || read_all_memberships(viewer, community));
    shown.then(|| {
        let select = membership::Entity::find()
            .filter(membership::Column::CommunityId.eq(community.id))
            .filter(membership::Column::State.eq(state));
        let select = match filter.role {
            Some(role) => select.filter(membership::Column::Role.eq(role)),
            None => select,
        };
        let select = match filter.function {
            Some(function) => select.filter(has_function(function)),
            None => select,
        };
        match filter.participation {
            Some(level) => select.filter(takes_part(level)),
            None => select,
        }
    })
}

fn has_function(function: MembershipFunction) -> Expr {
    let held = Query::select()
        .expr(Expr::value(1))
        .from("membership_function")
        .and_where(Expr::col(("membership_function", "membership_id")).equals(("membership", "id")))
        .and_where(Expr::col(("membership_function", "function")).eq(function.as_str()))
        .take();
    Expr::exists(held)
}

fn takes_part(level: ParticipationLevel) -> Expr {
    let counted = Query::select()
        .expr(Expr::value(1))
        .from("participation")
        .and_where(Expr::col(("participation", "membership_id")).equals(("membership", "id")))
        .and_where(Expr::col(("participation", "level")).eq(level.as_str()))
        .take();
    Expr::exists(counted)
}

fn of_user(viewer: &Viewer, user: Uuid) -> Select<membership::Entity> {
    let select = membership::Entity::find().filter(membership::Column::UserId.eq(user));
    if viewer.user_id() == Some(user) {
        return match viewer.only_community() {
            Some(only) => select.filter(membership::Column::CommunityId.eq(only)),
            None => select,
        };
    }
    select
        .filter(filter::readable_memberships(viewer))
        .filter(membership::Column::State.eq(MembershipState::Active))
}

async fn page(
    store: &Store,
    select: Option<Select<membership::Entity>>,
    request: &PageRequest,
) -> Result<Page<membership::Model>> {
    let window = request.check(&BY_ID)?;
    let Some(mut select) = select else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &BY_ID);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_ID, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

async fn count(store: &Store, select: Option<Select<membership::Entity>>) -> Result<u64> {
    match select {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}
