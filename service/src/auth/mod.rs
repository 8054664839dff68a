//! Who somebody is: passwords, sessions, access tokens, API tokens and external issuers.
//!
//! [`Auth`] holds what they share. A request brings a bearer token, of which [`authenticate`] makes the viewer;
//! [`sign_up`], [`sign_in`], [`refresh_session`] and [`sign_out`] make and end sessions; [`verify_email`],
//! [`reset_password`] and [`invite_user`] go by mail; [`create_api_token`] and its kin keep the tokens of integrations;
//! [`create_user`] and [`create_api_token_for`] are the operator's.

mod access_token;
mod account;
mod api_token;
mod authenticate;
mod email_token;
mod former_holder;
mod invitation;
mod issuer;
mod keys;
mod limits;
mod password;
mod password_reset;
mod presence;
mod result_token;
mod salt;
mod secret;
mod session;
mod sign_up;
mod signed;
#[cfg(test)]
mod tests;
mod unsubscribe;
mod verification;

pub use account::{NewUser, create_user, email_key};
pub(crate) use api_token::remove_all as remove_api_tokens;
pub use api_token::{
    CreateApiToken, CreatedApiToken, MOST_API_TOKENS, api_tokens_by_ids, count_api_tokens,
    create_api_token, create_api_token_for, page_api_tokens, revoke_api_token,
};
pub(crate) use authenticate::may_have;
pub use authenticate::{AuthenticationError, authenticate};
pub(crate) use email_token::remove_all as remove_email_tokens;
pub use email_token::remove_ended_email_tokens;
pub use invitation::{Invited, invite_user, redeem_invitation, remove_ended_invitations};
pub(crate) use invitation::{remove_of as remove_invitations, take_back as take_back_invitations};
pub(crate) use issuer::remove_identities;
pub use issuer::{Algorithm, ExternalIssuer};
pub use keys::{KeyError, KnownKey, SIGNING_KEYS_FILE, SigningKeys};
pub use limits::{ClientAddress, LimitOptions, Rate};
pub use password::{CostOutOfBounds, LONGEST_PASSWORD, PasswordCost, Passwords, SHORTEST_PASSWORD};
pub use password_reset::{request_password_reset, reset_password};
pub(crate) use presence::{check_credential, confirm_person, held_viewer};
pub(crate) use salt::Salt;
pub use secret::{API_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, Secret};
pub(crate) use secret::{REPORT_SECRET_PREFIX, digest, generate};
pub use session::{
    IssuedSession, SignIn, refresh_session, remove_ended_sessions, sign_in, sign_out,
};
pub(crate) use session::{remove_all as remove_sessions, revoke_all as revoke_sessions};
pub use sign_up::{SignUp, SignUpPolicy, sign_up};
pub use unsubscribe::{read_unsubscribe_token, unsubscribe};
pub use verification::{request_email_change, request_email_verification, verify_email};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::api_token::Model as ApiTokenRow;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::mail::MailSettings;
use crate::store::Store;
use access_token::{AccessTokens, SignedTokens};
use issuer::Issuers;
use limits::Limits;

/// Of so many API tokens the last use is remembered; beyond, those that may be noted again are forgotten.
const MOST_NOTED: usize = 10_000;

/// How people sign in here.
#[derive(Clone, Debug)]
pub struct AuthOptions {
    /// The name of this server in the tokens that it signs: its public URL.
    pub issuer: String,
    /// For whom its tokens are.
    pub audience: String,
    /// How long an access token lives.
    pub access_token_lifetime: TimeDelta,
    /// How long a session lives, however often it is refreshed.
    pub session_lifetime: TimeDelta,
    /// What one password hash costs.
    pub password_cost: PasswordCost,
    /// How many passwords are hashed at once; each takes a thread and the memory of the cost.
    pub passwords_at_once: usize,
    /// The limits of attempts.
    pub limits: LimitOptions,
    /// Who may make an account.
    pub sign_up: SignUpPolicy,
    /// What must be known to write mails; none where none are sent.
    pub mail: Option<MailSettings>,
    /// Whether the people of the demonstration may sign in: only while the server listens on loopback.
    pub demo_sign_in: bool,
    /// Issuers whose tokens are accepted beside ours.
    pub external_issuers: Vec<ExternalIssuer>,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            issuer: "repertoire".into(),
            audience: "repertoire".into(),
            access_token_lifetime: TimeDelta::minutes(10),
            session_lifetime: TimeDelta::days(30),
            password_cost: PasswordCost::default(),
            passwords_at_once: std::thread::available_parallelism()
                .map_or(2, std::num::NonZero::get),
            limits: LimitOptions::default(),
            sign_up: SignUpPolicy::default(),
            mail: None,
            demo_sign_in: false,
            external_issuers: Vec::new(),
        }
    }
}

/// Why the configuration of sign-in cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An external issuer is configured wrongly.
    #[error("the external issuer {issuer} is configured wrongly: {message}")]
    Issuer {
        /// Which.
        issuer: String,
        /// What is wrong.
        message: String,
    },
    /// A lifetime is nothing or too long.
    #[error(
        "{0} is out of bounds: an access token lives from 1 second to 1 day, a session from 1 minute to 366 days"
    )]
    Lifetime(&'static str),
    /// The hashing of passwords does not work.
    #[error("passwords cannot be hashed: {0}")]
    Passwords(Error),
}

/// What signing in needs: the database, the keys, the options and the limits. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    options: AuthOptions,
    access_tokens: AccessTokens,
    passwords: Passwords,
    limits: Limits,
    issuers: Issuers,
    /// When each API token was last noted as used by this process.
    noted: Mutex<HashMap<Uuid, DateTime<Utc>>>,
    background: TaskTracker,
}

impl Auth {
    /// Puts together what signing in needs. Hashes once, so it takes some tens of milliseconds.
    pub fn new(store: Store, keys: SigningKeys, options: AuthOptions) -> Result<Self, SetupError> {
        let within = |lifetime: TimeDelta, least, most| lifetime >= least && lifetime <= most;
        if !within(
            options.access_token_lifetime,
            TimeDelta::seconds(1),
            TimeDelta::days(1),
        ) {
            return Err(SetupError::Lifetime("access_token_lifetime"));
        }
        if !within(
            options.session_lifetime,
            TimeDelta::minutes(1),
            TimeDelta::days(366),
        ) {
            return Err(SetupError::Lifetime("session_lifetime"));
        }
        Ok(Self {
            inner: Arc::new(Inner {
                access_tokens: AccessTokens {
                    keys,
                    issuer: options.issuer.clone(),
                    audience: options.audience.clone(),
                    lifetime: options.access_token_lifetime,
                    signed: SignedTokens::default(),
                },
                passwords: Passwords::new(options.password_cost, options.passwords_at_once)
                    .map_err(SetupError::Passwords)?,
                limits: Limits::new(&options.limits),
                issuers: Issuers::new(&options.issuer, &options.external_issuers)?,
                noted: Mutex::default(),
                background: TaskTracker::new(),
                store,
                options,
            }),
        })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The keys that sign access tokens, for their rotation.
    #[must_use]
    pub fn keys(&self) -> &SigningKeys {
        &self.inner.access_tokens.keys
    }

    /// The public keys as a JSON Web Key Set, to be published.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.keys().jwks()
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &AuthOptions {
        &self.inner.options
    }

    /// The hashing of passwords.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// Waits until nothing is written beside requests any more: at shutdown, after the last request.
    #[crate::boxed]
    pub async fn settle(&self) {
        self.inner.background.close();
        self.inner.background.wait().await;
        self.inner.background.reopen();
    }

    /// What must be known to write a mail, or the refusal of what cannot be done without.
    fn mail(&self) -> Result<&MailSettings> {
        self.options().mail.as_ref().ok_or_else(|| {
            Error::forbidden(
                &[],
                "This server sends no mail, so this cannot be done here; ask an administrator.",
            )
        })
    }

    fn access_tokens(&self) -> &AccessTokens {
        &self.inner.access_tokens
    }

    fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    fn issuers(&self) -> &Issuers {
        &self.inner.issuers
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.store.clock().now()
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.inner.background.spawn(work);
    }

    /// Whether the use of this token now is to be written: not when that was done less than `step` ago.
    fn claim_note_of_use(&self, token: &ApiTokenRow, step: TimeDelta) -> bool {
        let now = self.now();
        let mut noted = self.noted();
        let last = noted.get(&token.id).copied().max(token.last_used_at);
        if last.is_some_and(|at| now - at < step) {
            return false;
        }
        if noted.len() >= MOST_NOTED {
            noted.retain(|_, at| now - *at < step);
        }
        noted.insert(token.id, now);
        true
    }

    /// Takes a claim back: the use could not be written.
    fn release_note_of_use(&self, token: Uuid) {
        self.noted().remove(&token);
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<Uuid, DateTime<Utc>>> {
        self.inner
            .noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
