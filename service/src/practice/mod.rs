//! Practices: proven ways of doing something. Published like resources; their maturity grows with evidence.

mod mature;
mod maturity;
#[cfg(test)]
mod tests;

pub use mature::{SetMaturity, page_of_steps, set_maturity, step_count, superseded_by};
pub use maturity::{Proof, guards, next_maturities};

use std::collections::HashSet;

use entity::item::ItemType;
use entity::practice::{self, PracticeKind, PracticeMaturity};
use entity::{item as item_row, practice_resource};
use futures_util::FutureExt;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::{FaultCode, Result};
use crate::item::content::ids;
use crate::item::gate::{check_references, open};
use crate::item::pending::newest;
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState, Listed};
use crate::policy::filter::readable_items;
use crate::policy::item as item_policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, MAX_PRACTICE_RESOURCES, Patch, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// A practice as lists answer it.
pub type Practice = Listed<practice::Model>;

/// What only a practice has, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct PracticeContent {
    /// The kind.
    pub kind: Patch<PracticeKind>,
    /// What it is, in short.
    pub summary: Patch<String>,
    /// What it solves.
    pub problem: Patch<String>,
    /// Where it works.
    pub context: Patch<String>,
    /// Resources that it uses.
    pub resource_ids: Patch<Vec<Uuid>>,
}

/// A new practice.
#[derive(Clone, Debug)]
pub struct CreatePractice {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have.
    pub content: ItemContent,
    /// What only practices have.
    pub practice: PracticeContent,
    /// Whether to publish it at once.
    pub publish: bool,
}

/// A change of a practice.
#[derive(Clone, Debug, Default)]
pub struct UpdatePractice {
    /// What all items have.
    pub content: ItemContent,
    /// What only practices have.
    pub practice: PracticeContent,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

struct CheckedPractice {
    kind: Option<PracticeKind>,
    summary: Patch<String>,
    problem: Patch<String>,
    context: Patch<String>,
    resource_ids: Option<Vec<Uuid>>,
}

impl PracticeContent {
    fn check(self, faults: &mut Faults) -> CheckedPractice {
        CheckedPractice {
            kind: self.kind.required(faults, &["input", "kind"]),
            summary: faults.text_patch(&["input", "summary"], self.summary, SUMMARY),
            problem: faults.text_patch(&["input", "problem"], self.problem, SUMMARY),
            context: faults.text_patch(&["input", "context"], self.context, SUMMARY),
            resource_ids: ids(
                faults,
                self.resource_ids,
                &["input", "resourceIds"],
                MAX_PRACTICE_RESOURCES,
            ),
        }
    }
}

impl CheckedPractice {
    fn apply(self, state: &mut ItemState) {
        if let Some(kind) = self.kind {
            state.item.kind = Some(kind.as_str().to_owned());
        }
        if let Details::Practice(row, resources) = &mut state.details {
            row.summary = self.summary.or_keep(row.summary.take());
            row.problem = self.problem.or_keep(row.problem.take());
            row.context = self.context.or_keep(row.context.take());
            if let Some(ids) = self.resource_ids {
                *resources = ids;
            }
        }
    }

    fn into_details(self) -> (Option<String>, Details) {
        let row = practice::Model {
            id: Uuid::nil(),
            summary: self.summary.or_keep(None),
            problem: self.problem.or_keep(None),
            context: self.context.or_keep(None),
            maturity: PracticeMaturity::Emerging,
            recommended_at: None,
        };
        let kind = self.kind.map(|kind| kind.as_str().to_owned());
        (
            kind,
            Details::Practice(row, self.resource_ids.unwrap_or_default()),
        )
    }
}

/// Notes every resource that the viewer may not read, or that is not there; those in `kept` were there before.
async fn check_resources(
    unit: &WriteUnit,
    viewer: &Viewer,
    given: &[Uuid],
    kept: &[Uuid],
    faults: &mut Faults,
) -> Result<()> {
    if given.is_empty() {
        return Ok(());
    }
    let readable: HashSet<Uuid> = item_row::Entity::find()
        .select_only()
        .column(item_row::Column::Id)
        .filter(item_row::Column::Id.is_in(given.iter().copied()))
        .filter(item_row::Column::ItemType.eq(ItemType::Resource))
        .filter(readable_items(viewer))
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?
        .into_iter()
        .collect();
    for (place, id) in given.iter().enumerate() {
        if !readable.contains(id) && !kept.contains(id) {
            let place = place.to_string();
            let message = "There is no resource with this id that you may see.";
            faults.add(
                FaultCode::NotFound,
                &["input", "resourceIds", &place],
                message,
            );
        }
    }
    Ok(())
}

/// Makes a practice, as a draft or published at once; its maturity is EMERGING.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreatePractice,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let created = create_many(unit, &viewer, vec![input]).await?;
                created
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| Err(crate::error::Error::internal("nothing was created")))
            }
            .boxed()
        })
        .await
}

/// Makes practices in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreatePractice>,
) -> Result<Vec<Result<ItemState>>> {
    let mut drafts = Vec::with_capacity(inputs.len());
    for input in inputs {
        let mut faults = Faults::default();
        let content = input.content.check(&mut faults);
        let practice = input.practice.check(&mut faults);
        let given = practice.resource_ids.as_deref().unwrap_or_default();
        check_resources(unit, viewer, given, &[], &mut faults).await?;
        let (kind, details) = practice.into_details();
        drafts.push(Draft {
            community_id: input.community_id,
            content,
            kind,
            details,
            publish: input.publish,
            faults,
        });
    }
    item::create_many(unit, viewer, drafts).await
}

/// Changes a practice.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdatePractice,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Practice),
                    id,
                    item_policy::update,
                )
                .await?;
                let mut faults = Faults::default();
                let note = faults.optional_text(&["input", "note"], input.note.as_deref(), SUMMARY);
                let mut content = input.content.check(&mut faults);
                let practice = input.practice.check(&mut faults);
                let base = newest(unit, &opened.state).await?;
                check_references(unit, &base, &mut content, &mut faults).await?;
                let used = if let Details::Practice(_, used) = &base.details {
                    used.as_slice()
                } else {
                    &[]
                };
                let given = practice.resource_ids.as_deref().unwrap_or_default();
                check_resources(unit, &opened.viewer, given, used, &mut faults).await?;
                faults.check()?;
                check_revision(expected_revision, opened.state.newest_revision())?;
                let mut new = base.clone();
                content.apply(&mut new);
                practice.apply(&mut new);
                item::update(unit, opened, &base, new, note).await
            }
            .boxed()
        })
        .await
}

/// The condition on `item` for the resources that a practice uses.
#[must_use]
pub fn used_by(practice: Uuid) -> Condition {
    let used = Query::select()
        .column(("practice_resource", "resource_id"))
        .from(practice_resource::Entity)
        .and_where(Expr::col(("practice_resource", "practice_id")).eq(practice))
        .take();
    Condition::all().add(Expr::col(("item", "id")).in_subquery(used))
}
