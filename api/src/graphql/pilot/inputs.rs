//! Inputs of pilots.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::pilot::{PilotContent, PlanPilot};

use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::scalars::Date;

/// A pilot to be planned.
#[derive(Clone, Debug, InputObject)]
pub struct PlanPilotInput {
    /// What is to be tried: a resource, a practice or an innovation.
    pub subject_id: ID,
    /// What is to be found out, at most 4,000 characters.
    pub question: String,
    /// Where and how it is tried, at most 4,000 characters.
    pub setting: String,
    /// Whom it is tried with, at most 4,000 characters.
    pub audience: Option<String>,
    /// The places where it is tried; at most 50.
    pub sites: Option<Vec<String>>,
    /// How it is told whether it worked; at most 20 of at most 1,000 characters.
    pub measures: Option<Vec<String>>,
    /// Its first day.
    pub starts_on: Option<Date>,
    /// Its last day; not before the first.
    pub ends_on: Option<Date>,
    /// How many people take part.
    pub participant_count: Option<i32>,
}

impl PlanPilotInput {
    pub(super) fn read(self, decoder: &mut Decoder) -> PlanPilot {
        let expected = [NodeType::Resource, NodeType::Practice, NodeType::Innovation];
        PlanPilot {
            subject_id: decoder.id_of(&["input", "subjectId"], &self.subject_id, &expected),
            content: PilotContent {
                question: given(Some(self.question)),
                setting: given(Some(self.setting)),
                audience: given(self.audience),
                sites: given(self.sites),
                measures: given(self.measures),
                participant_count: map(given(self.participant_count), i64::from),
                starts_on: map(given(self.starts_on), |day| {
                    decoder.date(&["input", "startsOn"], &day.0)
                }),
                ends_on: map(given(self.ends_on), |day| {
                    decoder.date(&["input", "endsOn"], &day.0)
                }),
            },
        }
    }
}

/// A change of what a pilot says of itself. A field that is left out stays as it is; null empties it.
#[derive(Clone, Debug, InputObject)]
pub struct UpdatePilotInput {
    /// What is to be found out, at most 4,000 characters.
    pub question: MaybeUndefined<String>,
    /// Where and how it is tried, at most 4,000 characters.
    pub setting: MaybeUndefined<String>,
    /// Whom it is tried with, at most 4,000 characters.
    pub audience: MaybeUndefined<String>,
    /// The places where it is tried; at most 50.
    pub sites: MaybeUndefined<Vec<String>>,
    /// How it is told whether it worked; at most 20 of at most 1,000 characters.
    pub measures: MaybeUndefined<Vec<String>>,
    /// Its first day.
    pub starts_on: MaybeUndefined<Date>,
    /// Its last day; not before the first.
    pub ends_on: MaybeUndefined<Date>,
    /// How many people take part.
    pub participant_count: MaybeUndefined<i32>,
}

impl UpdatePilotInput {
    pub(super) fn read(self, decoder: &mut Decoder) -> PilotContent {
        PilotContent {
            question: patch(self.question),
            setting: patch(self.setting),
            audience: patch(self.audience),
            sites: patch(self.sites),
            measures: patch(self.measures),
            participant_count: map(patch(self.participant_count), i64::from),
            starts_on: map(patch(self.starts_on), |day| {
                decoder.date(&["input", "startsOn"], &day.0)
            }),
            ends_on: map(patch(self.ends_on), |day| {
                decoder.date(&["input", "endsOn"], &day.0)
            }),
        }
    }
}
