//! Reading the change log in steps, and what was changed as it is now.

use std::collections::HashSet;

use ::search::{Change, Document};
use entity::TextList;
use entity::change::{self, EntityType, Operation};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult,
    IsolationLevel, QueryFilter, QueryOrder, QuerySelect, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use super::halving::Halving;
use crate::domain;
use crate::error::{Error, Result};
use crate::search::FailedDocument;
use crate::search::document::{Source, source_of};
use crate::store::{MERGED_FROM, MERGED_INTO, MOVED, SPLIT_INTO, Store};

/// Rows of the log in one step, and things loaded at once.
pub(super) const BATCH: usize = 1_000;

/// Fields of a community that the documents of its items do not hold. Any other may matter to them.
const OF_COMMUNITY_ALONE: &[&str] = &[
    "name",
    "purpose",
    "description",
    "status",
    "stage",
    "stageHistory",
    SPLIT_INTO,
    MERGED_INTO,
    MERGED_FROM,
    "joinPolicy",
    "meetingMode",
    "sector",
    "cadence",
    "parent",
    "policy",
    "languages",
    "domains",
    "sponsors",
    "statements",
    "goals",
    "learningAgenda",
];
/// Fields of a domain that no other document holds.
const OF_DOMAIN_ALONE: &[&str] = &[
    "name",
    "labels",
    "description",
    "concern",
    "alternativeLabels",
    "keyQuestions",
    "relatedDomains",
    "competencies",
    MERGED_FROM,
];
/// Fields of an item that decide who may read it, and so the reports on it.
const OF_AUDIENCE: &[&str] = &["visibility", "authorIds", "status", "publishedAt", MOVED];
/// The field of a user that documents hold.
const DISPLAY_NAME: &str = "displayName";

/// What a change reaches beyond the thing that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// The items and the stories of a community.
    Community(Uuid),
    /// What is filed under a domain or a narrower one, and the narrower ones.
    Domain(Uuid),
    /// What a user wrote.
    Author(Uuid),
    /// The reports on an item.
    Reports(Uuid),
}

/// What is to be done for some rows of the log.
#[derive(Debug)]
pub(super) struct Step {
    /// The position of the last of the rows.
    pub(super) position: i64,
    /// Whether there may be more rows.
    pub(super) full: bool,
    /// The things that were changed, each once.
    pub(super) touched: Vec<(Source, Vec<Uuid>)>,
    /// The same as they are now.
    pub(super) loaded: Loaded,
    /// What else is to be indexed again.
    pub(super) reaches: Vec<Reach>,
    /// Whether a domain was changed, and so perhaps a synonym.
    pub(super) domains_changed: bool,
}

/// Things as they are now, for the engine.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Puts those that are there, deletes those that are not.
    pub(crate) changes: Vec<Change>,
    /// Those that could not be read; they are deleted, since nobody knows who may see them.
    pub(super) failed: Vec<FailedDocument>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    position: i64,
    entity_type: EntityType,
    entity_id: Uuid,
    operation: Operation,
    fields: TextList,
}

/// The next step after a position; none at the end of the log.
pub(super) async fn next(store: &Store, after: i64) -> Result<Option<Step>> {
    use change::Column;
    let rows: Vec<Row> = change::Entity::find()
        .select_only()
        .columns([
            Column::Position,
            Column::EntityType,
            Column::EntityId,
            Column::Operation,
            Column::Fields,
        ])
        .filter(Column::Position.gt(after))
        .order_by_asc(Column::Position)
        .limit(BATCH as u64)
        .into_model()
        .all(store.reader())
        .await?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(None);
    };
    if first.position > after + 1 && store.kept_after().await? > after {
        return Err(Error::internal(
            "the change log no longer has the rows that the search index would need to catch up",
        ));
    }
    let (position, full) = (last.position, rows.len() == BATCH);
    let domains_changed = rows.iter().any(|row| row.entity_type == EntityType::Domain);
    let reaches: HashSet<Reach> = rows.iter().filter_map(reach).collect();
    let touched = touched(&rows);
    let mut loaded = Loaded::default();
    for (source, ids) in &touched {
        loaded.extend(load(store, *source, ids.clone()).await?);
    }
    Ok(Some(Step {
        position,
        full,
        touched,
        loaded,
        reaches: reaches.into_iter().collect(),
        domains_changed,
    }))
}

fn touched(rows: &[Row]) -> Vec<(Source, Vec<Uuid>)> {
    let mut known = HashSet::with_capacity(rows.len());
    let mut touched: Vec<(Source, Vec<Uuid>)> = Source::ALL
        .into_iter()
        .map(|source| (source, Vec::new()))
        .collect();
    for row in rows {
        let Some((source, _)) = source_of(row.entity_type) else {
            continue;
        };
        if known.insert(row.entity_id) {
            for (_, ids) in touched.iter_mut().filter(|(of, _)| *of == source) {
                ids.push(row.entity_id);
            }
        }
    }
    touched.retain(|(_, ids)| !ids.is_empty());
    touched
}

/// What a row reaches beyond its own thing. A row that names no fields may have changed them all.
fn reach(row: &Row) -> Option<Reach> {
    if row.operation != Operation::Updated {
        // What is new has nothing yet, and what is deleted had nothing left.
        return None;
    }
    let fields = &row.fields.0;
    let beyond = |own: &[&str]| {
        fields.is_empty() || fields.iter().any(|field| !own.contains(&field.as_str()))
    };
    match row.entity_type {
        EntityType::Community => {
            beyond(OF_COMMUNITY_ALONE).then_some(Reach::Community(row.entity_id))
        }
        EntityType::Domain => beyond(OF_DOMAIN_ALONE).then_some(Reach::Domain(row.entity_id)),
        EntityType::User => {
            let renamed = fields.is_empty() || fields.iter().any(|field| field == DISPLAY_NAME);
            renamed.then_some(Reach::Author(row.entity_id))
        }
        EntityType::Resource | EntityType::Practice | EntityType::Innovation => {
            let decides = |field: &String| OF_AUDIENCE.contains(&field.as_str());
            let reaches = fields.is_empty() || fields.iter().any(decides);
            reaches.then_some(Reach::Reports(row.entity_id))
        }
        _ => None,
    }
}

impl Reach {
    /// The things that it reaches. Ids only: a community may have very many items.
    pub(super) async fn ids(self, store: &Store) -> Result<Vec<(Source, Vec<Uuid>)>> {
        let of = |table: &'static str, column: &'static str, key: &'static str, value: Uuid| {
            Query::select()
                .column((table, column))
                .from(table)
                .and_where(Expr::col((table, key)).eq(value))
                .take()
        };
        Ok(match self {
            Self::Community(id) => {
                let items = of("item", "id", "community_id", id);
                let stories = of("value_story", "id", "community_id", id);
                let reports = of("experience_report", "id", "community_id", id);
                vec![
                    (Source::Items, distinct(store, items, "id").await?),
                    (Source::ValueStories, distinct(store, stories, "id").await?),
                    (Source::Reports, distinct(store, reports, "id").await?),
                ]
            }
            Self::Domain(id) => {
                let narrower = of("domain_ancestor", "domain_id", "ancestor_id", id);
                let communities = domain::communities_under(&[id]);
                let items = domain::items_under(&[id]);
                vec![
                    (
                        Source::Domains,
                        distinct(store, narrower, "domain_id").await?,
                    ),
                    (
                        Source::Communities,
                        distinct(store, communities, "community_id").await?,
                    ),
                    (Source::Items, distinct(store, items, "item_id").await?),
                ]
            }
            Self::Author(id) => {
                let items = of("item_author", "item_id", "user_id", id);
                let stories = of("value_story", "id", "author_id", id);
                let reports = of("experience_report", "id", "author_id", id);
                vec![
                    (Source::Items, distinct(store, items, "item_id").await?),
                    (Source::ValueStories, distinct(store, stories, "id").await?),
                    (Source::Reports, distinct(store, reports, "id").await?),
                ]
            }
            Self::Reports(id) => {
                let reports = of("experience_report", "id", "subject_id", id);
                vec![(Source::Reports, distinct(store, reports, "id").await?)]
            }
        })
    }
}

async fn distinct(store: &Store, mut select: SelectStatement, column: &str) -> Result<Vec<Uuid>> {
    select.distinct();
    let rows = store.reader().query_all(&select).await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", column)?))
        .collect()
}

/// Loads things as they are now. What cannot be read is found by halving, and the rest goes on.
pub(crate) async fn load(store: &Store, source: Source, ids: Vec<Uuid>) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    let mut halving = Halving::of(ids);
    while let Some(ids) = halving.pop() {
        match documents(store, source, &ids).await {
            Ok(documents) => loaded.add(source, ids, documents),
            Err(Error::Internal(reason)) => {
                // When the database fails as a whole, the thing is not at fault.
                store.position().await?;
                if let Some(id) = halving.halve(ids) {
                    loaded.changes.push(Change::Delete(id));
                    loaded.failed.push(FailedDocument { id, reason });
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(loaded)
}

/// The documents of those that are there, all as of one moment.
async fn documents(store: &Store, source: Source, ids: &[Uuid]) -> Result<Vec<Document>> {
    let mut options = TransactionOptions::default();
    // In SQLite every transaction is a snapshot.
    if store.backend() == DatabaseBackend::Postgres {
        options.isolation_level = Some(IsolationLevel::RepeatableRead);
        options.access_mode = Some(AccessMode::ReadOnly);
    }
    let snapshot = store.reader().begin_with_options(options).await?;
    let documents = source.documents(&snapshot, ids).await;
    let ended = snapshot.rollback().await;
    let documents = documents?;
    ended?;
    Ok(documents)
}

impl Loaded {
    fn add(&mut self, source: Source, ids: Vec<Uuid>, documents: Vec<Document>) {
        if documents.len() < ids.len() {
            let found: HashSet<Uuid> = documents.iter().map(|document| document.id).collect();
            let gone = ids.into_iter().filter(|id| !found.contains(id));
            self.changes.extend(gone.map(|id| match source {
                Source::Communities => Change::DeleteCommunity(id),
                Source::Domains | Source::Items | Source::ValueStories | Source::Reports => {
                    Change::Delete(id)
                }
            }));
        }
        let puts = documents.into_iter();
        self.changes
            .extend(puts.map(|document| Change::Put(Box::new(document))));
    }

    fn extend(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.failed.extend(other.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entity_type: EntityType, operation: Operation, fields: &[&str]) -> Row {
        Row {
            position: 1,
            entity_type,
            entity_id: Uuid::nil(),
            operation,
            fields: TextList(fields.iter().map(|&field| field.to_owned()).collect()),
        }
    }

    #[test]
    fn a_change_reaches_as_far_as_its_fields_are_indexed() {
        use EntityType::{Community, Domain, Resource, User};
        use Operation::{Created, Updated};
        let nil = Uuid::nil();
        for (row, expected) in [
            (row(Community, Created, &[]), None),
            (row(Community, Updated, &["name", "purpose"]), None),
            (
                row(Community, Updated, &["name", "visibility"]),
                Some(Reach::Community(nil)),
            ),
            (row(Community, Updated, &[]), Some(Reach::Community(nil))),
            (row(Domain, Updated, &["labels"]), None),
            (row(Domain, Updated, &["slug"]), Some(Reach::Domain(nil))),
            (row(User, Updated, &["bio"]), None),
            (
                row(User, Updated, &["displayName"]),
                Some(Reach::Author(nil)),
            ),
            (row(Resource, Updated, &["title"]), None),
            (
                row(Resource, Updated, &["title", "visibility"]),
                Some(Reach::Reports(nil)),
            ),
        ] {
            assert_eq!(reach(&row), expected, "{row:?}");
        }
    }

    #[test]
    fn several_changes_of_one_thing_are_one() {
        let rows = [
            row(EntityType::Resource, Operation::Created, &[]),
            row(EntityType::Resource, Operation::Updated, &["title"]),
        ];
        assert_eq!(touched(&rows), [(Source::Items, vec![Uuid::nil()])]);
    }
}
