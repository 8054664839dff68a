//! What defines a community, in its members' words: proposed by one, endorsed by others, adopted by a quorum.
//!
//! Proposing is not endorsing: whoever proposes a statement may endorse it as every other member may, and that counts as
//! one. In a community with fewer active members than the quorum, all of them make it.

mod queries;
mod states;

#[cfg(test)]
mod tests;

pub use queries::{by_ids, count_of_community, endorsed_by_viewer, page_of_community};
pub use states::{endorse, next_states, withdraw};

use entity::change::{EntityType, Operation};
use entity::defining_statement::{self, StatementAspect, StatementState};
use futures_util::FutureExt;
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::community::belonging::{self, Belonging, HOME};
use crate::error::{Error, FaultCode, Result};
use crate::item::Origin;
use crate::item::insert::{insert_many, transition_row};
use crate::item::origin;
use crate::link;
use crate::membership::Hold;
use crate::policy::community as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// A defining statement.
pub type Statement = defining_statement::Model;

/// A statement says one thing.
const TEXT: TextRule = TextRule {
    max: 2_000,
    ..SUMMARY
};

impl Belonging for defining_statement::Entity {
    const ENTITY_TYPE: EntityType = EntityType::DefiningStatement;
    const NOUN: &'static str = "statement";
    const FIELD: &'static str = "statements";

    fn id(row: &Statement) -> Uuid {
        row.id
    }

    fn community(row: &Statement) -> Uuid {
        row.community_id
    }
}

/// A statement to be proposed.
#[derive(Clone, Debug)]
pub struct ProposeStatement {
    /// The community that it is about.
    pub community_id: Uuid,
    /// What it says.
    pub text: String,
    /// What it is about.
    pub aspect: StatementAspect,
    /// The activity that it was made in.
    pub origin: Origin,
    /// The adopted statement whose place it is to take.
    pub supersedes_id: Option<Uuid>,
}

/// Proposes a statement.
#[crate::boxed]
pub async fn propose(
    store: &Store,
    viewer: &Viewer,
    input: ProposeStatement,
) -> Result<Written<Statement>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { propose_in(unit, &viewer, input).await }.boxed()
        })
        .await
}

async fn propose_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    input: ProposeStatement,
) -> Result<Statement> {
    let (viewer, community) =
        belonging::home(unit, viewer, input.community_id, Hold::Shared).await?;
    let mut faults = Faults::default();
    let text = faults.text(&["input", "text"], &input.text, TEXT);
    let allowed = policy::define(&viewer, &community).require(HOME, "community");
    let mut made_in = None;
    if faults.absorb(allowed)?.is_some() {
        made_in = origin::check(unit, &viewer, &community, input.origin, &mut faults).await?;
        if let Some(id) = input.supersedes_id {
            check_superseded(unit, community.id, id, &mut faults).await?;
        }
    }
    faults.check()?;
    let new = Statement {
        id: Uuid::now_v7(),
        community_id: community.id,
        author_id: unit.actor(),
        text,
        aspect: input.aspect,
        state: StatementState::Proposed,
        endorsement_count: 0,
        supersedes_id: input.supersedes_id,
        superseded_by_id: None,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    insert_many(unit, vec![new.clone().into_active_model()]).await?;
    let state = new.state.as_str();
    insert_many(unit, vec![transition_row(unit, new.id, None, state, None)]).await?;
    if let Some(made_in) = made_in {
        let made_in = made_in.link((EntityType::DefiningStatement, new.id));
        link::state(unit, &[made_in]).await?;
    }
    belonging::record::<defining_statement::Entity>(
        unit,
        &community,
        &new,
        Operation::Created,
        &[],
    );
    Ok(new)
}

async fn check_superseded(
    unit: &WriteUnit,
    community: Uuid,
    id: Uuid,
    faults: &mut Faults,
) -> Result<()> {
    let field = &["input", "supersedesId"];
    let old = defining_statement::Entity::find_by_id(id)
        .one(unit.db())
        .await?
        .filter(|old| old.community_id == community);
    match old {
        None => {
            faults.absorb::<()>(Err(Error::not_found(field, "statement of this community")))?;
        }
        Some(old) if old.state != StatementState::Adopted => {
            let message = format!(
                "Only an ADOPTED statement can be superseded, and this one is {}.",
                old.state.as_str()
            );
            faults.add(FaultCode::Invalid, field, message);
        }
        Some(_) => {}
    }
    Ok(())
}
