//! What was deleted or narrowed after the position of the index, so that it is left out of every answer at once.

use std::time::Duration;

use ::search::Searcher;
use entity::change;
use entity::change::EntityType;
use entity::experience_report;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::SearchIndex;
use super::index::{from_engine, refusal};
use crate::error::{Error, Result};
use crate::policy::audience;
use crate::store::Store;
use crate::viewer::Viewer;

/// Beyond so many changes an answer waits for the index instead of leaving them out one by one.
const MOST_NARROWED: u64 = 10_000;
/// How long it waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is left out.
#[derive(Debug, Default)]
struct Narrowed {
    ids: Vec<Uuid>,
    communities: Vec<Uuid>,
}

/// What was narrowed after a position, in one statement if anything was changed at all; none when it is too much to leave out.
async fn narrowed_after(store: &Store, position: i64) -> Result<Option<Narrowed>> {
    use change::Column;
    store.freshen().await?;
    if store.kept().mark() <= position {
        return Ok(Some(Narrowed::default()));
    }
    let rows: Vec<(EntityType, Uuid)> = change::Entity::find()
        .select_only()
        .columns([Column::EntityType, Column::EntityId])
        .filter(Column::Narrowed.eq(true))
        .filter(Column::Position.gt(position))
        .filter(Column::EntityType.is_in([
            EntityType::Domain,
            EntityType::Community,
            EntityType::Resource,
            EntityType::Practice,
            EntityType::Innovation,
            EntityType::Activity,
            EntityType::Discussion,
            EntityType::Collection,
            EntityType::ValueStory,
            EntityType::ExperienceReport,
        ]))
        .limit(MOST_NARROWED + 1)
        .into_tuple()
        .all(store.reader())
        .await?;
    // Read after the rows: what is no longer kept cannot be left out.
    if rows.len() as u64 > MOST_NARROWED || store.kept_after().await? > position {
        return Ok(None);
    }
    let mut narrowed = Narrowed::default();
    let mut tried = Vec::new();
    for (entity_type, id) in rows {
        match entity_type {
            EntityType::Community => narrowed.communities.push(id),
            EntityType::Resource | EntityType::Practice | EntityType::Innovation => {
                narrowed.ids.push(id);
                tried.push(id);
            }
            _ => narrowed.ids.push(id),
        }
    }
    if !tried.is_empty() {
        narrowed.ids.extend(reports_on(store, tried).await?);
        if narrowed.ids.len() as u64 > MOST_NARROWED {
            return Ok(None);
        }
    }
    for list in [&mut narrowed.ids, &mut narrowed.communities] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(Some(narrowed))
}

/// The reports on items: whoever may no longer read an item reads none of them.
async fn reports_on(store: &Store, items: Vec<Uuid>) -> Result<Vec<Uuid>> {
    Ok(experience_report::Entity::find()
        .select_only()
        .column(experience_report::Column::Id)
        .filter(experience_report::Column::SubjectId.is_in(items))
        .limit(MOST_NARROWED + 1)
        .into_tuple()
        .all(store.reader())
        .await?)
}

/// A searcher with all that the viewer may see in it, for questions of other features. What they find is advice: while
/// the index is being built there is none, which is no reason not to answer the rest.
pub(crate) async fn for_viewer(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
) -> Result<(Searcher, ::search::Viewer)> {
    if index.needs_rebuild().is_some() {
        let searcher = index.engine().searcher(None).map_err(refusal)?;
        return Ok((searcher, ::search::Viewer::default()));
    }
    scoped(store, index, viewer, None).await
}

/// A searcher with all that the viewer may see in it: for a first page, or for the page after a cursor.
///
/// Answers [`Error::Unavailable`] while the index is being built, and when it is so far behind that this cannot be told.
pub(super) async fn scoped(
    store: &Store,
    index: &SearchIndex,
    viewer: &Viewer,
    after: Option<&str>,
) -> Result<(Searcher, ::search::Viewer)> {
    if let Some(building) = index.building() {
        return Err(building);
    }
    let engine = index.engine();
    let mut searcher = match after {
        None => engine.first_searcher(index.awaited()),
        Some(_) => engine.searcher(after).map_err(refusal)?,
    };
    let mut narrowed = narrowed_after(store, from_engine(searcher.checkpoint())).await?;
    if narrowed.is_none() {
        // The searcher that a cursor names may be the one that is behind.
        searcher = engine.searcher(None).map_err(refusal)?;
        narrowed = narrowed_after(store, from_engine(searcher.checkpoint())).await?;
    }
    if narrowed.is_none() {
        index.wait_for(store.position().await?, PATIENCE).await;
        searcher = engine.searcher(None).map_err(refusal)?;
        narrowed = narrowed_after(store, from_engine(searcher.checkpoint())).await?;
    }
    let Some(narrowed) = narrowed else {
        return Err(Error::Unavailable(
            "The search index is catching up with many changes; try again shortly.".into(),
        ));
    };
    let viewer = ::search::Viewer {
        audience: audience::of_viewer(viewer).into_iter().collect(),
        excluded_ids: narrowed.ids,
        excluded_communities: narrowed.communities,
    };
    Ok((searcher, viewer))
}
