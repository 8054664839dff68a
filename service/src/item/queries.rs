//! Reading items of one type: the only selects that answer them to a viewer, all under the same condition.

use std::collections::HashMap;
use std::sync::LazyLock;

use entity::item::{self, ItemType};
use entity::{activity, collection, discussion, innovation, practice, resource};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait,
    RelationDef, SelectTwo,
};
use uuid::Uuid;

use crate::error::Result;
use crate::paging::{Cursor, Keyset, Page, PageRequest, SortValue, Window};
use crate::policy::filter::{Form, Reader, items_readable, readable_items};
use crate::store::{Row, Store, StoredEntity, Templates, WriteUnit, slot};
use crate::viewer::Viewer;

use super::ItemFilter;
use super::edges::{self, Edges, WIDEST, With, padded};
use super::tagged::Tagged;

/// A type of item, by the entity of its own table.
pub trait ItemKind: StoredEntity {
    /// Which type it is.
    const ITEM_TYPE: ItemType;

    /// The join from `item` to its table.
    fn relation() -> RelationDef;

    /// The sort value of a column of its own table.
    fn sort_value(row: &Self::Model, column: &str) -> Option<SortValue>;
}

macro_rules! item_kind {
    ($table:ident, $item_type:ident, $sort_value:expr) => {
        impl ItemKind for $table::Entity {
            const ITEM_TYPE: ItemType = ItemType::$item_type;

            fn relation() -> RelationDef {
                item::Entity::belongs_to($table::Entity)
                    .from(item::Column::Id)
                    .to($table::Column::Id)
                    .into()
            }

            fn sort_value(row: &Self::Model, column: &str) -> Option<SortValue> {
                let sort_value: fn(&Self::Model, &str) -> Option<SortValue> = $sort_value;
                sort_value(row, column)
            }
        }
    };
}

item_kind!(resource, Resource, |_, _| None);
item_kind!(practice, Practice, |_, _| None);
item_kind!(collection, Collection, |_, _| None);
item_kind!(innovation, Innovation, |row, column| {
    (column == "supporter_count").then(|| SortValue::Number(row.supporter_count.into()))
});
item_kind!(discussion, Discussion, |row, column| {
    (column == "last_activity_at").then_some(SortValue::Time(row.last_activity_at))
});

item_kind!(activity, Activity, |row, column| {
    (column == "starts_at").then_some(SortValue::Time(row.starts_at))
});

/// A row of the table of a type of item.
pub trait DetailsRow: FromQueryResult + Send + Sync {}

impl<T: FromQueryResult + Send + Sync> DetailsRow for T {}

/// To what a list of items belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListScope {
    /// To the platform: every item.
    Everything,
    /// To a community.
    Community(Uuid),
    /// To a practice: the resources that it uses.
    UsedBy(Uuid),
}

/// A list of items: which, of what, in what order.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Which items.
    pub filter: &'a ItemFilter,
    /// To what the list belongs.
    pub scope: ListScope,
    /// In what order.
    pub keyset: Keyset,
}

impl ListScope {
    fn condition(self) -> Condition {
        match self {
            Self::Everything => Condition::all(),
            Self::Community(id) => Condition::all().add(item::Column::CommunityId.eq(id)),
            Self::UsedBy(practice) => crate::practice::used_by(practice),
        }
    }
}

/// An item as lists answer it: the shared row and that of its type, and what else was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<D> {
    /// The shared row.
    pub item: item::Model,
    /// The row of its type.
    pub details: D,
    /// What was read together with it.
    pub edges: Edges,
}

/// Items of a kind by a condition on their ids. Its type is that of the joined table: if the statement named it too,
/// SQLite would walk through all items of the type rather than look some ids up.
pub(super) fn select_by_id<K: ItemKind>(
    readable: Condition,
    ids: Condition,
) -> SelectTwo<item::Entity, K> {
    item::Entity::find()
        .join(JoinType::InnerJoin, K::relation())
        .filter(ids)
        .filter(readable)
        .select_also(K::default())
}

/// The items under a condition that the viewer may read.
pub(crate) fn select_where<K: ItemKind>(
    viewer: &Viewer,
    condition: Condition,
) -> SelectTwo<item::Entity, K> {
    item::Entity::find()
        .join(JoinType::InnerJoin, K::relation())
        .filter(item::Column::ItemType.eq(K::ITEM_TYPE))
        .filter(readable_items(viewer))
        .filter(condition)
        .select_also(K::default())
}

/// The items that a select of items with their details answers.
pub(crate) async fn listed<K>(
    store: &Store,
    select: SelectTwo<item::Entity, K>,
) -> Result<Vec<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let rows = store.rows(select.into_query()).await?;
    rows.into_iter().map(read::<K>).collect()
}

fn read<K>(mut row: Row) -> Result<Listed<K::Model>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    Ok(Listed {
        item: row.model::<item::Entity>("A_")?,
        details: row.model::<K>("B_")?,
        edges: Edges::default(),
    })
}

/// One item, held until the commit where the database locks rows; whether the viewer may read it is not asked.
pub(crate) async fn lock<K>(unit: &WriteUnit, id: Uuid) -> Result<Option<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let found = item::Entity::find_by_id(id)
        .join(JoinType::InnerJoin, K::relation())
        .lock_exclusive()
        .select_also(K::default())
        .one(unit.db())
        .await?;
    Ok(found.and_then(|(item, details)| {
        details.map(|details| Listed {
            item,
            details,
            edges: Edges::default(),
        })
    }))
}

/// The slot of the first id that is looked up: those of the viewer come before.
const FIRST_ID: u16 = 2;

/// By type, form of the viewer and what is read together with it.
static FOUND: LazyLock<Templates<(ItemType, Form, With)>> = LazyLock::new(Templates::default);

/// One item, if the viewer may read it: all of it in one statement.
pub async fn find<K>(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    with: With,
) -> Result<Option<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let (backend, form) = (store.backend(), Form::of(viewer));
    let template = FOUND.get(backend, (K::ITEM_TYPE, form, with), || {
        let readable = items_readable(Reader::of_form(form).as_ref());
        let id = Condition::all().add(item::Column::Id.eq(slot(FIRST_ID)));
        let mut select = select_by_id::<K>(readable, id);
        with.select(QueryTrait::query(&mut select), backend);
        select.into_query()
    });
    let [user, only] = Form::ids(viewer);
    let found = store.row(template.fill(&[user, only, id])).await?;
    found
        .map(|mut row| {
            Ok(Listed {
                item: row.model::<item::Entity>("A_")?,
                details: row.model::<K>("B_")?,
                edges: with.read(&row)?,
            })
        })
        .transpose()
}

/// By type, form of the viewer and number of values.
static FOUND_TOGETHER: LazyLock<Templates<(ItemType, Form, usize)>> =
    LazyLock::new(Templates::default);

/// Those of the items that the viewer may read.
pub async fn by_ids<K>(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let (backend, form) = (store.backend(), Form::of(viewer));
    let [user, only] = Form::ids(viewer);
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(WIDEST) {
        let values: Vec<Uuid> = [user, only].into_iter().chain(padded(ids)).collect();
        let template = FOUND_TOGETHER.get(backend, (K::ITEM_TYPE, form, values.len()), || {
            let readable = items_readable(Reader::of_form(form).as_ref());
            let slots = (FIRST_ID..).map(slot).take(values.len() - 2);
            let ids = Condition::all().add(item::Column::Id.is_in(slots));
            select_by_id::<K>(readable, ids).into_query()
        });
        for row in store.filled(template.fill(&values)).await? {
            let listed = read::<K>(row)?;
            found.insert(listed.item.id, listed);
        }
    }
    Ok(found)
}

/// A page of the items of a list that the viewer may read, with what is asked for beside.
pub async fn page<K>(
    store: &Store,
    viewer: &Viewer,
    list: List<'_>,
    request: &PageRequest,
    with: With,
) -> Result<Page<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let window = request.check(&list.keyset)?;
    let select = if let Some(tagged) = Tagged::of(&list) {
        tagged.select::<K>(viewer, &window)?
    } else {
        let condition = list.filter.condition(K::ITEM_TYPE)?;
        let mut select = select_where::<K>(viewer, condition.add(list.scope.condition()));
        window.apply(QueryTrait::query(&mut select), &list.keyset);
        select
    };
    read_page::<K>(store, select, &window, &list.keyset, with).await
}

/// A page of the items under a condition that the viewer may read, with what is asked for beside.
pub(crate) async fn page_where<K>(
    store: &Store,
    viewer: &Viewer,
    condition: Condition,
    keyset: Keyset,
    request: &PageRequest,
    with: With,
) -> Result<Page<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let window = request.check(&keyset)?;
    let mut select = select_where::<K>(viewer, condition);
    window.apply(QueryTrait::query(&mut select), &keyset);
    read_page::<K>(store, select, &window, &keyset, with).await
}

/// The page whose rows a select answers, with what is asked for beside.
async fn read_page<K>(
    store: &Store,
    select: SelectTwo<item::Entity, K>,
    window: &Window,
    keyset: &Keyset,
    with: With,
) -> Result<Page<Listed<K::Model>>>
where
    K: ItemKind,
    K::Model: DetailsRow,
{
    let listed = listed(store, select).await?;
    let mut page = window.page(keyset, listed, |listed| Cursor {
        value: sort_value::<K>(listed, keyset),
        id: listed.item.id,
    });
    // Apart from the page's own statement, which may sort many rows before it answers few.
    let ids: Vec<Uuid> = page.rows.iter().map(|(_, listed)| listed.item.id).collect();
    let mut edges = edges::of(store, &ids, with).await?;
    for (_, listed) in &mut page.rows {
        listed.edges = edges.remove(&listed.item.id).unwrap_or_default();
    }
    Ok(page)
}

/// How many items of a list the viewer may read.
pub async fn count<K: ItemKind>(
    store: &Store,
    viewer: &Viewer,
    filter: &ItemFilter,
    scope: ListScope,
) -> Result<u64>
where
    K::Model: DetailsRow,
{
    let condition = filter.condition(K::ITEM_TYPE)?.add(scope.condition());
    count_where::<K>(store, viewer, condition).await
}

/// How many items under a condition the viewer may read.
pub(crate) async fn count_where<K: ItemKind>(
    store: &Store,
    viewer: &Viewer,
    condition: Condition,
) -> Result<u64>
where
    K::Model: DetailsRow,
{
    let mut counted = item::Entity::find();
    // The table of the type is joined only when the filter looks at it.
    if K::ITEM_TYPE != ItemType::Resource {
        counted = counted.join(JoinType::InnerJoin, K::relation());
    }
    let counted = counted
        .select_only()
        .column(item::Column::Id)
        .filter(item::Column::ItemType.eq(K::ITEM_TYPE))
        .filter(readable_items(viewer))
        .filter(condition);
    store.count(counted.into_query()).await
}

fn sort_value<K: ItemKind>(listed: &Listed<K::Model>, keyset: &Keyset) -> SortValue {
    let item = &listed.item;
    match keyset.column {
        Some("title_key") => SortValue::Text(item.title_key.clone()),
        Some("created_at") => SortValue::Time(item.created_at),
        Some("updated_at") => SortValue::Time(item.updated_at),
        Some("published_at") => item.published_at.map_or(SortValue::Null, SortValue::Time),
        Some(column) => K::sort_value(&listed.details, column).unwrap_or(SortValue::Id),
        None => SortValue::Id,
    }
}
