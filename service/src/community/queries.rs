//! Reading communities, as far as the viewer may know of them.

use std::collections::HashMap;
use std::sync::Arc;

use entity::community;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select};
use uuid::Uuid;

use super::filter::CommunityFilter;
use crate::domain::Owner;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::community::{Access, access};
use crate::policy::filter::{visible_communities, whole_communities};
use crate::store::Store;
use crate::viewer::Viewer;

/// By what communities are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommunityOrderField {
    /// By name, case and accents ignored.
    Name,
    /// By the time they were made.
    CreatedAt,
    /// By the time they were last changed.
    UpdatedAt,
}

/// An order of communities; by name when nothing else is asked for.
#[derive(Clone, Copy, Debug)]
pub struct CommunityOrder {
    /// By what.
    pub field: CommunityOrderField,
    /// In which direction.
    pub direction: Direction,
}

impl Default for CommunityOrder {
    fn default() -> Self {
        Self {
            field: CommunityOrderField::Name,
            direction: Direction::Ascending,
        }
    }
}

impl CommunityOrder {
    fn keyset(self) -> Keyset {
        Keyset {
            table: "community",
            column: Some(match self.field {
                CommunityOrderField::Name => "name_key",
                CommunityOrderField::CreatedAt => "created_at",
                CommunityOrderField::UpdatedAt => "updated_at",
            }),
            id_column: "id",
            nullable: false,
            direction: self.direction,
        }
    }

    fn cursor(self, row: &community::Model) -> Cursor {
        Cursor {
            value: match self.field {
                CommunityOrderField::Name => SortValue::Text(row.name_key.clone()),
                CommunityOrderField::CreatedAt => SortValue::Time(row.created_at),
                CommunityOrderField::UpdatedAt => SortValue::Time(row.updated_at),
            },
            id: row.id,
        }
    }
}

/// Whether the viewer sees only what the community is about: its description, parent, sponsors, members and items stay
/// hidden.
#[must_use]
pub fn about_only(viewer: &Viewer, community: &community::Model) -> bool {
    access(viewer, community) != Access::Full
}

fn visible(viewer: &Viewer) -> Select<community::Entity> {
    community::Entity::find().filter(visible_communities(viewer))
}

/// The communities of these ids whose about the viewer may see, kept for those who ask next.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Arc<community::Model>>> {
    let (kept, mark) = (store.kept(), store.kept().mark());
    let rows: HashMap<Uuid, Arc<community::Model>> = community::Entity::find()
        .filter(community::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|row| (row.id, Arc::new(row)))
        .collect();
    kept.keep(
        &kept.communities,
        mark,
        rows.iter().map(|(id, row)| (*id, Arc::clone(row))),
    );
    let mut rows = rows;
    rows.retain(|_, row| access(viewer, row) != Access::None);
    Ok(rows)
}

/// The community, where it is kept in memory: none inside when the viewer may not see even its about. To be believed
/// only by a request that has freshened the store.
#[must_use]
pub fn kept(store: &Store, viewer: &Viewer, id: Uuid) -> Option<Option<Arc<community::Model>>> {
    let row = store.kept().communities.get(&id)?;
    Some((access(viewer, &row) != Access::None).then_some(row))
}

/// Those of these communities that the viewer has, or once had, a membership of, whatever the viewer may see of them now:
/// to show the viewer their own memberships, and of the community what it is about.
pub async fn of_own_memberships(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, community::Model>> {
    let own = ids.iter().copied();
    let rows = community::Entity::find()
        .filter(community::Column::Id.is_in(own.filter(|id| viewer.membership(*id).is_some())))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The community that has this slug, or had it, when the viewer may see its about.
#[crate::boxed]
pub async fn by_slug(
    store: &Store,
    viewer: &Viewer,
    slug: &str,
) -> Result<Option<community::Model>> {
    let Some(condition) = Owner::Community.has_or_had(slug) else {
        return Ok(None);
    };
    Ok(visible(viewer)
        .filter(condition)
        .order_by(Owner::Community.has_now(slug), Order::Desc)
        .one(store.reader())
        .await?)
}

/// A page of the communities whose about the viewer may see. Communities under a domain are those with it in
/// `domain_ids`.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    filter: &CommunityFilter,
    order: CommunityOrder,
    request: &PageRequest,
) -> Result<Page<community::Model>> {
    let keyset = order.keyset();
    let window = request.check(&keyset)?;
    let mut select = visible(viewer).filter(filter.condition()?);
    window.apply(QueryTrait::query(&mut select), &keyset);
    let rows = store.list(select).await?;
    Ok(window.page(&keyset, rows, |row| order.cursor(row)))
}

/// How many communities [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer, filter: &CommunityFilter) -> Result<u64> {
    let select = visible(viewer).filter(filter.condition()?);
    store.count(select.into_query()).await
}

fn parts(viewer: &Viewer, parent: Uuid) -> Select<community::Entity> {
    // What a community is part of is nothing that those know who see only what it is about.
    community::Entity::find()
        .filter(community::Column::ParentId.eq(parent))
        .filter(whole_communities(viewer))
}

/// A page of the communities that are part of one that the viewer sees whole, by name.
#[crate::boxed]
pub async fn page_of_parts(
    store: &Store,
    viewer: &Viewer,
    parent: Uuid,
    request: &PageRequest,
) -> Result<Page<community::Model>> {
    let order = CommunityOrder::default();
    let keyset = order.keyset();
    let window = request.check(&keyset)?;
    let mut select = parts(viewer, parent);
    window.apply(QueryTrait::query(&mut select), &keyset);
    let rows = store.list(select).await?;
    Ok(window.page(&keyset, rows, |row| order.cursor(row)))
}

/// How many communities [`page_of_parts`] lists.
#[crate::boxed]
pub async fn count_of_parts(store: &Store, viewer: &Viewer, parent: Uuid) -> Result<u64> {
    store.count(parts(viewer, parent).into_query()).await
}
