//! News of what people follow: something new in a community, under a domain or by a person, and changes of an item.

use entity::change::{self, Operation};
use entity::notification::NotificationReason;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::{changed_thing, changes_any, is_item, of_change, positions, tell_by, way};
use crate::error::Result;
use crate::store::WriteUnit;

/// Changes of these fields of an item are news to those who follow it; the others only keep it in order.
const NEWS: &[&str] = &[
    "agenda",
    "body",
    "context",
    "description",
    "endsAt",
    "hypothesis",
    "idea",
    "learning",
    "mode",
    "notes",
    "occurrences.agenda",
    "occurrences.endsAt",
    "occurrences.notes",
    "occurrences.recordingUrl",
    "occurrences.startsAt",
    "occurrences.state",
    "place",
    "problem",
    "recordingUrl",
    "recurrence",
    "resourceIds",
    "revision",
    "stage",
    "startsAt",
    "state",
    "status",
    "summary",
    "title",
    "url",
];

/// The field that changes when something is published for the first time.
const PUBLISHED_AT: &str = "publishedAt";

/// An item is new when readers first see it: when it is made, or when it is published.
fn is_new(row: &change::Model) -> bool {
    is_item(row)
        && match row.operation {
            Operation::Created => true,
            Operation::Updated => changes_any(row, &[PUBLISHED_AT]),
            Operation::Deleted => false,
        }
}

fn is_news(row: &change::Model) -> bool {
    is_item(row) && row.operation == Operation::Updated && changes_any(row, NEWS)
}

/// Adds that the item is past drafting, of which only reviewers would be told.
fn of_published(mut select: SelectStatement) -> SelectStatement {
    select
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("change", "entity_id")),
        )
        .and_where(Expr::col(("item", "published")).eq(true))
        .take()
}

/// Adds those who follow what a column names.
fn followers_of(
    mut select: SelectStatement,
    target: (&'static str, &'static str),
) -> SelectStatement {
    select
        .inner_join("follow", Expr::col(("follow", "target_id")).equals(target))
        .take()
}

pub(super) async fn tell_followers(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let (new, news) = (positions(rows, is_new), positions(rows, is_news));
    let to_followers =
        |positions: &[i64]| of_published(way(positions, ("follow", "user_id"), changed_thing()));
    let mut ways = Vec::new();
    if !new.is_empty() {
        ways.push(followers_of(to_followers(&new), ("change", "community_id")));
        let mut by_author = to_followers(&new);
        by_author.inner_join(
            "item_author",
            of_change("entity_id").equals(("item_author", "item_id")),
        );
        ways.push(followers_of(by_author, ("item_author", "user_id")));
        let mut under_domain = to_followers(&new);
        under_domain
            .inner_join(
                "item_domain",
                of_change("entity_id").equals(("item_domain", "item_id")),
            )
            .inner_join(
                "domain_ancestor",
                Expr::col(("domain_ancestor", "domain_id")).equals(("item_domain", "domain_id")),
            );
        ways.push(followers_of(
            under_domain,
            ("domain_ancestor", "ancestor_id"),
        ));
    }
    if !news.is_empty() {
        ways.push(followers_of(to_followers(&news), ("change", "entity_id")));
    }
    tell_by(unit, NotificationReason::Followed, ways).await
}
