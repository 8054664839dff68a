//! Other words for the same thing: the labels of each domain in all languages.

use std::sync::{Arc, Mutex};

use ::search::Synonyms;

use super::SearchIndex;
use super::index::lock;
use crate::domain;
use crate::error::Result;
use crate::store::Store;

/// The synonyms, until a domain is changed.
#[derive(Debug, Default)]
pub(super) struct SynonymCache {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How often they were forgotten: what was read before the last time is not kept.
    generation: u64,
    known: Option<Arc<Synonyms>>,
}

impl SynonymCache {
    pub(super) fn forget(&self) {
        let mut state = lock(&self.state);
        state.generation += 1;
        state.known = None;
    }

    fn known(&self) -> (u64, Option<Arc<Synonyms>>) {
        let state = lock(&self.state);
        (state.generation, state.known.clone())
    }

    fn keep(&self, generation: u64, synonyms: &Arc<Synonyms>) {
        let mut state = lock(&self.state);
        if state.generation == generation {
            state.known = Some(Arc::clone(synonyms));
        }
    }
}

/// The synonyms as they are now: a statement when a domain was changed, none otherwise.
pub(super) async fn synonyms(store: &Store, index: &SearchIndex) -> Result<Arc<Synonyms>> {
    let (generation, known) = index.synonym_cache().known();
    if let Some(known) = known {
        return Ok(known);
    }
    let synonyms = read(store).await?;
    index.synonym_cache().keep(generation, &synonyms);
    Ok(synonyms)
}

/// The synonyms, read anew.
pub(crate) async fn read(store: &Store) -> Result<Arc<Synonyms>> {
    let domains = domain::all_names(store).await?;
    let names = domains.iter().map(domain::DomainNames::all);
    Ok(Arc::new(Synonyms::new(names)))
}
