//! Inputs of activities.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::activity::{ActivityContent, CreateActivity, UpdateActivity, UpdateOccurrence};
use service::item::ItemFilter;

use super::{ActivityKind, ActivityMode, ActivityState};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::{DateTimeRange, ItemFields, ItemVisibility, read_range};
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::scalars::{DateTime, Url};

/// Which activities. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ActivityFilter {
    /// Of these kinds.
    pub kinds: Option<Vec<ActivityKind>>,
    /// In these states.
    pub states: Option<Vec<ActivityState>>,
    /// That begin in this range; of recurring ones, whose first occurrence does.
    pub starts_at: Option<DateTimeRange>,
}

impl ActivityFilter {
    /// Reads the filter for the service.
    pub fn read(&self) -> service::error::Result<ItemFilter> {
        use service::entity::activity::ActivityKind as Kind;
        Ok(ItemFilter {
            kinds: self
                .kinds
                .iter()
                .flatten()
                .map(|kind| Kind::from(*kind).as_str())
                .collect(),
            activity_states: self
                .states
                .iter()
                .flatten()
                .map(|state| (*state).into())
                .collect(),
            starts_at: read_range(self.starts_at.as_ref())?,
            ..ItemFilter::default()
        })
    }
}

/// A new activity.
#[derive(Clone, Debug, InputObject)]
pub struct CreateActivityInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// What it is.
    pub kind: ActivityKind,
    /// Where people meet.
    pub mode: ActivityMode,
    /// When it begins; of a recurring one, when the first occurrence does. The rule must give this start.
    pub starts_at: DateTime,
    /// When it ends; of a recurring one, when the first occurrence does. At most 31 days after the start.
    pub ends_at: DateTime,
    /// IANA name of the time zone in whose local time it recurs, such as `America/Toronto`.
    pub time_zone: String,
    /// RFC 5545 RRULE such as `FREQ=MONTHLY;BYDAY=2TU`: daily at the most, at most 500 starts in 400 days. UNTIL is a
    /// time in UTC.
    pub recurrence: Option<String>,
    /// Where it is.
    pub place: Option<String>,
    /// Where to join on the web; only active members see it.
    pub join_url: Option<Url>,
    /// What is to be done, Markdown.
    pub agenda: Option<String>,
    /// What it is about; at most 10.
    pub domain_ids: Option<Vec<ID>>,
    /// At most 30.
    pub tags: Option<Vec<String>>,
    /// Who may see it; COMMUNITY if not given.
    pub visibility: Option<ItemVisibility>,
}

impl CreateActivityInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateActivity {
        let fields = ItemFields {
            title: given(Some(self.title)),
            tags: given(self.tags),
            domain_ids: given(self.domain_ids),
            visibility: given(self.visibility),
            ..ItemFields::default()
        };
        let community = &["input", "communityId"];
        CreateActivity {
            community_id: decoder.id(community, &self.community_id, NodeType::Community),
            content: fields.read(decoder),
            activity: ActivityContent {
                kind: given(Some(self.kind.into())),
                mode: given(Some(self.mode.into())),
                starts_at: given(Some(
                    decoder.time(&["input", "startsAt"], &self.starts_at.0),
                )),
                ends_at: given(Some(decoder.time(&["input", "endsAt"], &self.ends_at.0))),
                time_zone: given(Some(self.time_zone)),
                recurrence: given(self.recurrence),
                place: given(self.place),
                join_url: given(self.join_url.map(|url| url.0)),
                agenda: given(self.agenda),
                ..ActivityContent::default()
            },
        }
    }
}

/// A change of an activity. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateActivityInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// What it is.
    pub kind: MaybeUndefined<ActivityKind>,
    /// Where people meet.
    pub mode: MaybeUndefined<ActivityMode>,
    /// When it begins; of a recurring one, when the first occurrence does. A single activity takes its attendance along.
    pub starts_at: MaybeUndefined<DateTime>,
    /// When it ends; of a recurring one, when the first occurrence does.
    pub ends_at: MaybeUndefined<DateTime>,
    /// IANA name of the time zone in whose local time it recurs.
    pub time_zone: MaybeUndefined<String>,
    /// RFC 5545 RRULE; null for a single activity. Occurrences with attendance or notes stay listed.
    pub recurrence: MaybeUndefined<String>,
    /// Where it is.
    pub place: MaybeUndefined<String>,
    /// Where to join on the web; only active members see it.
    pub join_url: MaybeUndefined<Url>,
    /// Where the recording is.
    pub recording_url: MaybeUndefined<Url>,
    /// What is to be done, Markdown.
    pub agenda: MaybeUndefined<String>,
    /// What was done, Markdown.
    pub notes: MaybeUndefined<String>,
    /// What it is about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// At most 30.
    pub tags: MaybeUndefined<Vec<String>>,
    /// Who may see it.
    pub visibility: MaybeUndefined<ItemVisibility>,
}

impl UpdateActivityInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateActivity {
        let fields = ItemFields {
            title: patch(self.title),
            tags: patch(self.tags),
            domain_ids: patch(self.domain_ids),
            visibility: patch(self.visibility),
            ..ItemFields::default()
        };
        UpdateActivity {
            content: fields.read(decoder),
            activity: ActivityContent {
                kind: map(patch(self.kind), Into::into),
                mode: map(patch(self.mode), Into::into),
                starts_at: map(patch(self.starts_at), |time| {
                    decoder.time(&["input", "startsAt"], &time.0)
                }),
                ends_at: map(patch(self.ends_at), |time| {
                    decoder.time(&["input", "endsAt"], &time.0)
                }),
                time_zone: patch(self.time_zone),
                recurrence: patch(self.recurrence),
                place: patch(self.place),
                join_url: map(patch(self.join_url), |url| url.0),
                recording_url: map(patch(self.recording_url), |url| url.0),
                agenda: patch(self.agenda),
                notes: patch(self.notes),
            },
        }
    }
}

/// A change of one occurrence. Fields that you leave out stay; null gives a field back to the activity and its rule.
#[derive(Debug, InputObject)]
pub struct UpdateOccurrenceInput {
    /// When it begins. The recurrenceId stays.
    pub starts_at: MaybeUndefined<DateTime>,
    /// When it ends.
    pub ends_at: MaybeUndefined<DateTime>,
    /// Where it stands.
    pub state: MaybeUndefined<ActivityState>,
    /// What is to be done, Markdown, at most 50,000 characters.
    pub agenda: MaybeUndefined<String>,
    /// What was done, Markdown, at most 50,000 characters.
    pub notes: MaybeUndefined<String>,
    /// Where the recording is.
    pub recording_url: MaybeUndefined<Url>,
}

impl UpdateOccurrenceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateOccurrence {
        UpdateOccurrence {
            starts_at: map(patch(self.starts_at), |time| {
                decoder.time(&["input", "startsAt"], &time.0)
            }),
            ends_at: map(patch(self.ends_at), |time| {
                decoder.time(&["input", "endsAt"], &time.0)
            }),
            state: map(patch(self.state), Into::into),
            agenda: patch(self.agenda),
            notes: patch(self.notes),
            recording_url: map(patch(self.recording_url), |url| url.0),
        }
    }
}
