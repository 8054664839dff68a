//! What belongs to the platform as a whole: domains, organizations, users.

use super::Decision;
use crate::viewer::Viewer;

/// Whether the viewer looks after the platform as a whole, as an administrator. A credential for one community reaches none
/// of that.
#[must_use]
pub(super) fn governs(viewer: &Viewer) -> bool {
    viewer.is_admin() && viewer.only_community().is_none()
}

/// May the viewer make, change and remove domains?
#[must_use]
pub fn manage_domains(viewer: &Viewer) -> Decision {
    Decision::when(
        governs(viewer),
        "Only administrators may change the tree of domains.",
    )
}

/// May the viewer make organizations?
#[must_use]
pub fn manage_organizations(viewer: &Viewer) -> Decision {
    Decision::when(
        governs(viewer),
        "Only administrators may add organizations.",
    )
}

/// May the viewer see a user's private fields: e-mail address, platform role, status?
#[must_use]
pub fn read_private_profile(viewer: &Viewer, user: uuid::Uuid) -> bool {
    viewer.user_id() == Some(user) || governs(viewer)
}

/// Whose follows, saved searches and notifications the viewer may see and change: their own, by a credential that is good everywhere. A
/// credential for one community reaches none of what a person has beside it.
#[must_use]
pub fn own_matters(viewer: &Viewer) -> Option<uuid::Uuid> {
    viewer
        .user_id()
        .filter(|_| viewer.only_community().is_none())
}

/// May the viewer change what they follow, which searches they saved, and which notifications they have read?
#[must_use]
pub fn change_own_matters(viewer: &Viewer) -> Decision {
    Decision::when(
        own_matters(viewer).is_some(),
        "This token is good for one community only; follows, saved searches and notifications are changed by a session, or by a token that is good everywhere.",
    )
}

/// May the viewer follow this user?
#[must_use]
pub fn follow_user(viewer: &Viewer, user: uuid::Uuid) -> Decision {
    Decision::when(viewer.user_id() != Some(user), "Nobody follows themselves.")
}

/// May the viewer say what this user knows? Peers are active members of one community.
#[must_use]
pub fn endorse(viewer: &Viewer, user: uuid::Uuid, peers: bool) -> Decision {
    if viewer.user_id() == Some(user) {
        return Decision::Deny(
            "Nobody endorses themselves; say what you know with declareExpertise.",
        );
    }
    Decision::when(
        peers,
        "Only active members of a community to which the person belongs too may endorse them.",
    )
}

/// May the viewer invite people to the platform, into no community?
#[must_use]
pub fn invite(viewer: &Viewer) -> Decision {
    Decision::when(
        governs(viewer),
        "Only administrators may invite people into no community; name one that you facilitate.",
    )
}

/// May the viewer have this server write to people who have no account?
#[must_use]
pub fn mail_strangers(viewer: &Viewer) -> Decision {
    let verified = viewer
        .user()
        .is_some_and(|user| user.email_verified_at.is_some());
    Decision::when(
        verified || governs(viewer),
        "Confirm your own e-mail address before you invite others by mail.",
    )
}

/// May the viewer see whether this user's e-mail address is confirmed, and which mails the user wants?
#[must_use]
pub fn read_mail_settings(viewer: &Viewer, user: uuid::Uuid) -> bool {
    viewer.user_id() == Some(user)
}

/// May the viewer suspend this user, and reinstate them?
#[must_use]
pub fn suspend_user(viewer: &Viewer, user: uuid::Uuid) -> Decision {
    if !governs(viewer) {
        return Decision::Deny("Only administrators may suspend and reinstate people.");
    }
    Decision::when(
        viewer.user_id() != Some(user),
        "Nobody suspends or reinstates themselves; ask another administrator.",
    )
}

/// May the viewer see why a user is suspended?
#[must_use]
pub fn read_suspension(viewer: &Viewer) -> bool {
    governs(viewer)
}

/// May the viewer erase this user? Themselves people erase otherwise, where they are asked once more who they are.
#[must_use]
pub fn erase_user(viewer: &Viewer, user: uuid::Uuid) -> Decision {
    if viewer.user_id() == Some(user) {
        return Decision::Deny("Yourself you erase with `eraseMe`, which asks for your password.");
    }
    Decision::when(
        governs(viewer),
        "Only administrators may erase other people.",
    )
}
