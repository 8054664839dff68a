//! Whose an e-mail address is: confirming that of an account, and giving the account another one.

use chrono::TimeDelta;
use entity::email_token::{self, EmailTokenPurpose};
use entity::user;
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use super::account::{check_email, email_key};
use super::email_token::{count_since, find, hash_of, issue, take, take_back, wrong_token};
use super::presence::{has_hash, held_viewer, matching_hash};
use super::{Auth, ClientAddress, Secret};
use crate::error::{Error, FaultCode, Result};
use crate::mail::{self, Letter, MailSettings, Page, Recipient};
use crate::store::WriteUnit;
use crate::user::{held, save_private};
use crate::validation::Faults;
use crate::viewer::{Credential, Scope, Viewer};

/// Most mails of one purpose that ask an account's holder to confirm an address, in a day.
const MOST_A_DAY: u64 = 5;

/// Sends the holder of an account a link by which they confirm its address.
pub(super) async fn send_verification(
    unit: &WriteUnit,
    settings: &MailSettings,
    user: &user::Model,
) -> Result<()> {
    let Some(to) = Recipient::of(user) else {
        return Ok(());
    };
    let token = issue(unit, user.id, EmailTokenPurpose::VerifyEmail, &to.address).await?;
    let link = settings.page(Page::VerifyEmail, token.expose());
    mail::queue(unit, to, &Letter::VerifyEmail { link }).await
}

/// Sends the viewer another mail with a link by which they confirm their address. Changes nothing where it is
/// confirmed.
#[crate::boxed]
pub async fn request_email_verification(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
) -> Result<()> {
    let id = require_person(viewer)?;
    let settings = auth.mail()?.clone();
    auth.limits().mail(client, auth.now())?;
    auth.store()
        .write(Some(id), move |unit| {
            async move {
                let user = held(unit, id).await?;
                if user.email_verified_at.is_some() {
                    return Ok(());
                }
                check_has_mailbox(&user)?;
                check_not_too_many(unit, id, EmailTokenPurpose::VerifyEmail).await?;
                send_verification(unit, &settings, &user).await
            }
            .boxed()
        })
        .await?;
    Ok(())
}

/// Asks for another e-mail address for the viewer's account, who shows by the password that they are no passer-by. The
/// address changes once it is confirmed by the link that is sent to it. Whether another account has it is not told.
#[crate::boxed]
pub async fn request_email_change(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    email: &str,
    current_password: &Secret,
) -> Result<()> {
    let id = require_person(viewer)?;
    let settings = auth.mail()?.clone();
    auth.limits().mail(client, auth.now())?;
    let mut faults = Faults::default();
    let email = check_email(&mut faults, &["email"], email);
    let own = viewer.user().and_then(|user| user.email_key.as_deref());
    let attempt = auth
        .limits()
        .sign_in(client, own.unwrap_or_default(), auth.now())?;
    let hash = matching_hash(auth, id, current_password).await?;
    if hash.is_some() {
        attempt.succeeded();
    }
    let hash = faults.absorb(hash.ok_or_else(not_the_password))?;
    faults.check()?;
    let hash = hash.ok_or_else(not_the_password)?;
    let viewer = viewer.clone();
    auth.store()
        .write(Some(id), move |unit| {
            async move {
                let user = held_viewer(unit, &viewer).await?;
                if !has_hash(unit, id, &hash).await? {
                    return Err(not_the_password());
                }
                check_has_mailbox(&user)?;
                if user.email.as_ref() == Some(&email) {
                    return Ok(());
                }
                check_not_too_many(unit, id, EmailTokenPurpose::ChangeEmail).await?;
                let token = issue(unit, id, EmailTokenPurpose::ChangeEmail, &email).await?;
                let link = settings.page(Page::VerifyEmail, token.expose());
                let to = Recipient::at(&user, email);
                mail::queue(unit, to, &Letter::ChangeEmail { link }).await
            }
            .boxed()
        })
        .await?;
    Ok(())
}

/// Confirms an address by the token of a mail: that of the account, or one that it is to have from now on. Confirming
/// again what is confirmed changes nothing. Nobody needs to be signed in: the mail may be read elsewhere.
#[crate::boxed]
pub async fn verify_email(auth: &Auth, client: ClientAddress, token: &Secret) -> Result<()> {
    auth.limits().mail(client, auth.now())?;
    let hash = hash_of(EmailTokenPurpose::VerifyEmail, token).ok_or_else(wrong_token)?;
    auth.store()
        .write(None, move |unit| verify(unit, hash).boxed())
        .await?;
    Ok(())
}

async fn verify(unit: &mut WriteUnit, hash: String) -> Result<()> {
    let token = find(unit.db(), &hash).await?.ok_or_else(wrong_token)?;
    let user = held(unit, token.user_id).await.map_err(|_| wrong_token())?;
    let is_theirs = user.email_key.as_deref() == Some(email_key(&token.email).as_str());
    if is_theirs && user.email_verified_at.is_some() {
        return Ok(());
    }
    if !take(unit, &token).await? {
        return Err(wrong_token());
    }
    match token.purpose {
        EmailTokenPurpose::VerifyEmail if is_theirs => {
            confirm(unit, user).await?;
            Ok(())
        }
        EmailTokenPurpose::ChangeEmail => change_email(unit, user, token).await,
        EmailTokenPurpose::VerifyEmail | EmailTokenPurpose::ResetPassword => Err(wrong_token()),
    }
}

/// Notes that the account's address is its holder's. Changes nothing where that is known.
pub(super) async fn confirm(unit: &mut WriteUnit, user: user::Model) -> Result<user::Model> {
    if user.email_verified_at.is_some() {
        return Ok(user);
    }
    let mut row = user.into_active_model();
    row.email_verified_at = Set(Some(unit.now()));
    save_private(unit, row, &["emailVerified"]).await
}

async fn change_email(
    unit: &mut WriteUnit,
    user: user::Model,
    token: email_token::Model,
) -> Result<()> {
    let former = Recipient::of(&user);
    let mut row = user.clone().into_active_model();
    row.email_key = Set(Some(email_key(&token.email)));
    row.email = Set(Some(token.email));
    row.email_verified_at = Set(Some(unit.now()));
    save_private(unit, row, &["email", "emailVerified"])
        .await
        .map_err(|error| match error {
            // Another account has it by now, which only the address's reader gets to know.
            Error::Refused(_) => Error::fault(
                FaultCode::Taken,
                &["token"],
                "There is an account with this e-mail address already.",
            ),
            other => other,
        })?;
    // What was sent to the former address leads to nothing any more.
    let all = EmailTokenPurpose::ALL;
    take_back(unit, user.id, all).await?;
    match former {
        Some(former) => mail::queue(unit, former, &Letter::EmailChanged).await,
        None => Ok(()),
    }
}

/// Who signed in as a person: by what an API token may do, nobody takes an account over.
pub(super) fn require_person(viewer: &Viewer) -> Result<Uuid> {
    let id = viewer.require(Scope::Write)?;
    if matches!(viewer.credential(), Some(Credential::ApiToken(_))) {
        return Err(Error::forbidden(
            &[],
            "An API token cannot do this; sign in with your password or your organization's account.",
        ));
    }
    Ok(id)
}

fn check_has_mailbox(user: &user::Model) -> Result<()> {
    match Recipient::of(user) {
        Some(_) => Ok(()),
        None if user.is_demo => Err(Error::forbidden(
            &[],
            "The people of the demonstration are invented and get no mail.",
        )),
        None => Err(Error::forbidden(
            &[],
            "Your account has no e-mail address of its own; it came from your organization's sign-in.",
        )),
    }
}

async fn check_not_too_many(
    unit: &WriteUnit,
    user: Uuid,
    purpose: EmailTokenPurpose,
) -> Result<()> {
    let since = unit.now() - TimeDelta::days(1);
    if count_since(unit, user, purpose, since).await? < MOST_A_DAY {
        return Ok(());
    }
    Err(Error::fault(
        FaultCode::LimitReached,
        &[],
        format!(
            "You were sent {MOST_A_DAY} such mails within a day; look at those, and try again tomorrow."
        ),
    ))
}

fn not_the_password() -> Error {
    Error::fault(
        FaultCode::InvalidCredentials,
        &["currentPassword"],
        "This is not the password of your account.",
    )
}
