//! What a user says of themselves.

#[cfg(test)]
mod tests;

use std::str::FromStr;

use entity::TextList;
use entity::organization;
use entity::user::{self, UserStatus};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::change::{differing, user_changed};
use crate::error::{Error, FaultCode, Result};
use crate::policy::audience;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, Patch, SUMMARY, TITLE, TextRule};
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
/// Most settings in which somebody practises.
pub const MAX_PRACTICE_SETTINGS: usize = 20;
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
    /// Where the person practises.
    pub practice_settings: Patch<Vec<String>>,
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

/// Checks where somebody practises. Each entry may be as long as the setting of an adoption, and so be taken over there.
pub(crate) fn practice_settings(faults: &mut Faults, path: &[&str], list: &[String]) -> TextList {
    TextList(faults.text_list(path, list, MAX_PRACTICE_SETTINGS, TITLE))
}

/// Changes the viewer's own profile. Answers the user; the change row names the fields that became something else.
#[crate::boxed]
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
    match input.practice_settings {
        Patch::Absent => {}
        Patch::Null => new.practice_settings = TextList::default(),
        Patch::Value(list) => {
            let path = &["input", "practiceSettings"];
            new.practice_settings = practice_settings(&mut faults, path, &list);
        }
    }
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
    let fields = differing(&[
        ("displayName", old.display_name != new.display_name),
        ("handle", old.handle != new.handle),
        ("bio", old.bio != new.bio),
        (
            "practiceSettings",
            old.practice_settings != new.practice_settings,
        ),
        ("locale", old.locale != new.locale),
        ("timeZone", old.time_zone != new.time_zone),
        ("avatarUrl", old.avatar_url != new.avatar_url),
        ("organization", old.organization_id != new.organization_id),
    ]);
    if fields.is_empty() {
        return Ok(old);
    }
    new.updated_at = unit.now();
    save_public(unit, new, fields).await
}

/// Writes a user, with the change row that tells everybody which fields became something else.
pub(super) async fn save_public(
    unit: &mut WriteUnit,
    new: user::Model,
    fields: Vec<String>,
) -> Result<user::Model> {
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    unit.record(user_changed(new.id, fields, audience::of_everybody()));
    Ok(new)
}
