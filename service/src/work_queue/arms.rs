//! What waits for each reason, as one select: what it is, since when it waits, and its id, which also give its order.

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::community;
use entity::innovation::InnovationStage;
use entity::item::{ItemType, PublicationStatus};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use crate::community::kind::WorkReason;
use crate::community::kind::clock::Clock;
use crate::item::{made_by, newest_revision};
use crate::policy::filter::{Reader, readable_items, readable_memberships};
use crate::policy::work::{Share, awaits, reviews};
use crate::policy::{flag, pilot};
use crate::viewer::Viewer;

/// The columns of an arm.
pub(super) const TYPE: &str = "node_type";
pub(super) const ID: &str = "node_id";
pub(super) const SINCE: &str = "since";

/// So many questions without an answer, the newest of a community, are compared with what somebody knows about.
pub(super) const MOST_COMPARED: u64 = 500;

// Conditions of indexes are written out: a database finds such an index only where it sees the values.
const PUBLISHED: &str = "item.status = 'PUBLISHED'";
const REQUESTED: &str = "membership.state = 'REQUESTED'";
const OPEN: &str = "flag.state = 'OPEN'";

/// What waits for one reason in one community.
pub(super) struct Arm {
    select: SelectStatement,
    table: &'static str,
    id: &'static str,
    since: &'static str,
}

impl Arm {
    /// What awaits the viewer in a community for a reason; none where nothing ever does.
    pub(super) fn of(
        viewer: &Viewer,
        community: &community::Model,
        reason: WorkReason,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let user = viewer.user_id()?;
        let share = awaits(viewer, community, reason);
        if share == Share::Nothing {
            return None;
        }
        let mut arm = Self::waiting_for(viewer, community, reason, now)?;
        let own = || arm.own(user);
        let authorship = match share {
            Share::Own => Some(own()),
            Share::Others => Some(own().not()),
            Share::Nothing | Share::Everything => None,
        };
        arm.select
            .cond_where(Condition::all().add_option(authorship));
        Some(arm)
    }

    /// The condition that what waits is the work of a person: a pilot is that of who planned it, too.
    fn own(&self, user: Uuid) -> Condition {
        if self.table != "pilot" {
            return Condition::all().add(Expr::exists(author(user, ("item", "id"))));
        }
        Condition::any()
            .add(Expr::col(("pilot", "planner_id")).eq(user))
            .add(Expr::exists(author(user, ("pilot", "subject_id"))))
    }

    fn waiting_for(
        viewer: &Viewer,
        community: &community::Model,
        reason: WorkReason,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let id = community.id;
        let items = |since: &'static str| {
            let mut arm = Self::select(("item", "id"), since, id);
            arm.select
                .expr_as(Expr::col(("item", "item_type")), TYPE)
                .cond_where(readable_items(viewer))
                .and_where(Expr::col(("item", since)).is_not_null());
            arm
        };
        let of_type = |item_type: ItemType| Expr::col(("item", "item_type")).eq(item_type.as_str());
        Some(match reason {
            WorkReason::Unanswered => {
                let mut arm = items("waiting_since");
                arm.select.and_where(of_type(ItemType::Discussion));
                arm
            }
            WorkReason::MatchesExpertise => {
                // Only the questions are said to be of the community: were the items too, SQLite would walk through all of
                // them that wait.
                let mut arm = Self::anywhere(("item", "id"), "waiting_since");
                arm.select
                    .expr_as(Expr::col(("item", "item_type")), TYPE)
                    .cond_where(readable_items(viewer))
                    .and_where(Expr::col(("item", "id")).in_subquery(newest_questions(id)))
                    .cond_where(known_to(viewer.user_id()?));
                arm
            }
            WorkReason::AwaitingReview => to_review(viewer, community, items("waiting_since"))?,
            WorkReason::ReviewOverdue => {
                let mut arm = items("review_due_at");
                arm.select
                    .and_where(Expr::cust(PUBLISHED))
                    .and_where(Expr::col(("item", "review_due_at")).lte(now));
                arm
            }
            WorkReason::WithoutSteward => {
                let mut arm = items("published_at");
                arm.select
                    .and_where(Expr::cust(PUBLISHED))
                    .and_where(Expr::col(("item", "steward_id")).is_null());
                arm
            }
            WorkReason::NotAdopted => {
                let mut arm = items("unadopted_since");
                arm.select.and_where(Expr::cust(PUBLISHED));
                arm
            }
            WorkReason::PilotWithoutReport => {
                let mut arm = Self::select(("pilot", "id"), "report_due_at", id);
                arm.select
                    .expr_as(name_of(EntityType::Pilot), TYPE)
                    .and_where(Expr::col(("pilot", "report_due_at")).is_not_null())
                    .and_where(Expr::col(("pilot", "report_due_at")).lte(now))
                    .cond_where(pilot::of_readable_items(viewer, "pilot", "subject_id"));
                arm
            }
            WorkReason::LikelyDuplicate => {
                let pair = ("likely_duplicate", "item_id");
                let mut arm = Self::select(pair, "found_at", id);
                arm.select
                    .expr_as(name_of(EntityType::Resource), TYPE)
                    .and_where(Expr::exists(offered(viewer, "item_id")))
                    .and_where(Expr::exists(offered(viewer, "other_id")));
                arm
            }
            WorkReason::Undecided => {
                let mut arm = items("waiting_since");
                let limit = Clock::StageAge.length_in(community);
                let idea = Expr::col(("innovation", "stage")).eq(InnovationStage::Idea.as_str());
                let past = limit.map(|limit| Expr::col(("item", "waiting_since")).lte(now - limit));
                arm.select
                    .inner_join(
                        "innovation",
                        Expr::col(("innovation", "id")).equals(("item", "id")),
                    )
                    .and_where(of_type(ItemType::Innovation))
                    .cond_where(Condition::any().add(idea).add_option(past));
                arm
            }
            WorkReason::MembershipRequest => {
                let mut arm = Self::select(("membership", "id"), "updated_at", id);
                arm.select
                    .expr_as(name_of(EntityType::Membership), TYPE)
                    .and_where(Expr::cust(REQUESTED))
                    .cond_where(readable_memberships(viewer));
                arm
            }
            WorkReason::Flag => {
                let mut arm = Self::select(("flag", "id"), "created_at", id);
                arm.select
                    .expr_as(name_of(EntityType::Flag), TYPE)
                    .and_where(Expr::cust(OPEN))
                    .cond_where(flag::readable_by(&Reader::of(viewer)?));
                arm
            }
        })
    }

    fn select(id: (&'static str, &'static str), since: &'static str, community: Uuid) -> Self {
        let mut arm = Self::anywhere(id, since);
        arm.select
            .and_where(Expr::col((arm.table, "community_id")).eq(community));
        arm
    }

    fn anywhere((table, id): (&'static str, &'static str), since: &'static str) -> Self {
        let select = Query::select()
            .expr_as(Expr::col((table, id)), ID)
            .expr_as(Expr::col((table, since)), SINCE)
            .from(table)
            .take();
        Self {
            select,
            table,
            id,
            since,
        }
    }

    /// All of it, in no order: for counting.
    pub(super) fn all(self) -> SelectStatement {
        self.select
    }

    /// The first so many of it, after a place in its order.
    pub(super) fn first(
        mut self,
        many: u64,
        after: Option<(DateTime<Utc>, Uuid)>,
    ) -> SelectStatement {
        let (since, id) = (
            Expr::col((self.table, self.since)),
            Expr::col((self.table, self.id)),
        );
        if let Some((time, last)) = after {
            let here = Expr::tuple([since.clone(), id.clone()]);
            let there = Expr::tuple([Expr::value(time), Expr::value(last)]);
            self.select.and_where(here.gt(there));
        }
        self.select
            .order_by_expr(since, Order::Asc)
            .order_by_expr(id, Order::Asc)
            .limit(many)
            .take()
    }
}

/// Of the works that wait, those that the viewer is asked to review; none where that is never so.
fn to_review(viewer: &Viewer, community: &community::Model, mut arm: Arm) -> Option<Arm> {
    let user = viewer.user_id()?;
    let types = reviews(viewer, community);
    if types.is_empty() {
        return None;
    }
    let types = types.into_iter().map(ItemType::as_str);
    arm.select
        .and_where(Expr::col(("item", "status")).is_not_null())
        .and_where(Expr::col(("item", "item_type")).is_in(types))
        .and_where(Expr::exists(own_verdict(user)).not())
        .and_where(Expr::exists(made_by(user)).not());
    Some(arm)
}

/// The name of a type as a column.
fn name_of(entity_type: EntityType) -> Expr {
    Expr::value(entity_type.as_str()).cast_as("text")
}

/// What is published or about to be, as one of the two of a pair that is likely the same.
fn offered(viewer: &Viewer, side: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("likely_duplicate", side)))
        .and_where(Expr::col(("item", "community_id")).equals(("likely_duplicate", "community_id")))
        .and_where(
            Expr::col(("item", "status")).is_in(
                [PublicationStatus::Published, PublicationStatus::InReview]
                    .map(PublicationStatus::as_str),
            ),
        )
        .cond_where(readable_items(viewer))
        .take()
}

fn author(user: Uuid, item: (&'static str, &'static str)) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(item))
        .and_where(Expr::col(("item_author", "user_id")).eq(user))
        .take()
}

/// The newest questions of a community that wait for an answer.
fn newest_questions(community: Uuid) -> SelectStatement {
    let newest = Query::select()
        .expr_as(Expr::col(("question", "id")), "id")
        .from_as("item", "question")
        .and_where(Expr::col(("question", "community_id")).eq(community))
        .and_where(Expr::col(("question", "item_type")).eq(ItemType::Discussion.as_str()))
        .and_where(Expr::col(("question", "waiting_since")).is_not_null())
        .order_by(("question", "waiting_since"), Order::Desc)
        .limit(MOST_COMPARED)
        .take();
    Query::select()
        .column(("newest", "id"))
        .from_subquery(newest, "newest")
        .take()
}

/// The condition on `item` for what is filed or tagged with something that a person is known to know about, narrower
/// domains included.
fn known_to(user: Uuid) -> Condition {
    let knows = || Expr::col(("expertise", "user_id")).eq(user);
    let by_domain = Query::select()
        .expr(Expr::value(1))
        .from("item_domain")
        .inner_join(
            "domain_ancestor",
            Expr::col(("domain_ancestor", "ancestor_id")).equals(("item_domain", "domain_id")),
        )
        .inner_join(
            "expertise",
            Expr::col(("expertise", "domain_id")).equals(("domain_ancestor", "domain_id")),
        )
        .and_where(Expr::col(("item_domain", "item_id")).equals(("item", "id")))
        .and_where(knows())
        .take();
    let by_tag = Query::select()
        .expr(Expr::value(1))
        .from("item_tag")
        .inner_join(
            "expertise",
            Expr::col(("expertise", "tag_key")).equals(("item_tag", "tag_key")),
        )
        .and_where(Expr::col(("item_tag", "item_id")).equals(("item", "id")))
        .and_where(Expr::col(("expertise", "tag_key")).ne(""))
        .and_where(knows())
        .take();
    Condition::any()
        .add(Expr::exists(by_domain))
        .add(Expr::exists(by_tag))
}

/// The verdicts of a person on the newest revision of an item.
fn own_verdict(user: Uuid) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from("review")
        .and_where(Expr::col(("review", "item_id")).equals(("item", "id")))
        .and_where(Expr::col(("review", "author_id")).eq(user))
        .and_where(
            Expr::col(("review", "verdict")).ne(entity::review::ReviewVerdict::Comment.as_str()),
        )
        .and_where(Expr::col(("review", "revision")).eq(newest_revision()))
        .take()
}

#[cfg(test)]
mod tests {
    use entity::flag::FlagState;
    use entity::membership::MembershipState;

    use super::*;

    #[test]
    fn states_are_named_as_they_are_stored() {
        for (condition, state) in [
            (PUBLISHED, PublicationStatus::Published.as_str()),
            (REQUESTED, MembershipState::Requested.as_str()),
            (OPEN, FlagState::Open.as_str()),
        ] {
            assert!(condition.ends_with(&format!("= '{state}'")), "{condition}");
        }
    }
}
