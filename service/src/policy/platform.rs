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
