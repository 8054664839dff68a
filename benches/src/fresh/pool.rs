//! Connections that stay open.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::client::Client;

/// The server closes connections that are idle for long; so old ones are not used again.
const IDLE: Duration = Duration::from_secs(5);

/// Connections that stay open, as many as there are requests at once.
pub(super) struct Pool {
    address: String,
    token: Option<String>,
    slots: Semaphore,
    /// With when they were used last, the latest at the end.
    idle: Mutex<Vec<(Client, Instant)>>,
}

impl Pool {
    pub(super) fn new(address: &str, token: Option<String>, most: usize) -> Self {
        Self {
            address: address.to_owned(),
            token,
            slots: Semaphore::new(most),
            idle: Mutex::default(),
        }
    }

    /// The data of an answer without errors; of a connection with errors no more is asked.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let _slot = self.slots.acquire().await?;
        let mut client = match self.take() {
            Some(client) => client,
            None => Client::connect(&self.address, self.token.as_deref()).await?,
        };
        let data = client.ask(query, variables).await?;
        self.idle().push((client, Instant::now()));
        Ok(data)
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.idle();
        let (client, used) = idle.pop()?;
        if used.elapsed() < IDLE {
            return Some(client);
        }
        // All others are older.
        idle.clear();
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Client, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
