//! Innovations: ideas on their way to becoming practice, with stages, reasons, supporters and what was learned.

mod promote;
mod stages;
mod support;
#[cfg(test)]
mod tests;

pub use promote::{PromoteInnovation, promote, promoted_to};
pub use stages::{Tried, advance, guards, next_stages, parked_from, pilots_of};
pub use support::{support, supported_by_viewer, withdraw_support};

use entity::innovation::{self, InnovationStage};
use entity::item::ItemType;
use futures_util::FutureExt;
use uuid::Uuid;

use crate::error::{FaultCode, Result};
use crate::item::gate::{check_references, open};
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState, Listed};
use crate::policy::item as item_policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{BODY, Faults, Patch, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// An innovation as lists answer it.
pub type Innovation = Listed<innovation::Model>;

/// The idea itself: Markdown that must say something.
const IDEA: TextRule = TextRule {
    min: 1,
    max: 50_000,
    ..BODY
};

/// What only an innovation has, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct InnovationContent {
    /// The idea, Markdown.
    pub idea: Patch<String>,
    /// What it is to solve.
    pub problem: Patch<String>,
    /// What is expected.
    pub hypothesis: Patch<String>,
    /// What was learned.
    pub learning: Patch<String>,
}

/// A new innovation.
#[derive(Clone, Debug)]
pub struct CreateInnovation {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have.
    pub content: ItemContent,
    /// What only innovations have.
    pub innovation: InnovationContent,
}

/// A change of an innovation.
#[derive(Clone, Debug, Default)]
pub struct UpdateInnovation {
    /// What all items have.
    pub content: ItemContent,
    /// What only innovations have.
    pub innovation: InnovationContent,
}

struct CheckedInnovation {
    idea: Option<String>,
    problem: Patch<String>,
    hypothesis: Patch<String>,
    learning: Patch<String>,
}

impl InnovationContent {
    fn check(self, faults: &mut Faults) -> CheckedInnovation {
        let idea = self.idea.required(faults, &["input", "idea"]);
        CheckedInnovation {
            idea: idea.map(|idea| faults.text(&["input", "idea"], &idea, IDEA)),
            problem: faults.text_patch(&["input", "problem"], self.problem, SUMMARY),
            hypothesis: faults.text_patch(&["input", "hypothesis"], self.hypothesis, SUMMARY),
            learning: faults.text_patch(&["input", "learning"], self.learning, SUMMARY),
        }
    }
}

impl CheckedInnovation {
    fn apply(self, state: &mut ItemState) {
        if let Details::Innovation(row) = &mut state.details {
            if let Some(idea) = self.idea {
                row.idea = idea;
            }
            row.problem = self.problem.or_keep(row.problem.take());
            row.hypothesis = self.hypothesis.or_keep(row.hypothesis.take());
            row.learning = self.learning.or_keep(row.learning.take());
        }
    }

    fn into_details(self) -> Details {
        Details::Innovation(innovation::Model {
            id: Uuid::nil(),
            problem: self.problem.or_keep(None),
            idea: self.idea.unwrap_or_default(),
            hypothesis: self.hypothesis.or_keep(None),
            learning: self.learning.or_keep(None),
            stage: InnovationStage::Idea,
            supporter_count: 0,
        })
    }
}

/// Makes an innovation, in stage IDEA. It is never a draft: it is there for others to think along.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateInnovation,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { item::create_one(unit, &viewer, input.into_draft()).await }.boxed()
        })
        .await
}

/// Makes innovations in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreateInnovation>,
) -> Result<Vec<Result<ItemState>>> {
    item::create_many(
        unit,
        viewer,
        inputs
            .into_iter()
            .map(CreateInnovation::into_draft)
            .collect(),
    )
    .await
}

impl CreateInnovation {
    fn into_draft(self) -> Draft {
        let mut faults = Faults::default();
        let content = self.content.check(&mut faults);
        let details = self.innovation.check(&mut faults).into_details();
        Draft {
            community_id: self.community_id,
            content,
            kind: None,
            details,
            publish: false,
            faults,
        }
    }
}

/// Changes an innovation.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateInnovation,
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
                    Some(ItemType::Innovation),
                    id,
                    item_policy::update,
                )
                .await?;
                let mut faults = Faults::default();
                let mut content = input.content.check(&mut faults);
                let innovation = input.innovation.check(&mut faults);
                check_references(unit, &opened.state, &mut content, &mut faults).await?;
                keep_learning(&opened.state, &innovation, &mut faults);
                faults.check()?;
                check_revision(expected_revision, opened.state.item.revision)?;
                let base = opened.state.clone();
                let mut new = base.clone();
                content.apply(&mut new);
                innovation.apply(&mut new);
                item::update(unit, opened, &base, new, None).await
            }
            .boxed()
        })
        .await
}

/// What was learned from an abandoned innovation stays.
fn keep_learning(state: &ItemState, change: &CheckedInnovation, faults: &mut Faults) {
    if let Details::Innovation(row) = &state.details
        && row.stage == InnovationStage::Abandoned
        && change.learning == Patch::Null
    {
        let message =
            "An abandoned innovation keeps what was learned; change the text, but do not empty it.";
        faults.add(FaultCode::Required, &["input", "learning"], message);
    }
}
