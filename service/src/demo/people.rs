//! The people of the demonstration: plainly invented, one for every role.

use std::collections::HashMap;

use entity::membership::MembershipRole;
use entity::user::{self, PlatformRole};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::auth::{NewUser, Passwords, Secret, create_user};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::user::{UpdateProfile, update_profile};
use crate::validation::Patch;
use crate::viewer::{Scope, SignedIn, Viewer};

/// The password of all of them. It works only where the server's configuration lets them sign in.
pub const PASSWORD: &str = "demo-repertoire";

/// Somebody invented.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The unique readable name.
    pub handle: &'static str,
    /// The name that others see.
    pub display_name: &'static str,
    /// Where the person practises.
    pub practice_settings: &'static [&'static str],
    /// What the person may do on the platform as a whole.
    pub platform_role: PlatformRole,
    /// The role in all communities of the demonstration; none where the person belongs to none from the beginning.
    pub role: Option<MembershipRole>,
}

impl Person {
    /// The person, who practises there.
    const fn at(self, practice_settings: &'static [&'static str]) -> Self {
        Self {
            practice_settings,
            ..self
        }
    }

    /// The e-mail address to sign in with.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@repertoire.example", self.handle)
    }
}

pub(super) const ADMIN: &str = "demo-admin";
pub(super) const FACILITATOR: &str = "demo-facilitator";
pub(super) const STEWARD: &str = "demo-steward";
pub(super) const REVIEWER: &str = "demo-reviewer";
pub(super) const MEMBER: &str = "demo-member";
pub(super) const GUEST: &str = "demo-guest";
pub(super) const NEWCOMER: &str = "demo-newcomer";
pub(super) const HELPER: &str = "demo-helper";
pub(super) const TEACHER: &str = "demo-teacher";
pub(super) const RESEARCHER: &str = "demo-researcher";
pub(super) const MAKER: &str = "demo-maker";
pub(super) const COLLEAGUE: &str = "demo-collegue";

const fn person(
    handle: &'static str,
    display_name: &'static str,
    platform_role: PlatformRole,
    role: Option<MembershipRole>,
) -> Person {
    Person {
        handle,
        display_name,
        practice_settings: &[],
        platform_role,
        role,
    }
}

/// Somebody who belongs to what they come to in the course of the weeks.
const fn outsider(handle: &'static str, display_name: &'static str) -> Person {
    person(handle, display_name, PlatformRole::Member, None)
}

/// Everybody.
pub const PEOPLE: &[Person] = &[
    person(ADMIN, "Avery Admin (demo)", PlatformRole::Admin, None),
    person(
        "demo-analyst",
        "Nadia Analyst (demo)",
        PlatformRole::Analyst,
        None,
    ),
    person(
        FACILITATOR,
        "Fabian Facilitator (demo)",
        PlatformRole::Member,
        Some(MembershipRole::Facilitator),
    ),
    person(
        STEWARD,
        "Stella Steward (demo)",
        PlatformRole::Member,
        Some(MembershipRole::Steward),
    ),
    person(
        REVIEWER,
        "Remy Reviewer (demo)",
        PlatformRole::Member,
        Some(MembershipRole::Reviewer),
    ),
    person(
        MEMBER,
        "Mina Member (demo)",
        PlatformRole::Member,
        Some(MembershipRole::Member),
    ),
    outsider(GUEST, "Gus Guest (demo)"),
    outsider(NEWCOMER, "Noor Newcomer (demo)")
        .at(&["A project that writes documentation (made up)"]),
    outsider(HELPER, "Hanna Helper (demo)").at(&["A package index (made up)"]),
    outsider(TEACHER, "Tomas Teacher (demo)").at(&["Grade 6, Elm School (made up)"]),
    outsider(RESEARCHER, "Rita Researcher (demo)").at(&["A laboratory of soil science (made up)"]),
    outsider(MAKER, "Miro Maker (demo)").at(&[
        "A lesson studio (made up)",
        "Evening classes at a library (made up)",
    ]),
    outsider(COLLEAGUE, "Camille Collègue (démo)").at(&[
        "Bibliothèque de composants (inventée)",
        "Équipe des formulaires (inventée)",
    ]),
];

/// The viewers as whom the content is written, by handle.
pub(super) struct People(HashMap<&'static str, Viewer>);

impl People {
    /// Makes whoever is not there yet, with the password or with none.
    pub(super) async fn make(
        store: &Store,
        passwords: &Passwords,
        with_password: bool,
        mut made: impl FnMut(),
    ) -> Result<Self> {
        let mut people = HashMap::new();
        for person in PEOPLE {
            let user = match find(store, person.handle).await? {
                Some(user) => user,
                None => create(store, passwords, with_password, person).await?,
            };
            let said = user.practice_settings.0 == person.practice_settings;
            let viewer = Viewer::signed_in(SignedIn {
                user,
                memberships: HashMap::new(),
                scopes: Scope::ALL.to_vec(),
                only_community: None,
            });
            if !said {
                say_where(store, &viewer, person).await?;
            }
            people.insert(person.handle, viewer);
            made();
        }
        Ok(Self(people))
    }

    /// The viewer with that handle.
    pub(super) fn get(&self, handle: &str) -> Result<&Viewer> {
        self.0
            .get(handle)
            .ok_or_else(|| Error::internal(format!("the demonstration has nobody called {handle}")))
    }
}

async fn find(store: &Store, handle: &str) -> Result<Option<user::Model>> {
    Ok(user::Entity::find()
        .filter(user::Column::HandleKey.eq(handle))
        .one(store.reader())
        .await?)
}

async fn create(
    store: &Store,
    passwords: &Passwords,
    with_password: bool,
    person: &Person,
) -> Result<user::Model> {
    let new = NewUser {
        email: person.email(),
        display_name: person.display_name.to_owned(),
        handle: Some(person.handle.to_owned()),
        role: person.platform_role,
        password: with_password.then(|| Secret::from(PASSWORD)),
        is_demo: true,
    };
    Ok(create_user(store, passwords, new).await?.value)
}

/// Has the person say where they practise.
async fn say_where(store: &Store, viewer: &Viewer, person: &Person) -> Result<()> {
    let settings = person.practice_settings.iter();
    let input = UpdateProfile {
        practice_settings: Patch::Value(settings.map(|&text| text.to_owned()).collect()),
        ..UpdateProfile::default()
    };
    update_profile(store, viewer, input).await?;
    Ok(())
}
