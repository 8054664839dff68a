//! What would break the guards of another kind.

use entity::community::CommunityKind;
use entity::evidence::EvidenceLevel;
use entity::item::{self, ItemType, PublicationStatus};
use entity::practice::PracticeMaturity;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{Kind, Need, of};
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::readable_items;
use crate::store::Store;
use crate::viewer::Viewer;

/// An item that a kind's guards would not let be published, or recommended, as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The type of the item.
    pub item_type: ItemType,
    /// The item.
    pub id: Uuid,
}

const OLDEST_FIRST: Keyset = Keyset {
    table: "item",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

impl Need {
    /// The condition on `item` for those that lack this.
    fn unmet(self) -> Condition {
        let lacks = |column: item::Column| Condition::all().add(column.is_null());
        match self {
            Self::Steward => lacks(item::Column::StewardId),
            Self::Licence => lacks(item::Column::Licence),
            Self::ReviewDate => lacks(item::Column::ReviewDueAt),
            Self::Domain => {
                let filed = Query::select()
                    .expr(Expr::value(1))
                    .from("item_domain")
                    .and_where(Expr::col(("item_domain", "item_id")).equals(("item", "id")))
                    .take();
                Condition::all().add(Expr::exists(filed).not())
            }
        }
    }
}

/// The condition on `item` for practices that are recommended without the evidence for it: a pilot that worked, or enough
/// confirmed adoptions, which make the level CONFIRMED.
fn recommended_without_evidence() -> Condition {
    let counted = |column: &'static str| Expr::col(("evidence", column));
    let recommended = Query::select()
        .expr(Expr::value(1))
        .from("practice")
        .and_where(Expr::col(("practice", "id")).equals(("item", "id")))
        .and_where(Expr::col(("practice", "maturity")).eq(PracticeMaturity::Recommended.as_str()))
        .take();
    let confirmed = counted("level").eq(EvidenceLevel::Confirmed.as_str());
    let enough = Query::select()
        .expr(Expr::value(1))
        .from("evidence")
        .and_where(counted("item_id").equals(("item", "id")))
        .cond_where(Condition::any().add(counted("worked").gt(0)).add(confirmed))
        .take();
    Condition::all()
        .add(item::Column::ItemType.eq(ItemType::Practice))
        .add(Expr::exists(recommended))
        .add(Expr::exists(enough).not())
}

/// The published items of a community that break the guards of a kind, as far as the viewer sees them. None where the
/// kind guards nothing.
fn conflicts(
    viewer: &Viewer,
    community: Uuid,
    kind: CommunityKind,
) -> Option<sea_orm::Select<item::Entity>> {
    let Kind {
        published_needs,
        recommends_by_evidence,
        ..
    } = of(kind);
    let mut broken = published_needs
        .iter()
        .fold(Condition::any(), |any, need| any.add(need.unmet()));
    if *recommends_by_evidence {
        broken = broken.add(recommended_without_evidence());
    }
    if broken.is_empty() {
        return None;
    }
    Some(
        item::Entity::find()
            .select_only()
            .columns([item::Column::ItemType, item::Column::Id])
            .filter(item::Column::CommunityId.eq(community))
            .filter(item::Column::Status.eq(PublicationStatus::Published))
            .filter(broken)
            .filter(readable_items(viewer)),
    )
}

/// A page of the published items that break the guards of a kind, the oldest first.
#[crate::boxed]
pub async fn page_of_conflicts(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    kind: CommunityKind,
    request: &PageRequest,
) -> Result<Page<Conflict>> {
    let window = request.check(&OLDEST_FIRST)?;
    let Some(mut select) = conflicts(viewer, community, kind) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &OLDEST_FIRST);
    let rows: Vec<(ItemType, Uuid)> = select.into_tuple().all(store.reader()).await?;
    let found = rows
        .into_iter()
        .map(|(item_type, id)| Conflict { item_type, id })
        .collect();
    Ok(window.page(&OLDEST_FIRST, found, |conflict| Cursor {
        value: SortValue::Id,
        id: conflict.id,
    }))
}

/// How many published items break the guards of a kind.
#[crate::boxed]
pub async fn conflict_count(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    kind: CommunityKind,
) -> Result<u64> {
    match conflicts(viewer, community, kind) {
        Some(select) => Ok(select.count(store.reader()).await?),
        None => Ok(0),
    }
}
