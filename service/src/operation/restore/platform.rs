//! Organizations, people and domains.

use std::collections::{BTreeSet, HashSet};

use entity::change::{EntityType, Operation};
use entity::user::{PlatformRole, UserStatus};
use entity::{domain, organization, related_domain, slug_redirect, user};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QuerySelect, Value as Stored,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, Scene, insert_rows};
use crate::domain::{MOST_RELATED, Owner, competencies, enter, hold_tree};
use crate::error::Result;
use crate::operation::line::{Fields, bounded, decode, id_list, prefix, said};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
use crate::user::LONGEST_HANDLE;
use crate::validation::Faults;

impl Restored for organization::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let mut row = decode::<Self>(fields, prefix(EntityType::Organization), &[])?;
        row.name_key = fold(&row.name);
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(_line: &Line<Self>) -> Home {
        Home::Platform
    }

    fn changes(line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::Organization, line.row.id);
        vec![created(of, None, audience::of_everybody())]
    }
}

impl Restored for user::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let erased = fields.remove("erased") == Some(Value::Bool(true));
        let status = if erased {
            UserStatus::Erased
        } else {
            UserStatus::Active
        };
        // Whatever the file says, nobody gets rights on the platform, or a way to sign in, by being brought back.
        let given = [
            (
                "platform_role",
                Stored::String(Some(PlatformRole::Member.as_str().into())),
            ),
            ("status", Stored::String(Some(status.as_str().into()))),
        ];
        let mut row = decode::<Self>(fields, prefix(EntityType::User), &given)?;
        row.handle_key = row.handle.to_lowercase();
        row.updated_at = row.created_at;
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(_line: &Line<Self>) -> Home {
        Home::Platform
    }

    fn prepare<'a>(
        unit: &'a WriteUnit,
        _around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        give_free_handles(unit, lines).boxed()
    }

    fn changes(line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::User, line.row.id);
        vec![created(of, None, audience::of_everybody())]
    }
}

/// Somebody whose handle somebody else has here gets another one, so that what they wrote can be brought back.
async fn give_free_handles(unit: &WriteUnit, lines: &mut [Line<user::Entity>]) -> Result<()> {
    let keys = lines.iter().map(|line| line.row.handle_key.clone());
    let taken: Vec<String> = user::Entity::find()
        .select_only()
        .column(user::Column::HandleKey)
        .filter(user::Column::HandleKey.is_in(keys))
        .into_tuple()
        .all(unit.db())
        .await?;
    let mut taken: HashSet<String> = taken.into_iter().collect();
    for line in lines {
        if taken.insert(line.row.handle_key.clone()) {
            continue;
        }
        let simple = line.row.id.simple().to_string();
        let end: String = simple.chars().rev().take(8).collect();
        let kept = line.row.handle.chars().take(LONGEST_HANDLE - 9);
        let handle = format!("{}-{end}", kept.collect::<String>());
        line.left_out.push(format!(
            "the handle {}, which somebody else has, in place of which it is {handle}",
            line.row.handle
        ));
        line.row.handle_key = handle.to_lowercase();
        line.row.handle = handle;
    }
    Ok(())
}

/// What a domain has besides its row.
#[derive(Debug)]
pub(super) struct DomainParts {
    former_slugs: Vec<String>,
    /// Domains to which it is related.
    related: Vec<Uuid>,
}

impl Restored for domain::Entity {
    type Parts = DomainParts;

    fn read(fields: &mut Fields) -> Result<(Self::Model, DomainParts), String> {
        let related = id_list(fields, "relatedIds", EntityType::Domain)?;
        let parts = DomainParts {
            former_slugs: former_slugs(fields)?,
            related: bounded(related, "relatedIds", MOST_RELATED)?,
        };
        // Older exports say nothing of competencies.
        fields.entry("competencies").or_insert_with(|| json!([]));
        let mut row = decode::<Self>(fields, prefix(EntityType::Domain), &[])?;
        row.name_key = fold(&row.name);
        let mut faults = Faults::default();
        row.competencies = competencies(&mut faults, &["competencies"], &row.competencies.0);
        faults.check().map_err(|error| said(&error))?;
        Ok((row, parts))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(_line: &Line<Self>) -> Home {
        Home::Platform
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            let mut related = Vec::new();
            for line in lines {
                let id = line.row.id;
                let redirects = (EntityType::Domain, id, line.row.updated_at);
                insert_redirects(connection, redirects, &line.parts.former_slugs).await?;
                related.extend(line.parts.related.iter().map(|other| (id, *other)));
            }
            insert_relations(connection, related).await
        }
        .boxed()
    }

    fn changes(line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::Domain, line.row.id);
        vec![created(of, None, audience::of_everybody())]
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        _around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            hold_tree(unit, Owner::Domain).await?;
            // Broader ones come first in a file, and so here.
            for line in lines {
                enter(unit, line.row.id, line.row.parent_id).await?;
            }
            settle_relations(unit, lines).await
        }
        .boxed()
    }
}

/// Relates new domains to others, both ways, as far as these are here.
async fn insert_relations(
    connection: &DatabaseTransaction,
    stated: Vec<(Uuid, Uuid)>,
) -> Result<(), DbErr> {
    if stated.is_empty() {
        return Ok(());
    }
    let others: BTreeSet<Uuid> = stated.iter().map(|(_, other)| *other).collect();
    let here: Vec<Uuid> = domain::Entity::find()
        .select_only()
        .column(domain::Column::Id)
        .filter(domain::Column::Id.is_in(others))
        .into_tuple()
        .all(connection)
        .await?;
    let here: HashSet<Uuid> = here.into_iter().collect();
    let both_ways: BTreeSet<(Uuid, Uuid)> = stated
        .into_iter()
        .filter(|(one, other)| one != other && here.contains(other))
        .flat_map(|(one, other)| [(one, other), (other, one)])
        .collect();
    let rows = both_ways
        .into_iter()
        .map(|(one, other)| related_domain::ActiveModel {
            domain_id: Set(one),
            related_id: Set(other),
        });
    insert_rows(connection, rows.collect()).await
}

/// Ends relations of new domains to what stands above or below them, and tells of the others that they have new ones.
async fn settle_relations(unit: &mut WriteUnit, lines: &[Line<domain::Entity>]) -> Result<()> {
    use related_domain::Column::{DomainId, RelatedId};
    let related = lines.iter().filter(|line| !line.parts.related.is_empty());
    let ids: Vec<Uuid> = related.map(|line| line.row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let stands = |one: &'static str, other: &'static str| {
        Expr::col(("domain_ancestor", "domain_id"))
            .equals(("related_domain", one))
            .and(Expr::col(("domain_ancestor", "ancestor_id")).equals(("related_domain", other)))
    };
    let above_or_below = Query::select()
        .expr(Expr::value(1))
        .from("domain_ancestor")
        .and_where(stands("domain_id", "related_id").or(stands("related_id", "domain_id")))
        .take();
    let of_them = Condition::any()
        .add(DomainId.is_in(ids.iter().copied()))
        .add(RelatedId.is_in(ids.iter().copied()));
    related_domain::Entity::delete_many()
        .filter(of_them)
        .filter(Expr::exists(above_or_below))
        .exec(unit.db())
        .await?;
    let others: Vec<Uuid> = related_domain::Entity::find()
        .select_only()
        .distinct()
        .column(RelatedId)
        .filter(DomainId.is_in(ids))
        .filter(RelatedId.is_not_in(lines.iter().map(|line| line.row.id)))
        .into_tuple()
        .all(unit.db())
        .await?;
    for id in others {
        unit.record(PendingChange {
            entity_type: EntityType::Domain,
            entity_id: id,
            operation: Operation::Updated,
            community_id: None,
            fields: vec!["relatedDomains".to_owned()],
            audience_before: Some(audience::of_everybody()),
            audience_after: Some(audience::of_everybody()),
        });
    }
    Ok(())
}

/// The slugs that something had before.
pub(super) fn former_slugs(fields: &mut Fields) -> Result<Vec<String>, String> {
    let wrong = || "`formerSlugs` must be a list of slugs.".to_owned();
    match fields.remove("formerSlugs") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(slugs)) => slugs
            .into_iter()
            .map(|slug| match slug {
                Value::String(slug) if slug.len() <= 100 && slug.is_ascii() => Ok(slug),
                _ => Err(wrong()),
            })
            .collect(),
        Some(_) => Err(wrong()),
    }
}

/// Keeps slugs of before leading to something; one that leads elsewhere already goes on doing so.
pub(super) async fn insert_redirects(
    connection: &impl ConnectionTrait,
    (of, target, at): (EntityType, Uuid, chrono::DateTime<chrono::Utc>),
    slugs: &[String],
) -> Result<(), DbErr> {
    if slugs.is_empty() {
        return Ok(());
    }
    let rows = slugs.iter().map(|slug| slug_redirect::ActiveModel {
        entity_type: Set(of.as_str().to_owned()),
        slug: Set(slug.clone()),
        target_id: Set(target),
        created_at: Set(at),
    });
    slug_redirect::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                slug_redirect::Column::EntityType,
                slug_redirect::Column::Slug,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
