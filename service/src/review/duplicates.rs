//! What is likely the same as an item: found by the search engine, then compared word by word.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use entity::item;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::item::bodies_of;
use crate::policy::filter::readable_items;
use crate::search::{DocumentKind, SearchFilter, SearchIndex, SearchQuery, search};
use crate::store::Store;
use crate::text::fold;
use crate::viewer::Viewer;

/// How many candidates are compared.
const CANDIDATES: i64 = 20;
/// Most that is answered.
const MOST: usize = 10;
/// How much of a body is compared.
const LETTERS: usize = 20_000;
/// Most words of a title, and of a body, that are searched for.
const WORDS: usize = 12;
/// Titles that share so much of their words are likely the same.
const TITLES_ALIKE: f64 = 0.75;
/// Bodies that share so much of their runs of words are likely the same.
const BODIES_ALIKE: f64 = 0.5;
/// Words of a run.
const RUN: usize = 4;

/// Resources of the same community that are likely the same as this one, as far as the viewer may read them, the
/// likeliest first.
#[crate::boxed]
pub async fn likely_duplicates(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    item: &item::Model,
) -> Result<Vec<Uuid>> {
    let title = words(&item.title);
    let mut bodies = bodies_of(store.reader(), &[item.id]).await?;
    let searched = telling(&title, bodies.get(&item.id));
    if searched.is_empty() {
        return Ok(Vec::new());
    }
    let query = SearchQuery {
        query: searched.join(" OR "),
        filter: SearchFilter {
            kinds: vec![DocumentKind::Resource],
            community_ids: vec![item.community_id],
            ..SearchFilter::default()
        },
        first: Some(CANDIDATES),
        ..SearchQuery::default()
    };
    let hits = search(store, index, viewer, query).await?.hits;
    let ids: Vec<Uuid> = hits
        .into_iter()
        .map(|hit| hit.id)
        .filter(|id| *id != item.id)
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let candidates = item::Entity::find()
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .filter(readable_items(viewer))
        .all(store.reader())
        .await?;
    bodies.extend(bodies_of(store.reader(), &ids).await?);
    let (id, url) = (item.id, item.url.clone());
    // Folding twenty bodies takes milliseconds: too long for a thread that answers requests.
    tokio::task::spawn_blocking(move || {
        let own = runs(&bodies, id);
        let alike = candidates.iter().filter_map(|candidate| {
            let titles = share(&title, &words(&candidate.title));
            let texts = share(&own, &runs(&bodies, candidate.id));
            let same = url.is_some() && candidate.url == url;
            let likely = same || titles >= TITLES_ALIKE || texts >= BODIES_ALIKE;
            likely.then_some((titles.max(texts), candidate.id))
        });
        likeliest(alike.collect())
    })
    .await
    .map_err(Error::internal)
}

fn likeliest(mut alike: Vec<(f64, Uuid)>) -> Vec<Uuid> {
    alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    alike.truncate(MOST);
    alike.into_iter().map(|(_, id)| id).collect()
}

/// The words to search for: those of the title, and the longest of the body.
fn telling(title: &HashSet<String>, body: Option<&String>) -> Vec<String> {
    let beginning: String = body
        .into_iter()
        .flat_map(|body| body.chars())
        .take(LETTERS)
        .collect();
    let mut longest: Vec<String> = words(&beginning).difference(title).cloned().collect();
    longest.sort_by_cached_key(|word| (std::cmp::Reverse(word.chars().count()), word.clone()));
    longest.truncate(WORDS);
    let mut first: Vec<String> = title.iter().cloned().collect();
    first.sort_unstable();
    first.truncate(WORDS);
    first.extend(longest);
    first
}

/// The words of a text, folded.
fn words(text: &str) -> HashSet<String> {
    fold(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The runs of words in the body of an item, as their hashes.
fn runs(bodies: &HashMap<Uuid, String>, id: Uuid) -> HashSet<u64> {
    let Some(body) = bodies.get(&id) else {
        return HashSet::new();
    };
    let end = body
        .char_indices()
        .nth(LETTERS)
        .map_or(body.len(), |(place, _)| place);
    let folded = fold(&body[..end]);
    let words: Vec<&str> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    words.windows(RUN).map(|run| hasher.hash_one(run)).collect()
}

/// What two sets share of what they hold together, from 0 to 1; nothing shares nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "texts have far fewer words than that"
)]
fn share<T: Eq + Hash>(one: &HashSet<T>, other: &HashSet<T>) -> f64 {
    let common = one.intersection(other).count();
    let together = one.len() + other.len() - common;
    if together == 0 {
        return 0.0;
    }
    common as f64 / together as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_is_what_shares_most_of_its_words() {
        let alike = |one: &str, other: &str| share(&words(one), &words(other)) >= TITLES_ALIKE;
        assert!(alike("Counting games for all", "Counting games, for ALL!"));
        assert!(alike(
            "L’évaluation par les pairs",
            "L'evaluation par les pairs"
        ));
        assert!(!alike("Counting games", "Counting songs"));
        assert!(!alike("", ""));
    }
}
