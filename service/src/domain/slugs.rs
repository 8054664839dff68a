//! Slugs of domains and communities: chosen or derived, unique in their table, and kept as redirects when they change.

use std::collections::HashSet;

use entity::change::EntityType;
use entity::slug_redirect;
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, OnConflict, Query, SelectStatement, UnionType,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::store::WriteUnit;
use crate::text::slugify;

/// How many numbered slugs are tried before a random one is taken.
const NUMBERED: u32 = 20;
/// Most characters of a slug.
const LONGEST: usize = 60;

/// The tables whose slugs are kept as redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Domains.
    Domain,
    /// Communities.
    Community,
}

impl Owner {
    fn table(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Community => "community",
        }
    }

    fn stored(self) -> &'static str {
        match self {
            Self::Domain => EntityType::Domain.as_str(),
            Self::Community => EntityType::Community.as_str(),
        }
    }

    fn redirects(self) -> SelectStatement {
        Query::select()
            .from("slug_redirect")
            .and_where(Expr::col(("slug_redirect", "entity_type")).eq(self.stored()))
            .take()
    }

    /// Conditions for the row that has this slug or had it; none for a text that is no slug. A row that has it now
    /// comes first by [`Self::has_now`].
    pub(crate) fn has_or_had(self, slug: &str) -> Option<Condition> {
        is_well_formed(slug).then(|| {
            let mut target = self.redirects();
            target
                .column(("slug_redirect", "target_id"))
                .and_where(Expr::col(("slug_redirect", "slug")).eq(slug));
            Condition::any()
                .add(self.has_now(slug))
                .add(Expr::col((self.table(), "id")).in_subquery(target))
        })
    }

    /// Those of these slugs that a row had and none has now, with that row, in a statement if any is a slug at all.
    pub(crate) async fn formerly(
        self,
        connection: &impl ConnectionTrait,
        slugs: &[String],
    ) -> Result<Vec<(String, Uuid)>> {
        let slugs = slugs.iter().map(String::as_str);
        let slugs: Vec<&str> = slugs.filter(|slug| is_well_formed(slug)).collect();
        if slugs.is_empty() {
            return Ok(Vec::new());
        }
        let in_use = Query::select()
            .column((self.table(), "slug"))
            .from(self.table())
            .and_where(Expr::col((self.table(), "slug")).is_in(slugs.iter().copied()))
            .take();
        let select = self
            .redirects()
            .column(("slug_redirect", "slug"))
            .column(("slug_redirect", "target_id"))
            .and_where(Expr::col(("slug_redirect", "slug")).is_in(slugs.iter().copied()))
            .and_where(Expr::col(("slug_redirect", "slug")).not_in_subquery(in_use))
            .take();
        let mut found = Vec::new();
        for row in connection.query_all(&select).await? {
            found.push((row.try_get("", "slug")?, row.try_get("", "target_id")?));
        }
        Ok(found)
    }

    /// Whether a row has this slug now.
    pub(crate) fn has_now(self, slug: &str) -> Expr {
        Expr::col((self.table(), "slug")).eq(slug)
    }

    /// Whether a row other than `own` has this slug now.
    pub(crate) async fn is_taken(self, unit: &WriteUnit, slug: &str, own: Uuid) -> Result<bool> {
        let select = Query::select()
            .expr(Expr::value(1))
            .from(self.table())
            .and_where(self.has_now(slug))
            .and_where(Expr::col((self.table(), "id")).ne(own))
            .take();
        Ok(unit.db().query_one(&select).await?.is_some())
    }

    /// The slug that a name suggests.
    fn base(self, name: &str) -> String {
        match slugify(name) {
            slug if slug.is_empty() => self.table().to_owned(),
            slug if slug.len() == 1 => format!("{}-{slug}", self.table()),
            slug => slug,
        }
    }

    /// A free slug made of a name. What redirects counts as used: only somebody who asks for it gets it.
    pub(crate) async fn derive(self, unit: &WriteUnit, name: &str) -> Result<String> {
        let base = self.base(name);
        let candidates: Vec<String> = std::iter::once(base.clone())
            .chain((2..=NUMBERED).map(|number| with_ending(&base, &number.to_string())))
            .collect();
        let select = Query::select()
            .column((self.table(), "slug"))
            .from(self.table())
            .and_where(
                Expr::col((self.table(), "slug")).is_in(candidates.iter().map(String::as_str)),
            )
            .union(
                UnionType::All,
                self.redirects()
                    .column(("slug_redirect", "slug"))
                    .and_where(
                        Expr::col(("slug_redirect", "slug"))
                            .is_in(candidates.iter().map(String::as_str)),
                    )
                    .take(),
            )
            .take();
        let used = unit
            .db()
            .query_all(&select)
            .await?
            .iter()
            .map(|row| row.try_get("", "slug"))
            .collect::<Result<HashSet<String>, _>>()?;
        let free = candidates.into_iter().find(|slug| !used.contains(slug));
        Ok(free.unwrap_or_else(|| with_random_ending(&base)))
    }

    /// Ends the redirect of a slug that a row has now.
    pub(crate) async fn claim(self, unit: &WriteUnit, slug: &str) -> Result<()> {
        slug_redirect::Entity::delete_many()
            .filter(slug_redirect::Column::EntityType.eq(self.stored()))
            .filter(slug_redirect::Column::Slug.eq(slug))
            .exec(unit.db())
            .await?;
        Ok(())
    }

    /// Makes an old slug lead to the row that had it.
    pub(crate) async fn redirect(self, unit: &WriteUnit, old: &str, target: Uuid) -> Result<()> {
        slug_redirect::Entity::insert(slug_redirect::ActiveModel {
            entity_type: Set(self.stored().to_owned()),
            slug: Set(old.to_owned()),
            target_id: Set(target),
            created_at: Set(unit.now()),
        })
        .on_conflict(
            OnConflict::columns([
                slug_redirect::Column::EntityType,
                slug_redirect::Column::Slug,
            ])
            .update_columns([
                slug_redirect::Column::TargetId,
                slug_redirect::Column::CreatedAt,
            ])
            .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
        Ok(())
    }

    /// Makes whatever leads to one row lead to another.
    pub(crate) async fn redirect_all(self, unit: &WriteUnit, from: Uuid, to: Uuid) -> Result<()> {
        slug_redirect::Entity::update_many()
            .col_expr(slug_redirect::Column::TargetId, Expr::value(to))
            .filter(slug_redirect::Column::EntityType.eq(self.stored()))
            .filter(slug_redirect::Column::TargetId.eq(from))
            .exec(unit.db())
            .await?;
        Ok(())
    }

    /// Removes the redirects of a row that goes.
    pub(crate) async fn forget(self, unit: &WriteUnit, target: Uuid) -> Result<()> {
        slug_redirect::Entity::delete_many()
            .filter(slug_redirect::Column::EntityType.eq(self.stored()))
            .filter(slug_redirect::Column::TargetId.eq(target))
            .exec(unit.db())
            .await?;
        Ok(())
    }
}

/// Where the slug of a new row comes from.
#[derive(Clone, Debug)]
pub(crate) enum Slug {
    /// The client chose it.
    Given(String),
    /// It is made of the name.
    Derived,
}

impl Slug {
    /// The slugs to offer to the database, one after the other until one is free there: another writer may take a
    /// derived slug first.
    pub(crate) fn attempts(&self) -> &'static [Attempt] {
        match self {
            Self::Given(_) => &[Attempt::Readable],
            Self::Derived => &[Attempt::Readable, Attempt::Readable, Attempt::Random],
        }
    }

    /// The slug of an attempt.
    pub(crate) async fn choose(
        &self,
        unit: &WriteUnit,
        owner: Owner,
        name: &str,
        attempt: Attempt,
    ) -> Result<String> {
        match (self, attempt) {
            (Self::Given(slug), _) => Ok(slug.clone()),
            (Self::Derived, Attempt::Readable) => owner.derive(unit, name).await,
            (Self::Derived, Attempt::Random) => Ok(with_random_ending(&owner.base(name))),
        }
    }
}

/// How a slug is sought.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attempt {
    /// The plainest that is free.
    Readable,
    /// One that nobody else comes upon.
    Random,
}

/// Whether a text can be a slug.
fn is_well_formed(slug: &str) -> bool {
    let of_slugs = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&slug.len()) && slug.bytes().all(of_slugs)
}

fn with_random_ending(base: &str) -> String {
    let random = Uuid::new_v4().simple().to_string();
    with_ending(base, &random.chars().take(10).collect::<String>())
}

fn with_ending(base: &str, ending: &str) -> String {
    let kept: String = base.chars().take(LONGEST - 1 - ending.len()).collect();
    format!("{}-{ending}", kept.trim_end_matches('-'))
}
