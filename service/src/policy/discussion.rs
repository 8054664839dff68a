//! What a viewer may do with discussions and posts. They are read exactly as items are: a post as its discussion.
//!
//! Whoever asked, answers or posts does so as an active member: who has left no longer acts here.

use entity::community;
use uuid::Uuid;

use super::item::{ItemFacts, is_author, stewards, writable};
use super::{Action, Decision, community as of_community};
use crate::viewer::Viewer;

fn takes_part(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    viewer.role(facts.community.id).is_some()
}

fn asked(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    takes_part(viewer, facts) && is_author(viewer, facts.community.id, facts.authors)
}

/// May the viewer make an announcement here?
#[must_use]
pub fn announce(viewer: &Viewer, community: &community::Model) -> Decision {
    match of_community::contribute(viewer, community) {
        Decision::Allow => Decision::when(
            of_community::facilitates(viewer, community),
            "Only facilitators of the community may make announcements.",
        ),
        refused => refused,
    }
}

/// May the viewer post to the discussion?
#[must_use]
pub fn reply(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            takes_part(viewer, facts),
            "Only active members of the community may post to this.",
        )
    })
}

/// May the viewer change the text of a post of this author?
#[must_use]
pub fn update_post(viewer: &Viewer, facts: ItemFacts<'_>, author: Option<Uuid>) -> Decision {
    writable(viewer, facts, || {
        let own = is_author(viewer, facts.community.id, author.as_slice());
        Decision::when(
            own && takes_part(viewer, facts),
            "Only its author, as an active member of the community, may change a post.",
        )
    })
}

/// May the viewer hide posts of the discussion, and show them again?
#[must_use]
pub fn hide_post(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            stewards(viewer, facts),
            "Only stewards and facilitators of the community may hide posts or show them again.",
        )
    })
}

/// May the viewer read the text of a hidden post of this author, in a discussion that the viewer may read?
#[must_use]
pub fn read_hidden(viewer: &Viewer, community: Uuid, author: Option<Uuid>) -> bool {
    is_author(viewer, community, author.as_slice()) || super::item::is_steward(viewer, community)
}

/// May the viewer accept a post as the answer?
#[must_use]
pub fn accept(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            asked(viewer, facts) || stewards(viewer, facts),
            "Only who asked, as an active member, and stewards and facilitators of the community, may accept a post.",
        )
    })
}

/// May the viewer close the discussion?
#[must_use]
pub fn close(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            asked(viewer, facts) || stewards(viewer, facts),
            "Only its author, as an active member, and stewards and facilitators of the community, may close this.",
        )
    })
}

/// May the viewer reopen the discussion, who has posted to it or not?
#[must_use]
pub fn reopen(viewer: &Viewer, facts: ItemFacts<'_>, has_posted: bool) -> Decision {
    writable(viewer, facts, || {
        let posted = has_posted && takes_part(viewer, facts);
        Decision::when(
            posted || asked(viewer, facts) || stewards(viewer, facts),
            "Only its author and members who posted to it, and stewards and facilitators of the community, may reopen this.",
        )
    })
}

/// May the viewer make a resource of the discussion?
#[must_use]
pub fn capture(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            takes_part(viewer, facts),
            "Only active members of the community may capture this.",
        )
    })
}

/// Everything that the viewer may do with a post of this author now.
#[must_use]
pub fn post_actions(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    author: Option<Uuid>,
    acceptable: bool,
) -> Vec<Action> {
    [
        (Action::Read, super::item::read(viewer, facts)),
        (Action::Update, update_post(viewer, facts, author).allows()),
        (Action::Reply, reply(viewer, facts).allows()),
        (Action::Accept, acceptable && accept(viewer, facts).allows()),
        (Action::Hide, hide_post(viewer, facts).allows()),
    ]
    .into_iter()
    .filter_map(|(action, allowed)| allowed.then_some(action))
    .collect()
}
