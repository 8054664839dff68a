//! Whether whoever signed in is still the one who asks: when the credential was read, and when something is written by it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{api_token, password, session, user};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::issuer::LEEWAY_SECONDS;
use super::password::{Comparison, may_be_password};
use super::verification::require_person;
use super::{Auth, ClientAddress, Secret};
use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;
use crate::user::held;
use crate::viewer::{Credential, Viewer};

/// For so long after signing in nobody is asked again who they are, where there is no password to ask for.
const RECENT: TimeDelta = TimeDelta::minutes(15);
/// How far the clock of whoever says when somebody signed in may be ahead.
const LEEWAY: TimeDelta = TimeDelta::seconds(LEEWAY_SECONDS);

/// The viewer's account, held until the commit, as long as what they signed in by still leads into it. Whatever is to
/// outlast a session is made by this: or it would outlast a takeover of the account by its owner, too.
pub(crate) async fn held_viewer(unit: &WriteUnit, viewer: &Viewer) -> Result<user::Model> {
    let user = held(unit, viewer.require_user()?).await?;
    check_credential(unit, viewer).await?;
    Ok(user)
}

/// Refuses a viewer whose session or API token was revoked since it was read. The account is to be held before.
pub(crate) async fn check_credential(unit: &WriteUnit, viewer: &Viewer) -> Result<()> {
    let revoked = match viewer.credential() {
        Some(Credential::Session(id)) => {
            let of_session = session::Entity::find_by_id(id);
            of_session
                .filter(session::Column::RevokedAt.is_not_null())
                .count(unit.db())
                .await?
        }
        Some(Credential::ApiToken(id)) => {
            let of_token = api_token::Entity::find_by_id(id);
            of_token
                .filter(api_token::Column::RevokedAt.is_not_null())
                .count(unit.db())
                .await?
        }
        Some(Credential::ExternalIssuer { .. }) | None => 0,
    };
    if revoked > 0 {
        return Err(Error::Unauthenticated);
    }
    Ok(())
}

/// Whether somebody, who is held, still has the password that was compared.
pub(super) async fn has_hash(unit: &WriteUnit, user: Uuid, compared: &str) -> Result<bool> {
    let found = password::Entity::find_by_id(user).one(unit.db()).await?;
    Ok(found.is_some_and(|password| password.hash == compared))
}

/// The hash of somebody's password, where what was typed is that password.
pub(super) async fn matching_hash(
    auth: &Auth,
    user: Uuid,
    typed: &Secret,
) -> Result<Option<String>> {
    if !may_be_password(typed) {
        return Ok(None);
    }
    let stored = password::Entity::find_by_id(user)
        .one(auth.store().reader())
        .await?
        .map(|row| row.hash);
    let comparison = auth.passwords().compare(typed, stored.clone()).await?;
    Ok(stored.filter(|_| comparison != Comparison::Different))
}

/// Makes sure, before something that cannot be undone, that whoever signed in is still the one who asks, and answers who
/// that is: by their password, or, where they have none here, by having signed in a moment ago. No API token can do this.
pub(crate) async fn confirm_person(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    typed: Option<&Secret>,
) -> Result<Uuid> {
    let id = require_person(viewer)?;
    let stored = password::Entity::find_by_id(id)
        .one(auth.store().reader())
        .await?;
    let Some(stored) = stored else {
        if signed_in_lately(auth, viewer).await? {
            return Ok(id);
        }
        return Err(Error::forbidden(
            &[],
            "Sign in again and do this within 15 minutes: your account has no password that you could be asked for.",
        ));
    };
    let field = &["password"];
    let Some(typed) = typed else {
        return Err(Error::fault(
            FaultCode::Required,
            field,
            "Give the password of your account: this cannot be undone.",
        ));
    };
    let key = viewer.user().and_then(|user| user.email_key.as_deref());
    let attempt = auth
        .limits()
        .sign_in(client, key.unwrap_or_default(), auth.now())?;
    let is_theirs = may_be_password(typed)
        && auth.passwords().compare(typed, Some(stored.hash)).await? != Comparison::Different;
    if !is_theirs {
        return Err(Error::fault(
            FaultCode::InvalidCredentials,
            field,
            "This is not the password of your account.",
        ));
    }
    attempt.succeeded();
    Ok(id)
}

/// Whether the viewer has just signed in. A token of an external issuer may live for a day: it tells when that was, or
/// counts for nothing here.
async fn signed_in_lately(auth: &Auth, viewer: &Viewer) -> Result<bool> {
    let at = match viewer.credential() {
        Some(Credential::ExternalIssuer { signed_in_at }) => signed_in_at,
        Some(Credential::Session(id)) => session::Entity::find_by_id(id)
            .one(auth.store().reader())
            .await?
            .map(|session| session.created_at),
        Some(Credential::ApiToken(_)) | None => None,
    };
    Ok(at.is_some_and(|at| is_recent(at, auth.now())))
}

/// Whether that was a moment ago. A time that is still to come says nothing.
fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now + LEEWAY && now - at <= RECENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_to_come_is_not_recent() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        for (ahead, recent) in [
            (-901, false),
            (-900, true),
            (0, true),
            (30, true),
            (31, false),
        ] {
            let at = now + TimeDelta::seconds(ahead);
            assert_eq!(is_recent(at, now), recent, "{ahead}");
        }
    }
}
