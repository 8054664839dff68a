//! Inputs of collections.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::collection::{CollectionContent, CreateCollection, NewEntry, UpdateCollection};

use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::{ITEM_TYPES, ItemFields, ItemVisibility};
use crate::graphql::mutation::{given, patch};
use crate::graphql::scalars::{DateTime, Locale};

/// An entry of a collection.
#[derive(Clone, Debug, InputObject)]
pub struct CollectionEntryInput {
    /// Id of an item that you may see.
    pub id: ID,
    /// What you say of it, at most 2,000 characters.
    pub note: Option<String>,
}

/// Reads the entries of a path.
pub(super) fn read_entries(
    decoder: &mut Decoder,
    path: &[&str],
    entries: Vec<CollectionEntryInput>,
) -> Vec<NewEntry> {
    let ids: Vec<ID> = entries.iter().map(|entry| entry.id.clone()).collect();
    let ids = decoder.entry_ids(path, &ids, ITEM_TYPES);
    let read = ids.into_iter().zip(entries);
    read.map(|(id, entry)| NewEntry {
        id,
        note: entry.note,
    })
    .collect()
}

/// A new collection. You become its author unless `authorIds` says otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CollectionInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// What it is for, at most 4,000 characters.
    pub description: Option<String>,
    /// The path, in its order; at most 200 entries. Not together with `searchQuery`.
    pub entries: Option<Vec<CollectionEntryInput>>,
    /// The search whose hits are its entries, in the language of `search`; at most 1,000 characters.
    pub search_query: Option<String>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: Option<String>,
    /// How to name the source.
    pub attribution: Option<String>,
    /// Names of authors who are no users here.
    pub bylines: Option<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: Option<Vec<ID>>,
    /// The language that it is written in.
    pub language: Option<Locale>,
    /// At most 30.
    pub tags: Option<Vec<String>>,
    /// What it is about; at most 10.
    pub domain_ids: Option<Vec<ID>>,
    /// Who may see it; COMMUNITY if not given.
    pub visibility: Option<ItemVisibility>,
    /// Whether to publish it at once; otherwise it is a draft.
    pub publish: Option<bool>,
    /// The activity of the community that it was made in.
    pub made_in_id: Option<ID>,
    /// The recurrenceId of the occurrence that it was made in.
    pub made_in_occurrence: Option<DateTime>,
}

impl CollectionInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateCollection {
        let fields = ItemFields {
            title: given(Some(self.title)),
            licence: given(self.licence),
            attribution: given(self.attribution),
            language: given(self.language),
            bylines: given(self.bylines),
            author_ids: given(self.author_ids),
            tags: given(self.tags),
            domain_ids: given(self.domain_ids),
            visibility: given(self.visibility),
            made_in_id: self.made_in_id,
            made_in_occurrence: self.made_in_occurrence,
            ..ItemFields::default()
        };
        let home = &["input", "communityId"];
        CreateCollection {
            community_id: decoder.id(home, &self.community_id, NodeType::Community),
            content: fields.read(decoder),
            collection: CollectionContent {
                description: given(self.description),
                search_query: given(self.search_query),
                entries: self
                    .entries
                    .map(|entries| read_entries(decoder, &["input", "entries"], entries)),
            },
            publish: self.publish.unwrap_or(false),
        }
    }
}

/// A change of a collection. Fields that you leave out stay; null empties a field that may be empty. Its entries are set by
/// `setCollectionEntries`.
#[derive(Debug, InputObject)]
pub struct UpdateCollectionInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// What it is for, at most 4,000 characters.
    pub description: MaybeUndefined<String>,
    /// The search whose hits are its entries; only while it has no chosen entries.
    pub search_query: MaybeUndefined<String>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: MaybeUndefined<String>,
    /// How to name the source.
    pub attribution: MaybeUndefined<String>,
    /// Names of authors who are no users here.
    pub bylines: MaybeUndefined<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: MaybeUndefined<Vec<ID>>,
    /// The language that it is written in.
    pub language: MaybeUndefined<Locale>,
    /// At most 30.
    pub tags: MaybeUndefined<Vec<String>>,
    /// What it is about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// Who may see it.
    pub visibility: MaybeUndefined<ItemVisibility>,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

impl UpdateCollectionInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateCollection {
        let fields = ItemFields {
            title: patch(self.title),
            licence: patch(self.licence),
            attribution: patch(self.attribution),
            language: patch(self.language),
            bylines: patch(self.bylines),
            author_ids: patch(self.author_ids),
            tags: patch(self.tags),
            domain_ids: patch(self.domain_ids),
            visibility: patch(self.visibility),
            ..ItemFields::default()
        };
        UpdateCollection {
            content: fields.read(decoder),
            collection: CollectionContent {
                description: patch(self.description),
                search_query: patch(self.search_query),
                entries: None,
            },
            note: self.note,
        }
    }
}
