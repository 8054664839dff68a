//! What belongs to items: revisions, reviews, ratings, support, occurrences, attendance, posts.

use std::collections::BTreeSet;

use entity::change::EntityType;
use entity::{attendance, occurrence, post, rating, review, revision, support};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use serde_json::Value;
use uuid::Uuid;

use super::around::{Around, created, is_item};
use super::engine::{Home, Line, Restored, Scene};
use crate::discussion::DEEPEST;
use crate::error::Result;
use crate::item::entity_type;
use crate::link::End;
use crate::operation::line::{Fields, decode, from_line, prefix, required_id};
use crate::policy::audience;
use crate::resource::RATINGS;
use crate::store::{PendingChange, WriteUnit};

impl Restored for revision::Entity {
    /// The item, with its type.
    type Parts = End;

    fn read(fields: &mut Fields) -> Result<(Self::Model, End), String> {
        let item = required_id(fields, "itemId")?;
        if !is_item(item.0) {
            return Err("`itemId` is no id of an item.".into());
        }
        let content = fields.remove("content").unwrap_or_default();
        fields.insert("content".into(), from_line(content)?);
        let mut row = decode::<Self>(fields, "revision", &[])?;
        row.item_id = item.1;
        Ok((row, item))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of(line.parts)
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        is_of_its_type(line.parts, around)
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }
}

/// The id of an item says its type, and must not lie.
pub(super) fn is_of_its_type(end: End, around: &Around) -> Result<(), String> {
    match around.item(end) {
        Some(_) => Ok(()),
        None => Err("It belongs to something that is not here.".into()),
    }
}

impl Restored for review::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, prefix(EntityType::Review), &[])?, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((entity_type(line.row.item_type), line.row.item_id))
    }

    fn prepare<'a>(
        unit: &'a WriteUnit,
        around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        let revisions = lines.iter().map(|line| line.row.revision_id).collect();
        around.load_revisions(unit, revisions).boxed()
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        is_of_its_type((entity_type(line.row.item_type), line.row.item_id), around)
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let row = &line.row;
        let item = around.at_home((entity_type(row.item_type), row.item_id));
        let told = item.map(|(community, item, authors)| {
            let audience = if around.shown_revisions.contains(&row.revision_id) {
                audience::of_item(community, item, authors)
            } else {
                audience::of_draft(community, item, authors)
            };
            created((EntityType::Review, row.id), Some(community.id), audience)
        });
        told.into_iter().collect()
    }
}

/// Counts something anew in the rows of some things: `column = (select)` where the select is about the row.
async fn count_anew(
    unit: &WriteUnit,
    table: &'static str,
    column: &'static str,
    counted: sea_orm::sea_query::SelectStatement,
    ids: &BTreeSet<Uuid>,
) -> Result<()> {
    let update = Query::update()
        .table(table)
        .value(column, Expr::from(counted))
        .and_where(Expr::col((table, "id")).is_in(ids.iter().copied()))
        .take();
    unit.db().execute(&update).await?;
    Ok(())
}

fn count_of(
    of: &'static str,
    expression: &'static str,
    (column, table): (&'static str, &'static str),
) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .expr(Expr::cust(expression))
        .from(of)
        .and_where(Expr::col((of, column)).equals((table, "id")))
        .take()
}

/// Says that items changed in some fields.
fn tell(
    unit: &mut WriteUnit,
    around: &Around,
    of: EntityType,
    ids: &BTreeSet<Uuid>,
    fields: &[&str],
) {
    for id in ids {
        if let Some(change) = around.item_changed((of, *id), fields) {
            unit.record(change);
        }
    }
}

impl Restored for rating::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, "rating", &[])?;
        if !RATINGS.contains(&row.rating.into()) {
            return Err("`rating` must be from 1 to 5.".into());
        }
        Ok((row, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Resource, line.row.resource_id))
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let ids = lines.iter().map(|line| line.row.resource_id).collect();
            let of = ("resource_id", "resource");
            let number = count_of("rating", "COUNT(*)", of);
            count_anew(unit, "resource", "rating_count", number, &ids).await?;
            let sum = count_of("rating", "COALESCE(SUM(rating), 0)", of);
            count_anew(unit, "resource", "rating_sum", sum, &ids).await?;
            let fields = ["averageRating", "ratingCount"];
            tell(unit, around, EntityType::Resource, &ids, &fields);
            Ok(())
        }
        .boxed()
    }
}

impl Restored for support::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, "support", &[])?, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Innovation, line.row.innovation_id))
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let ids = lines.iter().map(|line| line.row.innovation_id).collect();
            let number = count_of("support", "COUNT(*)", ("innovation_id", "innovation"));
            count_anew(unit, "innovation", "supporter_count", number, &ids).await?;
            tell(
                unit,
                around,
                EntityType::Innovation,
                &ids,
                &["supporterCount"],
            );
            Ok(())
        }
        .boxed()
    }
}

impl Restored for occurrence::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, "occurrence", &[])?, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Activity, line.row.activity_id))
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let ids = lines.iter().map(|line| line.row.activity_id).collect();
        tell(unit, around, EntityType::Activity, &ids, &["occurrences"]);
        async { Ok(()) }.boxed()
    }
}

impl Restored for attendance::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, "attendance", &[])?, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Activity, line.row.activity_id))
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }
}

impl Restored for post::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        // The text of a hidden post is not in every export.
        if fields.get("hidden") == Some(&Value::Bool(true)) {
            fields.entry("body").or_insert_with(|| "".into());
        }
        let row = decode::<Self>(fields, prefix(EntityType::Post), &[])?;
        let depth = usize::try_from(row.depth).unwrap_or_default();
        let digits = row.path.bytes().all(|byte| byte.is_ascii_digit());
        let level = (1..=DEEPEST).contains(&row.depth);
        if !level || !digits || row.path.len() != 8 * depth {
            return Err("`depth` and `path` do not say where in the reply tree it is.".into());
        }
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Discussion, line.row.discussion_id))
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        let discussion = (EntityType::Discussion, line.row.discussion_id);
        match around.item(discussion) {
            Some((item, _)) if item.community_id == line.row.community_id => Ok(()),
            _ => Err("It belongs to something that is not here.".into()),
        }
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let discussion = around.at_home((EntityType::Discussion, line.row.discussion_id));
        let told = discussion.map(|(community, item, authors)| {
            let audience = audience::of_item(community, item, authors);
            created(
                (EntityType::Post, line.row.id),
                Some(community.id),
                audience,
            )
        });
        told.into_iter().collect()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let ids = lines.iter().map(|line| line.row.discussion_id).collect();
            let number = count_of("post", "COUNT(*)", ("discussion_id", "discussion"));
            count_anew(unit, "discussion", "post_count", number, &ids).await?;
            // The document of a discussion holds the texts of its posts.
            tell(unit, around, EntityType::Discussion, &ids, &["posts"]);
            Ok(())
        }
        .boxed()
    }
}
