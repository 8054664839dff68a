//! What a user says of themselves.

use std::str::FromStr;

use entity::change::{EntityType, Operation};
use entity::organization;
use entity::user::{self, UserStatus};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::policy::audience;
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::{Faults, Patch, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// The name that others see.
pub const DISPLAY_NAME: TextRule = TextRule {
    min: 1,
    max: 100,
    multiline: false,
};
/// Fewest characters of a handle.
pub const SHORTEST_HANDLE: usize = 3;
/// Most characters of a handle.
pub const LONGEST_HANDLE: usize = 40;
/// With this begin the handles of people who are gone, and nobody else's.
pub const FORMER_PREFIX: &str = "former-";

/// Changes of one's own profile.
#[derive(Clone, Debug, Default)]
pub struct UpdateProfile {
    /// The name that others see; cannot be emptied.
    pub display_name: Patch<String>,
    /// The unique readable name; cannot be emptied.
    pub handle: Patch<String>,
    /// About the person.
    pub bio: Patch<String>,
    /// BCP 47 language tag.
    pub locale: Patch<String>,
    /// IANA time zone name.
    pub time_zone: Patch<String>,
    /// Address of a picture.
    pub avatar_url: Patch<String>,
    /// Where the person comes from.
    pub organization_id: Patch<Uuid>,
}

/// Checks a handle: 3 to 40 lower-case letters a to z, digits, hyphens and underscores, a letter first.
pub fn check_handle(faults: &mut Faults, path: &[&str], handle: &str) -> String {
    let handle = handle.trim();
    let sound = (SHORTEST_HANDLE..=LONGEST_HANDLE).contains(&handle.len())
        && handle.starts_with(|letter: char| letter.is_ascii_lowercase())
        && handle.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        });
    if !sound {
        faults.add(
            FaultCode::Invalid,
            path,
            "A handle has 3 to 40 lower-case letters a to z, digits, hyphens and underscores, and begins with a letter, such as ada-lovelace.",
        );
    } else if handle.starts_with(FORMER_PREFIX) {
        faults.add(
            FaultCode::Invalid,
            path,
            "Handles that begin with former- are those of people who left; choose another.",
        );
    }
    handle.to_owned()
}

fn check_time_zone(faults: &mut Faults, path: &[&str], name: &str) -> String {
    if let Ok(zone) = chrono_tz::Tz::from_str(name.trim()) {
        return zone.name().to_owned();
    }
    faults.add(
        FaultCode::Invalid,
        path,
        "This is no IANA time zone name, such as Europe/Paris.",
    );
    name.to_owned()
}

/// Changes the viewer's own profile. Answers the user; the change row names the fields that became something else.
pub async fn update_profile(
    store: &Store,
    viewer: &Viewer,
    input: UpdateProfile,
) -> Result<Written<user::Model>> {
    let id = viewer.require(Scope::Write)?;
    store
        .write(Some(id), move |unit| {
            async move {
                let old = user::Entity::find_by_id(id)
                    .lock(LockType::NoKeyUpdate)
                    .one(unit.db())
                    .await?
                    .filter(|user| user.status == UserStatus::Active)
                    .ok_or(Error::Unauthenticated)?;
                let new = changed(unit, &old, input).await?;
                save(unit, old, new).await
            }
            .boxed()
        })
        .await
}

/// The row as it becomes, all faults of the input at once.
async fn changed(unit: &WriteUnit, old: &user::Model, input: UpdateProfile) -> Result<user::Model> {
    let mut faults = Faults::default();
    let mut new = old.clone();
    if let Some(name) = input
        .display_name
        .required(&mut faults, &["input", "displayName"])
    {
        new.display_name = faults.text(&["input", "displayName"], &name, DISPLAY_NAME);
    }
    if let Some(handle) = input.handle.required(&mut faults, &["input", "handle"]) {
        new.handle = check_handle(&mut faults, &["input", "handle"], &handle);
        new.handle_key.clone_from(&new.handle);
        check_handle_is_free(unit, old.id, &new.handle_key, &mut faults).await?;
    }
    new.bio = faults
        .text_patch(&["input", "bio"], input.bio, SUMMARY)
        .or_keep(new.bio);
    new.locale = faults
        .language_patch(&["input", "locale"], input.locale)
        .or_keep(new.locale);
    let time_zone = match input.time_zone {
        Patch::Value(name) => {
            Patch::Value(check_time_zone(&mut faults, &["input", "timeZone"], &name))
        }
        other => other,
    };
    new.time_zone = time_zone.or_keep(new.time_zone);
    new.avatar_url = faults
        .url_patch(&["input", "avatarUrl"], input.avatar_url)
        .or_keep(new.avatar_url);
    if let Patch::Value(organization) = input.organization_id {
        let found = organization::Entity::find_by_id(organization)
            .one(unit.db())
            .await?;
        if found.is_none() {
            faults.add(
                FaultCode::NotFound,
                &["input", "organizationId"],
                "There is no organization with this id.",
            );
        }
    }
    new.organization_id = input.organization_id.or_keep(new.organization_id);
    faults.check()?;
    Ok(new)
}

async fn check_handle_is_free(
    unit: &WriteUnit,
    own: Uuid,
    key: &str,
    faults: &mut Faults,
) -> Result<()> {
    // Nobody has it, and PostgreSQL takes no NUL.
    if key.contains('\0') {
        return Ok(());
    }
    let other = user::Entity::find()
        .filter(user::Column::HandleKey.eq(key))
        .filter(user::Column::Id.ne(own))
        .one(unit.db())
        .await?;
    if other.is_some() {
        faults.add(
            FaultCode::Taken,
            &["input", "handle"],
            "Somebody else has this handle.",
        );
    }
    Ok(())
}

async fn save(unit: &mut WriteUnit, old: user::Model, mut new: user::Model) -> Result<user::Model> {
    let fields: Vec<String> = [
        ("displayName", old.display_name != new.display_name),
        ("handle", old.handle != new.handle),
        ("bio", old.bio != new.bio),
        ("locale", old.locale != new.locale),
        ("timeZone", old.time_zone != new.time_zone),
        ("avatarUrl", old.avatar_url != new.avatar_url),
        ("organization", old.organization_id != new.organization_id),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(field, _)| field.to_owned())
    .collect();
    if fields.is_empty() {
        return Ok(old);
    }
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    unit.record(PendingChange {
        entity_type: EntityType::User,
        entity_id: new.id,
        operation: Operation::Updated,
        community_id: None,
        fields,
        audience_before: Some(audience::of_everybody()),
        audience_after: Some(audience::of_everybody()),
    });
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use entity::user::PlatformRole;

    fn value(text: &str) -> Patch<String> {
        Patch::Value(text.to_owned())
    }

    #[tokio::test]
    async fn a_profile_is_changed_emptied_and_left_alone() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let viewer = testing::viewer(&store, ada.id).await;
        let update = UpdateProfile {
            bio: value("Wrote the first program.\n"),
            locale: value("en-gb"),
            time_zone: value("Europe/London"),
            ..UpdateProfile::default()
        };
        let written = update_profile(&store, &viewer, update.clone())
            .await
            .unwrap();
        assert_eq!(
            written.value.bio.as_deref(),
            Some("Wrote the first program.")
        );
        assert_eq!(written.value.locale.as_deref(), Some("en-GB"));
        assert_eq!(written.value.display_name, "ada");
        let again = update_profile(&store, &viewer, update).await.unwrap();
        assert_eq!(again.position, written.position);
        assert_eq!(again.value, written.value);
        let emptied = UpdateProfile {
            bio: Patch::Null,
            ..UpdateProfile::default()
        };
        let emptied = update_profile(&store, &viewer, emptied)
            .await
            .unwrap()
            .value;
        assert_eq!(
            (emptied.bio, emptied.time_zone.as_deref()),
            (None, Some("Europe/London"))
        );
        let fields: Vec<_> = testing::changes(&store, EntityType::User)
            .await
            .into_iter()
            .map(|change| change.fields.0)
            .collect();
        assert_eq!(fields, [vec!["bio", "locale", "timeZone"], vec!["bio"]]);
    }

    #[tokio::test]
    async fn all_faults_of_a_profile_are_told_at_once() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        testing::user(&store, "bob", PlatformRole::Member).await;
        let viewer = testing::viewer(&store, ada.id).await;
        let update = UpdateProfile {
            display_name: Patch::Null,
            handle: value("bob\0"),
            bio: value("a\0b"),
            locale: value("not a language"),
            time_zone: value("Mars/Olympus"),
            avatar_url: value("javascript:alert(1)"),
            organization_id: Patch::Value(Uuid::now_v7()),
        };
        let Err(Error::Refused(faults)) = update_profile(&store, &viewer, update).await else {
            panic!("seven faults")
        };
        let mut paths: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
        paths.sort();
        assert_eq!(
            paths,
            [
                "input.avatarUrl",
                "input.bio",
                "input.displayName",
                "input.handle",
                "input.locale",
                "input.organizationId",
                "input.timeZone"
            ]
        );
        assert_eq!(testing::changes(&store, EntityType::User).await, []);
    }

    #[tokio::test]
    async fn a_handle_is_one_persons() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        testing::user(&store, "bob", PlatformRole::Member).await;
        let viewer = testing::viewer(&store, ada.id).await;
        for (handle, free) in [("bob", false), ("ada", true), ("countess", true)] {
            let update = UpdateProfile {
                handle: value(handle),
                ..UpdateProfile::default()
            };
            let updated = update_profile(&store, &viewer, update).await;
            assert_eq!(updated.is_ok(), free, "{handle}");
        }
    }

    #[tokio::test]
    async fn nobody_without_the_right_changes_a_profile() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let reading = testing::viewer_with(&store, ada.id, &[Scope::Read], None).await;
        for (viewer, wanted) in [
            (Viewer::anonymous(), "sign-in needed"),
            (reading, "the token lacks the scope WRITE"),
        ] {
            let error = update_profile(&store, &viewer, UpdateProfile::default())
                .await
                .unwrap_err();
            assert_eq!(error.to_string(), wanted);
        }
    }

    #[test]
    fn handles_have_their_shape() {
        for (handle, sound) in [
            ("ada", true),
            ("ada_l-2", true),
            ("ab", false),
            ("2ada", false),
            ("Ada", false),
            ("adá", false),
            ("former-abcdef", false),
            (&"a".repeat(40), true),
            (&"a".repeat(41), false),
        ] {
            let mut faults = Faults::default();
            check_handle(&mut faults, &["handle"], handle);
            assert_eq!(faults.is_empty(), sound, "{handle}");
        }
    }
}
