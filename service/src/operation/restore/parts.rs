//! What belongs to items: revisions, reviews, ratings, support, occurrences, attendance, posts.

use std::collections::BTreeSet;

use entity::change::EntityType;
use entity::{attendance, community, item, occurrence, post, rating, review, revision, support};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel};
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
use crate::store::{PendingChange, StoredEntity, WriteUnit};

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
        Home::Of(reviewed(&line.row))
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
        is_of_its_type(reviewed(&line.row), around)
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let row = &line.row;
        let told_to = if around.shown_revisions.contains(&row.revision_id) {
            audience::of_item
        } else {
            audience::of_draft
        };
        told(around, reviewed(row), (EntityType::Review, row.id), told_to)
    }
}

fn reviewed(row: &review::Model) -> End {
    (entity_type(row.item_type), row.item_id)
}

/// The change row of something new of an item, and whom the item lets see it.
fn told(
    around: &Around,
    item: End,
    of: End,
    told_to: impl FnOnce(&community::Model, &item::Model, &[Uuid]) -> BTreeSet<String>,
) -> Vec<PendingChange> {
    let change = around.at_home(item).map(|(community, item, authors)| {
        let audience = told_to(community, item, authors);
        created(of, Some(community.id), audience)
    });
    change.into_iter().collect()
}

/// A column of items that counts what belongs to them.
struct Count {
    /// The table of the items, and the column.
    column: (&'static str, &'static str),
    /// What is counted, in SQL.
    of: &'static str,
    /// The table of what belongs to the items, and its column that names them.
    by: (&'static str, &'static str),
}

/// Counts anew what belongs to items, and says that they changed in some fields.
async fn count_anew(
    unit: &mut WriteUnit,
    around: &Around,
    items: BTreeSet<End>,
    counts: &[Count],
    fields: &[&str],
) -> Result<()> {
    for count in counts {
        let (table, column) = count.column;
        let counted = Query::select()
            .expr(Expr::cust(count.of))
            .from(count.by.0)
            .and_where(Expr::col(count.by).equals((table, "id")))
            .take();
        let update = Query::update()
            .table(table)
            .value(column, Expr::from(counted))
            .and_where(Expr::col((table, "id")).is_in(items.iter().map(|(_, id)| *id)))
            .take();
        unit.db().execute(&update).await?;
    }
    for item in items {
        if let Some(change) = around.item_changed(item, fields) {
            unit.record(change);
        }
    }
    Ok(())
}

/// What an item has without an id of its own. The change log does not name it, but may say that the item changed.
trait Dependent: StoredEntity<Model: IntoActiveModel<Self::ActiveModel> + Sync> {
    /// What its lines are called.
    const LINE: &'static str;
    /// What counts it in the row of the item.
    const COUNTS: &'static [Count] = &[];
    /// The fields of the item that change with it.
    const FIELDS: &'static [&'static str] = &[];

    /// The item that has it.
    fn item(row: &Self::Model) -> End;

    /// What is wrong with it by itself, as a sentence.
    fn fault(_row: &Self::Model) -> Option<&'static str> {
        None
    }
}

impl<E: Dependent> Restored for E {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, Self::LINE, &[])?;
        match Self::fault(&row) {
            Some(fault) => Err(fault.into()),
            None => Ok((row, ())),
        }
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of(Self::item(&line.row))
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
        if Self::FIELDS.is_empty() {
            return async { Ok(()) }.boxed();
        }
        let items = lines.iter().map(|line| Self::item(&line.row)).collect();
        count_anew(unit, around, items, Self::COUNTS, Self::FIELDS).boxed()
    }
}

impl Dependent for rating::Entity {
    const LINE: &'static str = "rating";
    const COUNTS: &'static [Count] = &[
        Count {
            column: ("resource", "rating_count"),
            of: "COUNT(*)",
            by: ("rating", "resource_id"),
        },
        Count {
            column: ("resource", "rating_sum"),
            of: "COALESCE(SUM(rating), 0)",
            by: ("rating", "resource_id"),
        },
    ];
    const FIELDS: &'static [&'static str] = &["averageRating", "ratingCount"];

    fn item(row: &Self::Model) -> End {
        (EntityType::Resource, row.resource_id)
    }

    fn fault(row: &Self::Model) -> Option<&'static str> {
        (!RATINGS.contains(&row.rating.into())).then_some("`rating` must be from 1 to 5.")
    }
}

impl Dependent for support::Entity {
    const LINE: &'static str = "support";
    const COUNTS: &'static [Count] = &[Count {
        column: ("innovation", "supporter_count"),
        of: "COUNT(*)",
        by: ("support", "innovation_id"),
    }];
    const FIELDS: &'static [&'static str] = &["supporterCount"];

    fn item(row: &Self::Model) -> End {
        (EntityType::Innovation, row.innovation_id)
    }
}

impl Dependent for occurrence::Entity {
    const LINE: &'static str = "occurrence";
    const FIELDS: &'static [&'static str] = &["occurrences"];

    fn item(row: &Self::Model) -> End {
        (EntityType::Activity, row.activity_id)
    }
}

impl Dependent for attendance::Entity {
    const LINE: &'static str = "attendance";

    fn item(row: &Self::Model) -> End {
        (EntityType::Activity, row.activity_id)
    }
}

const POST_COUNT: &[Count] = &[Count {
    column: ("discussion", "post_count"),
    of: "COUNT(*)",
    by: ("post", "discussion_id"),
}];

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
        Home::Of(discussion(&line.row))
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        match around.item(discussion(&line.row)) {
            Some((item, _)) if item.community_id == line.row.community_id => Ok(()),
            _ => Err("It belongs to something that is not here.".into()),
        }
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let post = (EntityType::Post, line.row.id);
        told(around, discussion(&line.row), post, audience::of_item)
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let items = lines.iter().map(|line| discussion(&line.row)).collect();
        // The document of a discussion holds the texts of its posts.
        count_anew(unit, around, items, POST_COUNT, &["posts"]).boxed()
    }
}

fn discussion(row: &post::Model) -> End {
    (EntityType::Discussion, row.discussion_id)
}
