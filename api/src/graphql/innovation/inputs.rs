//! Inputs of innovations.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::innovation::{CreateInnovation, InnovationContent, UpdateInnovation};
use service::item::ItemFilter;

use super::InnovationStage;
use crate::graphql::ids::{Decoder, NodeType, decode_list};
use crate::graphql::item::{
    DateTimeRange, ItemVisibility, changed_item_fields, item_order, languages, negated, nested,
    new_item_fields, read_range, values,
};
use crate::graphql::mutation::{given, patch};
use crate::graphql::scalars::{DateTime, Locale, Url};

/// Which innovations. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct InnovationFilter {
    /// In these stages.
    pub stages: Option<Vec<InnovationStage>>,
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
    pub and: Option<Vec<InnovationFilter>>,
    /// And at least one of these.
    pub or: Option<Vec<InnovationFilter>>,
    /// And not this.
    pub not: Option<Box<InnovationFilter>>,
}

impl InnovationFilter {
    /// Reads the filter for the service.
    pub fn read(&self) -> service::error::Result<ItemFilter> {
        Ok(ItemFilter {
            stages: values(self.stages.as_ref()),
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

item_order!(InnovationOrder, InnovationOrderField, "innovations", {
    /// By title; case and accents ignored.
    Title,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
    /// By how many people support them.
    Supporters,
});

/// A new innovation. You become its author unless `authorIds` says otherwise.
#[derive(Clone, Debug, InputObject)]
pub struct CreateInnovationInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// The idea, Markdown.
    pub idea: String,
    /// Names of authors who are no users here.
    pub bylines: Option<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: Option<Vec<ID>>,
    /// What it is to solve.
    pub problem: Option<String>,
    /// What you expect to happen.
    pub hypothesis: Option<String>,
    /// Markdown, at most 500,000 characters.
    pub body: Option<String>,
    /// Where it is on the web.
    pub url: Option<Url>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: Option<String>,
    /// How to name the source.
    pub attribution: Option<String>,
    /// The language that it is written in.
    pub language: Option<Locale>,
    /// At most 30.
    pub tags: Option<Vec<String>>,
    /// What it is about; at most 10.
    pub domain_ids: Option<Vec<ID>>,
    /// Who may see it; COMMUNITY if not given.
    pub visibility: Option<ItemVisibility>,
    /// The activity of the community that it was made in.
    pub made_in_id: Option<ID>,
    /// The recurrenceId of the occurrence that it was made in.
    pub made_in_occurrence: Option<DateTime>,
}

impl CreateInnovationInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateInnovation {
        let fields = new_item_fields!(self);
        CreateInnovation {
            community_id: decoder.id(
                &["input", "communityId"],
                &self.community_id,
                NodeType::Community,
            ),
            content: fields.read(decoder),
            innovation: InnovationContent {
                idea: given(Some(self.idea)),
                problem: given(self.problem),
                hypothesis: given(self.hypothesis),
                learning: given(None),
            },
        }
    }
}

/// A change of an innovation. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateInnovationInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// The idea, Markdown.
    pub idea: MaybeUndefined<String>,
    /// Names of authors who are no users here.
    pub bylines: MaybeUndefined<Vec<String>>,
    /// Active members of the community who are its authors.
    pub author_ids: MaybeUndefined<Vec<ID>>,
    /// What it is to solve.
    pub problem: MaybeUndefined<String>,
    /// What you expect to happen.
    pub hypothesis: MaybeUndefined<String>,
    /// What was learned.
    pub learning: MaybeUndefined<String>,
    /// Markdown, at most 500,000 characters.
    pub body: MaybeUndefined<String>,
    /// Where it is on the web.
    pub url: MaybeUndefined<Url>,
    /// SPDX or Creative Commons identifier such as `CC-BY-4.0`, or the address of the licence.
    pub licence: MaybeUndefined<String>,
    /// How to name the source.
    pub attribution: MaybeUndefined<String>,
    /// The language that it is written in.
    pub language: MaybeUndefined<Locale>,
    /// At most 30.
    pub tags: MaybeUndefined<Vec<String>>,
    /// What it is about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// Who may see it.
    pub visibility: MaybeUndefined<ItemVisibility>,
}

impl UpdateInnovationInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateInnovation {
        let fields = changed_item_fields!(self);
        UpdateInnovation {
            content: fields.read(decoder),
            innovation: InnovationContent {
                idea: patch(self.idea),
                problem: patch(self.problem),
                hypothesis: patch(self.hypothesis),
                learning: patch(self.learning),
            },
        }
    }
}
