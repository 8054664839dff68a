//! What the rows of the change log say that members did.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::attendance::AttendanceState;
use entity::change::{self, EntityType, Operation};
use entity::membership;
use entity::participation_act::{self, ParticipationAct};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use crate::boundary_share::TO_COMMUNITY;
use crate::error::Result;
use crate::store::{MOVED, WriteUnit};

/// Ids or rows in one statement.
const CHUNK: usize = 500;

/// Making one of these is a contribution.
const CONTRIBUTIONS: [EntityType; 15] = [
    EntityType::Resource,
    EntityType::Practice,
    EntityType::Innovation,
    EntityType::Activity,
    EntityType::Discussion,
    EntityType::Collection,
    EntityType::Post,
    EntityType::DefiningStatement,
    EntityType::LearningQuestion,
    EntityType::Review,
    EntityType::BoundaryShare,
    EntityType::ValueStory,
    EntityType::Adoption,
    EntityType::Pilot,
    EntityType::ExperienceReport,
];

/// Where it is written down who took part in something, and so may be taken back.
#[derive(Clone, Copy, Debug)]
enum Witness {
    Attendance,
    Endorsement,
    Support,
}

impl Witness {
    const ALL: [Self; 3] = [Self::Attendance, Self::Endorsement, Self::Support];

    /// The rows of the log that tell of it.
    fn is_told_by(self, row: &change::Model) -> bool {
        let has = |field: &str| row.fields.0.iter().any(|name| name == field);
        match self {
            // A single activity that is moved takes its attendance along.
            Self::Attendance => row.entity_type == EntityType::Activity,
            Self::Endorsement => {
                row.entity_type == EntityType::DefiningStatement && has("endorsementCount")
            }
            Self::Support => row.entity_type == EntityType::Innovation && has("supporterCount"),
        }
    }

    const fn act(self) -> ParticipationAct {
        match self {
            Self::Attendance => ParticipationAct::Attendance,
            Self::Endorsement | Self::Support => ParticipationAct::Reaction,
        }
    }

    /// The table, its column of what it is about, its column of when, and the table that knows the community.
    const fn table(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Attendance => ("attendance", "activity_id", "recurrence_id", "item"),
            Self::Endorsement => (
                "endorsement",
                "statement_id",
                "created_at",
                "defining_statement",
            ),
            Self::Support => ("support", "innovation_id", "created_at", "item"),
        }
    }

    fn only_what_was(self, select: &mut SelectStatement) {
        if matches!(self, Self::Attendance) {
            let attended = AttendanceState::Attended.as_str();
            select.and_where(Expr::col(("attendance", "state")).eq(attended));
        }
    }

    /// What is written down about these since a time.
    fn present(self, subjects: &[Uuid], since: DateTime<Utc>) -> SelectStatement {
        let (table, subject, at, home) = self.table();
        let changed = match self {
            Self::Attendance => "updated_at",
            Self::Endorsement | Self::Support => "created_at",
        };
        let mut select = Query::select();
        select
            .column(("membership", "id"))
            .expr_as(Expr::col((table, subject)), "subject_id")
            .expr_as(Expr::col((table, at)), "at")
            .from(table)
            .inner_join(home, Expr::col((home, "id")).equals((table, subject)))
            .inner_join(
                "membership",
                Expr::col(("membership", "community_id"))
                    .equals((home, "community_id"))
                    .and(Expr::col(("membership", "user_id")).equals((table, "user_id"))),
            )
            .and_where(Expr::col((table, subject)).is_in(subjects.iter().copied()))
            .and_where(Expr::col((table, changed)).gte(since));
        self.only_what_was(&mut select);
        select
    }

    /// The condition on `participation_act` for those about these that are no longer written down.
    fn gone(self, subjects: &[Uuid]) -> Condition {
        let (table, subject, at, _) = self.table();
        let act = |column: &'static str| ("participation_act", column);
        let mut there = Query::select();
        there
            .expr(Expr::value(1))
            .from(table)
            .inner_join(
                "membership",
                Expr::col(("membership", "user_id")).equals((table, "user_id")),
            )
            .and_where(Expr::col(("membership", "id")).equals(act("membership_id")))
            .and_where(Expr::col((table, subject)).equals(act("subject_id")))
            .and_where(Expr::col((table, at)).equals(act("at")));
        self.only_what_was(&mut there);
        Condition::all()
            .add(participation_act::Column::Act.eq(self.act()))
            .add(participation_act::Column::SubjectId.is_in(subjects.iter().copied()))
            .add(Expr::exists(there).not())
    }
}

/// Writes what these rows say that members did, and answers the memberships that it changes something for.
pub(super) async fn take(unit: &WriteUnit, rows: &[change::Model]) -> Result<BTreeSet<Uuid>> {
    let mut touched: BTreeSet<Uuid> = rows
        .iter()
        .filter(|row| row.entity_type == EntityType::Membership)
        .map(|row| row.entity_id)
        .collect();
    touched.extend(contribute(unit, rows).await?);
    for witness in Witness::ALL {
        touched.extend(witnessed(unit, witness, rows).await?);
    }
    touched.extend(forget(unit, rows).await?);
    touched.extend(follow(unit, rows).await?);
    Ok(touched)
}

/// Those who made something in a community that they have a membership of.
async fn contribute(unit: &WriteUnit, rows: &[change::Model]) -> Result<Vec<Uuid>> {
    let made: Vec<(Uuid, Uuid, &change::Model)> = rows
        .iter()
        .filter(|row| row.operation == Operation::Created)
        .filter(|row| CONTRIBUTIONS.contains(&row.entity_type))
        .filter_map(|row| Some((row.community_id?, row.actor_id?, row)))
        .collect();
    let memberships = memberships_of(
        unit,
        made.iter().map(|(community, user, _)| (*community, *user)),
    )
    .await?;
    let acts = made.iter().filter_map(|(community, user, row)| {
        Some(participation_act::Model {
            membership_id: *memberships.get(&(*community, *user))?,
            act: ParticipationAct::Contribution,
            subject_id: row.entity_id,
            at: row.at,
        })
    });
    insert(unit, acts.collect()).await
}

/// The memberships of people in communities.
async fn memberships_of(
    unit: &WriteUnit,
    pairs: impl Iterator<Item = (Uuid, Uuid)>,
) -> Result<HashMap<(Uuid, Uuid), Uuid>> {
    let (communities, users): (HashSet<Uuid>, HashSet<Uuid>) = pairs.unzip();
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = membership::Entity::find()
        .filter(membership::Column::CommunityId.is_in(communities))
        .filter(membership::Column::UserId.is_in(users))
        .all(unit.db())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.community_id, row.user_id), row.id))
        .collect())
}

/// What is written down of people, and what no longer is.
async fn witnessed(
    unit: &WriteUnit,
    witness: Witness,
    rows: &[change::Model],
) -> Result<Vec<Uuid>> {
    let told: Vec<_> = rows.iter().filter(|row| witness.is_told_by(row)).collect();
    let Some(since) = told.iter().map(|row| row.at).min() else {
        return Ok(Vec::new());
    };
    let mut subjects: Vec<Uuid> = told.iter().map(|row| row.entity_id).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut touched = remove(unit, witness.gone(&subjects)).await?;
    let mut acts = Vec::new();
    for row in unit
        .db()
        .query_all(&witness.present(&subjects, since))
        .await?
    {
        acts.push(participation_act::Model {
            membership_id: row.try_get("", "id")?,
            act: witness.act(),
            subject_id: row.try_get("", "subject_id")?,
            at: row.try_get("", "at")?,
        });
    }
    touched.extend(insert(unit, acts).await?);
    Ok(touched)
}

/// What was deleted was not done.
async fn forget(unit: &WriteUnit, rows: &[change::Model]) -> Result<Vec<Uuid>> {
    let gone = rows
        .iter()
        .filter(|row| row.operation == Operation::Deleted)
        .map(|row| row.entity_id);
    let gone: Vec<Uuid> = gone.collect();
    if gone.is_empty() {
        return Ok(gone);
    }
    let condition = Condition::all().add(participation_act::Column::SubjectId.is_in(gone));
    remove(unit, condition).await
}

/// What came to another community counts there, with what was posted to it, its reviews, its adoptions, its pilots and the
/// reports on these, for those who have a
/// membership of it.
async fn follow(unit: &WriteUnit, rows: &[change::Model]) -> Result<Vec<Uuid>> {
    let mut moved: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in rows {
        let came = row
            .fields
            .0
            .iter()
            .any(|field| field == MOVED || field == TO_COMMUNITY);
        if let Some(home) = row.community_id.filter(|_| came) {
            moved.entry(home).or_default().push(row.entity_id);
        }
    }
    let mut touched = Vec::new();
    for (home, items) in moved {
        let of_items = acts_on(&items);
        let elsewhere = participation_act::Entity::find()
            .select_only()
            .column(participation_act::Column::MembershipId)
            .distinct()
            .filter(of_items.clone());
        let old: Vec<Uuid> = elsewhere.into_tuple().all(unit.db()).await?;
        let update = Query::update()
            .table("participation_act")
            .value("membership_id", Expr::from(membership_there(home)))
            .cond_where(of_items)
            .and_where(Expr::exists(membership_there(home)))
            .take();
        unit.db().execute(&update).await?;
        touched.extend(same_people(unit, home, &old).await?);
        touched.extend(old);
    }
    Ok(touched)
}

/// The condition on `participation_act` for those on items, their posts, their reviews, their adoptions, their pilots and
/// the reports on these.
fn acts_on(items: &[Uuid]) -> Condition {
    let subject = || Expr::col(("participation_act", "subject_id"));
    let of = |table: &'static str, key: &'static str| {
        Query::select()
            .column((table, "id"))
            .from(table)
            .and_where(Expr::col((table, key)).is_in(items.iter().copied()))
            .take()
    };
    Condition::any()
        .add(subject().is_in(items.iter().copied()))
        .add(subject().in_subquery(of("post", "discussion_id")))
        .add(subject().in_subquery(of("review", "item_id")))
        .add(subject().in_subquery(of("adoption", "subject_id")))
        .add(subject().in_subquery(of("pilot", "subject_id")))
        .add(subject().in_subquery(of("experience_report", "subject_id")))
}

/// The membership of a community that whoever acted has.
fn membership_there(home: Uuid) -> SelectStatement {
    Query::select()
        .column(("there", "id"))
        .from_as("membership", "here")
        .join_as(
            JoinType::InnerJoin,
            "membership",
            "there",
            Expr::col(("there", "user_id")).equals(("here", "user_id")),
        )
        .and_where(Expr::col(("here", "id")).equals(("participation_act", "membership_id")))
        .and_where(Expr::col(("there", "community_id")).eq(home))
        .take()
}

/// The memberships of a community that the people of these memberships have.
async fn same_people(unit: &WriteUnit, home: Uuid, memberships: &[Uuid]) -> Result<Vec<Uuid>> {
    let people = Query::select()
        .column(("membership", "user_id"))
        .from("membership")
        .and_where(Expr::col(("membership", "id")).is_in(memberships.iter().copied()))
        .take();
    Ok(membership::Entity::find()
        .select_only()
        .column(membership::Column::Id)
        .filter(membership::Column::CommunityId.eq(home))
        .filter(membership::Column::UserId.in_subquery(people))
        .into_tuple()
        .all(unit.db())
        .await?)
}

/// Adds acts that are not there yet, and answers whose they are.
async fn insert(unit: &WriteUnit, acts: Vec<participation_act::Model>) -> Result<Vec<Uuid>> {
    for chunk in acts.chunks(CHUNK) {
        let rows = chunk
            .iter()
            .cloned()
            .map(IntoActiveModel::into_active_model);
        participation_act::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([
                    participation_act::Column::MembershipId,
                    participation_act::Column::Act,
                    participation_act::Column::SubjectId,
                    participation_act::Column::At,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await?;
    }
    Ok(acts.into_iter().map(|act| act.membership_id).collect())
}

/// Removes acts, and answers whose they were.
async fn remove(unit: &WriteUnit, condition: Condition) -> Result<Vec<Uuid>> {
    let acts = participation_act::Entity::find()
        .filter(condition.clone())
        .all(unit.db())
        .await?;
    if acts.is_empty() {
        return Ok(Vec::new());
    }
    participation_act::Entity::delete_many()
        .filter(condition)
        .exec(unit.db())
        .await?;
    Ok(acts.into_iter().map(|act| act.membership_id).collect())
}
