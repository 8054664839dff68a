//! What the running server shares among its requests.

use std::sync::Arc;

use service::auth::Auth;
use service::mail::Mailer;
use service::operation::Operations;
use service::search::SearchIndex;
use service::store::Store;
use service::webhook::WebhookOptions;

/// The open database and what is built on it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// The database.
    pub store: Store,
    /// Sign-in.
    pub auth: Auth,
    /// The search index of this process.
    pub index: SearchIndex,
    /// What sends mails; none where no mail is configured.
    pub mailer: Option<Mailer>,
    /// How webhooks are sent, and where they may lead.
    pub webhooks: WebhookOptions,
    /// Imports and exports.
    pub operations: Operations,
    /// Address of this server as clients reach it, without a slash at its end.
    pub server_url: Arc<str>,
}
