//! Who is told how far long work is, and may end it.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::error::Result;

/// Is told how far long work is, and says whether it is to go on.
pub(super) trait Watch: Send + Sync {
    /// So much is done of so much in all, as far as that is known; answers whether to go on.
    fn step(&mut self, done: u64, total: Option<u64>) -> BoxFuture<'_, Result<bool>>;
}

/// How far a command is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines or things that were dealt with.
    pub done: u64,
    /// All of them; none while that is not known.
    pub total: Option<u64>,
}

/// Who calls for a piece of long work in person, and waits for it.
pub type Told<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// Goes on to the end, and tells how far it is.
pub(super) struct ToTheEnd<'a>(pub(super) Told<'a>);

impl Watch for ToTheEnd<'_> {
    fn step(&mut self, done: u64, total: Option<u64>) -> BoxFuture<'_, Result<bool>> {
        (self.0)(Progress { done, total });
        async { Ok(true) }.boxed()
    }
}
