//! Who may see something, as tokens: a document carries a set, a viewer carries a set, and sees the document when the
//! two meet. The search index and the change log hold these.

use std::collections::BTreeSet;

use entity::boundary_share;
use entity::community::{self, CommunityVisibility};
use entity::consent::Consent;
use entity::experience_report;
use entity::item::{self, ItemVisibility};
use entity::membership::{self, MembershipRole, MembershipState};
use entity::value_story;
use uuid::Uuid;

use super::boundary_share::is_taken_up;
use crate::viewer::Viewer;

/// The token of everybody.
pub const PUBLIC: &str = "public";
/// The token of everybody who is signed in.
pub const INTERNAL: &str = "internal";

fn member(community: Uuid) -> String {
    format!("member:{}", community.simple())
}

fn reviewer(community: Uuid) -> String {
    format!("reviewer:{}", community.simple())
}

fn steward(community: Uuid) -> String {
    format!("steward:{}", community.simple())
}

fn facilitator(community: Uuid) -> String {
    format!("facilitator:{}", community.simple())
}

fn invited(community: Uuid) -> String {
    format!("invited:{}", community.simple())
}

fn user(user: Uuid) -> String {
    format!("user:{}", user.simple())
}

fn author(community: Uuid, user: Uuid) -> String {
    format!("author:{}:{}", community.simple(), user.simple())
}

/// Somebody who is a reviewer, or more, of the community.
fn this_reviewer(community: Uuid, user: Uuid) -> String {
    format!("reviewer:{}:{}", community.simple(), user.simple())
}

/// Somebody who is a steward, or more, of the community.
fn this_steward(community: Uuid, user: Uuid) -> String {
    format!("steward:{}:{}", community.simple(), user.simple())
}

/// The tokens that a viewer carries.
#[must_use]
pub fn of_viewer(viewer: &Viewer) -> BTreeSet<String> {
    let mut tokens = BTreeSet::from([PUBLIC.to_owned()]);
    let Some(id) = viewer.user_id() else {
        return tokens;
    };
    tokens.insert(INTERNAL.to_owned());
    if viewer.only_community().is_none() {
        tokens.insert(user(id));
    }
    for membership in viewer.memberships() {
        let community = membership.community_id;
        match membership.state {
            MembershipState::Active => {
                tokens.insert(member(community));
                tokens.insert(author(community, id));
                for (least, token) in [
                    (MembershipRole::Reviewer, reviewer(community)),
                    (MembershipRole::Reviewer, this_reviewer(community, id)),
                    (MembershipRole::Steward, steward(community)),
                    (MembershipRole::Steward, this_steward(community, id)),
                    (MembershipRole::Facilitator, facilitator(community)),
                ] {
                    if membership.role >= least {
                        tokens.insert(token);
                    }
                }
            }
            MembershipState::Invited => {
                tokens.insert(invited(community));
            }
            _ => {}
        }
    }
    tokens
}

/// Those who see all of a community.
fn readers(community: &community::Model) -> String {
    match community.visibility {
        CommunityVisibility::Public => PUBLIC.to_owned(),
        CommunityVisibility::Internal => INTERNAL.to_owned(),
        CommunityVisibility::Private | CommunityVisibility::Unlisted => member(community.id),
    }
}

/// Those who see what a community is about.
#[must_use]
pub fn of_community_about(community: &community::Model) -> BTreeSet<String> {
    match community.visibility {
        CommunityVisibility::Public => BTreeSet::from([PUBLIC.to_owned()]),
        CommunityVisibility::Internal | CommunityVisibility::Private => {
            BTreeSet::from([INTERNAL.to_owned()])
        }
        CommunityVisibility::Unlisted => {
            BTreeSet::from([member(community.id), invited(community.id)])
        }
    }
}

/// Those who see all of a community, and with it what it says of itself.
#[must_use]
pub fn of_community_whole(community: &community::Model) -> BTreeSet<String> {
    BTreeSet::from([readers(community)])
}

/// Those who see what only active members see.
#[must_use]
pub fn of_members(community: &community::Model) -> BTreeSet<String> {
    BTreeSet::from([member(community.id)])
}

/// Those who see a membership.
#[must_use]
pub fn of_membership(
    community: &community::Model,
    membership: &membership::Model,
) -> BTreeSet<String> {
    let readers = if membership.state == MembershipState::Active {
        readers(community)
    } else {
        facilitator(community.id)
    };
    BTreeSet::from([readers, user(membership.user_id)])
}

/// Those who see something that everybody may see, such as a domain or an organization.
#[must_use]
pub fn of_everybody() -> BTreeSet<String> {
    BTreeSet::from([PUBLIC.to_owned()])
}

/// The one person whose private matter something is, such as an API token.
#[must_use]
pub fn of_user(id: Uuid) -> BTreeSet<String> {
    BTreeSet::from([user(id)])
}

/// Those who see a flag: those who decide it, and who raised it.
#[must_use]
pub fn of_flag(community: Uuid, raised_by: Option<Uuid>) -> BTreeSet<String> {
    let mut tokens = BTreeSet::from([steward(community)]);
    if let Some(id) = raised_by {
        tokens.insert(author(community, id));
        tokens.insert(user(id));
    }
    tokens
}

/// Those who see what only the facilitators of a community see.
#[must_use]
pub fn of_facilitators(community: Uuid) -> BTreeSet<String> {
    BTreeSet::from([facilitator(community)])
}

/// Those who see a share: those who look after one of the two communities, who brokers it, and once it is taken up all
/// who see the other community whole.
#[must_use]
pub fn of_boundary_share(share: &boundary_share::Model, to: &community::Model) -> BTreeSet<String> {
    let sides = [share.from_community_id, share.to_community_id];
    let mut tokens: BTreeSet<String> = sides.into_iter().map(steward).collect();
    if let Some(broker) = share.broker_id {
        tokens.extend(sides.into_iter().map(|side| author(side, broker)));
        tokens.insert(user(broker));
    }
    if is_taken_up(share.state) {
        tokens.insert(readers(to));
    }
    tokens
}

/// Those who may read a value story.
#[must_use]
pub fn of_value_story(
    community: &community::Model,
    story: &value_story::Model,
) -> BTreeSet<String> {
    let consented = match story.consent {
        Consent::Public => Some(readers(community)),
        Consent::Members => Some(member(community.id)),
        Consent::Authors => None,
    };
    let mut tokens: BTreeSet<String> = consented.into_iter().collect();
    tokens.extend(of_authors(community, story.author_id.as_slice()));
    tokens
}

/// Those who wrote something in a community.
fn of_authors(community: &community::Model, authors: &[Uuid]) -> Vec<String> {
    let open = matches!(
        community.visibility,
        CommunityVisibility::Public | CommunityVisibility::Internal
    );
    let mut tokens = Vec::new();
    for id in authors {
        tokens.push(author(community.id, *id));
        if open {
            tokens.push(user(*id));
        }
    }
    tokens
}

/// Those who see an adoption of an item: those who see the item, and who reported it.
#[must_use]
pub fn of_adoption(
    community: &community::Model,
    item: &item::Model,
    authors: &[Uuid],
    adopter: Option<Uuid>,
) -> BTreeSet<String> {
    let mut tokens = of_item(community, item, authors);
    if let Some(id) = adopter {
        tokens.insert(author(community.id, id));
        tokens.insert(user(id));
    }
    tokens
}

/// Those who see an item.
#[must_use]
pub fn of_item(
    community: &community::Model,
    item: &item::Model,
    authors: &[Uuid],
) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    match (item.visibility, item.published) {
        (ItemVisibility::Community, true) => {
            tokens.insert(readers(community));
        }
        (ItemVisibility::Members, true) => {
            tokens.insert(member(community.id));
        }
        (ItemVisibility::Community | ItemVisibility::Members, false) => {
            tokens.insert(reviewer(community.id));
        }
        (ItemVisibility::Stewards, _) => {
            tokens.insert(steward(community.id));
        }
        (ItemVisibility::Authors, _) => {}
    }
    tokens.extend(of_authors(community, authors));
    tokens
}

/// Those who see the drafts of an item: what waits for its review too.
#[must_use]
pub fn of_draft(
    community: &community::Model,
    item: &item::Model,
    authors: &[Uuid],
) -> BTreeSet<String> {
    let as_draft = item::Model {
        published: false,
        ..item.clone()
    };
    of_item(community, &as_draft, authors)
}

/// Those who see of an item what only active members see, such as who comes to an activity.
#[must_use]
pub fn of_item_for_members(
    community: &community::Model,
    item: &item::Model,
    authors: &[Uuid],
) -> BTreeSet<String> {
    let mut narrowed = item.clone();
    if narrowed.visibility == ItemVisibility::Community {
        narrowed.visibility = ItemVisibility::Members;
    }
    let mut tokens = of_item(community, &narrowed, authors);
    tokens.retain(|token| !token.starts_with("user:"));
    tokens
}

/// Those who see a report on an item.
#[must_use]
pub fn of_report(
    community: &community::Model,
    item: &item::Model,
    authors: &[Uuid],
    report: &experience_report::Model,
) -> BTreeSet<String> {
    let mut narrowed = item.clone();
    match (report.consent, item.visibility) {
        (Consent::Authors, _) => narrowed.visibility = ItemVisibility::Authors,
        (Consent::Members, ItemVisibility::Community) => {
            narrowed.visibility = ItemVisibility::Members;
        }
        (Consent::Members | Consent::Public, _) => {}
    }
    let mut tokens = of_item(community, &narrowed, authors);
    for person in [report.author_id, report.owner_id].into_iter().flatten() {
        tokens.extend(of_reader(community, item, person));
    }
    tokens
}

/// One person, as far as they see an item of which they are no author.
fn of_reader(community: &community::Model, item: &item::Model, person: Uuid) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    match (item.visibility, item.published) {
        (ItemVisibility::Community, true) => {
            tokens.insert(author(community.id, person));
            if is_open(community) {
                tokens.insert(user(person));
            }
        }
        (ItemVisibility::Members, true) => {
            tokens.insert(author(community.id, person));
        }
        (ItemVisibility::Community | ItemVisibility::Members, false) => {
            tokens.insert(this_reviewer(community.id, person));
        }
        (ItemVisibility::Stewards, _) => {
            tokens.insert(this_steward(community.id, person));
        }
        (ItemVisibility::Authors, _) => {}
    }
    tokens
}

fn is_open(community: &community::Model) -> bool {
    matches!(
        community.visibility,
        CommunityVisibility::Public | CommunityVisibility::Internal
    )
}
