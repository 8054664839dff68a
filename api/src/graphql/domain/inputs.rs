//! Inputs of domains.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::domain::{CreateDomain, UpdateDomain};
use service::entity;
use uuid::Uuid;

use super::CompetencyLevel;
use crate::graphql::ids::{Decoder, NodeType, decode};
use crate::graphql::mutation::{map, patch};
use crate::graphql::scalars::Locale;

/// A text in a language.
#[derive(Clone, Debug, InputObject)]
pub struct LabelInput {
    /// The text.
    pub text: String,
    /// Its language.
    pub language: Option<Locale>,
}

fn labels(inputs: Vec<LabelInput>) -> Vec<entity::Label> {
    let label = |input: LabelInput| entity::Label {
        text: input.text,
        language: input.language.map(|language| language.0),
    };
    inputs.into_iter().map(label).collect()
}

/// What a practitioner of a domain can do.
#[derive(Clone, Debug, InputObject)]
pub struct CompetencyInput {
    /// What they can do, one line, at most 500 characters.
    pub statement: String,
    /// How far it reaches.
    pub level: CompetencyLevel,
}

fn competencies(inputs: Vec<CompetencyInput>) -> Vec<entity::domain::Competency> {
    let competency = |input: CompetencyInput| entity::domain::Competency {
        statement: input.statement,
        level: input.level.into(),
    };
    inputs.into_iter().map(competency).collect()
}

fn related(decoder: &mut Decoder, ids: &[ID]) -> Vec<Uuid> {
    decoder.id_list(&["input", "relatedIds"], ids, NodeType::Domain)
}

/// Which domains. Fields are ANDed.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DomainFilter {
    /// Those directly under this one.
    pub parent_id: Option<ID>,
    /// Those without a broader domain.
    pub roots_only: Option<bool>,
    /// Those whose name begins so; case and accents ignored. For words inside use `search`.
    pub name_starts_with: Option<String>,
}

impl DomainFilter {
    /// Reads the filter for the service.
    pub fn read(self) -> service::error::Result<service::domain::DomainFilter> {
        let parent_id = self.parent_id.as_ref();
        Ok(service::domain::DomainFilter {
            parent_id: parent_id
                .map(|id| decode("filter", id, NodeType::Domain))
                .transpose()?,
            roots_only: self.roots_only.unwrap_or(false),
            name_starts_with: self.name_starts_with,
        })
    }
}

/// A new domain.
#[derive(Clone, Debug, InputObject)]
pub struct CreateDomainInput {
    /// Its preferred name, one line, at most 300 characters.
    pub name: String,
    /// Its unique readable name in addresses; made of the name if not given.
    pub slug: Option<String>,
    /// What it covers.
    pub description: Option<String>,
    /// The problems that members of its communities care about.
    pub concern: Option<String>,
    /// The broader domain; a root if not given.
    pub parent_id: Option<ID>,
    /// Preferred names by language; at most 50.
    pub labels: Option<Vec<LabelInput>>,
    /// Synonyms, by which search expands queries; at most 50.
    pub alternative_labels: Option<Vec<LabelInput>>,
    /// What it asks; at most 50.
    pub key_questions: Option<Vec<String>>,
    /// Domains of other branches of the tree that are related to it; at most 20.
    pub related_ids: Option<Vec<ID>>,
    /// What its practitioners can do, in order; at most 50.
    pub competencies: Option<Vec<CompetencyInput>>,
}

impl CreateDomainInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateDomain {
        CreateDomain {
            name: self.name,
            slug: self.slug,
            description: self.description,
            concern: self.concern,
            parent_id: self
                .parent_id
                .map(|id| decoder.id(&["input", "parentId"], &id, NodeType::Domain)),
            labels: labels(self.labels.unwrap_or_default()),
            alternative_labels: labels(self.alternative_labels.unwrap_or_default()),
            key_questions: self.key_questions.unwrap_or_default(),
            related_ids: related(decoder, &self.related_ids.unwrap_or_default()),
            competencies: competencies(self.competencies.unwrap_or_default()),
        }
    }
}

/// A change of a domain. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateDomainInput {
    /// Its preferred name, one line, at most 300 characters.
    pub name: MaybeUndefined<String>,
    /// Its unique readable name in addresses; the old one goes on leading to it.
    pub slug: MaybeUndefined<String>,
    /// What it covers.
    pub description: MaybeUndefined<String>,
    /// The problems that members of its communities care about.
    pub concern: MaybeUndefined<String>,
    /// The broader domain; null makes it a root. Narrower domains move along.
    pub parent_id: MaybeUndefined<ID>,
    /// Preferred names by language; at most 50.
    pub labels: MaybeUndefined<Vec<LabelInput>>,
    /// Synonyms, by which search expands queries; at most 50.
    pub alternative_labels: MaybeUndefined<Vec<LabelInput>>,
    /// What it asks; at most 50.
    pub key_questions: MaybeUndefined<Vec<String>>,
    /// All the domains of other branches of the tree that are related to it; at most 20. They are related to this one
    /// then too.
    pub related_ids: MaybeUndefined<Vec<ID>>,
    /// All that its practitioners can do, in order; at most 50.
    pub competencies: MaybeUndefined<Vec<CompetencyInput>>,
}

impl UpdateDomainInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder, expected_revision: Option<i32>) -> UpdateDomain {
        UpdateDomain {
            name: patch(self.name),
            slug: patch(self.slug),
            description: patch(self.description),
            concern: patch(self.concern),
            parent_id: map(patch(self.parent_id), |id| {
                decoder.id(&["input", "parentId"], &id, NodeType::Domain)
            }),
            labels: map(patch(self.labels), labels),
            alternative_labels: map(patch(self.alternative_labels), labels),
            key_questions: patch(self.key_questions),
            related_ids: map(patch(self.related_ids), |ids| related(decoder, &ids)),
            competencies: map(patch(self.competencies), competencies),
            expected_revision,
        }
    }
}
