//! Accounts: the checks that every new one passes, however it is made, and the rows that it becomes.

#[cfg(test)]
mod tests;

use entity::change::{EntityType, Operation};
use entity::user::{PlatformRole, UserStatus};
use entity::{TextList, password, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::password::check_new;
use super::{Passwords, Secret};
use crate::error::{Error, FaultCode, Result};
use crate::policy::audience;
use crate::store::{Outcome, PendingChange, Store, WriteUnit, Written};
use crate::text::slugify;
use crate::user::{DISPLAY_NAME, LONGEST_HANDLE, check_handle};
use crate::validation::Faults;

/// The key under which an e-mail address is unique: nobody has two accounts by a capital letter.
#[must_use]
pub fn email_key(email: &str) -> String {
    email.trim().nfkc().collect::<String>().to_lowercase()
}

/// Checks the shape of an e-mail address; whether somebody reads it only a letter could tell.
pub(super) fn check_email(faults: &mut Faults, path: &[&str], email: &str) -> String {
    let email: String = email.trim().nfc().collect();
    let plain = |letter: char| {
        !letter.is_whitespace()
            && !letter.is_control()
            && !matches!(letter, '@' | ',' | ';' | '<' | '>' | '(' | ')' | '"' | '\\')
            && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let valid = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len())
                && local.chars().all(plain)
                && host.contains('.')
                && host.chars().all(plain)
                && host.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                })
        });
    if email.is_empty() {
        faults.add(FaultCode::Required, path, "Give an e-mail address.");
    } else if !valid {
        faults.add(
            FaultCode::Invalid,
            path,
            "This is no e-mail address such as name@example.org.",
        );
    }
    email
}

/// A new account, checked.
#[derive(Clone, Debug)]
pub(super) struct NewAccount {
    pub(super) id: Uuid,
    pub(super) email: Option<String>,
    /// Whether somebody vouches that the address is the person's.
    pub(super) email_verified: bool,
    pub(super) display_name: String,
    pub(super) handle: Handle,
    pub(super) role: PlatformRole,
    pub(super) password_hash: Option<String>,
    pub(super) is_demo: bool,
}

/// The handle of a new account.
#[derive(Clone, Debug)]
pub(super) enum Handle {
    /// As it was chosen; another account that has it is a fault.
    Chosen(String),
    /// Made of this name, and of something more when others have it.
    From(String),
}

/// What a person or an operator says of a new account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub(super) email: &'a str,
    pub(super) display_name: &'a str,
    pub(super) handle: Option<&'a str>,
    pub(super) password: Option<&'a Secret>,
}

/// A wish without faults.
#[derive(Clone, Debug)]
pub(super) struct CheckedWish {
    pub(super) email: String,
    pub(super) display_name: String,
    pub(super) handle: Handle,
}

/// Checks everything that is said of a new account, and that nobody has its e-mail address and handle: all faults at
/// once. Somebody may still take them before the write, which answers the same fault.
pub(super) async fn check(store: &Store, wish: Wish<'_>) -> Result<CheckedWish> {
    let mut faults = Faults::default();
    let email = check_email(&mut faults, &["input", "email"], wish.email);
    let display_name = faults.text(&["input", "displayName"], wish.display_name, DISPLAY_NAME);
    let handle = match wish.handle.map(str::trim).filter(|text| !text.is_empty()) {
        Some(handle) => Handle::Chosen(check_handle(&mut faults, &["input", "handle"], handle)),
        None => Handle::From(display_name.clone()),
    };
    if let Some(password) = wish.password {
        let forbidden = [email.as_str(), &display_name, wish.handle.unwrap_or(&email)];
        check_new(&mut faults, &["input", "password"], password, &forbidden);
    }
    if is_taken(store.reader(), user::Column::EmailKey, &email_key(&email)).await? {
        faults.add(
            FaultCode::Taken,
            &["input", "email"],
            "There is an account with this e-mail address; sign in instead.",
        );
    }
    if let Handle::Chosen(handle) = &handle
        && is_taken(store.reader(), user::Column::HandleKey, handle).await?
    {
        faults.add(
            FaultCode::Taken,
            &["input", "handle"],
            "Somebody else has this handle.",
        );
    }
    faults.check()?;
    Ok(CheckedWish {
        email,
        display_name,
        handle,
    })
}

async fn is_taken(
    connection: &impl ConnectionTrait,
    column: user::Column,
    key: &str,
) -> Result<bool> {
    // Nobody has it, and PostgreSQL takes no NUL.
    if key.contains('\0') {
        return Ok(false);
    }
    Ok(user::Entity::find()
        .filter(column.eq(key))
        .one(connection)
        .await?
        .is_some())
}

/// Inserts the account and records the change.
pub(super) async fn insert(unit: &mut WriteUnit, account: NewAccount) -> Result<user::Model> {
    let handle = match account.handle {
        Handle::Chosen(handle) => handle,
        Handle::From(name) => free_handle(unit, &name).await?,
    };
    let now = unit.now();
    let user = user::ActiveModel {
        id: Set(account.id),
        handle_key: Set(handle.clone()),
        handle: Set(handle),
        email_key: Set(account.email.as_deref().map(email_key)),
        email: Set(account.email),
        display_name: Set(account.display_name),
        bio: Set(None),
        practice_settings: Set(TextList::default()),
        locale: Set(None),
        time_zone: Set(None),
        avatar_url: Set(None),
        platform_role: Set(account.role),
        status: Set(UserStatus::Active),
        organization_id: Set(None),
        is_demo: Set(account.is_demo),
        email_verified_at: Set(account.email_verified.then_some(now)),
        notification_email: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(unit.db())
    .await?;
    if let Some(hash) = account.password_hash {
        password::ActiveModel {
            user_id: Set(account.id),
            hash: Set(hash),
            updated_at: Set(now),
        }
        .insert(unit.db())
        .await?;
    }
    unit.record(PendingChange {
        entity_type: EntityType::User,
        entity_id: user.id,
        operation: Operation::Created,
        community_id: None,
        fields: ["handle", "displayName"].map(str::to_owned).to_vec(),
        audience_before: None,
        audience_after: Some(audience::of_everybody()),
    });
    Ok(user)
}

/// A handle that nobody has, made of a name: the name itself, then with a number, then with random letters.
async fn free_handle(unit: &WriteUnit, name: &str) -> Result<String> {
    let base = handle_base(name);
    for number in 1..10 {
        let handle = if number == 1 {
            base.clone()
        } else {
            format!("{base}-{number}")
        };
        if !is_taken(unit.db(), user::Column::HandleKey, &handle).await? {
            return Ok(handle);
        }
    }
    let random = Uuid::new_v4().simple().to_string();
    Ok(format!("{base}-{}", random.get(..10).unwrap_or(&random)))
}

/// The part of a name that can stand in a handle, with room for what makes it unique.
fn handle_base(name: &str) -> String {
    let slug = slugify(name);
    let mut base: String = slug
        .trim_start_matches(|letter: char| !letter.is_ascii_lowercase())
        .chars()
        .take(LONGEST_HANDLE - 11)
        .collect();
    base.truncate(base.trim_end_matches('-').len());
    if base.len() < 3 || base.starts_with(crate::user::FORMER_PREFIX) {
        base = format!("member-{base}")
            .chars()
            .take(LONGEST_HANDLE - 11)
            .collect();
        base.truncate(base.trim_end_matches('-').len());
    }
    base
}

/// An account that an operator makes.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The e-mail address, by which the person signs in.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// The unique readable name; made of the display name when absent.
    pub handle: Option<String>,
    /// What the person may do on the platform as a whole.
    pub role: PlatformRole,
    /// The password; without one the person signs in by an external issuer, or not at all.
    pub password: Option<Secret>,
    /// Whether the person is invented for the demonstration.
    pub is_demo: bool,
}

/// Makes an account as the operator, without limits. Faults have paths such as `input`, `email`.
#[crate::boxed]
pub async fn create_user(
    store: &Store,
    passwords: &Passwords,
    new: NewUser,
) -> Result<Written<user::Model>> {
    let wish = check(
        store,
        Wish {
            email: &new.email,
            display_name: &new.display_name,
            handle: new.handle.as_deref(),
            password: new.password.as_ref(),
        },
    )
    .await?;
    let password_hash = match &new.password {
        Some(password) => Some(passwords.hash(password).await?),
        None => None,
    };
    let account = NewAccount {
        id: Uuid::now_v7(),
        email: Some(wish.email),
        email_verified: false,
        display_name: wish.display_name,
        handle: wish.handle,
        role: new.role,
        password_hash,
        is_demo: new.is_demo,
    };
    write_account(store, None, account, |_, user| {
        Box::pin(async move { Ok(user) })
    })
    .await
}

/// Inserts the account and does `then` in the same unit of work. Tries again when somebody takes the handle that was
/// made up for it at the same moment.
pub(super) async fn write_account<T: Outcome + Send + 'static>(
    store: &Store,
    actor: Option<Uuid>,
    account: NewAccount,
    then: impl for<'a> Fn(
        &'a mut WriteUnit,
        user::Model,
    ) -> futures_util::future::BoxFuture<'a, Result<T>>
    + Clone
    + Send
    + 'static,
) -> Result<Written<T>> {
    let mut tries = 0;
    loop {
        let (account, then) = (account.clone(), then.clone());
        let made_up = matches!(account.handle, Handle::From(_));
        let written = store
            .write(actor, move |unit| {
                Box::pin(async move {
                    let user = insert(unit, account).await?;
                    then(unit, user).await
                })
            })
            .await;
        tries += 1;
        match written {
            Err(Error::Refused(faults))
                if made_up
                    && tries < 5
                    && faults.iter().any(|fault| {
                        fault.code == FaultCode::Taken
                            && fault.field.last().is_some_and(|last| last == "handle")
                    }) => {}
            other => return other,
        }
    }
}
