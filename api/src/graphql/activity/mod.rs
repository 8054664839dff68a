//! Activities in the schema.

mod attendance;
mod enums;
mod inputs;
pub mod loaders;
mod mutations;
mod occurrence;
mod queries;

use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use chrono::{DateTime as Time, Utc};
use service::activity::next_states;
use service::entity::activity;
use service::item::{Details, Edges, ItemState, Listed};
use service::policy;
use service::policy::item::ItemFacts;

pub use attendance::{Attendance, AttendanceConnection};
pub use enums::{ActivityKind, ActivityMode, ActivityState, AttendanceState};
pub use inputs::{ActivityFilter, CreateActivityInput, UpdateActivityInput, UpdateOccurrenceInput};
pub use mutations::{ActivityMutation, ActivityPayload};
pub use occurrence::Occurrence;
pub use queries::{ActivityQuery, calendar_of, page};

use super::connection::{connection, page_request};
use super::item::loaders::{ActivityById, AuthorsOf};
use super::item::{Lifecycle, TransitionOption, item_object, plain_item_fields};
use super::node::NodeConnection;
use super::request::{ask, viewer};
use super::scalars::{DateTime, Url};

item_object! { without_body
    /// Something that members of a community do together, once or again and again: a meeting, a workshop, a visit.
    Activity, activity::Model, Activity {
        /// What it is.
        pub async fn kind(&self) -> Result<ActivityKind> {
            let kind = self.item.kind.as_deref().and_then(activity::ActivityKind::parse);
            kind.map(Into::into)
                .ok_or_else(|| Error::new(format!("activity {} has no kind", self.item.id)))
        }

        /// Where people meet.
        pub async fn mode(&self) -> ActivityMode {
            self.details.mode.into()
        }

        /// Where it stands. Occurrences follow it, unless they have a state of their own.
        pub async fn state(&self) -> ActivityState {
            self.details.state.into()
        }

        /// When it begins; of a recurring one, when the first occurrence does.
        pub async fn starts_at(&self) -> DateTime {
            self.details.starts_at.into()
        }

        /// When it ends; of a recurring one, when the first occurrence does.
        pub async fn ends_at(&self) -> DateTime {
            self.details.ends_at.into()
        }

        /// IANA name of the time zone in whose local time it recurs, such as `America/Toronto`.
        pub async fn time_zone(&self) -> &str {
            &self.details.time_zone
        }

        /// RFC 5545 RRULE; null for a single activity.
        pub async fn recurrence(&self) -> Option<&str> {
            self.details.recurrence.as_deref()
        }

        /// Its occurrences that begin in a range of at most 400 days, by their starts; at most 500. A single activity
        /// has one.
        pub async fn occurrences(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The first moment of the range.")] from: DateTime,
            #[graphql(desc = "The first moment after the range.")] to: DateTime,
        ) -> Result<Vec<Occurrence>> {
            let range = queries::range(&from, &to)?;
            let question = loaders::OccurrencesOf::new(Arc::clone(&self.details), range);
            let found = ask(context, question).await?.unwrap_or_default();
            Ok(found.into_iter().map(|row| Occurrence::new(self.clone(), row)).collect())
        }

        /// Where it is.
        pub async fn place(&self) -> Option<&str> {
            self.details.place.as_deref()
        }

        /// Where to join on the web. For active members of the community; null for everyone else.
        pub async fn join_url(&self, context: &Context<'_>) -> Result<Option<Url>> {
            let member = policy::community::read_as_member(&viewer(context)?, self.item.community_id);
            Ok(self.details.join_url.clone().filter(|_| member).map(Url))
        }

        /// Where the recording is.
        pub async fn recording_url(&self) -> Option<Url> {
            self.details.recording_url.clone().map(Url)
        }

        /// What is to be done, Markdown.
        pub async fn agenda(&self) -> Option<&str> {
            self.details.agenda.as_deref()
        }

        /// Sanitized HTML of the agenda: safe to put into a page.
        pub async fn agenda_html(&self) -> Option<String> {
            self.details.agenda.as_deref().map(service::text::markdown_to_html)
        }

        /// What was done, Markdown.
        pub async fn notes(&self) -> Option<&str> {
            self.details.notes.as_deref()
        }

        /// Sanitized HTML of the notes: safe to put into a page.
        pub async fn notes_html(&self) -> Option<String> {
            self.details.notes.as_deref().map(service::text::markdown_to_html)
        }

        /// Whatever says that it was made here, as far as you may see it, the oldest first.
        pub async fn outputs(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        ) -> Result<NodeConnection> {
            let request = page_request(first, after, None, None);
            NodeConnection::made_in(context, self.item.id, None, &request).await
        }

        /// The steps that lead on from its state, and what stands in the way of each.
        pub async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
            let community = super::community::required(context, self.item.community_id).await?;
            let authors = ask(context, AuthorsOf(self.item.id)).await?.unwrap_or_default();
            let facts = ItemFacts {
                community: community.row(),
                item: &self.item,
                authors: &authors,
            };
            let decision = policy::item::run_activity(&viewer(context)?, facts);
            let steps = next_states(self.details.state).iter();
            Ok(steps
                .map(|to| TransitionOption::decided(Lifecycle::State, to.as_str(), decision))
                .collect())
        }
    }
}

impl From<ItemState> for Activity {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let id = state.item.id;
        let details = match state.details {
            Details::Activity(row) => row,
            _ => activity::Model {
                id,
                mode: activity::ActivityMode::Online,
                state: activity::ActivityState::Planned,
                starts_at: state.item.created_at,
                ends_at: state.item.created_at,
                time_zone: "UTC".to_owned(),
                recurrence: None,
                place: None,
                join_url: None,
                recording_url: None,
                agenda: None,
                notes: None,
            },
        };
        Listed {
            item: state.item,
            details,
            edges,
        }
        .into()
    }
}

/// The activity that something was made in, and the occurrence; neither where the viewer may not see the activity.
pub async fn made_in(
    context: &Context<'_>,
    id: uuid::Uuid,
) -> Result<Option<(Activity, Option<Time<Utc>>)>> {
    let Some((activity, occurrence)) = ask(context, loaders::MadeInOf(id)).await? else {
        return Ok(None);
    };
    let found = ask(context, ActivityById(activity)).await?;
    Ok(found.map(|activity| (activity, occurrence)))
}

plain_item_fields!(Activity {
    "kind" => kind,
    "mode" => mode,
    "state" => state,
    "startsAt" => starts_at,
    "endsAt" => ends_at,
    "timeZone" => time_zone,
    "recurrence" => recurrence,
    "place" => place,
    "recordingUrl" => recording_url,
    "agenda" => agenda,
    "notes" => notes,
});

connection!(plain ActivityConnection, ActivityEdge, Activity, "activities");
