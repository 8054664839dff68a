//! The links of mails about notifications, as `/unsubscribe` needs them.

use service::auth::{Auth, read_unsubscribe_token, unsubscribe};

use super::gate::unwell;
use crate::http::{RequestId, Unsubscribe, Unsubscribing};

/// Knows the tokens that this server signed.
pub(super) struct Links {
    auth: Auth,
}

impl Links {
    pub(super) fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl Unsubscribe for Links {
    fn knows(&self, token: &str) -> bool {
        read_unsubscribe_token(&self.auth, token).is_some()
    }

    fn unsubscribe<'a>(&'a self, token: &'a str, request_id: &'a RequestId) -> Unsubscribing<'a> {
        Box::pin(async move {
            let done = unsubscribe(&self.auth, token).await;
            done.map_err(|error| unwell(&error, request_id))
        })
    }
}
