//! Whom to ask: members who know about what a question is about, and have room for it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::discussion::{DiscussionKind, DiscussionState};
use entity::expertise::ExpertiseSource;
use entity::membership::MembershipState;
use entity::user::UserStatus;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use uuid::Uuid;

use super::queries::{known_to, source};
use super::weight;
use crate::error::Result;
use crate::policy::filter::{Reader, items_readable_by, readable_items};
use crate::store::Store;
use crate::viewer::Viewer;

/// The most that are suggested for one question.
pub const MOST_HELPERS: usize = 5;
/// Open requests that somebody answered in the last so many days are their present load.
const LOAD_DAYS: i64 = 14;
/// What each of them takes off the weight of what somebody has demonstrated.
const LOAD_WEIGHT: f64 = 1.0;

/// Discussions of these kinds wait for an answer.
const WAITING: [DiscussionKind; 2] = [DiscussionKind::HelpRequest, DiscussionKind::Problem];

/// What speaks for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Standing {
    demonstrated: f64,
    endorsed: f64,
    declared: f64,
    load: f64,
}

impl Standing {
    fn add(&mut self, source: ExpertiseSource, witnesses: u32) {
        let weight = weight(source, witnesses);
        match source {
            ExpertiseSource::Demonstrated => self.demonstrated += weight,
            ExpertiseSource::Endorsed => self.endorsed += weight,
            ExpertiseSource::Declared => self.declared += weight,
        }
    }

    /// What is demonstrated less the load decides, then what peers say, then what people say of themselves.
    fn key(&self) -> [f64; 3] {
        [self.demonstrated - self.load, self.endorsed, self.declared]
    }
}

/// At most five members to ask about each of these discussions that the viewer was shown, best first: in three
/// statements for all. Only an open help request or problem has any. They are active members other than the asker who
/// may read it and know about its domains, narrower ones included, or tags, as far as the viewer may know of it.
pub async fn suggested(
    store: &Store,
    viewer: &Viewer,
    discussions: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    helpers(store.reader(), store.clock().now(), viewer, discussions).await
}

/// The same at a time, read from any connection.
pub(crate) async fn helpers(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    viewer: &Viewer,
    discussions: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let mut standings: HashMap<(Uuid, Uuid), Standing> = HashMap::new();
    for select in [
        by_domains(viewer, discussions),
        by_tags(viewer, discussions),
    ] {
        for row in connection.query_all(&select).await? {
            let key = (row.try_get("", "asked")?, row.try_get("", "user_id")?);
            let source = source(&row.try_get::<String>("", "source")?)?;
            let witnesses: i64 = row.try_get("", "witnesses")?;
            let witnesses = u32::try_from(witnesses).unwrap_or(u32::MAX);
            standings.entry(key).or_default().add(source, witnesses);
        }
    }
    if standings.is_empty() {
        return Ok(HashMap::new());
    }
    let since = now - TimeDelta::days(LOAD_DAYS);
    add_loads(connection, since, viewer, discussions, &mut standings).await?;
    let mut found: HashMap<Uuid, Vec<(Standing, Uuid)>> = HashMap::new();
    for ((asked, user), standing) in standings {
        found.entry(asked).or_default().push((standing, user));
    }
    Ok(found
        .into_iter()
        .map(|(asked, candidates)| (asked, best(candidates)))
        .collect())
}

fn best(mut candidates: Vec<(Standing, Uuid)>) -> Vec<Uuid> {
    candidates.sort_by(|(one, one_id), (other, other_id)| {
        let (one, other) = (one.key(), other.key());
        let differing = one
            .iter()
            .zip(&other)
            .map(|(one, other)| other.total_cmp(one));
        differing
            .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then_with(|| one_id.cmp(other_id))
    });
    let ids = candidates.into_iter().map(|(_, user)| user);
    ids.take(MOST_HELPERS).collect()
}

/// Evidence of active members about questions that wait for an answer and that they may read, without what it must be
/// about.
fn evidence(discussions: &[Uuid]) -> SelectStatement {
    let active = MembershipState::Active.as_str();
    let asker = Query::select()
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(("asked", "id")))
        .and_where(Expr::col(("item_author", "user_id")).equals(("expertise", "user_id")))
        .take();
    // Who can answer is who may read it: a question may be for stewards, or for few others.
    let question = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("asked", "id")))
        .cond_where(items_readable_by(&Reader::named_by("expertise", "user_id")))
        .take();
    let mut select = Query::select();
    select
        .expr_as(Expr::col(("asked", "id")), "asked")
        .column(("expertise", "user_id"))
        .column(("expertise", "source"))
        .expr_as(Expr::cust("COUNT(*)"), "witnesses")
        .from_as("discussion", "asked")
        .and_where(Expr::col(("asked", "id")).is_in(discussions.iter().copied()))
        .and_where(Expr::col(("asked", "state")).eq(DiscussionState::Open.as_str()))
        .and_where(Expr::col(("asked", "kind")).is_in(WAITING.map(DiscussionKind::as_str)))
        .and_where(Expr::col(("membership", "state")).eq(active))
        .and_where(Expr::col(("user", "status")).eq(UserStatus::Active.as_str()))
        .and_where(Expr::exists(asker).not())
        .and_where(Expr::exists(question))
        .group_by_columns([
            ("asked", "id"),
            ("expertise", "user_id"),
            ("expertise", "source"),
        ]);
    select
}

/// Adds those whom the evidence is about. Comes after the join that brings `expertise` in.
fn of_members(viewer: &Viewer, select: &mut SelectStatement) {
    select
        .inner_join(
            "membership",
            Expr::col(("membership", "user_id"))
                .equals(("expertise", "user_id"))
                .and(Expr::col(("membership", "community_id")).equals(("asked", "community_id"))),
        )
        .inner_join(
            "user",
            Expr::col(("user", "id")).equals(("expertise", "user_id")),
        );
    known_to(viewer, select);
}

fn by_domains(viewer: &Viewer, discussions: &[Uuid]) -> SelectStatement {
    let mut select = evidence(discussions);
    select
        .inner_join(
            "item_domain",
            Expr::col(("item_domain", "item_id")).equals(("asked", "id")),
        )
        .inner_join(
            "domain_ancestor",
            Expr::col(("domain_ancestor", "ancestor_id")).equals(("item_domain", "domain_id")),
        )
        .inner_join(
            "expertise",
            Expr::col(("expertise", "domain_id")).equals(("domain_ancestor", "domain_id")),
        );
    of_members(viewer, &mut select);
    select
}

fn by_tags(viewer: &Viewer, discussions: &[Uuid]) -> SelectStatement {
    let mut select = evidence(discussions);
    select
        .inner_join(
            "item_tag",
            Expr::col(("item_tag", "item_id")).equals(("asked", "id")),
        )
        .inner_join(
            "expertise",
            Expr::col(("expertise", "tag_key")).equals(("item_tag", "tag_key")),
        )
        .and_where(Expr::col(("expertise", "tag_key")).ne(""));
    of_members(viewer, &mut select);
    select
}

/// Counts the other open requests of the same community that each of them answered since then, as far as the viewer may
/// read them.
async fn add_loads(
    connection: &impl ConnectionTrait,
    since: DateTime<Utc>,
    viewer: &Viewer,
    discussions: &[Uuid],
    standings: &mut HashMap<(Uuid, Uuid), Standing>,
) -> Result<()> {
    let users: BTreeSet<Uuid> = standings.keys().map(|(_, user)| *user).collect();
    let answered = |name: &'static str| Expr::col(("answered", name));
    let select = Query::select()
        .expr_as(Expr::col(("asked", "id")), "asked")
        .column(("post", "author_id"))
        .expr_as(answered("id").count_distinct(), "requests")
        .from("post")
        .join_as(
            JoinType::InnerJoin,
            "discussion",
            "answered",
            answered("id").equals(("post", "discussion_id")),
        )
        .inner_join("item", Expr::col(("item", "id")).equals(("answered", "id")))
        .join_as(
            JoinType::InnerJoin,
            "discussion",
            "asked",
            Expr::col(("asked", "community_id"))
                .equals(("answered", "community_id"))
                .and(Expr::col(("asked", "id")).not_equals(("answered", "id"))),
        )
        .and_where(Expr::col(("asked", "id")).is_in(discussions.iter().copied()))
        .and_where(answered("state").eq(DiscussionState::Open.as_str()))
        .and_where(answered("kind").is_in(WAITING.map(DiscussionKind::as_str)))
        .and_where(Expr::col(("post", "author_id")).is_in(users))
        .and_where(Expr::col(("post", "created_at")).gte(since))
        .cond_where(readable_items(viewer))
        .group_by_columns([("asked", "id"), ("post", "author_id")])
        .take();
    for row in connection.query_all(&select).await? {
        let key = (row.try_get("", "asked")?, row.try_get("", "author_id")?);
        let requests: i64 = row.try_get("", "requests")?;
        if let Some(standing) = standings.get_mut(&key) {
            let requests = u32::try_from(requests).unwrap_or(u32::MAX);
            standing.load = LOAD_WEIGHT * f64::from(requests);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_demonstrated_less_the_load_decides_before_what_is_said() {
        let standing = |demonstrated, endorsed, declared, load| Standing {
            demonstrated,
            endorsed,
            declared,
            load,
        };
        let candidates = [
            standing(0.0, 0.0, 1.0, 0.0),
            standing(6.0, 0.0, 0.0, 1.0),
            standing(0.0, 2.0, 0.0, 0.0),
            standing(6.0, 0.0, 0.0, 0.0),
            standing(6.0, 5.0, 1.0, 4.0),
            standing(0.0, 0.0, 1.0, 2.0),
        ];
        let named: Vec<(Standing, Uuid)> = candidates
            .into_iter()
            .zip((0..).map(Uuid::from_u128))
            .collect();
        let order: Vec<u128> = best(named).iter().map(Uuid::as_u128).collect();
        assert_eq!(order, [3, 1, 4, 2, 0]);
    }
}
