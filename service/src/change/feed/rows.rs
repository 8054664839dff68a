//! The rows of the log that concern a viewer, found in SQL by what they carry.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use uuid::Uuid;

use super::{FeedRequest, SCANNED};
use crate::error::{Error, Result};
use crate::policy::audience;
use crate::store::{Row as Answered, Store};
use crate::viewer::Viewer;

/// What of the log is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Rows after this position.
    pub(super) after: i64,
    /// And up to this one.
    pub(super) end: i64,
    /// So many that concern the viewer.
    pub(super) size: usize,
}

/// A row of the log that concerns a viewer.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) position: i64,
    pub(crate) entity_type: EntityType,
    pub(crate) entity_id: Uuid,
    pub(crate) community_id: Option<Uuid>,
    pub(crate) fields: Vec<String>,
    pub(crate) at: DateTime<Utc>,
    /// Whether the viewer, as they are now, saw the thing before it.
    pub(crate) seen_before: bool,
    /// Whether they saw it after it.
    pub(crate) seen_after: bool,
}

/// What was found, all of one moment.
#[derive(Debug)]
pub(super) struct Scanned {
    /// The rows, oldest first.
    pub(super) rows: Vec<Row>,
    /// The rows up to this position were removed from the log.
    pub(super) kept_after: i64,
}

/// Where a window ends: few enough rows are looked at until there.
pub(super) async fn window_end(
    store: &Store,
    community: Option<Uuid>,
    after: i64,
    head: i64,
) -> Result<i64> {
    if head - after <= SCANNED {
        return Ok(head);
    }
    let Some(community) = community else {
        return Ok(after + SCANNED);
    };
    // Only the community's rows are looked at, which an index finds: they may reach far.
    let last = Query::select()
        .column(("change", "position"))
        .from("change")
        .and_where(Expr::col(("change", "community_id")).eq(community))
        .and_where(Expr::col(("change", "position")).gt(after))
        .and_where(Expr::col(("change", "position")).lte(head))
        .order_by(("change", "position"), Order::Asc)
        .limit(1)
        .offset(SCANNED.unsigned_abs() - 1)
        .take();
    Ok(match store.reader().query_one(&last).await? {
        Some(row) => row.try_get("", "position")?,
        None => head,
    })
}

/// The rows of a window that concern the viewer, with how far back the log is kept, in one statement.
pub(super) async fn scan(
    store: &Store,
    viewer: &Viewer,
    request: &FeedRequest,
    window: Window,
) -> Result<Scanned> {
    let select = statement(store.backend(), viewer, request, window)?;
    let answered = store.rows(select).await?;
    let kept_after = match answered.first() {
        Some(row) => row.get("kept_after")?,
        None => return Err(Error::internal("the change log has no head row")),
    };
    let mut rows = Vec::with_capacity(answered.len());
    for row in &answered {
        // Where nothing concerns the viewer, one row without a change says how far back the log is kept.
        if let Some(position) = row.get::<Option<i64>>("position")? {
            rows.push(read(position, row)?);
        }
    }
    Ok(Scanned { rows, kept_after })
}

fn read(position: i64, row: &Answered) -> Result<Row> {
    let entity_type: String = row.get("entity_type")?;
    let fields: String = row.get("fields")?;
    Ok(Row {
        position,
        entity_type: EntityType::parse(&entity_type).ok_or_else(|| {
            Error::internal(format!(
                "change {position} is of something unknown: {entity_type}"
            ))
        })?,
        entity_id: row.get("entity_id")?,
        community_id: row.get("community_id")?,
        fields: serde_json::from_str(&fields).map_err(Error::internal)?,
        at: row.get("at")?,
        seen_before: row.get::<i32>("seen_before")? != 0,
        seen_after: row.get::<i32>("seen_after")? != 0,
    })
}

fn statement(
    backend: DatabaseBackend,
    viewer: &Viewer,
    request: &FeedRequest,
    window: Window,
) -> Result<SelectStatement> {
    let carried = serde_json::to_string(&audience::of_viewer(viewer)).map_err(Error::internal)?;
    let change = |column: &'static str| Expr::col(("change", column));
    let mut looked_at = Query::select();
    looked_at
        .columns(
            ["position", "entity_type", "entity_id", "community_id", "at"]
                .map(|column| ("change", column)),
        )
        .expr_as(change("fields").cast_as("text"), "fields")
        .expr_as(meets(backend, "audience_before", &carried), "seen_before")
        .expr_as(meets(backend, "audience_after", &carried), "seen_after")
        .from("change")
        .and_where(change("position").gt(window.after))
        .and_where(change("position").lte(window.end));
    if let Some(community) = request.community {
        looked_at.and_where(change("community_id").eq(community));
    }
    if !request.types.is_empty() {
        // What may concern a whole community is sorted out afterwards.
        let whole = [EntityType::Community, EntityType::Membership];
        let types = request.types.iter().chain(&whole);
        let types: BTreeSet<&str> = types.map(|of| of.as_str()).collect();
        looked_at.and_where(change("entity_type").is_in(types));
    }
    let concerns = Condition::any()
        .add(Expr::col(("looked_at", "seen_before")).eq(1))
        .add(Expr::col(("looked_at", "seen_after")).eq(1))
        .add_option(
            bound_membership(viewer).map(|id| Expr::col(("looked_at", "entity_id")).eq(id)),
        );
    let found = Query::select()
        .column(("looked_at", Asterisk))
        .from_subquery(looked_at.take(), "looked_at")
        .cond_where(concerns)
        .order_by(("looked_at", "position"), Order::Asc)
        .limit(window.size as u64)
        .take();
    Ok(Query::select()
        .column(("change_head", "kept_after"))
        .column(("found", Asterisk))
        .from("change_head")
        .join_subquery(JoinType::LeftJoin, found, "found", Expr::cust("1 = 1"))
        .and_where(Expr::col(("change_head", "id")).eq(1))
        .order_by(("found", "position"), Order::Asc)
        .take())
}

/// The viewer's own membership where the credential is good for one community: such a one does not carry the token of the
/// person themselves.
fn bound_membership(viewer: &Viewer) -> Option<Uuid> {
    let membership = viewer.membership(viewer.only_community()?)?;
    Some(membership.id)
}

/// Whether a set of tokens has one of those that are carried, as 1 or 0.
fn meets(backend: DatabaseBackend, column: &str, carried: &str) -> Expr {
    let text = if backend == DatabaseBackend::Sqlite {
        format!(
            "CASE WHEN EXISTS (SELECT 1 FROM json_each(\"change\".\"{column}\") AS \"held\" \
             WHERE \"held\".\"value\" IN (SELECT \"value\" FROM json_each(?))) THEN 1 ELSE 0 END"
        )
    } else {
        // The function behind the operator `?|`, whose sign stands for a value elsewhere.
        format!(
            "CASE WHEN jsonb_exists_any(\"change\".\"{column}\", \
             ARRAY(SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))) THEN 1 ELSE 0 END"
        )
    };
    Expr::cust_with_values(text, [carried])
}
