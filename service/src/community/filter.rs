//! Which communities a list holds.

use entity::community::{CommunityKind, CommunityStage, CommunityStatus, Sector};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use uuid::Uuid;

use crate::domain::{communities_under, name_starts_with};
use crate::error::{Error, Result};

/// The deepest nesting of `and`, `or` and `not`.
const DEEPEST: usize = 5;
/// The most filters in one, itself included.
const MOST: usize = 50;
/// The most values in all lists of a filter together.
const MOST_VALUES: usize = 500;

/// Which communities: every field has to hold, of one list any value; an empty list does not restrict.
#[derive(Clone, Debug, Default)]
pub struct CommunityFilter {
    /// Of these kinds.
    pub kinds: Vec<CommunityKind>,
    /// At these stages.
    pub stages: Vec<CommunityStage>,
    /// Of these sectors.
    pub sectors: Vec<Sector>,
    /// With these statuses.
    pub statuses: Vec<CommunityStatus>,
    /// That care about these domains or about narrower ones.
    pub domain_ids: Vec<Uuid>,
    /// That work in just these languages: `fr` does not stand for `fr-CA`.
    pub languages: Vec<String>,
    /// Whose name begins so, case and accents ignored.
    pub name_starts_with: Option<String>,
    /// All of these hold.
    pub and: Vec<CommunityFilter>,
    /// One of these holds.
    pub or: Vec<CommunityFilter>,
    /// This does not hold.
    pub not: Option<Box<CommunityFilter>>,
}

impl CommunityFilter {
    /// The filter as a condition on `community`; too deep or too wide a filter is refused.
    pub(super) fn condition(&self) -> Result<Condition> {
        let mut left = Budget {
            filters: MOST,
            values: MOST_VALUES,
        };
        self.nested(0, &mut left)
    }

    fn nested(&self, depth: usize, left: &mut Budget) -> Result<Condition> {
        if depth > DEEPEST {
            return Err(bad(format!(
                "A filter may nest `and`, `or` and `not` at most {DEEPEST} deep."
            )));
        }
        left.spend(self)?;
        let column = |name: &'static str| Expr::col(("community", name));
        let mut all = Condition::all();
        if !self.kinds.is_empty() {
            all = all.add(column("kind").is_in(self.kinds.iter().map(|kind| kind.as_str())));
        }
        if !self.stages.is_empty() {
            all = all.add(column("stage").is_in(self.stages.iter().map(|stage| stage.as_str())));
        }
        if !self.sectors.is_empty() {
            // Said twice, so that `not` finds those without a sector.
            all = all
                .add(column("sector").is_not_null())
                .add(column("sector").is_in(self.sectors.iter().map(|sector| sector.as_str())));
        }
        if !self.statuses.is_empty() {
            all =
                all.add(column("status").is_in(self.statuses.iter().map(|status| status.as_str())));
        }
        if !self.domain_ids.is_empty() {
            all = all.add(column("id").in_subquery(communities_under(&self.domain_ids)));
        }
        if !self.languages.is_empty() {
            all = all.add(in_languages(&self.languages)?);
        }
        if let Some(prefix) = &self.name_starts_with {
            all = all.add(name_starts_with("community", prefix));
        }
        for filter in &self.and {
            all = all.add(filter.nested(depth + 1, left)?);
        }
        if !self.or.is_empty() {
            let mut any = Condition::any();
            for filter in &self.or {
                any = any.add(filter.nested(depth + 1, left)?);
            }
            all = all.add(any);
        }
        if let Some(filter) = &self.not {
            all = all.add(filter.nested(depth + 1, left)?.not());
        }
        // A condition of nothing is left out by the query builder; this one has to hold a place in `or` and `not`.
        Ok(if all.is_empty() {
            all.add(Expr::value(1).eq(1))
        } else {
            all
        })
    }
}

struct Budget {
    filters: usize,
    values: usize,
}

impl Budget {
    fn spend(&mut self, filter: &CommunityFilter) -> Result<()> {
        let values = filter.kinds.len()
            + filter.stages.len()
            + filter.sectors.len()
            + filter.statuses.len()
            + filter.domain_ids.len()
            + filter.languages.len();
        match (self.filters.checked_sub(1), self.values.checked_sub(values)) {
            (Some(filters), Some(values)) => {
                *self = Self { filters, values };
                Ok(())
            }
            (None, _) => Err(bad(format!(
                "A filter may hold at most {MOST} filters in `and`, `or` and `not`, itself included."
            ))),
            (_, None) => Err(bad(format!(
                "The lists of a filter may hold at most {MOST_VALUES} values together."
            ))),
        }
    }
}

fn bad(message: String) -> Error {
    Error::BadArgument {
        argument: "filter",
        message,
    }
}

fn in_languages(languages: &[String]) -> Result<SimpleExpr> {
    let tags = languages
        .iter()
        .map(|language| {
            oxilangtag::LanguageTag::parse_and_normalize(language.trim())
                .map(oxilangtag::LanguageTag::into_inner)
                .map_err(|_| {
                    bad(
                        "A language in the filter is no BCP 47 tag, such as en or fr-CA."
                            .to_owned(),
                    )
                })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from("community_language")
            .and_where(
                Expr::col(("community_language", "community_id")).equals(("community", "id")),
            )
            .and_where(Expr::col(("community_language", "language")).is_in(tags))
            .take(),
    ))
}
