//! Inputs of resources.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::entity::resource::ResourceKind as Kind;
use service::item::ItemFilter;
use service::resource::{CreateResource, ResourceContent, UpdateResource};

use super::ResourceKind;
use crate::graphql::external_reference::ExternalReferenceInput;
use crate::graphql::ids::{Decoder, NodeType, decode_list};
use crate::graphql::item::{
    DateTimeRange, ItemVisibility, PublicationStatus, changed_item_fields, item_order, languages,
    negated, nested, new_item_fields, read_range, values,
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
    /// With an external reference to this system; case counts.
    pub external_system: Option<String>,
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
        Ok(ItemFilter {
            kinds: self
                .kinds
                .iter()
                .flatten()
                .map(|kind| Kind::from(*kind).as_str())
                .collect(),
            statuses: values(self.statuses.as_ref()),
            community_ids: decode_list("filter", self.community_ids.as_ref(), NodeType::Community)?,
            domain_ids: decode_list("filter", self.domain_ids.as_ref(), NodeType::Domain)?,
            tags: self.tags.clone().unwrap_or_default(),
            languages: languages(self.languages.as_ref()),
            licences: self.licences.clone().unwrap_or_default(),
            author_ids: decode_list("filter", self.author_ids.as_ref(), NodeType::User)?,
            external_system: self.external_system.clone(),
            updated_at: read_range(self.updated_at.as_ref())?,
            created_at: read_range(self.created_at.as_ref())?,
            and: nested(self.and.as_ref(), Self::read)?,
            or: nested(self.or.as_ref(), Self::read)?,
            not: negated(self.not.as_deref(), Self::read)?,
            ..ItemFilter::default()
        })
    }
}

item_order!(ResourceOrder, ResourceOrderField, "resources", {
    /// By title; case and accents ignored.
    Title,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
    /// By when they were first published; drafts last.
    PublishedAt,
});

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
    /// What it is called in other systems; at most 20.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

impl CreateResourceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateResource {
        let fields = new_item_fields!(self);
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
                external_references: map(
                    given(self.external_references),
                    ExternalReferenceInput::read_all,
                ),
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
    /// What it is called in other systems; at most 20. They make no revision, and hold at once.
    pub external_references: MaybeUndefined<Vec<ExternalReferenceInput>>,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

impl UpdateResourceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateResource {
        let fields = changed_item_fields!(self);
        UpdateResource {
            content: fields.read(decoder),
            resource: ResourceContent {
                kind: map(patch(self.kind), Into::into),
                description: patch(self.description),
                educational_levels: patch(self.educational_levels),
                time_required_minutes: map(patch(self.time_required_minutes), i64::from),
                external_references: map(
                    patch(self.external_references),
                    ExternalReferenceInput::read_all,
                ),
            },
            note: self.note,
        }
    }
}
