//! Who asks: an anonymous visitor, or a signed-in user with the rights of a session or of an API token.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use entity::{membership, user};
use uuid::Uuid;

use crate::error::{Error, Result};

/// What an API token may be used for. A session has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Queries.
    Read,
    /// Mutations.
    Write,
    /// Imports, synchronization and webhooks.
    Sync,
    /// Analytics.
    Analytics,
    /// What the owner may do as an administrator.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Write,
        Self::Sync,
        Self::Analytics,
        Self::Admin,
    ];

    /// The name under which it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Sync => "SYNC",
            Self::Analytics => "ANALYTICS",
            Self::Admin => "ADMIN",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == text)
    }
}

/// A signed-in user with the rights of this request.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user's row.
    pub user: user::Model,
    /// The user's memberships in every state, by community.
    pub memberships: HashMap<Uuid, membership::Model>,
    /// What the credential may be used for.
    pub scopes: Vec<Scope>,
    /// The one community that the credential is good for, when it is bound to one: elsewhere it sees and does what a
    /// signed-in user without memberships may.
    pub only_community: Option<Uuid>,
}

/// How a viewer proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this session.
    Session(Uuid),
    /// A token of an external issuer.
    ExternalIssuer {
        /// When the person signed in there; none where the issuer does not say.
        signed_in_at: Option<DateTime<Utc>>,
    },
    /// This API token.
    ApiToken(Uuid),
}

/// Who asks. Cheap to clone; memberships are loaded once a request.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    signed_in: Option<Arc<SignedIn>>,
    credential: Option<Credential>,
}

impl Viewer {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A signed-in user.
    #[must_use]
    pub fn signed_in(signed_in: SignedIn) -> Self {
        Self {
            signed_in: Some(Arc::new(signed_in)),
            credential: None,
        }
    }

    /// A signed-in user whose rows others hold too.
    #[must_use]
    pub(crate) fn shared(signed_in: Arc<SignedIn>) -> Self {
        Self {
            signed_in: Some(signed_in),
            credential: None,
        }
    }

    /// The same viewer, known to have used this credential.
    #[must_use]
    pub fn with_credential(self, credential: Credential) -> Self {
        Self {
            credential: Some(credential),
            ..self
        }
    }

    /// The credential that was used; none for an anonymous visitor and for work that the platform does for a user.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        self.credential
    }

    /// The user's row.
    #[must_use]
    pub fn user(&self) -> Option<&user::Model> {
        self.signed_in.as_deref().map(|signed_in| &signed_in.user)
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<Uuid> {
        self.user().map(|user| user.id)
    }

    /// The user's id, or an error that asks to sign in.
    pub fn require_user(&self) -> Result<Uuid> {
        self.user_id().ok_or(Error::Unauthenticated)
    }

    /// The user's id when the credential has the scope, or the error that says what is missing.
    pub fn require(&self, scope: Scope) -> Result<Uuid> {
        let signed_in = self.signed_in.as_deref().ok_or(Error::Unauthenticated)?;
        if signed_in.scopes.contains(&scope) {
            Ok(signed_in.user.id)
        } else {
            Err(Error::ScopeMissing(scope.as_str()))
        }
    }

    /// Whether the credential has the scope; an anonymous visitor has none.
    #[must_use]
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.signed_in
            .as_deref()
            .is_some_and(|signed_in| signed_in.scopes.contains(&scope))
    }

    /// Whether the user is an administrator, by a credential with the scope for it.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.user()
            .is_some_and(|user| user.platform_role == PlatformRole::Admin)
            && self.has_scope(Scope::Admin)
    }

    /// The one community that the credential is good for.
    #[must_use]
    pub fn only_community(&self) -> Option<Uuid> {
        self.signed_in
            .as_deref()
            .and_then(|signed_in| signed_in.only_community)
    }

    /// The user's membership of a community, in any state, as far as the credential reaches.
    #[must_use]
    pub fn membership(&self, community: Uuid) -> Option<&membership::Model> {
        let signed_in = self.signed_in.as_deref()?;
        if signed_in
            .only_community
            .is_some_and(|only| only != community)
        {
            return None;
        }
        signed_in.memberships.get(&community)
    }

    /// The user's role in a community, when the membership is active.
    #[must_use]
    pub fn role(&self, community: Uuid) -> Option<MembershipRole> {
        self.membership(community)
            .filter(|membership| membership.state == MembershipState::Active)
            .map(|membership| membership.role)
    }

    /// All memberships as far as the credential reaches.
    pub fn memberships(&self) -> impl Iterator<Item = &membership::Model> {
        let only = self.only_community();
        self.signed_in
            .iter()
            .flat_map(|signed_in| signed_in.memberships.values())
            .filter(move |membership| only.is_none_or(|only| only == membership.community_id))
    }
}
