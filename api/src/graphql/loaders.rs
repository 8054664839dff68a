//! Batching: what many resolvers of one request ask for is loaded in one statement.
//!
//! All resolvers of a request run in one task. The first that asks a question opens a batch, and whoever asks lets the
//! request go on in [rounds](service::rounds) before waiting for it, until every sibling has asked; then the batch is
//! loaded. So the number of statements depends on the query alone, never on timing, and no timer delays a level.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use service::error::{Error, Result};
use service::rounds::next_round;
use service::store::Store;
use service::viewer::Viewer;
use tokio::sync::OnceCell;

/// A question that is asked for many keys at once: one type a question, its values are the keys.
pub trait Question: Clone + Eq + Hash + Send + Sync + 'static {
    /// What a key is answered with.
    type Answer: Clone + Send + Sync + 'static;

    /// Answers all keys; keys that have no answer are left out.
    fn load(
        source: Source,
        keys: Vec<Self>,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Answer>>> + Send;

    /// Whether answers may be kept in memory between requests.
    const KEPT: bool = false;

    /// The answer, where it is kept in memory; none inside when this viewer has none. Asked for only after the store
    /// was freshened.
    fn kept(_source: &Source, _key: &Self) -> Option<Option<Self::Answer>> {
        None
    }
}

/// What questions are answered from: the database, as the viewer may see it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The database.
    pub store: Store,
    /// Who asks.
    pub viewer: Viewer,
}

type Loaded<Q> =
    Shared<BoxFuture<'static, Result<Arc<HashMap<Q, <Q as Question>::Answer>>, Arc<Error>>>>;

/// Keys that wait for a batch; none when it has started.
type Open<Q> = Arc<Mutex<Option<Vec<Q>>>>;

/// A batch that somebody waits for, and the keys that wait for the newest one.
struct Asked<Q: Question> {
    loaded: Loaded<Q>,
    open: Open<Q>,
}

struct Batches<Q: Question> {
    open: Open<Q>,
    /// The batch in which each key is.
    asked: HashMap<Q, Loaded<Q>>,
    newest: Option<Loaded<Q>>,
}

impl<Q: Question> Batches<Q> {
    fn new() -> Self {
        Self {
            open: Arc::default(),
            asked: HashMap::new(),
            newest: None,
        }
    }

    fn ask(&mut self, source: &Source, key: &Q) -> Asked<Q> {
        let loaded = self.batch_of(source, key);
        let open = Arc::clone(&self.open);
        Asked { loaded, open }
    }

    fn batch_of(&mut self, source: &Source, key: &Q) -> Loaded<Q> {
        if let Some(loaded) = self.asked.get(key) {
            return loaded.clone();
        }
        let joined = {
            let mut open = lock(&self.open);
            open.as_mut().map(|keys| keys.push(key.clone())).is_some()
        };
        let loaded = match (joined, &self.newest) {
            (true, Some(newest)) => newest.clone(),
            _ => self.start(source, key),
        };
        self.asked.insert(key.clone(), loaded.clone());
        loaded
    }

    fn start(&mut self, source: &Source, key: &Q) -> Loaded<Q> {
        let keys = Arc::new(Mutex::new(Some(vec![key.clone()])));
        self.open = Arc::clone(&keys);
        let source = source.clone();
        let loaded = async move {
            let keys = lock(&keys).take().unwrap_or_default();
            Q::load(source, keys).await.map(Arc::new).map_err(Arc::new)
        }
        .boxed()
        .shared();
        self.newest = Some(loaded.clone());
        loaded
    }
}

/// A panic elsewhere does not make the keys wrong.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After so many rounds of the request in which nobody new asked, all siblings have.
const QUIET_ROUNDS: u32 = 2;

/// Waits until rounds of the request brought no new asker, unless the batch is loaded already: one with many
/// branches goes through them in more than one round. Each asker does so for itself: a batch that waited in their
/// place would go on when the second of them polls it.
async fn let_siblings_ask<Q: Question>(asked: &Asked<Q>) {
    let waiting = || lock(&asked.open).as_ref().map_or(0, Vec::len);
    let (mut known, mut quiet) = (waiting(), 0);
    while quiet < QUIET_ROUNDS && asked.loaded.peek().is_none() {
        next_round().await;
        let now = waiting();
        quiet = if now == known { quiet + 1 } else { 0 };
        known = now;
    }
}

/// The batches of one request, by question.
pub struct Loaders {
    source: Source,
    fresh: OnceCell<()>,
    batches: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

impl std::fmt::Debug for Loaders {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Loaders").finish_non_exhaustive()
    }
}

impl Loaders {
    /// Loaders for one viewer.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            source,
            fresh: OnceCell::new(),
            batches: Mutex::default(),
        }
    }

    /// Believes what is kept in memory: it was freshened within the request.
    pub fn believe(&self) {
        // Where it was freshened here meanwhile, all the better.
        let _ = self.fresh.set(());
    }

    /// The answer for one key; none when there is none for this viewer.
    pub async fn ask<Q: Question>(&self, key: Q) -> Result<Option<Q::Answer>, Arc<Error>> {
        if let Some(answer) = self.kept(&key).await? {
            return Ok(answer);
        }
        let asked = self.enqueue(&key);
        let_siblings_ask(&asked).await;
        Ok(asked.loaded.await?.get(&key).cloned())
    }

    /// The answers for some keys, in their order; those without one are left out.
    pub async fn ask_many<Q: Question>(&self, keys: Vec<Q>) -> Result<Vec<Q::Answer>, Arc<Error>> {
        if Q::KEPT {
            let mut answers = Vec::with_capacity(keys.len());
            for key in &keys {
                match self.kept(key).await? {
                    Some(answer) => answers.extend(answer),
                    None => break,
                }
            }
            if answers.len() == keys.len() {
                return Ok(answers);
            }
        }
        let batches: Vec<_> = keys.iter().map(|key| self.enqueue(key)).collect();
        if let Some(newest) = batches.iter().find(|batch| batch.loaded.peek().is_none()) {
            let_siblings_ask(newest).await;
        }
        let mut answers = Vec::with_capacity(keys.len());
        for (key, batch) in keys.iter().zip(batches) {
            if let Some(answer) = batch.loaded.await?.get(key) {
                answers.push(answer.clone());
            }
        }
        Ok(answers)
    }

    /// What is kept in memory of a key's answer. The first question of its kind freshens the store for all of the
    /// request.
    async fn kept<Q: Question>(&self, key: &Q) -> Result<Option<Option<Q::Answer>>, Arc<Error>> {
        if !Q::KEPT {
            return Ok(None);
        }
        self.fresh
            .get_or_try_init(|| self.source.store.freshen())
            .await?;
        Ok(Q::kept(&self.source, key))
    }

    fn enqueue<Q: Question>(&self, key: &Q) -> Asked<Q> {
        let mut batches = lock(&self.batches);
        let entry = batches
            .entry(TypeId::of::<Q>())
            .or_insert_with(|| Box::new(Batches::<Q>::new()));
        match entry.downcast_mut::<Batches<Q>>() {
            Some(batches) => batches.ask(&self.source, key),
            // The map is keyed by the type, so this cannot be; a batch of its own is right all the same.
            None => Batches::<Q>::new().ask(&self.source, key),
        }
    }
}

/// Declares a question for what belongs to an id, that a function of the service answers for many ids on a viewer's behalf.
macro_rules! by_id {
    ($(#[$meta:meta])* $question:ident => $answer:ty, $load:path) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $question(pub uuid::Uuid);

        impl $crate::graphql::loaders::Question for $question {
            type Answer = $answer;

            async fn load(
                source: $crate::graphql::loaders::Source,
                keys: Vec<Self>,
            ) -> service::error::Result<std::collections::HashMap<Self, Self::Answer>> {
                let ids: Vec<uuid::Uuid> = keys.iter().map(|key| key.0).collect();
                let found = $load(&source.store, &source.viewer, &ids).await?;
                let answers = found.into_iter();
                Ok(answers.map(|(id, answer)| (Self(id), answer.into())).collect())
            }
        }
    };
}

pub(crate) use by_id;

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use service::clock::Clock;
    use service::store::StoreOptions;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static BATCHES: AtomicUsize = AtomicUsize::new(0);

    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Twice(u32);

    impl Question for Twice {
        type Answer = u32;

        async fn load(_: Source, keys: Vec<Self>) -> Result<HashMap<Self, u32>> {
            BATCHES.fetch_add(1, Ordering::SeqCst);
            Ok(keys
                .into_iter()
                .filter(|key| key.0 != 13)
                .map(|key| (key.clone(), key.0 * 2))
                .collect())
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn siblings_share_one_batch_and_answers_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let options = StoreOptions::sqlite(&directory.path().join("empty.db"), 1);
        let store = Store::open(&options, Clock::default()).await.unwrap();
        let loaders = Loaders::new(Source {
            store,
            viewer: Viewer::anonymous(),
        });
        let answers = join_all((0..200).map(|key| loaders.ask(Twice(key)))).await;
        for (key, answer) in (0_u32..).zip(answers) {
            assert_eq!(answer.unwrap(), (key != 13).then_some(key * 2));
        }
        assert_eq!(
            loaders
                .ask_many(vec![Twice(3), Twice(13), Twice(1)])
                .await
                .unwrap(),
            [6, 2]
        );
        assert_eq!(BATCHES.load(Ordering::SeqCst), 1);
        assert_eq!(loaders.ask(Twice(1_000)).await.unwrap(), Some(2_000));
        assert_eq!(BATCHES.load(Ordering::SeqCst), 2);
    }
}
