//! News of what people follow: something new in a community, under a domain, by a person or about an item, and changes of
//! an item.

use std::collections::HashMap;

use entity::change::{self, EntityType, Operation};
use entity::notification::NotificationReason;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};

use super::{changed_thing, changes_any, is_item, of_change, positions, tell_by, way};
use crate::error::Result;
use crate::policy::filter::Reader;
use crate::policy::reference::Reference;
use crate::store::WriteUnit;

/// Changes of these fields of an item are news to those who follow it; the others only keep it in order.
const NEWS: &[&str] = &[
    "agenda",
    "body",
    "context",
    "description",
    "endsAt",
    "entries",
    "evidenceLevel",
    "hypothesis",
    "idea",
    "learning",
    "maturity",
    "mode",
    "notes",
    "occurrences.agenda",
    "occurrences.endsAt",
    "occurrences.notes",
    "occurrences.recordingUrl",
    "occurrences.startsAt",
    "occurrences.state",
    "pilots",
    "place",
    "problem",
    "recordingUrl",
    "recurrence",
    "resourceIds",
    "revision",
    "searchQuery",
    "stage",
    "startsAt",
    "state",
    "status",
    "summary",
    "title",
    "url",
];

/// Of more things than so many that one person makes in a community at once, people are told as one: about the community.
const MOST_AT_ONCE: usize = 10;

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

/// What is new, by the positions of the rows: each thing by itself, and what came by the many.
#[derive(Debug, Default)]
struct New {
    single: Vec<i64>,
    many: Vec<i64>,
}

impl New {
    fn of(rows: &[change::Model]) -> Self {
        let mut at_once: HashMap<_, Vec<i64>> = HashMap::new();
        for row in rows.iter().filter(|row| is_new(row)) {
            let together = at_once.entry((row.community_id, row.actor_id));
            together.or_default().push(row.position);
        }
        let mut new = Self::default();
        for positions in at_once.into_values() {
            if positions.len() > MOST_AT_ONCE {
                new.many.extend(positions);
            } else {
                new.single.extend(positions);
            }
        }
        new
    }
}

/// Rows of the log about items past drafting, of which only reviewers would be told, to those who follow something.
fn to_followers(positions: &[i64], about: (SimpleExpr, SimpleExpr)) -> SelectStatement {
    way(positions, ("follow", "user_id"), about)
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("change", "entity_id")),
        )
        .and_where(Expr::col(("item", "published")).eq(true))
        .take()
}

/// Adds those who follow what a column names.
fn of_followed(
    mut select: SelectStatement,
    target: (&'static str, &'static str),
) -> SelectStatement {
    select
        .inner_join("follow", Expr::col(("follow", "target_id")).equals(target))
        .take()
}

/// The ways from new items to those who follow their community, their authors or their domains.
fn ways_of_new(positions: &[i64], about: &(SimpleExpr, SimpleExpr)) -> [SelectStatement; 3] {
    let to_followers = || to_followers(positions, about.clone());
    let mut by_author = to_followers();
    by_author.inner_join(
        "item_author",
        of_change("entity_id").equals(("item_author", "item_id")),
    );
    let mut under_domain = to_followers();
    under_domain
        .inner_join(
            "item_domain",
            of_change("entity_id").equals(("item_domain", "item_id")),
        )
        .inner_join(
            "domain_ancestor",
            Expr::col(("domain_ancestor", "domain_id")).equals(("item_domain", "domain_id")),
        );
    [
        of_followed(to_followers(), ("change", "community_id")),
        of_followed(by_author, ("item_author", "user_id")),
        of_followed(under_domain, ("domain_ancestor", "ancestor_id")),
    ]
}

/// The way from new discussions to those who follow what they are about, and may read that still.
fn way_of_discussed(positions: &[i64]) -> SelectStatement {
    let target = Reference::named_by("follow", "target_type", "target_id");
    let mut select = to_followers(positions, changed_thing());
    select.inner_join(
        "discussion",
        of_change("entity_id").equals(("discussion", "id")),
    );
    of_followed(select, ("discussion", "about_id"))
        .cond_where(target.readable_by(&Reader::named_by("follow", "user_id")))
        .take()
}

pub(super) async fn tell_followers(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let new = New::of(rows);
    let news = positions(rows, is_news);
    let mut ways = Vec::new();
    if !new.single.is_empty() {
        ways.extend(ways_of_new(&new.single, &changed_thing()));
        ways.push(way_of_discussed(&new.single));
    }
    if !new.many.is_empty() {
        let community = (
            Expr::value(EntityType::Community.as_str()),
            of_change("community_id"),
        );
        ways.extend(ways_of_new(&new.many, &community));
    }
    if !news.is_empty() {
        let select = to_followers(&news, changed_thing());
        ways.push(of_followed(select, ("change", "entity_id")));
    }
    tell_by(unit, NotificationReason::Followed, ways).await
}
