//! What is like something.

use ::search::{DocumentKind, RelatedRequest};
use uuid::Uuid;

use super::{SearchFilter, SearchIndex, narrowing};
use crate::error::{Error, Result};
use crate::paging::page_size;
use crate::store::Store;
use crate::viewer::Viewer;

/// Related things when no number is given.
const DEFAULT_FIRST: i64 = 10;

/// What shares the telling words, the tags and the domains of something, best first, as far as the viewer may see it;
/// none when they may not see the thing itself. `first` is from 0 to 100; 10 when not given.
#[crate::boxed]
pub async fn related(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    id: Uuid,
    first: Option<i64>,
) -> Result<Option<Vec<(DocumentKind, Uuid)>>> {
    let first = page_size("first", Some(first.unwrap_or(DEFAULT_FIRST)))?;
    let filter = SearchFilter::default().to_engine()?;
    let (searcher, viewer) = narrowing::scoped(store, index, viewer, None).await?;
    let request = RelatedRequest {
        id,
        filter,
        viewer,
        first: usize::try_from(first).map_err(Error::internal)?,
    };
    let found = index.ask(move || searcher.related(&request)).await?;
    Ok(found.map(|found| found.into_iter().map(|(id, kind)| (kind, id)).collect()))
}
