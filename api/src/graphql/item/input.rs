//! Inputs that all items share.

use async_graphql::{ID, InputObject, SimpleObject};
use service::item::{ItemContent, Origin, TimeRange};
use service::validation::Patch;

use super::ItemVisibility;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::map;
use crate::graphql::scalars::{DateTime, Locale, Url};

/// A range of time; a missing end is open.
#[derive(Clone, Debug, InputObject, SimpleObject)]
#[graphql(name = "TimeRange", input_name = "DateTimeRange")]
pub struct DateTimeRange {
    /// The first moment inside the range.
    pub from: Option<DateTime>,
    /// The first moment after the range.
    pub to: Option<DateTime>,
}

/// Reads a range from a filter.
pub fn read_range(range: Option<&DateTimeRange>) -> service::error::Result<TimeRange> {
    let Some(range) = range else {
        return Ok(TimeRange::default());
    };
    let read = |time: Option<&DateTime>| time.map(|time| time.read("filter")).transpose();
    Ok(TimeRange {
        from: read(range.from.as_ref())?,
        to: read(range.to.as_ref())?,
    })
}

/// Reads where something was made.
pub fn read_origin(
    decoder: &mut Decoder,
    activity: Option<&ID>,
    occurrence: Option<&DateTime>,
) -> Origin {
    let mut path = ["input", "madeInId"];
    let made_in_id = activity.map(|id| decoder.id(&path, id, NodeType::Activity));
    path[1] = "madeInOccurrence";
    Origin {
        made_in_id,
        occurrence: occurrence.map(|time| decoder.time(&path, &time.0)),
    }
}

/// Reads a range from an input.
pub fn decode_range(
    decoder: &mut Decoder,
    path: &[&str],
    range: Option<&DateTimeRange>,
) -> TimeRange {
    let mut read = |name: &str, time: Option<&DateTime>| {
        time.map(|time| decoder.time(&[path, &[name]].concat(), &time.0))
    };
    TimeRange {
        from: read("from", range.and_then(|range| range.from.as_ref())),
        to: read("to", range.and_then(|range| range.to.as_ref())),
    }
}

/// The shared fields of an item's input, however they were given.
#[derive(Debug, Default)]
pub struct ItemFields {
    /// The title.
    pub title: Patch<String>,
    /// Markdown.
    pub body: Patch<String>,
    /// Where it is on the web.
    pub url: Patch<Url>,
    /// Licence.
    pub licence: Patch<String>,
    /// Attribution.
    pub attribution: Patch<String>,
    /// Language.
    pub language: Patch<Locale>,
    /// Outside authors.
    pub bylines: Patch<Vec<String>>,
    /// Authors.
    pub author_ids: Patch<Vec<ID>>,
    /// Tags.
    pub tags: Patch<Vec<String>>,
    /// Domains.
    pub domain_ids: Patch<Vec<ID>>,
    /// Visibility.
    pub visibility: Patch<ItemVisibility>,
    /// The activity that it was made in.
    pub made_in_id: Option<ID>,
    /// The occurrence of that activity.
    pub made_in_occurrence: Option<DateTime>,
}

impl ItemFields {
    /// Reads the fields for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> ItemContent {
        ItemContent {
            title: self.title,
            body: self.body,
            url: map(self.url, |url| url.0),
            licence: self.licence,
            attribution: self.attribution,
            language: map(self.language, |language| language.0),
            bylines: self.bylines,
            author_ids: map(self.author_ids, |ids| {
                decoder.id_list(&["input", "authorIds"], &ids, NodeType::User)
            }),
            tags: self.tags,
            domain_ids: map(self.domain_ids, |ids| {
                decoder.id_list(&["input", "domainIds"], &ids, NodeType::Domain)
            }),
            visibility: map(self.visibility, Into::into),
            origin: read_origin(
                decoder,
                self.made_in_id.as_ref(),
                self.made_in_occurrence.as_ref(),
            ),
        }
    }
}
