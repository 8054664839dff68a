//! Organizations and people, and the slugs that lead to things from before.

use std::collections::HashSet;

use entity::change::EntityType;
use entity::user::{PlatformRole, UserStatus};
use entity::{organization, slug_redirect, user};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    Value as Stored,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored};
use crate::error::Result;
use crate::operation::line::{Fields, decode, prefix, said};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
use crate::user::{LONGEST_HANDLE, practice_settings};
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
        // Older exports say nothing of where people practise, nor does any of who is gone.
        fields
            .entry("practiceSettings")
            .or_insert_with(|| json!([]));
        let mut row = decode::<Self>(fields, prefix(EntityType::User), &given)?;
        let mut faults = Faults::default();
        row.practice_settings =
            practice_settings(&mut faults, &["practiceSettings"], &row.practice_settings.0);
        faults.check().map_err(|error| said(&error))?;
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
