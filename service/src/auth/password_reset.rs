//! A forgotten password: a link by mail, and the new password.

use chrono::TimeDelta;
use entity::email_token::{self, EmailTokenPurpose};
use entity::{password, user};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::account::{check_email, email_key};
use super::email_token::{
    count_since, find, hash_of, is_open, issue, take, take_back, wrong_token,
};
use super::password::check_new;
use super::session::{self, Renewed, begin, may_sign_in};
use super::verification::confirm;
use super::{Auth, ClientAddress, IssuedSession, Secret, former_holder};
use crate::error::{Error, Result};
use crate::mail::{self, Letter, MailSettings, PASSWORD_RESET_LIFETIME, Page, Recipient};
use crate::store::WriteUnit;
use crate::user::held;
use crate::validation::Faults;

/// Most links that one account is sent while the first of them works. Who asks for more has some already.
const MOST_AT_ONCE: u64 = 3;

/// Sends the holder of the account with that address a link to a new password. Answers alike, and before anything is
/// looked up, whether there is such an account or not.
#[crate::boxed]
pub async fn request_password_reset(auth: &Auth, client: ClientAddress, email: &str) -> Result<()> {
    let settings = auth.mail()?.clone();
    auth.limits().mail(client, auth.now())?;
    let mut faults = Faults::default();
    let email = check_email(&mut faults, &["email"], email);
    faults.check()?;
    let worker = auth.clone();
    auth.spawn(async move {
        let auth = worker.clone();
        let written = worker
            .store()
            .write(None, move |unit| {
                send_link(unit, auth, settings, email_key(&email)).boxed()
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "a link to a new password could not be queued");
        }
    });
    Ok(())
}

async fn send_link(
    unit: &mut WriteUnit,
    auth: Auth,
    settings: MailSettings,
    key: String,
) -> Result<()> {
    let found = user::Entity::find()
        .filter(user::Column::EmailKey.eq(key))
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?
        .filter(|user| may_sign_in(&auth, user));
    let Some(user) = found else {
        return Ok(());
    };
    // Who signs in elsewhere gets no second way in here.
    let password = password::Entity::find_by_id(user.id).one(unit.db()).await?;
    let (Some(to), Some(_)) = (Recipient::of(&user), password) else {
        return Ok(());
    };
    let since = unit.now() - PASSWORD_RESET_LIFETIME;
    let purpose = EmailTokenPurpose::ResetPassword;
    if count_since(unit, user.id, purpose, since).await? >= MOST_AT_ONCE {
        tracing::info!(user = %user.id, "an account has links to a new password enough");
        return Ok(());
    }
    let token = issue(unit, user.id, purpose, &to.address).await?;
    let link = settings.page(Page::ResetPassword, token.expose());
    mail::queue(unit, to, &Letter::ResetPassword { link }).await
}

/// Sets a new password by the token of a mail, ends all sessions of the account, and signs in. Whoever made the account
/// without ever showing that the address is theirs loses the API tokens and webhooks that they made, too.
#[crate::boxed]
pub async fn reset_password(
    auth: &Auth,
    client: ClientAddress,
    token: &Secret,
    password: &Secret,
) -> Result<IssuedSession> {
    auth.limits().mail(client, auth.now())?;
    let found = match hash_of(EmailTokenPurpose::ResetPassword, token) {
        Some(hash) => find(auth.store().reader(), &hash).await?,
        None => None,
    };
    let token = found.filter(|token| is_open(token, auth.now()));
    let holder = match &token {
        Some(token) => {
            user::Entity::find_by_id(token.user_id)
                .one(auth.store().reader())
                .await?
        }
        None => None,
    };
    let mut faults = Faults::default();
    let forbidden = holder.as_ref().map_or_else(Vec::new, |user| {
        let email = user.email.as_deref().unwrap_or_default();
        vec![email, user.display_name.as_str(), user.handle.as_str()]
    });
    check_new(&mut faults, &["password"], password, &forbidden);
    let known = faults.absorb(token.ok_or_else(wrong_token))?;
    faults.check()?;
    let token = known.ok_or_else(wrong_token)?;
    let hash = auth.passwords().hash(password).await?;
    let lifetime = auth.options().session_lifetime;
    let (id, worker) = (token.user_id, auth.clone());
    let written = auth
        .store()
        .write(Some(id), move |unit| {
            change(unit, worker, token, hash, lifetime).boxed()
        })
        .await?;
    session::issue(auth, written.value)
}

async fn change(
    unit: &mut WriteUnit,
    auth: Auth,
    token: email_token::Model,
    hash: String,
    lifetime: TimeDelta,
) -> Result<Renewed> {
    let user = held(unit, token.user_id)
        .await
        .ok()
        .filter(|user| may_sign_in(&auth, user))
        .ok_or_else(wrong_token)?;
    if !take(unit, &token).await? {
        return Err(wrong_token());
    }
    take_back(unit, user.id, &[EmailTokenPurpose::ResetPassword]).await?;
    let replaced = password::Entity::update_many()
        .col_expr(password::Column::Hash, Expr::value(hash))
        .col_expr(password::Column::UpdatedAt, Expr::value(unit.now()))
        .filter(password::Column::UserId.eq(user.id))
        .exec(unit.db())
        .await?;
    if replaced.rows_affected != 1 {
        return Err(Error::internal("an account lost its password"));
    }
    session::revoke_all(unit, user.id).await?;
    if user.email_verified_at.is_none() {
        former_holder::shut_out(unit, user.id).await?;
    }
    // The token came to this address: tokens for a former one were taken back.
    let user = confirm(unit, user).await?;
    if let Some(to) = Recipient::of(&user) {
        mail::queue(unit, to, &Letter::PasswordChanged).await?;
    }
    let ends = unit.now() + lifetime;
    begin(unit, user, ends).await
}
