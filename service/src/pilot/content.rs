//! What a pilot says of itself, and what is wrong with it.

use chrono::NaiveDate;
use entity::TextList;
use uuid::Uuid;

use super::Pilot;
use crate::error::FaultCode;
use crate::validation::{Faults, Patch, SUMMARY, TITLE, TextRule};

/// Most sites of a pilot.
pub const MAX_SITES: usize = 50;
/// Most measures of a pilot.
pub const MAX_MEASURES: usize = 20;
/// Most people who take part in a pilot.
pub const MAX_PARTICIPANTS: i64 = 1_000_000;

/// A measure is said in a sentence or two.
const MEASURE: TextRule = TextRule {
    min: 1,
    max: 1_000,
    multiline: true,
};

/// What a pilot says of itself, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct PilotContent {
    /// What is to be found out.
    pub question: Patch<String>,
    /// Where and how it is tried.
    pub setting: Patch<String>,
    /// Whom it is tried with.
    pub audience: Patch<String>,
    /// The places where it is tried.
    pub sites: Patch<Vec<String>>,
    /// How it is told whether it worked.
    pub measures: Patch<Vec<String>>,
    /// How many people take part.
    pub participant_count: Patch<i64>,
    /// Its first day.
    pub starts_on: Patch<NaiveDate>,
    /// Its last day.
    pub ends_on: Patch<NaiveDate>,
}

/// A pilot to be planned.
#[derive(Clone, Debug, Default)]
pub struct PlanPilot {
    /// The item that is to be tried.
    pub subject_id: Uuid,
    /// What the pilot says of itself.
    pub content: PilotContent,
}

/// The same without what cannot be stored.
pub(super) struct CheckedContent {
    question: Option<String>,
    setting: Option<String>,
    audience: Patch<String>,
    sites: Patch<Vec<String>>,
    measures: Patch<Vec<String>>,
    participant_count: Patch<i32>,
    starts_on: Patch<NaiveDate>,
    ends_on: Patch<NaiveDate>,
}

impl PilotContent {
    /// Notes every fault that shows without the pilot itself.
    pub(super) fn check(self, faults: &mut Faults) -> CheckedContent {
        let question = self.question.required(faults, &["input", "question"]);
        let setting = self.setting.required(faults, &["input", "setting"]);
        for (name, day) in [("startsOn", &self.starts_on), ("endsOn", &self.ends_on)] {
            if let Some(day) = day.value() {
                faults.day(&["input", name], *day);
            }
        }
        CheckedContent {
            question: question.map(|text| said(faults, &["input", "question"], &text)),
            setting: setting.map(|text| said(faults, &["input", "setting"], &text)),
            audience: faults.text_patch(&["input", "audience"], self.audience, SUMMARY),
            sites: list(faults, "sites", self.sites, MAX_SITES, TITLE),
            measures: list(faults, "measures", self.measures, MAX_MEASURES, MEASURE),
            participant_count: faults.number_patch(
                &["input", "participantCount"],
                &self.participant_count,
                0..=MAX_PARTICIPANTS,
            ),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
        }
    }
}

/// White space alone says nothing.
fn said(faults: &mut Faults, path: &[&str], text: &str) -> String {
    let text = if text.trim().is_empty() { "" } else { text };
    faults.text(path, text, SUMMARY)
}

fn list(
    faults: &mut Faults,
    name: &str,
    patch: Patch<Vec<String>>,
    most: usize,
    rule: TextRule,
) -> Patch<Vec<String>> {
    match patch {
        Patch::Value(texts) => Patch::Value(faults.text_list(&["input", name], &texts, most, rule)),
        other => other,
    }
}

impl CheckedContent {
    /// Puts it into a pilot, and notes what does not fit together there.
    pub(super) fn apply(self, pilot: &mut Pilot, faults: &mut Faults) {
        if let Some(question) = self.question {
            pilot.question = question;
        }
        if let Some(setting) = self.setting {
            pilot.setting = setting;
        }
        pilot.audience = self.audience.or_keep(pilot.audience.take());
        let kept = |patch: Patch<Vec<String>>, old: &mut TextList| {
            let old = Some(std::mem::take(&mut old.0));
            TextList(patch.or_keep(old).unwrap_or_default())
        };
        pilot.sites = kept(self.sites, &mut pilot.sites);
        pilot.measures = kept(self.measures, &mut pilot.measures);
        pilot.participant_count = self.participant_count.or_keep(pilot.participant_count);
        let named = if self.ends_on.value().is_some() {
            "endsOn"
        } else {
            "startsOn"
        };
        pilot.starts_on = self.starts_on.or_keep(pilot.starts_on);
        pilot.ends_on = self.ends_on.or_keep(pilot.ends_on);
        if let (Some(first), Some(last)) = (pilot.starts_on, pilot.ends_on)
            && last < first
        {
            let message = format!("A pilot does not end, on {last}, before it starts, on {first}.");
            faults.add(FaultCode::Invalid, &["input", named], message);
        }
    }
}
