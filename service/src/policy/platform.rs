//! What belongs to the platform as a whole: domains, organizations, users.

use super::Decision;
use crate::viewer::Viewer;

/// May the viewer make, change and remove domains?
#[must_use]
pub fn manage_domains(viewer: &Viewer) -> Decision {
    Decision::when(
        viewer.is_admin(),
        "Only administrators may change the tree of domains.",
    )
}

/// May the viewer make organizations?
#[must_use]
pub fn manage_organizations(viewer: &Viewer) -> Decision {
    Decision::when(
        viewer.is_admin(),
        "Only administrators may add organizations.",
    )
}

/// May the viewer see a user's private fields: e-mail address, platform role, status?
#[must_use]
pub fn read_private_profile(viewer: &Viewer, user: uuid::Uuid) -> bool {
    viewer.user_id() == Some(user) || viewer.is_admin()
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
