//! What is said of a domain: its inputs, and the rows that they make.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::domain::{self, Competency, CompetencyList};
use entity::{Label, LabelList, TextList};
use uuid::Uuid;

use crate::change::differing;
use crate::text::fold;
use crate::validation::{Faults, MAX_LABELS, Patch, SUMMARY, TITLE, TextRule};

/// A question that a domain asks, or what its practitioners can do.
const SENTENCE: TextRule = TextRule { max: 500, ..TITLE };
/// So many competencies a domain has at most.
const MOST_COMPETENCIES: usize = 50;
const COMPETENCIES: &[&str] = &["input", "competencies"];

/// What a new domain is made of.
#[derive(Clone, Debug, Default)]
pub struct CreateDomain {
    /// Its preferred name.
    pub name: String,
    /// Its slug; made of the name when absent.
    pub slug: Option<String>,
    /// What it covers.
    pub description: Option<String>,
    /// The problems that members care about.
    pub concern: Option<String>,
    /// The broader domain.
    pub parent_id: Option<Uuid>,
    /// Preferred names by language.
    pub labels: Vec<Label>,
    /// Synonyms.
    pub alternative_labels: Vec<Label>,
    /// What it asks.
    pub key_questions: Vec<String>,
    /// Domains of other branches that are related to it.
    pub related_ids: Vec<Uuid>,
    /// What its practitioners can do.
    pub competencies: Vec<Competency>,
}

/// What is to change about a domain; null empties a list.
#[derive(Clone, Debug, Default)]
pub struct UpdateDomain {
    /// Its preferred name.
    pub name: Patch<String>,
    /// Its slug; the old one goes on leading here.
    pub slug: Patch<String>,
    /// What it covers.
    pub description: Patch<String>,
    /// The problems that members care about.
    pub concern: Patch<String>,
    /// The broader domain; null makes it a root.
    pub parent_id: Patch<Uuid>,
    /// Preferred names by language.
    pub labels: Patch<Vec<Label>>,
    /// Synonyms.
    pub alternative_labels: Patch<Vec<Label>>,
    /// What it asks.
    pub key_questions: Patch<Vec<String>>,
    /// Domains of other branches that are related to it.
    pub related_ids: Patch<Vec<Uuid>>,
    /// What its practitioners can do.
    pub competencies: Patch<Vec<Competency>>,
    /// The revision that the client saw.
    pub expected_revision: Option<i32>,
}

/// The row of a new domain, without its slug.
pub(super) fn made(input: &CreateDomain, now: DateTime<Utc>, faults: &mut Faults) -> domain::Model {
    let name = faults.text(&["input", "name"], &input.name, TITLE);
    domain::Model {
        id: Uuid::now_v7(),
        name_key: fold(&name),
        name,
        slug: String::new(),
        description: faults.optional_text(
            &["input", "description"],
            input.description.as_deref(),
            SUMMARY,
        ),
        concern: faults.optional_text(&["input", "concern"], input.concern.as_deref(), SUMMARY),
        labels: LabelList(faults.label_list(&["input", "labels"], &input.labels)),
        alternative_labels: LabelList(
            faults.label_list(&["input", "alternativeLabels"], &input.alternative_labels),
        ),
        key_questions: TextList(faults.text_list(
            &["input", "keyQuestions"],
            &input.key_questions,
            MAX_LABELS,
            SENTENCE,
        )),
        competencies: competencies(faults, COMPETENCIES, &input.competencies),
        parent_id: input.parent_id,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Checks what practitioners can do; what is said again of the same level is left out.
pub(crate) fn competencies(
    faults: &mut Faults,
    path: &[&str],
    list: &[Competency],
) -> CompetencyList {
    faults.list_length(path, list.len(), MOST_COMPETENCIES);
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (place, competency) in list.iter().take(MOST_COMPETENCIES).enumerate() {
        let place = place.to_string();
        let path = [path, &[place.as_str(), "statement"]].concat();
        let statement = faults.text(&path, &competency.statement, SENTENCE);
        if seen.insert((fold(&statement), competency.level)) {
            kept.push(Competency {
                statement,
                level: competency.level,
            });
        }
    }
    CompetencyList(kept)
}

/// A domain with what an input changes of its row.
pub(super) fn patched(
    old: &domain::Model,
    input: UpdateDomain,
    faults: &mut Faults,
) -> domain::Model {
    let mut new = old.clone();
    if let Some(name) = input.name.required(faults, &["input", "name"]) {
        new.name = faults.text(&["input", "name"], &name, TITLE);
        new.name_key = fold(&new.name);
    }
    if let Some(slug) = input.slug.required(faults, &["input", "slug"]) {
        new.slug = faults.slug(&["input", "slug"], &slug);
    }
    new.description = faults
        .text_patch(&["input", "description"], input.description, SUMMARY)
        .or_keep(new.description);
    new.concern = faults
        .text_patch(&["input", "concern"], input.concern, SUMMARY)
        .or_keep(new.concern);
    new.parent_id = input.parent_id.or_keep(new.parent_id);
    let mut labels = |path: &str, patch: Patch<Vec<Label>>, kept: LabelList| match patch {
        Patch::Absent => kept,
        Patch::Null => LabelList::default(),
        Patch::Value(list) => LabelList(faults.label_list(&["input", path], &list)),
    };
    new.labels = labels("labels", input.labels, new.labels);
    new.alternative_labels = labels(
        "alternativeLabels",
        input.alternative_labels,
        new.alternative_labels,
    );
    match input.key_questions {
        Patch::Absent => {}
        Patch::Null => new.key_questions = TextList::default(),
        Patch::Value(list) => {
            new.key_questions =
                TextList(faults.text_list(&["input", "keyQuestions"], &list, MAX_LABELS, SENTENCE));
        }
    }
    match input.competencies {
        Patch::Absent => {}
        Patch::Null => new.competencies = CompetencyList::default(),
        Patch::Value(list) => new.competencies = competencies(faults, COMPETENCIES, &list),
    }
    new
}

/// The fields in which two rows of a domain differ.
pub(super) fn changed(old: &domain::Model, new: &domain::Model) -> Vec<String> {
    differing(&[
        ("name", old.name != new.name),
        ("slug", old.slug != new.slug),
        ("description", old.description != new.description),
        ("concern", old.concern != new.concern),
        ("parent", old.parent_id != new.parent_id),
        ("labels", old.labels != new.labels),
        (
            "alternativeLabels",
            old.alternative_labels != new.alternative_labels,
        ),
        ("keyQuestions", old.key_questions != new.key_questions),
        ("competencies", old.competencies != new.competencies),
    ])
}
