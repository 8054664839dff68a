//! What is likely the same as an item: found by the search engine, then compared word by word.

use std::collections::{HashMap, HashSet};

use entity::item::{self, ItemType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
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
        .filter(item::Column::ItemType.eq(ItemType::Resource))
        .filter(readable_items(viewer))
        .all(store.reader())
        .await?;
    bodies.extend(bodies_of(store.reader(), &ids).await?);
    let own = runs(&bodies, item.id);
    let mut alike: Vec<(f64, Uuid)> = candidates
        .iter()
        .filter_map(|candidate| {
            let titles = share(&title, &words(&candidate.title));
            let texts = share(&own, &runs(&bodies, candidate.id));
            let same = item.url.is_some() && candidate.url == item.url;
            let likely = same || titles >= TITLES_ALIKE || texts >= BODIES_ALIKE;
            likely.then_some((titles.max(texts), candidate.id))
        })
        .collect();
    alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    alike.truncate(MOST);
    Ok(alike.into_iter().map(|(_, id)| id).collect())
}

/// The words to search for: those of the title, and the longest of the body.
fn telling(title: &[String], body: Option<&String>) -> Vec<String> {
    let beginning: String = body
        .into_iter()
        .flat_map(|body| body.chars())
        .take(LETTERS)
        .collect();
    let mut longest = words(&beginning);
    longest.retain(|word| !title.contains(word));
    longest.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    longest.truncate(WORDS);
    title.iter().take(WORDS).cloned().chain(longest).collect()
}

/// The words of a text, folded, without doubles and in order of the alphabet.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The runs of words in the body of an item.
fn runs(bodies: &HashMap<Uuid, String>, id: Uuid) -> Vec<String> {
    let Some(body) = bodies.get(&id) else {
        return Vec::new();
    };
    let beginning: String = body.chars().take(LETTERS).collect();
    let folded = fold(&beginning);
    let words: Vec<&str> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(RUN).map(|run| run.join(" ")).collect()
}

/// What two sets share of what they hold together, from 0 to 1; nothing shares nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "texts have far fewer words than that"
)]
fn share(one: &[String], other: &[String]) -> f64 {
    let one: HashSet<&str> = one.iter().map(String::as_str).collect();
    let other: HashSet<&str> = other.iter().map(String::as_str).collect();
    let together = one.union(&other).count();
    if together == 0 {
        return 0.0;
    }
    one.intersection(&other).count() as f64 / together as f64
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
