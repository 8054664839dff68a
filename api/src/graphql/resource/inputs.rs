//! Inputs of resources.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use service::entity::resource::ResourceKind as Kind;
use service::item::{ItemFilter, ItemOrder};
use service::paging::{Direction, Keyset};
use service::resource::{CreateResource, ResourceContent, UpdateResource};

use super::ResourceKind;
use crate::graphql::ids::{Decoder, NodeType, decode_list};
use crate::graphql::item::{
    DateTimeRange, ItemFields, ItemVisibility, OrderDirection, PublicationStatus, read_range,
};
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::scalars::{DateTime, Locale, Url};

/// Which resources. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ResourceFilter {
    /// Of these kinds.
    pub kinds: Option<Vec<ResourceKind>>,
    /// In these statuses.
    pub statuses: Option<Vec<PublicationStatus>>,
    /// Of these communities.
    pub community_ids: Option<Vec<ID>>,
    /// About these domains or narrower ones.
    pub domain_ids: Option<Vec<ID>>,
    /// With one of these tags; case and accents ignored.
    pub tags: Option<Vec<String>>,
    /// In these languages.
    pub languages: Option<Vec<Locale>>,
    /// Under these licences.
    pub licences: Option<Vec<String>>,
    /// By these users.
    pub author_ids: Option<Vec<ID>>,
    /// Last changed in this range.
    pub updated_at: Option<DateTimeRange>,
    /// Made in this range.
    pub created_at: Option<DateTimeRange>,
    /// And all of these.
    pub and: Option<Vec<ResourceFilter>>,
    /// And at least one of these.
    pub or: Option<Vec<ResourceFilter>>,
    /// And not this.
    pub not: Option<Box<ResourceFilter>>,
}

impl ResourceFilter {
    /// Reads the filter for the service.
    pub fn read(&self) -> service::error::Result<ItemFilter> {
        let all = |filters: Option<&Vec<Self>>| -> service::error::Result<Vec<ItemFilter>> {
            filters.into_iter().flatten().map(Self::read).collect()
        };
        Ok(ItemFilter {
            kinds: self
                .kinds
                .iter()
                .flatten()
                .map(|kind| Kind::from(*kind).as_str())
                .collect(),
            statuses: self
                .statuses
                .iter()
                .flatten()
                .map(|status| (*status).into())
                .collect(),
            community_ids: decode_list("filter", self.community_ids.as_ref(), NodeType::Community)?,
            domain_ids: decode_list("filter", self.domain_ids.as_ref(), NodeType::Domain)?,
            tags: self.tags.clone().unwrap_or_default(),
            languages: self
                .languages
                .iter()
                .flatten()
                .map(|language| language.0.clone())
                .collect(),
            licences: self.licences.clone().unwrap_or_default(),
            author_ids: decode_list("filter", self.author_ids.as_ref(), NodeType::User)?,
            updated_at: read_range(self.updated_at.as_ref())?,
            created_at: read_range(self.created_at.as_ref())?,
            and: all(self.and.as_ref())?,
            or: all(self.or.as_ref())?,
            not: self
                .not
                .as_ref()
                .map(|filter| filter.read().map(Box::new))
                .transpose()?,
            ..ItemFilter::default()
        })
    }
}

/// By what resources can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ResourceOrderField {
    /// By title; case and accents ignored.
    Title,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
    /// By when they were first published; drafts last.
    PublishedAt,
}

/// An order of resources.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ResourceOrder {
    /// By what.
    pub field: ResourceOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl ResourceOrder {
    /// The keyset of the order; without one the last changed come first.
    #[must_use]
    pub fn keyset(order: Option<Self>) -> Keyset {
        let Some(order) = order else {
            return ItemOrder::UpdatedAt.keyset(Direction::Descending);
        };
        let field = match order.field {
            ResourceOrderField::Title => ItemOrder::Title,
            ResourceOrderField::CreatedAt => ItemOrder::CreatedAt,
            ResourceOrderField::UpdatedAt => ItemOrder::UpdatedAt,
            ResourceOrderField::PublishedAt => ItemOrder::PublishedAt,
        };
        field.keyset(order.direction.into())
    }
}

/// A new resource. You become its author unless `authorIds` says otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CreateResourceInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// What kind of resource it is.
    pub kind: ResourceKind,
    /// Names of authors who are no users here.
    pub bylines: Option<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: Option<Vec<ID>>,
    /// What it is, in short.
    pub description: Option<String>,
    /// Markdown, at most 500,000 characters.
    pub body: Option<String>,
    /// Where it is on the web.
    pub url: Option<Url>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: Option<String>,
    /// How to name the source.
    pub attribution: Option<String>,
    /// LRMI educational levels; at most 10.
    pub educational_levels: Option<Vec<String>>,
    /// How long it takes to work through, in minutes.
    pub time_required_minutes: Option<i32>,
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

impl CreateResourceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateResource {
        let fields = ItemFields {
            title: given(Some(self.title)),
            body: given(self.body),
            url: given(self.url),
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
        };
        CreateResource {
            community_id: decoder.id(
                &["input", "communityId"],
                &self.community_id,
                NodeType::Community,
            ),
            content: fields.read(decoder),
            resource: ResourceContent {
                kind: given(Some(self.kind.into())),
                description: given(self.description),
                educational_levels: given(self.educational_levels),
                time_required_minutes: given(self.time_required_minutes.map(i64::from)),
            },
            publish: self.publish.unwrap_or(false),
        }
    }
}

/// A change of a resource. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateResourceInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// What kind of resource it is.
    pub kind: MaybeUndefined<ResourceKind>,
    /// Names of authors who are no users here.
    pub bylines: MaybeUndefined<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: MaybeUndefined<Vec<ID>>,
    /// What it is, in short.
    pub description: MaybeUndefined<String>,
    /// Markdown, at most 500,000 characters.
    pub body: MaybeUndefined<String>,
    /// Where it is on the web.
    pub url: MaybeUndefined<Url>,
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
    /// Who may see it.
    pub visibility: MaybeUndefined<ItemVisibility>,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

impl UpdateResourceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateResource {
        let fields = ItemFields {
            title: patch(self.title),
            body: patch(self.body),
            url: patch(self.url),
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
        UpdateResource {
            content: fields.read(decoder),
            resource: ResourceContent {
                kind: map(patch(self.kind), Into::into),
                description: patch(self.description),
                educational_levels: patch(self.educational_levels),
                time_required_minutes: map(patch(self.time_required_minutes), i64::from),
            },
            note: self.note,
        }
    }
}
