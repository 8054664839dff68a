//! How far innovations come, how long they take, and whether what failed says what was learned.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::innovation::InnovationStage;
use entity::item::ItemType;
use entity::pilot::PilotState;
use futures_util::future::try_join;
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

/// What an innovation did: it came to a stage.
struct Step<'a> {
    innovation: Uuid,
    to: InnovationStage,
    row: &'a Row,
}

impl<'a> Step<'a> {
    fn of(row: &'a Row) -> Result<Self> {
        let name: String = row.get("to_state")?;
        let to = InnovationStage::parse(&name)
            .ok_or_else(|| Error::internal(format!("there is no stage {name}")))?;
        Ok(Self {
            innovation: row.get("entity_id")?,
            to,
            row,
        })
    }

    /// When that was. Of most innovations it is not asked, since they stay where they began.
    fn at(&self) -> Result<DateTime<Utc>> {
        self.row.get("at")
    }

    /// Whether what was learned is written down, of a step that gives the innovation up.
    fn learned(&self) -> Result<bool> {
        let learned: Option<i32> = self.row.get("learned")?;
        Ok(learned.is_some_and(|learned| learned > 0))
    }
}

/// How far innovations came.
#[derive(Default)]
struct Funnel {
    innovations: u64,
    reached: HashMap<InnovationStage, u64>,
    /// By the stage that they went on from to the next of the way.
    went_on: HashMap<InnovationStage, u64>,
    /// The stays that ended in the window.
    stays: HashMap<InnovationStage, Vec<TimeDelta>>,
    abandoned: u64,
    learned: u64,
}

pub(super) async fn figures(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Figures> {
    let (steps, pilots) = try_join(
        store.rows(steps(community, from)),
        store.count(pilots(community, from)),
    )
    .await?;
    let steps = steps.iter().map(Step::of).collect::<Result<Vec<_>>>()?;
    let mut funnel = Funnel::default();
    for course in steps.chunk_by(|step, next| step.innovation == next.innovation) {
        funnel.add(course, from)?;
    }
    let (all, abandoned, learned) = (funnel.innovations, funnel.abandoned, funnel.learned);
    let mut figures = funnel.figures();
    figures.insert(Indicator::PilotsPerIdea, Figure::share(pilots, all));
    figures.insert(
        Indicator::LearningCapturedShare,
        Figure::share(learned, abandoned),
    );
    Ok(figures)
}

/// The innovations that were changed last in the window, found in an index without looking at any.
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

/// All their steps, those of each together and in the order in which they were taken. Only of those that were given up the
/// innovation itself is looked at, for what was learned.
fn steps(community: Uuid, from: DateTime<Utc>) -> SelectStatement {
    let learned = format!(
        "CASE WHEN transition.to_state = '{}' THEN (
            SELECT CASE WHEN innovation.learning IS NULL THEN 0 ELSE 1 END
            FROM innovation WHERE innovation.id = transition.entity_id
        ) END",
        InnovationStage::Abandoned.as_str()
    );
    Query::select()
        .columns(["entity_id", "to_state", "at"].map(|name| ("transition", name)))
        .expr_as(Expr::cust(learned), "learned")
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

impl Funnel {
    /// Adds an innovation with all its steps.
    fn add(&mut self, course: &[Step<'_>], from: DateTime<Utc>) -> Result<()> {
        let reached = |stage: InnovationStage| course.iter().any(|step| step.to == stage);
        self.innovations += 1;
        for stage in WAY.into_iter().filter(|stage| reached(*stage)) {
            *self.reached.entry(stage).or_default() += 1;
        }
        for pair in WAY.windows(2) {
            if let [stage, next] = *pair
                && reached(stage)
                && reached(next)
            {
                *self.went_on.entry(stage).or_default() += 1;
            }
        }
        for pair in course.windows(2) {
            if let [step, next] = pair {
                let left_at = next.at()?;
                if left_at >= from {
                    let stay = left_at - step.at()?;
                    self.stays.entry(step.to).or_default().push(stay);
                }
            }
        }
        // Nothing leads on from there, so that it is one step at most.
        let mut steps = course.iter();
        if let Some(end) = steps.find(|step| step.to == InnovationStage::Abandoned) {
            self.abandoned += 1;
            self.learned += u64::from(end.learned()?);
        }
        Ok(())
    }

    /// How many reached each stage, how many of these went on, and how long the stays were.
    fn figures(mut self) -> Figures {
        let mut figures = Figures::new();
        for stage in WAY {
            let here = self.reached.get(&stage).copied().unwrap_or_default();
            figures.insert(
                Indicator::Reached(stage),
                Figure::count(here, self.innovations),
            );
            let stays = self.stays.remove(&stage).unwrap_or_default();
            let days = Figure::median(stays, TimeDelta::days(1));
            figures.insert(Indicator::DaysInStage(stage), days);
            if stage != InnovationStage::Promoted {
                let went_on = self.went_on.get(&stage).copied().unwrap_or_default();
                let share = Figure::share(went_on, here);
                figures.insert(Indicator::Conversion(stage), share);
            }
        }
        figures
    }
}
