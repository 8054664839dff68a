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

/// The values of a list of a filter; none for no list.
#[must_use]
pub fn values<F: Copy + Into<T>, T>(list: Option<&Vec<F>>) -> Vec<T> {
    let values = list.into_iter().flatten();
    values.map(|value| (*value).into()).collect()
}

/// The languages of a filter.
#[must_use]
pub fn languages(list: Option<&Vec<Locale>>) -> Vec<String> {
    let languages = list.into_iter().flatten();
    languages.map(|language| language.0.clone()).collect()
}

/// Reads the filters of a list within a filter.
pub fn nested<F, T>(
    filters: Option<&Vec<F>>,
    read: impl Fn(&F) -> service::error::Result<T>,
) -> service::error::Result<Vec<T>> {
    filters.into_iter().flatten().map(read).collect()
}

/// Reads a filter that a filter negates.
pub fn negated<F, T>(
    filter: Option<&F>,
    read: impl Fn(&F) -> service::error::Result<T>,
) -> service::error::Result<Option<Box<T>>> {
    let read = filter.map(read).transpose()?;
    Ok(read.map(Box::new))
}

/// Declares an order of a list of items: the enum of what it can be by, the input, and how it is read.
macro_rules! item_order {
    ($order:ident, $field:ident, $what:literal, { $($(#[$meta:meta])* $by:ident),+ $(,)? }) => {
        #[doc = concat!("By what ", $what, " can be ordered.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub enum $field {
            $($(#[$meta])* $by,)+
        }

        #[doc = concat!("An order of ", $what, ".")]
        #[derive(Clone, Copy, Debug, async_graphql::InputObject)]
        pub struct $order {
            /// By what.
            pub field: $field,
            /// Which way.
            pub direction: $crate::graphql::item::OrderDirection,
        }

        impl $order {
            /// The keyset of the order; without one the last changed come first.
            #[must_use]
            pub fn keyset(order: Option<Self>) -> service::paging::Keyset {
                use service::item::ItemOrder;
                let Some(order) = order else {
                    let direction = service::paging::Direction::Descending;
                    return ItemOrder::UpdatedAt.keyset(direction);
                };
                let field = match order.field {
                    $($field::$by => ItemOrder::$by,)+
                };
                field.keyset(order.direction.into())
            }
        }
    };
}

pub(crate) use item_order;

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

/// The shared fields of an input that makes a work with a text.
macro_rules! new_item_fields {
    ($input:ident) => {
        $crate::graphql::item::ItemFields {
            title: $crate::graphql::mutation::given(Some($input.title)),
            body: $crate::graphql::mutation::given($input.body),
            url: $crate::graphql::mutation::given($input.url),
            licence: $crate::graphql::mutation::given($input.licence),
            attribution: $crate::graphql::mutation::given($input.attribution),
            language: $crate::graphql::mutation::given($input.language),
            bylines: $crate::graphql::mutation::given($input.bylines),
            author_ids: $crate::graphql::mutation::given($input.author_ids),
            tags: $crate::graphql::mutation::given($input.tags),
            domain_ids: $crate::graphql::mutation::given($input.domain_ids),
            visibility: $crate::graphql::mutation::given($input.visibility),
            made_in_id: $input.made_in_id,
            made_in_occurrence: $input.made_in_occurrence,
        }
    };
}

/// The shared fields of an input that changes a work with a text.
macro_rules! changed_item_fields {
    ($input:ident) => {
        $crate::graphql::item::ItemFields {
            title: $crate::graphql::mutation::patch($input.title),
            body: $crate::graphql::mutation::patch($input.body),
            url: $crate::graphql::mutation::patch($input.url),
            licence: $crate::graphql::mutation::patch($input.licence),
            attribution: $crate::graphql::mutation::patch($input.attribution),
            language: $crate::graphql::mutation::patch($input.language),
            bylines: $crate::graphql::mutation::patch($input.bylines),
            author_ids: $crate::graphql::mutation::patch($input.author_ids),
            tags: $crate::graphql::mutation::patch($input.tags),
            domain_ids: $crate::graphql::mutation::patch($input.domain_ids),
            visibility: $crate::graphql::mutation::patch($input.visibility),
            ..$crate::graphql::item::ItemFields::default()
        }
    };
}

pub(crate) use {changed_item_fields, new_item_fields};

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
