//! The platform as a whole is for administrators, by credentials that are good everywhere.

use entity::community::CommunityVisibility;
use entity::user::PlatformRole;
use uuid::Uuid;

use super::super::{community, operation, platform};
use crate::testing;
use crate::viewer::{Scope, Viewer};

/// What is for those who govern the platform, and whether the viewer may do it.
fn rules(viewer: &Viewer) -> [(&'static str, bool); 10] {
    let other = Uuid::now_v7();
    [
        ("domains", platform::manage_domains(viewer).allows()),
        (
            "organizations",
            platform::manage_organizations(viewer).allows(),
        ),
        ("invitations", platform::invite(viewer).allows()),
        (
            "mails to strangers",
            platform::mail_strangers(viewer).allows(),
        ),
        (
            "private profiles",
            platform::read_private_profile(viewer, other),
        ),
        ("suspending", platform::suspend_user(viewer, other).allows()),
        ("why suspended", platform::read_suspension(viewer)),
        ("erasing", platform::erase_user(viewer, other).allows()),
        ("restoring", operation::restore(viewer).allows()),
        (
            "naming a facilitator",
            community::name_facilitator(viewer, 0),
        ),
    ]
}

#[tokio::test]
async fn a_credential_for_one_community_does_not_govern_the_platform() {
    let (_directory, store) = testing::store().await;
    let readers = testing::community(&store, "readers", CommunityVisibility::Public).await;
    let admin = testing::user(&store, "admin", PlatformRole::Admin).await.id;
    let analyst = testing::user(&store, "analyst", PlatformRole::Analyst)
        .await
        .id;
    let member = testing::user(&store, "member", PlatformRole::Member)
        .await
        .id;
    let only = Some(readers.id);
    let for_readers = testing::viewer_with(&store, admin, Scope::ALL, only).await;
    assert!(
        platform::read_private_profile(&for_readers, admin),
        "one's own profile"
    );
    let scopes = [Scope::Read, Scope::Write];
    for (who, viewer, governs) in [
        ("administrator", testing::viewer(&store, admin).await, true),
        (
            "token for everything",
            testing::viewer_with(&store, admin, Scope::ALL, None).await,
            true,
        ),
        ("token for one community", for_readers, false),
        (
            "token without the scope",
            testing::viewer_with(&store, admin, &scopes, None).await,
            false,
        ),
        ("analyst", testing::viewer(&store, analyst).await, false),
        ("member", testing::viewer(&store, member).await, false),
        ("nobody", Viewer::anonymous(), false),
    ] {
        for (what, may) in rules(&viewer) {
            assert_eq!(may, governs, "{what} by: {who}");
        }
    }
}
