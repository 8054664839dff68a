//! How far innovations come, how long they take, and whether what failed says what was learned.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::innovation::InnovationStage;
use entity::item::ItemType;
use entity::pilot::PilotState;
use futures_util::future::try_join3;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use super::{FOR_ALL, Figure, Figures, SAMPLE};
use crate::community::kind::Indicator;
use crate::error::{Error, Result};
use crate::store::{Row, Store};

/// The way of an innovation that comes to be practice.
const WAY: [InnovationStage; 5] = [
    InnovationStage::Idea,
    InnovationStage::Exploring,
    InnovationStage::Piloting,
    InnovationStage::Validated,
    InnovationStage::Promoted,
];

/// When an innovation came to a stage.
struct Step {
    innovation: Uuid,
    to: InnovationStage,
    at: DateTime<Utc>,
}

pub(super) async fn figures(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Figures> {
    let (abandoned, steps, pilots) = try_join3(
        store.rows(abandoned(community, from)),
        store.rows(steps(community, from)),
        store.count(pilots(community, from)),
    )
    .await?;
    let mut learned = 0;
    for row in &abandoned {
        let learning: i32 = row.get("learned")?;
        learned += u64::from(learning > 0);
    }
    let steps = steps_of(&steps)?;
    let mut figures = of_steps(&steps, from);
    let all: HashSet<Uuid> = steps.iter().map(|step| step.innovation).collect();
    figures.insert(
        Indicator::PilotsPerIdea,
        Figure::share(pilots, all.len() as u64),
    );
    figures.insert(
        Indicator::LearningCapturedShare,
        Figure::share(learned, abandoned.len() as u64),
    );
    Ok(figures)
}

/// The innovations that were changed last in the window.
fn newest(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .column(("item", "id"))
        .from("item")
        .and_where(Expr::col(("item", "community_id")).eq(community))
        .and_where(Expr::col(("item", "item_type")).eq(ItemType::Innovation.as_str()))
        .and_where(Expr::col(("item", "updated_at")).gte(from))
        .and_where(Expr::cust(FOR_ALL))
        .order_by(("item", "updated_at"), Order::Desc)
        .order_by(("item", "id"), Order::Desc)
        .limit(SAMPLE)
        .take()
}

/// Of these, those that were given up, each with whether it says what was learned.
fn abandoned(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let stage = InnovationStage::Abandoned.as_str();
    Query::select()
        .expr_as(
            Expr::cust("CASE WHEN innovation.learning IS NULL THEN 0 ELSE 1 END"),
            "learned",
        )
        .from_subquery(newest(community, from), "newest")
        .inner_join(
            "innovation",
            Expr::col(("innovation", "id")).equals(("newest", "id")),
        )
        .and_where(Expr::col(("innovation", "stage")).eq(stage))
        .take()
}

/// The pilots of them that were not given up.
fn pilots(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let cancelled = PilotState::Cancelled.as_str();
    Query::select()
        .column(("pilot", "id"))
        .from_subquery(newest(community, from), "newest")
        .inner_join(
            "pilot",
            Expr::col(("pilot", "subject_id")).equals(("newest", "id")),
        )
        .and_where(Expr::col(("pilot", "state")).ne(cancelled))
        .take()
}

/// All their steps, in the order in which they were taken.
fn steps(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .columns(["entity_id", "to_state", "at"].map(|name| ("transition", name)))
        .from_subquery(newest(community, from), "newest")
        .inner_join(
            "transition",
            Expr::col(("transition", "entity_id")).equals(("newest", "id")),
        )
        .order_by(("transition", "entity_id"), Order::Asc)
        .order_by(("transition", "at"), Order::Asc)
        .order_by(("transition", "id"), Order::Asc)
        .take()
}

fn steps_of(rows: &[Row]) -> Result<Vec<Step>> {
    rows.iter()
        .map(|row| {
            let name: String = row.get("to_state")?;
            let to = InnovationStage::parse(&name)
                .ok_or_else(|| Error::internal(format!("there is no stage {name}")))?;
            Ok(Step {
                innovation: row.get("entity_id")?,
                to,
                at: row.get("at")?,
            })
        })
        .collect()
}

/// How many reached each stage, how many of these went on, and how long the stays were that ended in the window.
fn of_steps(steps: &[Step], from: DateTime<Utc>) -> Figures {
    let mut reached: HashMap<InnovationStage, HashSet<Uuid>> = HashMap::new();
    let mut stays: HashMap<InnovationStage, Vec<TimeDelta>> = HashMap::new();
    for step in steps {
        reached.entry(step.to).or_default().insert(step.innovation);
    }
    for pair in steps.windows(2) {
        if let [step, next] = pair
            && step.innovation == next.innovation
            && next.at >= from
        {
            stays.entry(step.to).or_default().push(next.at - step.at);
        }
    }
    let all: HashSet<Uuid> = steps.iter().map(|step| step.innovation).collect();
    let none = HashSet::new();
    let mut figures = Figures::new();
    for stage in WAY {
        let here = reached.get(&stage).unwrap_or(&none);
        let count = Figure::count(here.len() as u64, all.len() as u64);
        figures.insert(Indicator::Reached(stage), count);
        let stays = stays.remove(&stage).unwrap_or_default();
        let days = Figure::median(stays, TimeDelta::days(1));
        figures.insert(Indicator::DaysInStage(stage), days);
    }
    for pair in WAY.windows(2) {
        if let [stage, next] = pair {
            let here = reached.get(stage).unwrap_or(&none);
            let there = reached.get(next).unwrap_or(&none);
            let went_on = here.intersection(there).count() as u64;
            let share = Figure::share(went_on, here.len() as u64);
            figures.insert(Indicator::Conversion(*stage), share);
        }
    }
    figures
}
