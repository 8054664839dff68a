//! How far practices come: who uses them, in how many settings, and how long it takes to recommend one.

use chrono::{DateTime, TimeDelta, Utc};
use entity::adoption::AdoptionState;
use entity::item::ItemType;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use super::offered::newest;
use super::{FOR_ALL, Figure, SAMPLE};
use crate::error::Result;
use crate::store::Store;

/// How often practices were adopted in the window.
pub(super) struct Adopted {
    pub(super) adoptions: u64,
    pub(super) settings: u64,
}

/// The adoptions of published practices among the newest adoptions of the window, and the settings that they reach.
pub(super) async fn adopted(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Adopted> {
    let newest = Query::select()
        .columns(["subject_id", "setting_key", "state"].map(|name| ("adoption", name)))
        .from("adoption")
        .and_where(Expr::col(("adoption", "community_id")).eq(community))
        .and_where(Expr::col(("adoption", "created_at")).gte(from))
        .order_by(("adoption", "created_at"), Order::Desc)
        .limit(SAMPLE)
        .take();
    let used = [AdoptionState::InUse, AdoptionState::Confirmed].map(AdoptionState::as_str);
    let select = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "adoptions")
        .expr_as(
            Expr::col(("newest", "setting_key")).count_distinct(),
            "settings",
        )
        .from_subquery(newest, "newest")
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("newest", "subject_id")),
        )
        .and_where(Expr::col(("newest", "state")).is_in(used))
        .and_where(Expr::col(("item", "item_type")).eq(ItemType::Practice.as_str()))
        .and_where(Expr::cust("item.status = 'PUBLISHED'"))
        .and_where(Expr::cust(FOR_ALL))
        .take();
    let rows = store.rows(select).await?;
    let number = |name: &str| -> Result<u64> {
        let number: i64 = match rows.first() {
            Some(row) => row.get(name)?,
            None => 0,
        };
        Ok(number.unsigned_abs())
    };
    Ok(Adopted {
        adoptions: number("adoptions")?,
        settings: number("settings")?,
    })
}

/// How long those of the practices published last took that were recommended in the window: from when they were made.
pub(super) async fn days_to_recommended(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Figure> {
    let rows = store.rows(recommended(community, from)).await?;
    let mut spans = Vec::with_capacity(rows.len());
    for row in &rows {
        let made_at: DateTime<Utc> = row.get("created_at")?;
        let recommended_at: DateTime<Utc> = row.get("recommended_at")?;
        spans.push(recommended_at - made_at);
    }
    Ok(Figure::median(spans, TimeDelta::days(1)))
}

fn recommended(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let newest = newest(community, ItemType::Practice, &["id", "created_at"]);
    Query::select()
        .column(("newest", "created_at"))
        .column(("practice", "recommended_at"))
        .from_subquery(newest, "newest")
        .inner_join(
            "practice",
            Expr::col(("practice", "id")).equals(("newest", "id")),
        )
        .and_where(Expr::col(("practice", "recommended_at")).gte(from))
        .take()
}
