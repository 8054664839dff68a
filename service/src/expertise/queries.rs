//! Reading expertise.

use std::collections::HashMap;

use entity::expertise::ExpertiseSource;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, Query};
use uuid::Uuid;

use super::weight;
use crate::error::{Error, Result};
use crate::policy::filter::readable_items;
use crate::store::Store;
use crate::viewer::Viewer;

/// Of one person, so much expertise is shown, the weightiest first.
pub const MOST_SHOWN: usize = 50;

/// What a person is known to know about one subject, from one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Expertise {
    /// The domain; none for a tag.
    pub domain_id: Option<Uuid>,
    /// The tag as somebody wrote it; none for a domain.
    pub tag: Option<String>,
    /// Where it is known from.
    pub source: ExpertiseSource,
    /// How much it weighs, by [`weight`].
    pub weight: f64,
}

/// Evidence that the viewer may know of: an accepted answer is known to those who may read its discussion. Joins the
/// `item` of the discussion to the `expertise` of a select.
pub(super) fn known_to(viewer: &Viewer, select: &mut sea_orm::sea_query::SelectStatement) {
    select
        .join(
            JoinType::LeftJoin,
            "item",
            Expr::col(("item", "id")).equals(("expertise", "discussion_id")),
        )
        .cond_where(
            Condition::any()
                .add(Expr::col(("expertise", "discussion_id")).is_null())
                .add(readable_items(viewer)),
        );
}

pub(super) fn source(name: &str) -> Result<ExpertiseSource> {
    ExpertiseSource::parse(name)
        .ok_or_else(|| Error::internal(format!("there is no source of expertise {name}")))
}

/// What these people are known to know, as far as the viewer may know of it, the weightiest first: one statement.
pub async fn of_users(
    store: &Store,
    viewer: &Viewer,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Expertise>>> {
    let column = |name: &'static str| ("expertise", name);
    let mut select = Query::select();
    select
        .columns(["user_id", "source", "subject", "domain_id"].map(column))
        .expr_as(Expr::col(column("tag")).min(), "tag")
        .expr_as(Expr::cust("COUNT(*)"), "witnesses")
        .from("expertise")
        .and_where(Expr::col(column("user_id")).is_in(users.iter().copied()))
        .group_by_columns(["user_id", "source", "subject", "domain_id"].map(column));
    known_to(viewer, &mut select);
    let mut found: HashMap<Uuid, Vec<(String, Expertise)>> = HashMap::new();
    for row in store.reader().query_all(&select).await? {
        let source = source(&row.try_get::<String>("", "source")?)?;
        let witnesses: i64 = row.try_get("", "witnesses")?;
        let expertise = Expertise {
            domain_id: row.try_get("", "domain_id")?,
            tag: row.try_get("", "tag")?,
            source,
            weight: weight(source, u32::try_from(witnesses).unwrap_or(u32::MAX)),
        };
        found
            .entry(row.try_get("", "user_id")?)
            .or_default()
            .push((row.try_get("", "subject")?, expertise));
    }
    Ok(found
        .into_iter()
        .map(|(user, mut list)| {
            list.sort_by(|(one_subject, one), (other_subject, other)| {
                other
                    .weight
                    .total_cmp(&one.weight)
                    .then_with(|| one_subject.cmp(other_subject))
                    .then_with(|| one.source.cmp(&other.source))
            });
            list.truncate(MOST_SHOWN);
            (user, list.into_iter().map(|(_, one)| one).collect())
        })
        .collect())
}
