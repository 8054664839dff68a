//! What was asked and answered before: resolved discussions like another one, found by the search engine as the viewer
//! may see them.

use std::collections::HashMap;

use ::search::{DocumentKind, Filter, Request};
use entity::discussion::DiscussionState;
use uuid::Uuid;

use super::queries::texts;
use crate::error::{Error, Result};
use crate::search::{SearchIndex, for_viewer};
use crate::store::Store;
use crate::viewer::Viewer;

/// The most that can be asked for.
pub const MOST_SIMILAR: usize = 20;
/// So many words of the question are looked for, those of the title first.
const MOST_WORDS: usize = 40;
/// What matches less than this share of the best match is not similar.
const LEAST_SHARE: f32 = 0.3;

/// The words of a question as a query that has no operators.
fn query(title: &str, body: Option<&str>) -> String {
    let mut seen = Vec::new();
    let text = format!("{title} {}", body.unwrap_or_default());
    for word in text.split(|letter: char| !letter.is_alphanumeric()) {
        let word = word.to_lowercase();
        if word.chars().count() > 1 && !seen.contains(&word) {
            seen.push(word);
        }
        if seen.len() == MOST_WORDS {
            break;
        }
    }
    seen.join(" ")
}

/// The ids of resolved help requests and problems like each of these discussions that the viewer was shown, best
/// first, as far as the viewer may read them. All are looked for in one go, off the runtime's threads.
#[crate::boxed]
pub async fn similar(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    wanted: &[(Uuid, usize)],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let ids: Vec<Uuid> = wanted.iter().map(|(id, _)| *id).collect();
    let texts = texts(store, &ids).await?;
    let (searcher, scope) = for_viewer(store, index, viewer).await?;
    let requests: Vec<(Uuid, Request)> = wanted
        .iter()
        .filter_map(|(id, first)| {
            let (title, body) = texts.get(id)?;
            let mut viewer = scope.clone();
            viewer.excluded_ids.push(*id);
            let request = Request {
                query: query(title, body.as_deref()),
                filter: Filter {
                    kinds: vec![DocumentKind::Discussion],
                    statuses: vec![DiscussionState::Resolved.as_str().to_owned()],
                    ..Filter::default()
                },
                first: (*first).min(MOST_SIMILAR),
                viewer,
                correct: false,
                text_only: true,
                ..Request::default()
            };
            (!request.query.is_empty()).then_some((*id, request))
        })
        .collect();
    index
        .ask(move || {
            let mut found = HashMap::with_capacity(requests.len());
            for (id, request) in requests {
                let hits = searcher.search(&request)?.hits;
                let least = hits.first().map_or(0.0, |hit| hit.score * LEAST_SHARE);
                let hits = hits.into_iter().filter(|hit| hit.score >= least);
                found.insert(id, hits.map(|hit| hit.id).collect());
            }
            Ok(found)
        })
        .await
}

/// Checks how many similar discussions are asked for: 5 when not given.
pub fn check_first(first: Option<i32>) -> Result<usize> {
    match first.map(usize::try_from) {
        None => Ok(5),
        Some(Ok(first)) if first <= MOST_SIMILAR => Ok(first),
        _ => Err(Error::BadArgument {
            argument: "first",
            message: format!("`first` must be from 0 to {MOST_SIMILAR}."),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_without_operators() {
        let words = query(
            "Who OR what -not \"quoted\" kind:article?",
            Some("What a day*"),
        );
        assert_eq!(words, "who or what not quoted kind article day");
        let long: Vec<String> = (0..500).map(|number| format!("word{number}")).collect();
        let long = long.join(" ");
        assert_eq!(query(&long, None).split(' ').count(), MOST_WORDS);
    }
}
