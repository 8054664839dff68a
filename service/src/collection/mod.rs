//! Collections: ordered paths through items, with a note on each, and saved searches. Published, and reviewed, like
//! resources.
//!
//! Of a path everybody is shown the entries that they may read, and what the curator says of these; the others are not
//! even counted. A saved search holds what it finds for whoever looks at it.

mod content;
mod entries;

#[cfg(test)]
mod tests;

pub use content::{CollectionContent, NewEntry};
pub use entries::{Entry, entry_count, page_of_entries, page_of_search};

use entity::collection;
use entity::item::ItemType;
use futures_util::FutureExt;
use uuid::Uuid;

use self::content::{CheckedCollection, check_entries};
use crate::error::{Error, Result};
use crate::item::gate::{check_references, open};
use crate::item::pending::newest;
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState, Listed};
use crate::policy::item as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// A collection as lists answer it.
pub type Collection = Listed<collection::Model>;

/// A new collection.
#[derive(Clone, Debug)]
pub struct CreateCollection {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have.
    pub content: ItemContent,
    /// What only collections have.
    pub collection: CollectionContent,
    /// Whether to publish it at once.
    pub publish: bool,
}

/// A change of a collection.
#[derive(Clone, Debug, Default)]
pub struct UpdateCollection {
    /// What all items have.
    pub content: ItemContent,
    /// What only collections have.
    pub collection: CollectionContent,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

/// Where an input names the entries of a new collection, and those of a changed one.
const NEW_ENTRIES: &[&str] = &["input", "entries"];
const ENTRIES: &[&str] = &["entries"];

/// Makes a collection, as a draft or published at once.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateCollection,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let created = create_many(unit, &viewer, vec![input]).await?;
                created
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| Err(Error::internal("nothing was created")))
            }
            .boxed()
        })
        .await
}

/// Makes collections in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreateCollection>,
) -> Result<Vec<Result<ItemState>>> {
    let mut drafts = Vec::with_capacity(inputs.len());
    for input in inputs {
        let mut faults = Faults::default();
        let content = input.content.check(&mut faults);
        let given = input.collection.entries.clone();
        let collection = input.collection.check(&mut faults);
        let entries = match given {
            Some(given) => {
                check_entries(unit, viewer, None, given, &[], NEW_ENTRIES, &mut faults).await?
            }
            None => Vec::new(),
        };
        let mut row = collection::Model {
            id: Uuid::nil(),
            description: None,
            search_query: None,
        };
        collection.apply(&mut row);
        content::check_kind(&row, &entries, NEW_ENTRIES, &mut faults);
        drafts.push(Draft {
            community_id: input.community_id,
            content,
            kind: None,
            details: Details::Collection(row, entries),
            publish: input.publish,
            faults,
        });
    }
    item::create_many(unit, viewer, drafts).await
}

/// Changes what a collection says of itself, and which search it saves; its entries are set by [`set_entries`].
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateCollection,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let of_type = Some(ItemType::Collection);
                let opened = open(unit, &viewer, of_type, id, policy::update).await?;
                let mut faults = Faults::default();
                let note = faults.optional_text(&["input", "note"], input.note.as_deref(), SUMMARY);
                let mut content = input.content.check(&mut faults);
                let collection: CheckedCollection = input.collection.check(&mut faults);
                let base = newest(unit, &opened.state).await?;
                check_references(unit, &base, &mut content, &mut faults).await?;
                let mut new = base.clone();
                content.apply(&mut new);
                if let Details::Collection(row, entries) = &mut new.details {
                    collection.apply(row);
                    let field = &["input", "searchQuery"];
                    content::check_kind(row, entries, field, &mut faults);
                }
                faults.check()?;
                check_revision(expected_revision, opened.state.newest_revision())?;
                item::update(unit, opened, &base, new, note).await
            }
            .boxed()
        })
        .await
}

/// Sets the whole path of a collection, in its order. Entries that the actor may not read can stay, but none comes.
#[crate::boxed]
pub async fn set_entries(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    given: Vec<NewEntry>,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let of_type = Some(ItemType::Collection);
                let opened = open(unit, &viewer, of_type, id, policy::update).await?;
                let base = newest(unit, &opened.state).await?;
                let mut new = base.clone();
                let mut faults = Faults::default();
                if let Details::Collection(row, entries) = &mut new.details {
                    let viewer = &opened.viewer;
                    let kept = entries.as_slice();
                    let checked =
                        check_entries(unit, viewer, Some(id), given, kept, ENTRIES, &mut faults);
                    *entries = checked.await?;
                    content::check_kind(row, entries, ENTRIES, &mut faults);
                }
                faults.check()?;
                check_revision(expected_revision, opened.state.newest_revision())?;
                item::update(unit, opened, &base, new, None).await
            }
            .boxed()
        })
        .await
}
