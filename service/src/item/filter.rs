//! Typed filters and orders of items, as SQL conditions that indexes serve.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::activity::ActivityState;
use entity::innovation::InnovationStage;
use entity::item::{ItemType, PublicationStatus};
use entity::practice::PracticeMaturity;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::paging::{Direction, Keyset};
use crate::text::fold;

/// From inclusive, to exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment inside.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after.
    pub to: Option<DateTime<Utc>>,
}

/// Which items. The fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// Kinds of resources, practices or activities, by name.
    pub kinds: Vec<&'static str>,
    /// Publication statuses.
    pub statuses: Vec<PublicationStatus>,
    /// Maturities of practices.
    pub maturities: Vec<PracticeMaturity>,
    /// Stages of innovations.
    pub stages: Vec<InnovationStage>,
    /// States of activities.
    pub activity_states: Vec<ActivityState>,
    /// When an activity begins; of a recurring one, when its first occurrence does.
    pub starts_at: TimeRange,
    /// Communities.
    pub community_ids: Vec<Uuid>,
    /// Domains, with all narrower ones.
    pub domain_ids: Vec<Uuid>,
    /// Tags, case and accents ignored.
    pub tags: Vec<String>,
    /// BCP 47 tags.
    pub languages: Vec<String>,
    /// Licences.
    pub licences: Vec<String>,
    /// Users who are authors.
    pub author_ids: Vec<Uuid>,
    /// A system that has a name of its own for it, of resources.
    pub external_system: Option<String>,
    /// When last changed.
    pub updated_at: TimeRange,
    /// When made.
    pub created_at: TimeRange,
    /// All of these too.
    pub and: Vec<ItemFilter>,
    /// At least one of these.
    pub or: Vec<ItemFilter>,
    /// Not this.
    pub not: Option<Box<ItemFilter>>,
}

/// How deep `and`, `or` and `not` may nest.
const DEEPEST: usize = 5;
/// How many filters one filter may hold in all.
const MOST_FILTERS: usize = 50;
/// How many values one list may hold.
const MOST_VALUES: usize = 100;

/// By what items are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemOrder {
    /// By folded title.
    Title,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
    /// By when they were first published; the others last.
    PublishedAt,
    /// By the number of supporters, of innovations.
    Supporters,
    /// By when they begin, of activities.
    StartsAt,
}

impl ItemOrder {
    /// The keyset of the order.
    #[must_use]
    pub fn keyset(self, direction: Direction) -> Keyset {
        let (table, column) = match self {
            Self::Title => ("item", "title_key"),
            Self::CreatedAt => ("item", "created_at"),
            Self::UpdatedAt => ("item", "updated_at"),
            Self::PublishedAt => ("item", "published_at"),
            Self::Supporters => ("innovation", "supporter_count"),
            Self::StartsAt => ("activity", "starts_at"),
        };
        Keyset {
            table,
            column: Some(column),
            id_column: "id",
            nullable: self == Self::PublishedAt,
            direction,
        }
    }
}

impl ItemFilter {
    /// The filter as a condition on `item` and the table of the type.
    pub fn condition(&self, item_type: ItemType) -> Result<Condition> {
        let mut left = MOST_FILTERS;
        self.nested(item_type, 0, &mut left)
    }

    fn nested(&self, item_type: ItemType, depth: usize, left: &mut usize) -> Result<Condition> {
        let refuse = |message: String| {
            Err(Error::BadArgument {
                argument: "filter",
                message,
            })
        };
        if depth > DEEPEST {
            return refuse(format!(
                "`and`, `or` and `not` may nest {DEEPEST} deep at most."
            ));
        }
        if *left == 0 {
            return refuse(format!("A filter may hold {MOST_FILTERS} filters at most."));
        }
        *left -= 1;
        let longest = [
            self.kinds.len(),
            self.statuses.len(),
            self.community_ids.len(),
            self.domain_ids.len(),
            self.tags.len(),
            self.languages.len(),
            self.licences.len(),
            self.author_ids.len(),
        ];
        if let Some(length) = longest.into_iter().find(|&length| length > MOST_VALUES) {
            return refuse(format!(
                "A list in a filter may hold {MOST_VALUES} values at most, and one holds {length}."
            ));
        }
        let mut condition = self.own(item_type);
        for filter in &self.and {
            condition = condition.add(filter.nested(item_type, depth + 1, left)?);
        }
        if !self.or.is_empty() {
            let mut any = Condition::any();
            for filter in &self.or {
                any = any.add(filter.nested(item_type, depth + 1, left)?);
            }
            condition = condition.add(any);
        }
        if let Some(filter) = &self.not {
            condition = condition.add(filter.nested(item_type, depth + 1, left)?.not());
        }
        Ok(condition)
    }

    fn own(&self, item_type: ItemType) -> Condition {
        let item = |column: &'static str| Expr::col(("item", column));
        let mut condition = Condition::all();
        // `NOT` of a condition on a null column is null, hence false: so a missing value is made plain.
        let mut lists: Vec<SimpleExpr> = Vec::new();
        let mut list = |column: SimpleExpr, values: Vec<String>| {
            if !values.is_empty() {
                lists.push(column.clone().is_not_null());
                lists.push(column.is_in(values.into_iter().filter(|value| is_storable(value))));
            }
        };
        list(
            item("kind"),
            self.kinds.iter().map(|&kind| kind.to_owned()).collect(),
        );
        list(
            item("status"),
            self.statuses
                .iter()
                .map(|status| status.as_str().to_owned())
                .collect(),
        );
        list(item("language"), self.languages.clone());
        list(item("licence"), self.licences.clone());
        if item_type == ItemType::Practice {
            let names = self
                .maturities
                .iter()
                .map(|maturity| maturity.as_str().to_owned())
                .collect();
            list(Expr::col(("practice", "maturity")), names);
        }
        if item_type == ItemType::Innovation {
            let names = self
                .stages
                .iter()
                .map(|stage| stage.as_str().to_owned())
                .collect();
            list(Expr::col(("innovation", "stage")), names);
        }
        if item_type == ItemType::Activity {
            let names = self
                .activity_states
                .iter()
                .map(|state| state.as_str().to_owned())
                .collect();
            list(Expr::col(("activity", "state")), names);
        }
        for expression in lists {
            condition = condition.add(expression);
        }
        if !self.community_ids.is_empty() {
            condition =
                condition.add(item("community_id").is_in(self.community_ids.iter().copied()));
        }
        let mut ranges = vec![
            (self.updated_at, item("updated_at")),
            (self.created_at, item("created_at")),
        ];
        if item_type == ItemType::Activity {
            ranges.push((self.starts_at, Expr::col(("activity", "starts_at"))));
        }
        for (range, column) in ranges {
            if let Some(from) = range.from {
                condition = condition.add(column.clone().gte(from));
            }
            if let Some(to) = range.to {
                condition = condition.add(column.lt(to));
            }
        }
        condition.add(self.lists())
    }

    /// The tags that are asked for, folded, each once.
    pub(super) fn tag_keys(&self) -> BTreeSet<String> {
        let tags = self.tags.iter().filter(|tag| is_storable(tag));
        tags.map(|tag| fold(tag)).collect()
    }

    fn lists(&self) -> Condition {
        let mut condition = Condition::all();
        let item_id = || Expr::col(("item", "id"));
        if !self.domain_ids.is_empty() {
            let under = Query::select()
                .column(("item_domain", "item_id"))
                .from("item_domain")
                .inner_join(
                    "domain_ancestor",
                    Expr::col(("domain_ancestor", "domain_id"))
                        .equals(("item_domain", "domain_id")),
                )
                .and_where(
                    Expr::col(("domain_ancestor", "ancestor_id"))
                        .is_in(self.domain_ids.iter().copied()),
                )
                .take();
            condition = condition.add(item_id().in_subquery(under));
        }
        if !self.tags.is_empty() {
            let tagged = Query::select()
                .column(("item_tag", "item_id"))
                .from("item_tag")
                .and_where(Expr::col(("item_tag", "tag_key")).is_in(self.tag_keys()))
                .take();
            condition = condition.add(item_id().in_subquery(tagged));
        }
        if !self.author_ids.is_empty() {
            let written = Query::select()
                .column(("item_author", "item_id"))
                .from("item_author")
                .and_where(
                    Expr::col(("item_author", "user_id")).is_in(self.author_ids.iter().copied()),
                )
                .take();
            condition = condition.add(item_id().in_subquery(written));
        }
        if let Some(system) = &self.external_system {
            // No system has an empty name.
            let system = if is_storable(system) {
                system.trim()
            } else {
                ""
            };
            let known = Query::select()
                .column(("external_reference", "resource_id"))
                .from("external_reference")
                .and_where(Expr::col(("external_reference", "system")).eq(system))
                .take();
            condition = condition.add(item_id().in_subquery(known));
        }
        condition
    }
}

/// No text that is kept holds a NUL, and PostgreSQL takes none in a statement.
fn is_storable(value: &str) -> bool {
    !value.contains('\0')
}
