//! Inputs of practices.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::entity::practice::PracticeKind as Kind;
use service::item::ItemFilter;
use service::practice::{CreatePractice, PracticeContent, UpdatePractice};

use super::{PracticeKind, PracticeMaturity};
use crate::graphql::ids::{Decoder, NodeType, decode_list};
use crate::graphql::item::{
    DateTimeRange, ItemVisibility, PublicationStatus, changed_item_fields, item_order, languages,
    negated, nested, new_item_fields, read_range, values,
};
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::scalars::{DateTime, Locale, Url};

/// Which practices. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PracticeFilter {
    /// Of these kinds.
    pub kinds: Option<Vec<PracticeKind>>,
    /// In these statuses.
    pub statuses: Option<Vec<PublicationStatus>>,
    /// Of these maturities.
    pub maturities: Option<Vec<PracticeMaturity>>,
    /// Of these communities.
    pub community_ids: Option<Vec<ID>>,
    /// About these domains or narrower ones.
    pub domain_ids: Option<Vec<ID>>,
    /// With one of these tags; case and accents ignored.
    pub tags: Option<Vec<String>>,
    /// In these languages.
    pub languages: Option<Vec<Locale>>,
    /// Last changed in this range.
    pub updated_at: Option<DateTimeRange>,
    /// And all of these.
    pub and: Option<Vec<PracticeFilter>>,
    /// And at least one of these.
    pub or: Option<Vec<PracticeFilter>>,
    /// And not this.
    pub not: Option<Box<PracticeFilter>>,
}

impl PracticeFilter {
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
            maturities: values(self.maturities.as_ref()),
            community_ids: decode_list("filter", self.community_ids.as_ref(), NodeType::Community)?,
            domain_ids: decode_list("filter", self.domain_ids.as_ref(), NodeType::Domain)?,
            tags: self.tags.clone().unwrap_or_default(),
            languages: languages(self.languages.as_ref()),
            updated_at: read_range(self.updated_at.as_ref())?,
            and: nested(self.and.as_ref(), Self::read)?,
            or: nested(self.or.as_ref(), Self::read)?,
            not: negated(self.not.as_deref(), Self::read)?,
            ..ItemFilter::default()
        })
    }
}

item_order!(PracticeOrder, PracticeOrderField, "practices", {
    /// By title; case and accents ignored.
    Title,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
});

/// A new practice. You become its author unless `authorIds` says otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CreatePracticeInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// What kind of practice it is.
    pub kind: PracticeKind,
    /// Names of authors who are no users here.
    pub bylines: Option<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: Option<Vec<ID>>,
    /// What it is, in short.
    pub summary: Option<String>,
    /// What it solves.
    pub problem: Option<String>,
    /// Where it works.
    pub context: Option<String>,
    /// Markdown, at most 500,000 characters.
    pub body: Option<String>,
    /// Where it is on the web.
    pub url: Option<Url>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: Option<String>,
    /// How to name the source.
    pub attribution: Option<String>,
    /// Resources that it uses; at most 100.
    pub resource_ids: Option<Vec<ID>>,
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

impl CreatePracticeInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreatePractice {
        let fields = new_item_fields!(self);
        CreatePractice {
            community_id: decoder.id(
                &["input", "communityId"],
                &self.community_id,
                NodeType::Community,
            ),
            content: fields.read(decoder),
            practice: PracticeContent {
                kind: given(Some(self.kind.into())),
                summary: given(self.summary),
                problem: given(self.problem),
                context: given(self.context),
                resource_ids: map(given(self.resource_ids), |ids| {
                    decoder.id_list(&["input", "resourceIds"], &ids, NodeType::Resource)
                }),
            },
            publish: self.publish.unwrap_or(false),
        }
    }
}

/// A change of a practice. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdatePracticeInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// What kind of practice it is.
    pub kind: MaybeUndefined<PracticeKind>,
    /// Names of authors who are no users here.
    pub bylines: MaybeUndefined<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: MaybeUndefined<Vec<ID>>,
    /// What it is, in short.
    pub summary: MaybeUndefined<String>,
    /// What it solves.
    pub problem: MaybeUndefined<String>,
    /// Where it works.
    pub context: MaybeUndefined<String>,
    /// Markdown, at most 500,000 characters.
    pub body: MaybeUndefined<String>,
    /// Where it is on the web.
    pub url: MaybeUndefined<Url>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: MaybeUndefined<String>,
    /// How to name the source.
    pub attribution: MaybeUndefined<String>,
    /// Resources that it uses; at most 100.
    pub resource_ids: MaybeUndefined<Vec<ID>>,
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

impl UpdatePracticeInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdatePractice {
        let fields = changed_item_fields!(self);
        UpdatePractice {
            content: fields.read(decoder),
            practice: PracticeContent {
                kind: map(patch(self.kind), Into::into),
                summary: patch(self.summary),
                problem: patch(self.problem),
                context: patch(self.context),
                resource_ids: map(patch(self.resource_ids), |ids| {
                    decoder.id_list(&["input", "resourceIds"], &ids, NodeType::Resource)
                }),
            },
            note: self.note,
        }
    }
}
