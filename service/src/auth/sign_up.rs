//! Signing up, as far as the server's policy lets people.

use entity::user::PlatformRole;
use futures_util::FutureExt;
use serde::Deserialize;
use uuid::Uuid;

use super::account::{self, NewAccount, Wish, email_key};
use super::session::{begin, issue};
use super::{Auth, ClientAddress, IssuedSession, Secret, invitation, verification};
use crate::error::{Error, FaultCode, Result};
use crate::validation::Faults;

/// Who may make an account by signing up. What operators and external issuers make is not asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignUpPolicy {
    /// Everybody.
    #[default]
    Open,
    /// Whoever was invited.
    Invited,
    /// Nobody.
    Closed,
}

/// Somebody who wants an account.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// The e-mail address, by which the person signs in.
    pub email: String,
    /// 10 to 200 characters.
    pub password: Secret,
    /// The name that others see.
    pub display_name: String,
    /// The unique readable name; made of the display name when absent.
    pub handle: Option<String>,
    /// The token of an invitation to that address.
    pub invitation_token: Option<Secret>,
}

/// Makes an account and signs in. Faults have paths such as `input`, `email`; an address that has an account is TAKEN.
/// Where mail is configured, the person is asked by mail to confirm the address.
#[crate::boxed]
pub async fn sign_up(auth: &Auth, client: ClientAddress, input: SignUp) -> Result<IssuedSession> {
    auth.limits().sign_up(client, auth.now())?;
    let token = input.invitation_token.as_ref();
    match auth.options().sign_up {
        SignUpPolicy::Open => {}
        SignUpPolicy::Invited if token.is_some() => {}
        SignUpPolicy::Invited => {
            return Err(Error::fault(
                FaultCode::Required,
                invitation::FIELD,
                "One makes an account here by invitation only; ask somebody who facilitates a community for one.",
            ));
        }
        SignUpPolicy::Closed => {
            return Err(Error::forbidden(
                &[],
                "Nobody can make an account here; ask an administrator.",
            ));
        }
    }
    let mut faults = Faults::default();
    let invitation = match token {
        Some(token) => {
            let found = invitation::check(auth, token, &email_key(&input.email)).await;
            // Who is not invited is told nothing of who has an account.
            if auth.options().sign_up == SignUpPolicy::Invited {
                Some(found?)
            } else {
                faults.absorb(found)?
            }
        }
        None => None,
    };
    let wish = account::check(
        auth.store(),
        Wish {
            email: &input.email,
            display_name: &input.display_name,
            handle: input.handle.as_deref(),
            password: Some(&input.password),
        },
    )
    .await;
    let wish = faults.absorb(wish)?;
    faults.check()?;
    let wish = wish.ok_or_else(|| Error::internal("a refusal has no faults"))?;
    let id = Uuid::now_v7();
    let mail = auth.options().mail.clone();
    let account = NewAccount {
        id,
        email: Some(wish.email),
        // The token came to this address, unless somebody else was shown it.
        email_verified: invitation.as_ref().is_some_and(|found| found.was_mailed),
        display_name: wish.display_name,
        handle: wish.handle,
        role: PlatformRole::Member,
        password_hash: Some(auth.passwords().hash(&input.password).await?),
        is_demo: false,
    };
    let lifetime = auth.options().session_lifetime;
    let written = account::write_account(auth.store(), Some(id), account, move |unit, user| {
        let (mail, invitation) = (mail.clone(), invitation.clone());
        async move {
            if let Some(invitation) = invitation {
                invitation::accept(unit, &invitation, user.id).await?;
            }
            if let Some(mail) = mail.filter(|_| user.email_verified_at.is_none()) {
                verification::send_verification(unit, &mail, &user).await?;
            }
            begin(unit, user, unit.now() + lifetime).await
        }
        .boxed()
    })
    .await?;
    issue(auth, written.value)
}
