//! Who reads a report, and who narrows or withdraws it: over plain data and in SQL. Nobody reads a report who may not read
//! the item that was tried. What comes with a secret is for the service to check.

use entity::experience_report::{self, Consent};
use entity::membership::MembershipRole;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use uuid::Uuid;

use super::filter::{self, Reader, active_memberships, items_readable_by, readable_items};
use super::item::{self, ItemFacts, is_author};
use super::{Action, Decision};
use crate::viewer::Viewer;

/// May the viewer read a report on the item with these facts?
#[must_use]
pub fn read(viewer: &Viewer, facts: ItemFacts<'_>, report: &experience_report::Model) -> bool {
    if !item::read(viewer, facts) {
        return false;
    }
    let community = facts.community.id;
    let by_consent = match report.consent {
        Consent::Public => true,
        Consent::Members => viewer.role(community).is_some(),
        Consent::Authors => false,
    };
    by_consent
        || [
            facts.authors,
            report.author_id.as_slice(),
            report.owner_id.as_slice(),
        ]
        .into_iter()
        .any(|people| is_author(viewer, community, people))
}

/// Did the viewer write the report by name, as far as the credential reaches? Whoever did narrows and withdraws it, even
/// after they may no longer read what it is about.
#[must_use]
pub fn wrote(viewer: &Viewer, community: Uuid, author: Option<Uuid>) -> bool {
    author.is_some()
        && viewer.user_id() == author
        && viewer.only_community().is_none_or(|only| only == community)
}

/// May the viewer narrow who may read a report?
#[must_use]
pub fn narrow(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    report: &experience_report::Model,
) -> Decision {
    if wrote(viewer, facts.community.id, report.author_id) {
        return Decision::Allow;
    }
    refuse(
        viewer,
        facts,
        report,
        "Only who wrote the report may narrow who reads it.",
    )
}

/// May the viewer withdraw a report? A facilitator of the community may withdraw what they may read.
#[must_use]
pub fn withdraw(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    report: &experience_report::Model,
) -> Decision {
    let facilitates = viewer.role(facts.community.id) == Some(MembershipRole::Facilitator);
    let own = wrote(viewer, facts.community.id, report.author_id);
    if own || (facilitates && read(viewer, facts, report)) {
        return Decision::Allow;
    }
    refuse(
        viewer,
        facts,
        report,
        "Only who wrote the report, and facilitators of the community, may withdraw it.",
    )
}

fn refuse(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    report: &experience_report::Model,
    message: &'static str,
) -> Decision {
    if read(viewer, facts, report) {
        Decision::Deny(message)
    } else {
        Decision::Conceal
    }
}

/// Everything that the viewer may do with a report that they may read. Of an anonymous one this says the same to whoever
/// wrote it as to everybody else: the secret is what lets them do more.
#[must_use]
pub fn actions(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    report: &experience_report::Model,
) -> Vec<Action> {
    let narrower = report.consent > Consent::Authors;
    [
        (Action::Read, read(viewer, facts, report)),
        (
            Action::Narrow,
            narrower && narrow(viewer, facts, report).allows(),
        ),
        (Action::Delete, withdraw(viewer, facts, report).allows()),
    ]
    .into_iter()
    .filter_map(|(action, allowed)| allowed.then_some(action))
    .collect()
}

const TABLE: &str = "experience_report";

/// Conditions on `experience_report` for those that the viewer may read, as [`read`] says.
#[must_use]
pub fn readable(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => readable_by(&reader),
        None => of_item(
            readable_items(viewer),
            Condition::all().add(consent_is(Consent::Public)),
        ),
    }
}

/// The same for those that the reader may read.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    let member = active_memberships(reader, (TABLE, "community_id"));
    let of_members = Condition::all()
        .add(consent_is(Consent::Members))
        .add(Expr::exists(member));
    let open = Condition::any()
        .add(consent_is(Consent::Public))
        .add(of_members)
        .add_option(filter::is_author(reader))
        .add_option(reader.is_author(TABLE, "author_id"))
        .add_option(reader.is_author(TABLE, "owner_id"));
    of_item(items_readable_by(reader), open)
}

fn consent_is(consent: Consent) -> SimpleExpr {
    Expr::col((TABLE, "consent")).eq(SimpleExpr::Constant(consent.as_str().into()))
}

fn of_item(readable: Condition, open: Condition) -> Condition {
    let item = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals((TABLE, "subject_id")))
        .cond_where(readable)
        .cond_where(open)
        .take();
    Condition::all().add(Expr::exists(item))
}
