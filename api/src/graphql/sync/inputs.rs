//! What another system lists of a resource.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::resource::ResourceContent;
use service::sync::SyncItem;

use crate::graphql::ids::Decoder;
use crate::graphql::item::ItemFields;
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::resource::ResourceKind;
use crate::graphql::scalars::{Locale, Url};

/// A resource as another system has it. Fields that you leave out stay as they are here; null empties a field that may be
/// empty.
#[derive(Clone, Debug, InputObject)]
pub struct SyncResourceInput {
    /// What it is called there, at most 500 characters; case counts, space around it does not. Each once a call.
    pub external_id: String,
    /// True if not given: publishes it where you may; where the community asks for a review or for more than it has, it
    /// waits `IN_REVIEW`. False leaves it where it stands; what is published stays so.
    pub publish: Option<bool>,
    /// Where it is on the web.
    pub url: MaybeUndefined<Url>,
    /// One line, at most 300 characters.
    pub title: String,
    /// What kind of resource it is.
    pub kind: ResourceKind,
    /// What it is, in short.
    pub description: MaybeUndefined<String>,
    /// Markdown, at most 500,000 characters.
    pub body: MaybeUndefined<String>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: MaybeUndefined<String>,
    /// How to name the source.
    pub attribution: MaybeUndefined<String>,
    /// LRMI educational levels; at most 10.
    pub educational_levels: MaybeUndefined<Vec<String>>,
    /// How long it takes to work through, in minutes.
    pub time_required_minutes: MaybeUndefined<i32>,
    /// The language that it is written in.
    pub language: MaybeUndefined<Locale>,
    /// At most 30.
    pub tags: MaybeUndefined<Vec<String>>,
    /// What it is about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// Where the other system shows it: the `url` of its external reference.
    pub external_url: MaybeUndefined<Url>,
}

impl SyncResourceInput {
    /// Reads the input for the service. What cannot be read is noted on the item: it fails alone.
    #[must_use]
    pub fn read(self) -> SyncItem {
        let mut decoder = Decoder::default();
        let fields = ItemFields {
            title: given(Some(self.title)),
            body: patch(self.body),
            url: patch(self.url),
            licence: patch(self.licence),
            attribution: patch(self.attribution),
            language: patch(self.language),
            tags: patch(self.tags),
            domain_ids: patch(self.domain_ids),
            ..ItemFields::default()
        };
        SyncItem {
            external_id: self.external_id,
            publish: self.publish.unwrap_or(true),
            external_url: map(patch(self.external_url), |url| url.0),
            content: fields.read(&mut decoder),
            resource: ResourceContent {
                kind: given(Some(self.kind.into())),
                description: patch(self.description),
                educational_levels: patch(self.educational_levels),
                time_required_minutes: map(patch(self.time_required_minutes), i64::from),
                ..ResourceContent::default()
            },
            unread: decoder.into_faults(),
        }
    }
}
