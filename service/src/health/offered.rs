//! How what is published is kept: in date, by whom, and how much of the domains it covers.

use chrono::{DateTime, Utc};
use entity::item::ItemType;
use futures_util::future::{try_join, try_join3};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use super::{FOR_ALL, Figure, Figures, LEAST_SEARCHES, SAMPLE, practice};
use crate::community::kind::Indicator;
use crate::error::Result;
use crate::search;
use crate::store::Store;

/// How many of some things are kept.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    published: u64,
    with_steward: u64,
    in_date: u64,
    overdue: u64,
}

pub(super) async fn practices(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Figures> {
    let (kept, (adopted, recommended)) = try_join(
        kept(store, community, &[ItemType::Practice], now),
        try_join(
            practice::adopted(store, community, from),
            practice::days_to_recommended(store, community, from),
        ),
    )
    .await?;
    let overdue = Figure::share(kept.overdue, kept.published);
    Ok(Figures::from([
        (
            Indicator::AdoptionsPerPractice,
            Figure::share(adopted.adoptions, kept.published),
        ),
        (
            Indicator::SettingsReached,
            Figure::count(adopted.settings, adopted.adoptions),
        ),
        (Indicator::DaysToRecommended, recommended),
        (Indicator::OverdueShare, overdue),
    ]))
}

pub(super) async fn all(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Figures> {
    let types = [ItemType::Resource, ItemType::Practice];
    let (kept, coverage, searches) = try_join3(
        kept(store, community, &types, now),
        coverage(store, community),
        search::searches(store, community, from),
    )
    .await?;
    let zero_result = if searches.all < LEAST_SEARCHES {
        Figure::default()
    } else {
        Figure::share(searches.in_vain, searches.all)
    };
    Ok(Figures::from([
        (
            Indicator::InDateShare,
            Figure::share(kept.in_date, kept.published),
        ),
        (
            Indicator::StewardShare,
            Figure::share(kept.with_steward, kept.published),
        ),
        (Indicator::DomainCoverage, coverage),
        (Indicator::ZeroResultShare, zero_result),
    ]))
}

/// What was published last, of one type.
pub(super) fn newest(
    community: Uuid,
    item_type: ItemType,
    columns: &[&'static str],
) -> SelectStatement {
    Query::select()
        .columns(columns.iter().map(|name| ("item", *name)))
        .from("item")
        .and_where(Expr::col(("item", "community_id")).eq(community))
        .and_where(Expr::col(("item", "item_type")).eq(item_type.as_str()))
        .and_where(Expr::cust("item.status = 'PUBLISHED'"))
        .and_where(Expr::cust(FOR_ALL))
        .order_by(("item", "published_at"), Order::Desc)
        .limit(SAMPLE)
        .take()
}

/// How all that is published of these types is kept: the newest would tell nothing of what is overdue. The index of what
/// is offered holds what is asked, so no item is looked at.
async fn kept(
    store: &Store,
    community: Uuid,
    types: &[ItemType],
    now: DateTime<Utc>,
) -> Result<Kept> {
    let due = || Expr::col(("item", "review_due_at"));
    let counted = |condition: Expr| {
        let one: Expr = CaseStatement::new().case(condition, 1).into();
        one.count()
    };
    let select = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "published")
        .expr_as(Expr::col(("item", "steward_id")).count(), "with_steward")
        .expr_as(counted(due().gt(now)), "in_date")
        .expr_as(counted(due().lte(now)), "overdue")
        .from("item")
        .and_where(Expr::col(("item", "community_id")).eq(community))
        .and_where(Expr::col(("item", "item_type")).is_in(types.iter().map(|kind| kind.as_str())))
        .and_where(Expr::cust("item.status = 'PUBLISHED'"))
        .and_where(Expr::cust(FOR_ALL))
        .take();
    let rows = store.rows(select).await?;
    let Some(row) = rows.first() else {
        return Ok(Kept::default());
    };
    let number = |name: &str| -> Result<u64> {
        let number: i64 = row.get(name)?;
        Ok(number.unsigned_abs())
    };
    Ok(Kept {
        published: number("published")?,
        with_steward: number("with_steward")?,
        in_date: number("in_date")?,
        overdue: number("overdue")?,
    })
}

/// Of the community's domains and the kinds of resources that it has, how many combinations have a resource, narrower
/// domains included.
async fn coverage(store: &Store, community: Uuid) -> Result<Figure> {
    let sample = || newest(community, ItemType::Resource, &["id", "kind"]);
    let cells = Query::select()
        .distinct()
        .column(("community_domain", "domain_id"))
        .column(("newest", "kind"))
        .from_subquery(sample(), "newest")
        .inner_join(
            "item_domain",
            Expr::col(("item_domain", "item_id")).equals(("newest", "id")),
        )
        .inner_join(
            "domain_ancestor",
            Expr::col(("domain_ancestor", "domain_id")).equals(("item_domain", "domain_id")),
        )
        .inner_join(
            "community_domain",
            Expr::col(("community_domain", "domain_id"))
                .equals(("domain_ancestor", "ancestor_id"))
                .and(Expr::col(("community_domain", "community_id")).eq(community)),
        )
        .take();
    let kinds = Query::select()
        .distinct()
        .column(("newest", "kind"))
        .from_subquery(sample(), "newest")
        .take();
    let domains = Query::select()
        .column(("community_domain", "domain_id"))
        .from("community_domain")
        .and_where(Expr::col(("community_domain", "community_id")).eq(community))
        .take();
    let (filled, (kinds, domains)) = try_join(
        store.count(cells),
        try_join(store.count(kinds), store.count(domains)),
    )
    .await?;
    Ok(Figure::share(filled, kinds * domains))
}
