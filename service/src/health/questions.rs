//! How questions fare, and how many help.

use chrono::{DateTime, TimeDelta, Utc};
use entity::discussion::DiscussionKind;
use entity::link::LinkRelation;
use entity::membership::MembershipState;
use futures_util::future::try_join4;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use super::{FOR_ALL, Figure, Figures, SAMPLE};
use crate::community::kind::Indicator;
use crate::error::Result;
use crate::store::Store;

/// Discussions of these kinds ask something.
const QUESTIONS: [DiscussionKind; 2] = [DiscussionKind::HelpRequest, DiscussionKind::Problem];

/// That everybody sees a discussion, in words that do not let PostgreSQL read the whole index of these.
const IS_SHOWN: &str = "CASE WHEN discussion.shown_at IS NULL THEN 0 ELSE 1 END = 1";

pub(super) async fn figures(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Figures> {
    let (asked, helpers, members, captured) = try_join4(
        store.rows(asked(community, from)),
        store.count(helpers(community, from)),
        store.count(members(community)),
        store.rows(captured(community, from)),
    )
    .await?;
    let (mut offered, mut reused) = (0, 0);
    for row in &captured {
        if row.get::<i32>("offered")? == 1 {
            let adoptions: Option<i32> = row.get("adoptions")?;
            reused += u64::try_from(adoptions.unwrap_or(0)).unwrap_or(0);
            offered += 1;
        }
    }
    let (mut to_first, mut to_accepted) = (Vec::new(), Vec::new());
    for row in &asked {
        let answered: Option<DateTime<Utc>> = row.get("first_answered_at")?;
        let resolved: Option<DateTime<Utc>> = row.get("resolved_at")?;
        // Many wait, and their time is not looked at.
        if answered.is_none() && resolved.is_none() {
            continue;
        }
        let asked_at: DateTime<Utc> = row.get("shown_at")?;
        to_first.extend(answered.map(|at| at - asked_at));
        to_accepted.extend(resolved.map(|at| at - asked_at));
    }
    let resolved = to_accepted.len() as u64;
    let hour = TimeDelta::hours(1);
    Ok(Figures::from([
        (
            Indicator::HoursToFirstAnswer,
            Figure::median(to_first, hour),
        ),
        (
            Indicator::HoursToAcceptedAnswer,
            Figure::median(to_accepted, hour),
        ),
        (
            Indicator::ResolvedShare,
            Figure::share(resolved, asked.len() as u64),
        ),
        (Indicator::HelperShare, Figure::share(helpers, members)),
        (
            Indicator::CapturedAnswerReuse,
            Figure::share(reused, offered),
        ),
    ]))
}

/// The resources that were captured from the newest discussions of the window, each with how many use it, and whether
/// everybody is offered it. That is told apart by the caller: a condition would have PostgreSQL read the whole index of
/// what is offered where it takes that for small.
fn captured(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let offered = format!("CASE WHEN item.status = 'PUBLISHED' AND {FOR_ALL} THEN 1 ELSE 0 END");
    Query::select()
        .column(("evidence", "adoptions"))
        .from_subquery(newest(community, from, &["id"]), "newest")
        .inner_join(
            "link",
            Expr::col(("link", "to_id"))
                .equals(("newest", "id"))
                .and(Expr::col(("link", "relation")).eq(LinkRelation::CapturedFrom.as_str())),
        )
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("link", "from_id")),
        )
        .left_join(
            "evidence",
            Expr::col(("evidence", "item_id")).equals(("item", "id")),
        )
        .expr_as(Expr::cust(offered), "offered")
        .take()
}

/// The newest discussions of the window. The database notes in `shown_at` when those were made that everybody sees, and
/// an index holds all that is asked of them: ids, times and kinds, and when they were answered and resolved.
fn newest(community: Uuid, from: DateTime<Utc>, columns: &[&'static str]) -> SelectStatement {
    Query::select()
        .columns(columns.iter().map(|name| ("discussion", *name)))
        .from("discussion")
        .and_where(Expr::col(("discussion", "community_id")).eq(community))
        .and_where(Expr::col(("discussion", "shown_at")).gte(from))
        .order_by(("discussion", "shown_at"), Order::Desc)
        .order_by(("discussion", "id"), Order::Desc)
        .limit(SAMPLE)
        .take()
}

/// The questions among them.
fn asked(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let columns = ["kind", "shown_at", "first_answered_at", "resolved_at"];
    Query::select()
        .columns(columns.map(|name| ("newest", name)))
        .from_subquery(newest(community, from, &columns), "newest")
        .and_where(Expr::col(("newest", "kind")).is_in(QUESTIONS.map(DiscussionKind::as_str)))
        .take()
}

/// The members who are among the authors of the newest posts of the window, each once: of those that answer a question
/// of somebody else.
fn helpers(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let newest = Query::select()
        .columns(["author_id", "discussion_id"].map(|name| ("post", name)))
        .from("post")
        .and_where(Expr::col(("post", "community_id")).eq(community))
        .and_where(Expr::col(("post", "created_at")).gte(from))
        .and_where(Expr::cust("post.hidden = FALSE"))
        .order_by(("post", "created_at"), Order::Desc)
        .limit(SAMPLE)
        .take();
    let asker = Query::select()
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(("newest", "discussion_id")))
        .and_where(Expr::col(("item_author", "user_id")).equals(("newest", "author_id")))
        .take();
    let authors = Query::select()
        .distinct()
        .column(("newest", "author_id"))
        .from_subquery(newest, "newest")
        .inner_join(
            "discussion",
            Expr::col(("discussion", "id")).equals(("newest", "discussion_id")),
        )
        .and_where(Expr::col(("discussion", "kind")).is_in(QUESTIONS.map(DiscussionKind::as_str)))
        .and_where(Expr::cust(IS_SHOWN))
        .and_where(Expr::exists(asker).not())
        .take();
    let member = Query::select()
        .expr(Expr::value(1))
        .from("membership")
        .and_where(Expr::col(("membership", "community_id")).eq(community))
        .and_where(Expr::col(("membership", "user_id")).equals(("helper", "author_id")))
        .and_where(Expr::col(("membership", "state")).eq(MembershipState::Active.as_str()))
        .take();
    Query::select()
        .column(("helper", "author_id"))
        .from_subquery(authors, "helper")
        .and_where(Expr::exists(member))
        .take()
}

fn members(community: Uuid) -> SelectStatement {
    Query::select()
        .column(("membership", "id"))
        .from("membership")
        .and_where(Expr::col(("membership", "community_id")).eq(community))
        .and_where(Expr::col(("membership", "state")).eq(MembershipState::Active.as_str()))
        .take()
}
