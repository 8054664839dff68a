//! What the running server shares among its requests.

use service::auth::Auth;
use service::mail::Mailer;
use service::search::SearchIndex;
use service::store::Store;

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
}
