//! Completions while typing.

use ::search::{DocumentKind, SuggestRequest};
use uuid::Uuid;

use super::{SearchFilter, SearchIndex, narrowing};
use crate::error::{Error, Result};
use crate::paging::page_size;
use crate::store::Store;
use crate::viewer::Viewer;

/// Completions when no number is given.
const DEFAULT_FIRST: i64 = 10;

/// A completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// A title or name, or a tag.
    pub text: String,
    /// What has that title or name; none for a tag.
    pub target: Option<(DocumentKind, Uuid)>,
}

/// Completions of a beginning, from titles, names and tags of what the viewer may see, best first. `first` is from 0 to
/// 100; 10 when not given.
#[crate::boxed]
pub async fn suggest(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    prefix: &str,
    filter: &SearchFilter,
    first: Option<i64>,
) -> Result<Vec<Suggestion>> {
    let first = page_size("first", Some(first.unwrap_or(DEFAULT_FIRST)))?;
    let filter = filter.to_engine()?;
    let (searcher, viewer) = narrowing::scoped(store, index, viewer, None).await?;
    let request = SuggestRequest {
        prefix: prefix.to_owned(),
        filter,
        viewer,
        first: usize::try_from(first).map_err(Error::internal)?,
    };
    let completions = index.ask(move || searcher.suggest(&request)).await?;
    Ok(completions
        .into_iter()
        .map(|completion| Suggestion {
            text: completion.text,
            target: completion.document.map(|(id, kind)| (kind, id)),
        })
        .collect())
}
