//! Who tells value stories, and who may read them: over plain data and in SQL.

use entity::community;
use entity::membership::MembershipRole;
use entity::value_story::{Consent, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};

use super::Decision;
use super::community::{contribute, read_whole, writable};
use super::filter::{
    Reader, active_memberships, communities_readable_by, of_community, of_whole_communities,
};
use super::item::is_author;
use crate::viewer::Viewer;

fn tells(viewer: &Viewer, story: &Model) -> bool {
    is_author(viewer, story.community_id, story.author_id.as_slice())
}

/// May the viewer read the story: as far as its author's consent goes, and never further than the community is seen?
#[must_use]
pub fn read(viewer: &Viewer, community: &community::Model, story: &Model) -> bool {
    read_whole(viewer, community)
        && (tells(viewer, story)
            || match story.consent {
                Consent::Public => true,
                Consent::Members => viewer.role(community.id).is_some(),
                Consent::Authors => false,
            })
}

/// May the viewer tell a story in the community?
#[must_use]
pub fn tell(viewer: &Viewer, community: &community::Model) -> Decision {
    contribute(viewer, community)
}

/// May the viewer say who may read the story?
#[must_use]
pub fn narrow(viewer: &Viewer, community: &community::Model, story: &Model) -> Decision {
    if !read(viewer, community, story) {
        return Decision::Conceal;
    }
    // Consent can be taken back whatever became of the community.
    Decision::when(
        tells(viewer, story),
        "Only who tells the story may say who reads it.",
    )
}

/// May the viewer delete the story?
#[must_use]
pub fn delete(viewer: &Viewer, community: &community::Model, story: &Model) -> Decision {
    if !read(viewer, community, story) {
        return Decision::Conceal;
    }
    if tells(viewer, story) {
        return Decision::Allow;
    }
    writable(viewer, community, || {
        Decision::when(
            viewer.role(community.id) == Some(MembershipRole::Facilitator),
            "Only who tells the story, and facilitators of the community, may delete it.",
        )
    })
}

fn consents_to(consent: Consent) -> Expr {
    Expr::col(("value_story", "consent")).eq(consent.as_str())
}

/// Conditions on `value_story` for those that the viewer may read, as [`read`] says.
#[must_use]
pub fn readable(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => readable_by(&reader),
        None => of_whole_communities(viewer, "value_story").add(consents_to(Consent::Public)),
    }
}

/// The same for those that the reader may read.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    let member = active_memberships(reader, ("value_story", "community_id"));
    let consented = Condition::any()
        .add(consents_to(Consent::Public))
        .add(
            Condition::all()
                .add(consents_to(Consent::Members))
                .add(Expr::exists(member)),
        )
        .add_option(reader.is_author("value_story", "author_id"));
    Condition::all()
        .add(of_community("value_story", communities_readable_by(reader)))
        .add(consented)
}
