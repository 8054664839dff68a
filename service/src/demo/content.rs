//! The packed content, and how its lines read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use entity::community::{
    CommunityKind, CommunityStage, CommunityVisibility, JoinPolicy, MeetingMode, Sector,
};
use entity::domain::Competency;
use entity::innovation::InnovationStage;
use entity::link::LinkRelation;
use entity::practice::PracticeKind;
use entity::resource::ResourceKind;
use flate2::read::DeflateDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".deflate"))
    };
}

/// The domains, the broader ones first.
pub(super) fn domains() -> Result<Vec<DomainLine>> {
    read("domains", packed!("domains"))
}

/// The communities.
pub(super) fn communities() -> Result<Vec<CommunityLine>> {
    read("communities", packed!("communities"))
}

/// The resources.
pub(super) fn resources() -> Result<Vec<ResourceLine>> {
    read("resources", packed!("resources"))
}

/// The practices.
pub(super) fn practices() -> Result<Vec<PracticeLine>> {
    read("practices", packed!("practices"))
}

/// The innovations.
pub(super) fn innovations() -> Result<Vec<InnovationLine>> {
    read("innovations", packed!("innovations"))
}

fn read<T: DeserializeOwned>(name: &str, packed: &[u8]) -> Result<Vec<T>> {
    let unreadable = |place: usize, error: &dyn std::fmt::Display| {
        Error::internal(format!(
            "line {} of the demonstration's {name}: {error}",
            place + 1
        ))
    };
    BufReader::new(DeflateDecoder::new(packed))
        .lines()
        .enumerate()
        .map(|(place, line)| {
            let line = line.map_err(|error| unreadable(place, &error))?;
            serde_json::from_str(&line).map_err(|error| unreadable(place, &error))
        })
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DomainLine {
    pub(super) slug: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) alt_labels: BTreeMap<String, Vec<String>>,
    pub(super) description: String,
    pub(super) concern: Option<String>,
    /// Slugs of domains that come before it.
    #[serde(default)]
    pub(super) related: Vec<String>,
    #[serde(default)]
    pub(super) competencies: Vec<Competency>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommunityLine {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) kind: CommunityKind,
    pub(super) sector: Sector,
    pub(super) stage: CommunityStage,
    pub(super) visibility: CommunityVisibility,
    pub(super) join_policy: JoinPolicy,
    pub(super) meeting_mode: MeetingMode,
    pub(super) languages: Vec<String>,
    pub(super) purpose: String,
    pub(super) description: String,
    pub(super) domains: Vec<String>,
    pub(super) content_sources: Vec<String>,
}

/// What all items have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemLine {
    pub(super) external_id: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) url: String,
    pub(super) language: String,
    pub(super) licence: String,
    pub(super) attribution: String,
    pub(super) published_on: Option<String>,
    pub(super) source_date: String,
    pub(super) authors: Vec<String>,
    pub(super) community: String,
    pub(super) domains: Vec<String>,
    pub(super) tags: Vec<String>,
}

impl ItemLine {
    /// How to name the source, with the days of the text: it may have been changed since.
    pub(super) fn dated_attribution(&self) -> String {
        let published = self.published_on.as_deref();
        let published = published.map_or_else(String::new, |day| format!(", published {day}"));
        format!(
            "{}{published}, as of {}",
            self.attribution, self.source_date
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceLine {
    #[serde(flatten)]
    pub(super) item: ItemLine,
    pub(super) kind: ResourceKind,
    pub(super) description: String,
    pub(super) educational_level: Option<String>,
    pub(super) time_required: Option<String>,
    /// What it is a part of, in the words of its source.
    pub(super) series: Option<String>,
    pub(super) position: Option<i32>,
    #[serde(default)]
    pub(super) relations: Vec<RelationLine>,
}

/// How a resource relates to another.
#[derive(Debug, Deserialize)]
pub(super) struct RelationLine {
    #[serde(rename = "type")]
    pub(super) relation: LinkRelation,
    /// The other's `externalId`.
    pub(super) target: String,
}

impl ResourceLine {
    /// The minutes of an ISO 8601 duration such as `PT45M` or `PT1H30M`.
    pub(super) fn minutes(&self) -> Option<i64> {
        let mut minutes = 0;
        let mut rest = self.time_required.as_deref()?.strip_prefix("PT")?;
        while let Some(end) = rest.find(|letter: char| !letter.is_ascii_digit()) {
            let number: i64 = rest.get(..end)?.parse().ok()?;
            minutes += match rest.as_bytes().get(end)? {
                b'H' => number * 60,
                b'M' => number,
                _ => return None,
            };
            rest = rest.get(end + 1..)?;
        }
        (rest.is_empty() && minutes > 0).then_some(minutes)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PracticeLine {
    #[serde(flatten)]
    pub(super) item: ItemLine,
    pub(super) kind: PracticeKind,
    pub(super) summary: String,
    pub(super) problem: Option<String>,
    pub(super) time_required_text: Option<String>,
    pub(super) participants_text: Option<String>,
    pub(super) difficulty: Option<String>,
}

impl PracticeLine {
    /// What the source says it takes.
    pub(super) fn context(&self) -> Option<String> {
        let lines = [
            ("Time", &self.time_required_text),
            ("People", &self.participants_text),
            ("Difficulty", &self.difficulty),
        ];
        let lines: Vec<String> = lines
            .into_iter()
            .filter_map(|(what, text)| Some(format!("- {what}: {}", text.as_deref()?.trim())))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InnovationLine {
    #[serde(flatten)]
    pub(super) item: ItemLine,
    pub(super) problem: String,
    pub(super) idea: String,
    pub(super) stage: InnovationStage,
}
