//! Reading domains. Everybody sees all of them.

use std::collections::HashMap;
use std::sync::Arc;

use entity::{domain, domain_ancestor};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::slugs::Owner;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::store::Store;
use crate::text::fold;
use crate::viewer::Viewer;

const BY_NAME: Keyset = Keyset {
    table: "domain",
    column: Some("name_key"),
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// The column that says with which domain another one is linked.
const WITH: &str = "linked_with";

/// Which domains to list; what is absent does not restrict.
#[derive(Clone, Debug, Default)]
pub struct DomainFilter {
    /// Those directly under this one.
    pub parent_id: Option<Uuid>,
    /// Those without a broader one.
    pub roots_only: bool,
    /// Those whose name begins so, case and accents ignored.
    pub name_starts_with: Option<String>,
}

/// The names of a domain.
#[derive(Clone, Debug, FromQueryResult)]
pub struct DomainNames {
    /// The domain.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its preferred name.
    pub name: String,
    /// Preferred names by language.
    pub labels: entity::LabelList,
    /// Synonyms.
    pub alternative_labels: entity::LabelList,
}

impl DomainNames {
    /// Every text under which the domain is known, the preferred name first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(
            self.labels
                .0
                .iter()
                .chain(&self.alternative_labels.0)
                .map(|label| label.text.as_str()),
        )
    }
}

/// The domains of these ids, kept for those who ask next; ids of none are left out.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Arc<domain::Model>>> {
    let (kept, mark) = (store.kept(), store.kept().mark());
    let rows: HashMap<Uuid, Arc<domain::Model>> = domain::Entity::find()
        .filter(domain::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|row| (row.id, Arc::new(row)))
        .collect();
    kept.keep(
        &kept.domains,
        mark,
        rows.iter().map(|(id, row)| (*id, Arc::clone(row))),
    );
    Ok(rows)
}

/// The domain, where it is kept in memory. To be believed only by a request that has freshened the store.
#[must_use]
pub fn kept(store: &Store, id: Uuid) -> Option<Arc<domain::Model>> {
    store.kept().domains.get(&id)
}

/// The domain that has this slug, or had it.
#[crate::boxed]
pub async fn by_slug(store: &Store, _viewer: &Viewer, slug: &str) -> Result<Option<domain::Model>> {
    let Some(condition) = Owner::Domain.has_or_had(slug) else {
        return Ok(None);
    };
    Ok(domain::Entity::find()
        .filter(condition)
        .order_by(Owner::Domain.has_now(slug), Order::Desc)
        .one(store.reader())
        .await?)
}

fn filtered(filter: &DomainFilter) -> Select<domain::Entity> {
    let mut condition = Condition::all();
    if let Some(parent) = filter.parent_id {
        condition = condition.add(domain::Column::ParentId.eq(parent));
    }
    if filter.roots_only {
        condition = condition.add(domain::Column::ParentId.is_null());
    }
    if let Some(prefix) = &filter.name_starts_with {
        condition = condition.add(name_starts_with("domain", prefix));
    }
    domain::Entity::find().filter(condition)
}

/// A page of domains by name.
#[crate::boxed]
pub async fn page(
    store: &Store,
    _viewer: &Viewer,
    filter: &DomainFilter,
    request: &PageRequest,
) -> Result<Page<domain::Model>> {
    let window = request.check(&BY_NAME)?;
    let mut select = filtered(filter);
    window.apply(QueryTrait::query(&mut select), &BY_NAME);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_NAME, rows, |row| Cursor {
        value: SortValue::Text(row.name_key.clone()),
        id: row.id,
    }))
}

/// How many domains the filter lets through.
#[crate::boxed]
pub async fn count(store: &Store, _viewer: &Viewer, filter: &DomainFilter) -> Result<u64> {
    store.count(filtered(filter).into_query()).await
}

/// The broader domains of these, the broadest first, without themselves: one statement for all.
#[crate::boxed]
pub async fn ancestors(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<domain::Model>>> {
    let select = linked("domain_ancestor", "ancestor_id", ids)
        .and_where(Expr::col(("domain_ancestor", "distance")).gt(0))
        .order_by(("domain_ancestor", "distance"), Order::Desc)
        .take();
    grouped(store, &select).await
}

/// The domains that are related to these, by name: one statement for all.
#[crate::boxed]
pub async fn related(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<domain::Model>>> {
    let select = linked("related_domain", "related_id", ids)
        .order_by(("domain", "name_key"), Order::Asc)
        .order_by(("domain", "id"), Order::Asc)
        .take();
    grouped(store, &select).await
}

/// A select of the domains that a table links with these, and of the one that each is linked with as [`WITH`].
fn linked(table: &'static str, column: &'static str, ids: &[Uuid]) -> SelectStatement {
    Query::select()
        .columns(domain::Column::iter().map(|column| ("domain", column)))
        .expr_as(Expr::col((table, "domain_id")), WITH)
        .from(table)
        .inner_join(
            "domain",
            Expr::col(("domain", "id")).equals((table, column)),
        )
        .and_where(Expr::col((table, "domain_id")).is_in(ids.iter().copied()))
        .take()
}

/// What a select of [`linked`] domains finds, by the domain that they are linked with.
async fn grouped(
    store: &Store,
    select: &SelectStatement,
) -> Result<HashMap<Uuid, Vec<domain::Model>>> {
    let mut found: HashMap<Uuid, Vec<domain::Model>> = HashMap::new();
    for row in store.reader().query_all(select).await? {
        let with: Uuid = row.try_get("", WITH)?;
        found
            .entry(with)
            .or_default()
            .push(domain::Model::from_query_result(&row, "")?);
    }
    Ok(found)
}

/// The ids of these domains' broader ones, themselves included.
pub async fn broader_ids(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let rows = domain_ancestor::Entity::find()
        .filter(domain_ancestor::Column::DomainId.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in rows {
        found
            .entry(row.domain_id)
            .or_default()
            .push(row.ancestor_id);
    }
    Ok(found)
}

/// A subselect of the ids of items that belong to one of these domains or to a narrower one.
#[must_use]
pub fn items_under(domains: &[Uuid]) -> SelectStatement {
    under("item_domain", "item_id", domains)
}

/// A subselect of the ids of communities that care about one of these domains or about a narrower one.
#[must_use]
pub fn communities_under(domains: &[Uuid]) -> SelectStatement {
    under("community_domain", "community_id", domains)
}

fn under(table: &'static str, column: &'static str, domains: &[Uuid]) -> SelectStatement {
    Query::select()
        .column((table, column))
        .from(table)
        .inner_join(
            "domain_ancestor",
            Expr::col(("domain_ancestor", "domain_id")).equals((table, "domain_id")),
        )
        .and_where(Expr::col(("domain_ancestor", "ancestor_id")).is_in(domains.iter().copied()))
        .take()
}

/// The preferred names of these domains, to label facets.
pub async fn names(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = domain::Entity::find()
        .select_only()
        .column(domain::Column::Id)
        .column(domain::Column::Name)
        .filter(domain::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The names of every domain, to expand queries by synonyms.
pub async fn all_names(store: &Store) -> Result<Vec<DomainNames>> {
    Ok(domain::Entity::find()
        .select_only()
        .columns([
            domain::Column::Id,
            domain::Column::Slug,
            domain::Column::Name,
            domain::Column::Labels,
            domain::Column::AlternativeLabels,
        ])
        .into_model()
        .all(store.reader())
        .await?)
}

/// A condition on the folded name of a table's rows; a range of the key, so that an index serves it.
pub(crate) fn name_starts_with(table: &'static str, prefix: &str) -> Condition {
    let key = || Expr::col((table, "name_key"));
    let prefix = fold(prefix);
    if prefix.is_empty() {
        return Condition::all();
    }
    // No name holds a NUL, and PostgreSQL takes none in a text.
    if prefix.contains('\0') {
        return Condition::all().add(key().is_null());
    }
    Condition::all()
        .add(key().lt(format!("{prefix}\u{10ffff}")))
        .add(key().gte(prefix))
}
