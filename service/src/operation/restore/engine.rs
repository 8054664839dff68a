//! What bringing back has in common for things of every type.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::operation_community;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QuerySelect, SqlErr, TransactionTrait,
    Value,
};
use uuid::Uuid;

use super::around::{Around, deleted};
use crate::error::Result;
use crate::link::End;
use crate::membership::refresh;
use crate::operation::import::Tally;
use crate::operation::line::Fields;
use crate::policy::Decision;
use crate::policy::operation as policy;
use crate::store::{PendingChange, StoredEntity, WriteUnit};
use crate::viewer::Viewer;

/// Rows of one statement: SQLite binds at most 32,766 values, and no table here has 32 columns.
const ROWS: usize = 1_000;
/// What is said of a line whose community is not there, or not for this viewer.
const NOT_HERE: &str = "It belongs to something that is not here.";

/// Who brings back, and what.
pub(super) struct Scene<'a> {
    pub(super) viewer: &'a Viewer,
    /// The only community that is brought back; none for all.
    pub(super) community: Option<Uuid>,
    /// The operation; none where the operator does it, who has the database itself.
    pub(super) operation: Option<Uuid>,
    /// Whether the file says all that there is, also what no reader is shown.
    pub(super) whole: bool,
}

/// A line that was read.
#[derive(Debug)]
pub(super) struct Line<E: Restored> {
    pub(super) number: i32,
    pub(super) row: E::Model,
    pub(super) parts: E::Parts,
    /// What is left out of it, since it is not here.
    pub(super) left_out: Vec<String>,
}

/// To what a thing belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// To the platform.
    Platform,
    /// To the community that it is.
    Itself(Uuid),
    /// To that of something.
    Of(End),
}

/// A type of thing that can be brought back.
pub(super) trait Restored:
    StoredEntity<Model: IntoActiveModel<Self::ActiveModel> + Clone + Send + Sync + std::fmt::Debug>
{
    /// What it has besides its row.
    type Parts: std::fmt::Debug + Send + Sync;

    /// Reads a line.
    fn read(fields: &mut Fields) -> Result<(Self::Model, Self::Parts), String>;

    /// Its id, where it has one that is never used again.
    fn id(row: &Self::Model) -> Option<Uuid>;

    /// To what it belongs.
    fn home(line: &Line<Self>) -> Home;

    /// What else must be known about to bring it back.
    fn ends(_line: &Line<Self>) -> Vec<End> {
        Vec::new()
    }

    /// Leaves out what is not here, and says so on the lines.
    fn prepare<'a>(
        _unit: &'a WriteUnit,
        _around: &'a mut Around,
        _lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    /// What is wrong with the thing where it belongs, as a sentence.
    fn check(_line: &Line<Self>, _around: &Around) -> Result<(), String> {
        Ok(())
    }

    /// Writes what things have besides their rows.
    fn insert_parts<'a>(
        _connection: &'a DatabaseTransaction,
        _lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async { Ok(()) }.boxed()
    }

    /// What the change log says of it.
    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange>;

    /// Counts anew what depends on things that were made.
    fn after<'a>(
        _unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        _around: &'a Around,
        _lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }
}

/// Inserts rows in statements of bounded size.
pub(super) async fn insert_rows<A: ActiveModelTrait>(
    connection: &DatabaseTransaction,
    mut rows: Vec<A>,
) -> Result<(), DbErr> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        A::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
        rows = rest;
    }
    Ok(())
}

/// Brings back things of one type.
pub(super) async fn bring_back<E: Restored>(
    unit: &mut WriteUnit,
    scene: &Scene<'_>,
    run: Vec<(i32, Fields)>,
    tally: &mut Tally,
) -> Result<()> {
    let mut lines = read::<E>(run, tally);
    drop_known(unit, &mut lines, tally).await?;
    drop_deleted(unit, &mut lines, tally).await?;
    if lines.is_empty() {
        return Ok(());
    }
    let mut ends = BTreeSet::new();
    for line in &lines {
        ends.extend(E::ends(line));
        if let Home::Of(end) = E::home(line) {
            ends.insert(end);
        }
    }
    let mut around = Around::load(unit, &ends).await?;
    around.whole = scene.whole;
    E::prepare(unit, &mut around, &mut lines).await?;
    let lines = allowed(unit, scene, &around, lines, tally).await?;
    let made = insert(unit, lines, tally).await?;
    for line in &made {
        tally.created += 1;
        if !line.left_out.is_empty() {
            let message = format!(
                "Brought back without what it refers to and is not here: {}.",
                line.left_out.join(", ")
            );
            tally.refuse(line.number, message);
        }
        for change in E::changes(line, &around) {
            unit.record(change);
        }
    }
    if made.is_empty() {
        return Ok(());
    }
    E::after(unit, scene, &around, &made).await
}

fn read<E: Restored>(run: Vec<(i32, Fields)>, tally: &mut Tally) -> Vec<Line<E>> {
    let mut lines = Vec::with_capacity(run.len());
    for (number, mut fields) in run {
        match E::read(&mut fields) {
            Ok((row, parts)) => lines.push(Line {
                number,
                row,
                parts,
                left_out: Vec::new(),
            }),
            Err(message) => tally.refuse(number, message),
        }
    }
    lines
}

fn key<E: Restored>(row: &E::Model) -> Vec<Value> {
    let columns = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    columns.map(|column| row.get(column)).collect()
}

/// What is there already stays as it is, and what one run says twice is made once.
async fn drop_known<E: Restored>(
    unit: &WriteUnit,
    lines: &mut Vec<Line<E>>,
    tally: &mut Tally,
) -> Result<()> {
    let Some(first) = E::PrimaryKey::iter().next() else {
        return Ok(());
    };
    let first = first.into_column();
    let values: Vec<Value> = lines.iter().map(|line| line.row.get(first)).collect();
    if values.is_empty() {
        return Ok(());
    }
    let there = E::find().filter(first.is_in(values)).all(unit.db()).await?;
    let mut known: HashSet<String> = there
        .iter()
        .map(|row| format!("{:?}", key::<E>(row)))
        .collect();
    let before = lines.len();
    lines.retain(|line| known.insert(format!("{:?}", key::<E>(&line.row))));
    tally.unchanged += before - lines.len();
    Ok(())
}

async fn drop_deleted<E: Restored>(
    unit: &WriteUnit,
    lines: &mut Vec<Line<E>>,
    tally: &mut Tally,
) -> Result<()> {
    let ids = lines.iter().filter_map(|line| E::id(&line.row)).collect();
    let deleted = deleted(unit, ids).await?;
    lines.retain(|line| {
        let is_gone = E::id(&line.row).is_some_and(|id| deleted.contains(&id));
        if is_gone {
            let message = "This was deleted here, and what was deleted does not come back.";
            tally.refuse(line.number, message);
        }
        !is_gone
    });
    Ok(())
}

/// Keeps the things that may be brought back where they belong.
async fn allowed<E: Restored>(
    unit: &WriteUnit,
    scene: &Scene<'_>,
    around: &Around,
    lines: Vec<Line<E>>,
    tally: &mut Tally,
) -> Result<Vec<Line<E>>> {
    let mut communities: Vec<Uuid> = around.communities.keys().copied().collect();
    communities.sort_unstable();
    let decisions = decide(unit, scene, &communities).await?;
    let mut kept = Vec::with_capacity(lines.len());
    for line in lines {
        let found = match E::home(&line) {
            Home::Platform => Ok(None),
            Home::Itself(id) => Ok(Some((id, Decision::Allow))),
            Home::Of(end) => around
                .home(end)
                .map(|id| {
                    let decision = decisions.get(&id).copied();
                    Some((id, decision.unwrap_or(Decision::Conceal)))
                })
                .ok_or(NOT_HERE),
        };
        let refused = match found {
            Ok(Some((_, Decision::Conceal))) => Some(NOT_HERE.to_owned()),
            Ok(Some((id, _))) if scene.community.is_some_and(|only| only != id) => {
                Some("It belongs to another community than the one that is brought back.".into())
            }
            Err(message) | Ok(Some((_, Decision::Deny(message)))) => Some(message.to_owned()),
            Ok(_) => E::check(&line, around).err(),
        };
        match refused {
            Some(message) => tally.refuse(line.number, message),
            None => kept.push(line),
        }
    }
    Ok(kept)
}

/// To which of some communities may be added.
pub(super) async fn decide(
    unit: &WriteUnit,
    scene: &Scene<'_>,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Decision>> {
    if scene.operation.is_none() {
        let all = communities.iter().map(|id| (*id, Decision::Allow));
        return Ok(all.collect());
    }
    let own = Query::select()
        .column("id")
        .from("operation")
        .and_where(Expr::col("user_id").eq(scene.viewer.user_id()))
        .take();
    let brought_back: Vec<Uuid> = operation_community::Entity::find()
        .select_only()
        .column(operation_community::Column::CommunityId)
        .filter(operation_community::Column::OperationId.in_subquery(own))
        .filter(operation_community::Column::CommunityId.is_in(communities.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?;
    let viewer = refresh(unit, scene.viewer, communities).await?;
    Ok(communities
        .iter()
        .map(|id| {
            let made = brought_back.contains(id);
            (*id, policy::restore_into(&viewer, *id, made))
        })
        .collect())
}

/// Writes things: all at once, and where one of them cannot be written, each by itself.
async fn insert<E: Restored>(
    unit: &WriteUnit,
    lines: Vec<Line<E>>,
    tally: &mut Tally,
) -> Result<Vec<Line<E>>> {
    let all: Vec<&Line<E>> = lines.iter().collect();
    if try_insert(unit, &all).await?.is_none() {
        return Ok(lines);
    }
    let mut made = Vec::with_capacity(lines.len());
    for line in lines {
        match try_insert(unit, &[&line]).await? {
            None => made.push(line),
            Some(message) => tally.refuse(line.number, message),
        }
    }
    Ok(made)
}

/// Writes things within a savepoint; answers why the database refuses them.
async fn try_insert<E: Restored>(
    unit: &WriteUnit,
    lines: &[&Line<E>],
) -> Result<Option<&'static str>> {
    let savepoint = unit.db().begin().await?;
    let rows = lines
        .iter()
        .map(|line| line.row.clone().into_active_model())
        .collect();
    let written = match insert_rows::<E::ActiveModel>(&savepoint, rows).await {
        Ok(()) => E::insert_parts(&savepoint, lines).await,
        Err(error) => Err(error),
    };
    let Err(error) = written else {
        savepoint.commit().await?;
        return Ok(None);
    };
    savepoint.rollback().await?;
    match error.sql_err() {
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
            Ok(Some("It refers to something that is not here."))
        }
        Some(SqlErr::UniqueConstraintViolation(_)) => Ok(Some(
            "Something else here has its name, its slug, its number or its place already.",
        )),
        _ => Err(error.into()),
    }
}
