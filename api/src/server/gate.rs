//! Who comes in: authenticates each HTTP request, and gives each GraphQL request its viewer and its position.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::http::StatusCode;
use service::auth::{AuthenticationError, ClientAddress, authenticate};
use service::error::Error;
use service::idempotency::{Keyed, Known, Sent};
use service::projection;
use service::viewer::{Credential, Scope, Viewer};

use crate::app::App;
use crate::graphql::codes::{self, RetryAfter};
use crate::graphql::idempotency;
use crate::graphql::limits::Prepared;
use crate::graphql::request::RequestState;
use crate::http::{Gate, HttpError, Incoming, Network, RequestId, client};

/// How long a read waits until the position that it asks for is searchable.
const POSITION_TIME: Duration = Duration::from_secs(5);

pub(super) struct ServerGate {
    app: App,
    trusted_proxies: Vec<Network>,
}

impl ServerGate {
    pub(super) fn new(app: App, trusted_proxies: Vec<Network>) -> Self {
        Self {
            app,
            trusted_proxies,
        }
    }

    /// Waits until the index and what else is derived have reached the position that the caller was given by a write.
    async fn reach(&self, text: &str, incoming: &Incoming<'_>) -> Result<(), HttpError> {
        let wanted: i64 = text.parse().ok().filter(|position| *position >= 0).ok_or_else(|| {
            HttpError::bad_user_input(
                "The header X-Repertoire-Position takes the position that a mutation answered: a whole number.",
            )
        })?;
        if self.app.index.position() < wanted {
            let newest = self
                .app
                .store
                .refresh_position()
                .await
                .map_err(|error| unwell(&error, incoming.request_id))?;
            if wanted > newest {
                return Err(HttpError::bad_user_input(format!(
                    "The header X-Repertoire-Position asks for {wanted}, and the newest position is {newest}."
                )));
            }
        }
        projection::reach(&self.app.store, wanted)
            .await
            .map_err(|error| unwell(&error, incoming.request_id))?;
        if self.app.index.wait_for(wanted, POSITION_TIME).await {
            Ok(())
        } else {
            let message = "The search index has not reached the position that was asked for; try again shortly.";
            Err(HttpError::service_unavailable(
                message,
                RetryAfter(POSITION_TIME),
            ))
        }
    }
}

/// What is known of a mutation that came with a key.
async fn known(
    app: &App,
    caller: &Viewer,
    key: &str,
    incoming: &Incoming<'_>,
    request: &async_graphql::Request,
) -> Result<Keyed, HttpError> {
    let content = idempotency::content(request)
        .map_err(|error| unwell(&Error::internal(error), incoming.request_id))?;
    let sent = Sent {
        caller: caller.user_id(),
        key,
        operation: incoming.place,
        content: &content,
    };
    match Keyed::open(&app.store, sent).await {
        Ok(Known::Keyed(keyed)) => Ok(keyed),
        Ok(Known::Reused) => Err(HttpError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            codes::IDEMPOTENCY_KEY_REUSED,
            idempotency::REUSED,
        )),
        Err(error) => Err(unwell(&error, incoming.request_id)),
    }
}

/// The answer where the service could not do its part.
pub(super) fn unwell(error: &Error, request_id: &RequestId) -> HttpError {
    match error {
        Error::Unavailable(message) => {
            HttpError::service_unavailable(message.clone(), RetryAfter(Duration::from_secs(1)))
        }
        other => {
            tracing::error!(error = %other, request_id = request_id.as_str(), "a request could not be served");
            HttpError::internal(request_id)
        }
    }
}

/// A token may be used for what its scopes say. Who has none to show signs in, or reads what is public.
fn check_scope(caller: &Viewer, operation: OperationType) -> Result<(), HttpError> {
    let (scope, what) = match operation {
        OperationType::Query | OperationType::Subscription => (Scope::Read, "queries"),
        // Those of synchronization and webhooks need another scope; each says so itself.
        OperationType::Mutation if caller.has_scope(Scope::Sync) => return Ok(()),
        OperationType::Mutation => (Scope::Write, "mutations"),
    };
    if caller.user_id().is_none() || caller.has_scope(scope) {
        return Ok(());
    }
    Err(HttpError::forbidden(format!(
        "The token lacks the scope {}, which {what} need.",
        scope.as_str()
    )))
}

impl Gate for ServerGate {
    type Caller = Viewer;

    async fn admit(&self, incoming: &Incoming<'_>) -> Result<Viewer, HttpError> {
        let token = incoming.bearer_token()?;
        authenticate(&self.app.auth, token)
            .await
            .map_err(|error| match error {
                AuthenticationError::Service(error) => unwell(&error, incoming.request_id),
                other => HttpError::unauthenticated(other.to_string()),
            })
    }

    async fn attach(
        &self,
        caller: &Viewer,
        incoming: &Incoming<'_>,
        prepared: &Prepared,
        request: async_graphql::Request,
    ) -> Result<async_graphql::Request, HttpError> {
        check_scope(caller, prepared.operation)?;
        let key = match prepared.operation {
            OperationType::Mutation => incoming.idempotency_key()?,
            OperationType::Query | OperationType::Subscription => None,
        };
        let keyed = match key {
            Some(key) => Some(known(&self.app, caller, key, incoming, &request).await?),
            None => None,
        };
        if let Some(position) = incoming.position() {
            self.reach(position, incoming).await?;
        }
        let address = incoming.peer.map_or_else(ClientAddress::unknown, |peer| {
            client(peer, incoming.headers, &self.trusted_proxies).into()
        });
        let request = match keyed {
            Some(keyed) => request.data(keyed),
            None => request,
        };
        let state = RequestState::new(&self.app.store, caller.clone());
        // What a position was waited for is newer than what the caller was found out from, and so is what earlier
        // operations of a batch wrote.
        let is_fresh = incoming.position().is_none()
            && incoming.place == 0
            && matches!(
                caller.credential(),
                Some(Credential::Session(_) | Credential::ApiToken(_))
            );
        let state = if is_fresh { state.believing() } else { state };
        Ok(request
            .data(state)
            .data(address)
            .data(incoming.request_id.clone()))
    }
}
