//! Telling people: one statement for however many they are.

use chrono::{DateTime, Utc};
use entity::notification::NotificationReason;
use entity::user::UserStatus;
use sea_orm::sea_query::{
    BinOper, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::link::End;
use crate::policy::filter::Reader;
use crate::policy::reference::Reference;
use crate::store::WriteUnit;

/// People named in one statement at most: SQLite binds 32,766 values.
const MOST_NAMED: usize = 1_000;

/// The columns of a select of those who are to be told: who, of what, by whose act, when.
pub(super) const USER: &str = "user_id";
pub(super) const ABOUT_TYPE: &str = "about_type";
pub(super) const ABOUT: &str = "about_id";
pub(super) const ACTOR: &str = "actor_id";
pub(super) const RAISED_AT: &str = "raised_at";

/// The name of such a select.
const TOLD: &str = "told";

/// An act of which people are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    /// Whose it was; none for the platform itself.
    pub(crate) actor: Option<Uuid>,
    /// When it was.
    pub(crate) at: DateTime<Utc>,
}

/// Tells these people of something for a reason, now and by the act of whoever writes. Those who may not read it are not
/// told, nor is who acts; one who was told of the same before and has not read it is told anew.
#[crate::boxed]
pub async fn raise(
    unit: &WriteUnit,
    reason: NotificationReason,
    about: End,
    users: &[Uuid],
) -> Result<()> {
    let act = Act {
        actor: unit.actor(),
        at: unit.now(),
    };
    raise_for(unit, reason, about, act, users).await
}

/// The same for an act of another time.
pub(crate) async fn raise_for(
    unit: &WriteUnit,
    reason: NotificationReason,
    about: End,
    act: Act,
    users: &[Uuid],
) -> Result<()> {
    for users in users.chunks(MOST_NAMED) {
        let told = Query::select()
            .expr_as(Expr::col(("user", "id")), USER)
            .expr_as(Expr::value(about.0.as_str()), ABOUT_TYPE)
            .expr_as(Expr::value(about.1), ABOUT)
            .expr_as(Expr::value(act.actor), ACTOR)
            .expr_as(Expr::value(act.at), RAISED_AT)
            .from("user")
            .and_where(Expr::col(("user", "id")).is_in(users.iter().copied()))
            .take();
        tell(unit, reason, told).await?;
    }
    Ok(())
}

/// Tells those whom a select names, each once about a thing.
pub(super) async fn tell(
    unit: &WriteUnit,
    reason: NotificationReason,
    told: SelectStatement,
) -> Result<()> {
    let column = |name: &'static str| Expr::col((TOLD, name));
    let others_act = column(ACTOR)
        .is_null()
        .or(column(ACTOR).not_equals((TOLD, USER)));
    let about = Reference::named_by(TOLD, ABOUT_TYPE, ABOUT);
    let rows = Query::select()
        .expr(new_id(unit.db().get_database_backend(), unit.now()))
        .expr(column(USER))
        .expr(Expr::value(reason.as_str()))
        .expr(column(ABOUT_TYPE))
        .expr(column(ABOUT))
        .expr(column(ACTOR))
        .expr(column(RAISED_AT))
        .from_subquery(told, TOLD)
        .inner_join("user", Expr::col(("user", "id")).equals((TOLD, USER)))
        .and_where(Expr::col(("user", "status")).eq(UserStatus::Active.as_str()))
        .and_where(others_act)
        .cond_where(about.readable_by(&Reader::named_by(TOLD, USER)))
        .take();
    let unread_again = OnConflict::columns([USER, ABOUT, "reason"])
        .target_and_where(Expr::col("read_at").is_null())
        .update_columns([ACTOR, RAISED_AT])
        .value("mailed_at", Expr::value(None::<DateTime<Utc>>))
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table("notification")
        .columns(["id", USER, "reason", ABOUT_TYPE, ABOUT, ACTOR, RAISED_AT])
        .select_from(rows)
        .map_err(Error::internal)?
        .on_conflict(unread_again);
    unit.db().execute(&insert).await?;
    Ok(())
}

/// An expression that makes another UUIDv7 for each row.
fn new_id(backend: DatabaseBackend, at: DateTime<Utc>) -> SimpleExpr {
    let head = Expr::value(format!("{:012x}7", at.timestamp_millis()));
    if backend == DatabaseBackend::Sqlite {
        let tail = Expr::cust(
            "substr(hex(randomblob(2)), 2) || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(8)), 2)",
        );
        return Func::cust("unhex")
            .arg(head.binary(BinOper::Custom("||"), tail))
            .into();
    }
    let random = Expr::cust("replace(CAST(gen_random_uuid() AS text), '-', '')");
    Expr::from(Func::cust("overlay").args([random, head, Expr::value(1)])).cast_as("uuid")
}
