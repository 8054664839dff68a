//! What a viewer may do with pilots. They are read exactly as what they try out is: whoever reads that reads its pilots.

use entity::item::ItemType;
use entity::membership::MembershipState;
use entity::pilot::PilotState;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

use super::filter::{Reader, items_readable_by, readable_items};
use super::item::{ItemFacts, is_author, is_writing_author, stewards, writable};
use super::{Action, Decision};
use crate::viewer::Viewer;

/// The types of item that can be tried out.
pub const TRIED_TYPES: &[ItemType] =
    &[ItemType::Resource, ItemType::Practice, ItemType::Innovation];

/// May the viewer plan a pilot of the item?
#[must_use]
pub fn plan(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            viewer.role(facts.community.id).is_some(),
            "Only active members of the community may plan a pilot of this.",
        )
    })
}

/// May the viewer run and conclude the pilot of the item that `planner` planned, and change what it says?
#[must_use]
pub fn run(viewer: &Viewer, facts: ItemFacts<'_>, planner: Option<Uuid>) -> Decision {
    writable(viewer, facts, || {
        let planned = is_author(viewer, facts.community.id, planner.as_slice())
            && !is_barred(viewer, facts.community.id);
        Decision::when(
            planned || is_writing_author(viewer, facts) || stewards(viewer, facts),
            "Only who planned the pilot, the authors of what it tries out, and stewards and facilitators of the community, may run it.",
        )
    })
}

/// May the viewer tell how it went with the item?
#[must_use]
pub fn report(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        if viewer.user_id().is_none() {
            return Decision::Deny("Sign in to tell how it went.");
        }
        Decision::when(
            !is_barred(viewer, facts.community.id),
            "You were barred from this community; only a facilitator can lift that.",
        )
    })
}

fn is_barred(viewer: &Viewer, community: Uuid) -> bool {
    viewer
        .membership(community)
        .is_some_and(|membership| membership.state == MembershipState::Banned)
}

/// Conditions on a table for rows whose item, which a column names, the viewer may read.
#[must_use]
pub fn of_readable_items(viewer: &Viewer, table: &'static str, column: &'static str) -> Condition {
    of_items(readable_items(viewer), table, column)
}

/// The same for the reader.
#[must_use]
pub fn of_items_readable_by(
    reader: &Reader,
    table: &'static str,
    column: &'static str,
) -> Condition {
    of_items(items_readable_by(reader), table, column)
}

fn of_items(readable: Condition, table: &'static str, column: &'static str) -> Condition {
    let item = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals((table, column)))
        .cond_where(readable)
        .take();
    Condition::all().add(Expr::exists(item))
}

/// Everything that the viewer may do with the pilot of an item now.
#[must_use]
pub fn actions(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    planner: Option<Uuid>,
    state: PilotState,
) -> Vec<Action> {
    let open = matches!(state, PilotState::Planned | PilotState::Running);
    let runs = open && run(viewer, facts, planner).allows();
    let reports = state != PilotState::Cancelled && report(viewer, facts).allows();
    [
        (Action::Read, super::item::read(viewer, facts)),
        (Action::Update, runs),
        (Action::Advance, runs),
        (Action::Report, reports),
    ]
    .into_iter()
    .filter_map(|(action, allowed)| allowed.then_some(action))
    .collect()
}
