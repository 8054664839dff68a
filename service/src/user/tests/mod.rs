//! How accounts end: what goes, what stays, and who may do it.

mod columns;
mod erasing;
mod life;
mod naming;
mod operator;
mod refusals;
mod suspending;

use entity::change::EntityType;
use entity::community::{self, CommunityVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::{self, PlatformRole, UserStatus};
use sea_orm::{ActiveModelTrait, EntityTrait};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::auth::{
    Auth, AuthOptions, ClientAddress, IssuedSession, PasswordCost, SignUp, SigningKeys, sign_up,
};
use crate::error::{BlockerCode, Error, Fault, FaultCode, Result};
use crate::mail::MailSettings;
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;

const PASSWORD: &str = "correct horse battery";

/// A community that Ben facilitates, and Ada, a member with a password; an administrator is no member.
struct World {
    _directory: TempDir,
    auth: Auth,
    community: community::Model,
    admin: Viewer,
    ben: Viewer,
    /// Ada's session.
    ada: IssuedSession,
}

impl World {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let mail =
            MailSettings::new("repertoire@example.org", "https://learn.example.org", None).unwrap();
        let options = AuthOptions {
            password_cost: PasswordCost::for_tests(),
            mail: Some(mail),
            ..AuthOptions::default()
        };
        let keys = SigningKeys::ephemeral().unwrap();
        let auth = Auth::new(store.clone(), keys, options).unwrap();
        let input = SignUp {
            email: "Ada@Example.org".into(),
            password: PASSWORD.into(),
            display_name: "Ada Lovelace".into(),
            handle: Some("ada".into()),
            invitation_token: None,
        };
        let ada = sign_up(&auth, ClientAddress::unknown(), input)
            .await
            .unwrap();
        let community = testing::community(&store, "readers", visibility).await;
        let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
        let ben = testing::user(&store, "ben", PlatformRole::Member).await;
        for (user, role) in [
            (ada.user.id, MembershipRole::Member),
            (ben.id, MembershipRole::Facilitator),
        ] {
            let state = MembershipState::Active;
            testing::membership(&store, community.id, user, role, state).await;
        }
        Self {
            admin: testing::viewer(&store, admin.id).await,
            ben: testing::viewer(&store, ben.id).await,
            _directory: directory,
            auth,
            community,
            ada,
        }
    }

    fn store(&self) -> &Store {
        self.auth.store()
    }

    fn ada_id(&self) -> Uuid {
        self.ada.user.id
    }

    /// Ada as she is now.
    async fn ada(&self) -> Viewer {
        testing::viewer(self.store(), self.ada_id()).await
    }

    async fn row(&self, id: Uuid) -> user::Model {
        user::Entity::find_by_id(id)
            .one(self.store().reader())
            .await
            .unwrap()
            .unwrap()
    }
}

/// Writes a row as it is, without a change row.
async fn put<A: ActiveModelTrait>(store: &Store, row: A) {
    A::Entity::insert_many(vec![row])
        .exec_without_returning(store.migration_connection())
        .await
        .unwrap();
}

fn id(viewer: &Viewer) -> Uuid {
    viewer.user_id().unwrap()
}

/// The one fault of a refusal.
fn fault<T: std::fmt::Debug>(result: Result<T>) -> Fault {
    match result {
        Err(Error::Refused(mut faults)) if faults.len() == 1 => faults.remove(0),
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

/// What kind of fault it is, and where.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, String) {
    let fault = fault(result);
    (fault.code, fault.field.join("."))
}
