//! Who says what they took back to their practice, and who reads it: over plain data and in SQL.
//!
//! An adoption is read by those who may read what was adopted, and by who reported it: one's own words stay one's own.

use entity::community::{self, CommunityStatus};
use entity::membership::MembershipRole;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

use super::Decision;
use super::filter::{Reader, items_readable_by, readable_items};
use super::item::{self, ARCHIVED_COMMUNITY, ItemFacts, is_author};
use crate::viewer::Viewer;

/// May the viewer, who is signed in, say that they took the item back to their practice?
#[must_use]
pub fn report(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    item::write(viewer, facts)
}

/// May the viewer read an adoption of the item by somebody?
#[must_use]
pub fn read(viewer: &Viewer, facts: ItemFacts<'_>, adopter: Option<Uuid>) -> bool {
    item::read(viewer, facts) || is_adopter(viewer, facts, adopter)
}

fn is_adopter(viewer: &Viewer, facts: ItemFacts<'_>, adopter: Option<Uuid>) -> bool {
    is_author(viewer, facts.community.id, adopter.as_slice())
}

/// May the viewer say where the adoption stands, and what came of it?
#[must_use]
pub fn update(viewer: &Viewer, facts: ItemFacts<'_>, adopter: Option<Uuid>) -> Decision {
    if read(viewer, facts, adopter) {
        update_read(viewer, facts.community.id, Some(facts.community), adopter)
    } else {
        Decision::Conceal
    }
}

/// The same of an adoption that the viewer reads already; without the community where they may not see that.
#[must_use]
pub fn update_read(
    viewer: &Viewer,
    community_id: Uuid,
    community: Option<&community::Model>,
    adopter: Option<Uuid>,
) -> Decision {
    let archived = community.is_some_and(|community| community.status == CommunityStatus::Archived);
    if archived {
        return Decision::Deny(ARCHIVED_COMMUNITY);
    }
    Decision::when(
        is_author(viewer, community_id, adopter.as_slice()),
        "Only who reported the adoption may change it.",
    )
}

/// May the viewer take the adoption back: their own, and as a facilitator? Words can be taken back from an archived
/// community too.
#[must_use]
pub fn withdraw(viewer: &Viewer, facts: ItemFacts<'_>, adopter: Option<Uuid>) -> Decision {
    if !read(viewer, facts, adopter) {
        return Decision::Conceal;
    }
    let facilitator = viewer.role(facts.community.id) == Some(MembershipRole::Facilitator);
    Decision::when(
        facilitator || is_adopter(viewer, facts, adopter),
        "Only who reported the adoption, and facilitators of the community, may withdraw it.",
    )
}

/// Conditions on `adoption` for those that the viewer may read.
#[must_use]
pub fn readable(viewer: &Viewer) -> Condition {
    let of_readable = of_item(readable_items(viewer));
    match Reader::of(viewer) {
        Some(reader) => of_readable.add_option(own(&reader)),
        None => of_readable,
    }
}

/// Conditions on `adoption` for those that the reader may read.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    of_item(items_readable_by(reader)).add_option(own(reader))
}

fn of_item(condition: Condition) -> Condition {
    let item = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("adoption", "subject_id")))
        .cond_where(condition)
        .take();
    Condition::any().add(Expr::exists(item))
}

fn own(reader: &Reader) -> Option<Condition> {
    reader.is_author("adoption", "adopter_id")
}
