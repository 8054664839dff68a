//! The steps that communities took from stage to stage.

use std::collections::HashMap;

use entity::TextList;
use entity::community::{CommunityStage, TransformationOutcome};
use entity::transition;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;
use crate::transition::transition_row;

/// One step of a community from stage to stage.
pub type StageChange = transition::Model;

/// More steps no community takes.
pub const MOST_STAGE_CHANGES: u64 = 200;

/// The steps between stages; a community's history holds those between statuses and kinds too, by other names.
fn steps(communities: &[Uuid]) -> Select<transition::Entity> {
    let stages = CommunityStage::ALL.iter().map(|stage| stage.as_str());
    transition::Entity::find()
        .filter(transition::Column::EntityId.is_in(communities.iter().copied()))
        .filter(transition::Column::ToState.is_in(stages))
        .order_by_asc(transition::Column::Id)
}

/// The steps of communities that the viewer was shown whole, the oldest first.
pub async fn history_of(
    connection: &impl ConnectionTrait,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<StageChange>>> {
    let rows = steps(communities).all(connection).await?;
    let mut histories: HashMap<Uuid, Vec<StageChange>> = HashMap::new();
    for row in rows {
        histories.entry(row.entity_id).or_default().push(row);
    }
    Ok(histories)
}

/// Writes the beginning of a community down.
pub(crate) async fn begin_history(
    unit: &WriteUnit,
    community: Uuid,
    stage: CommunityStage,
    reason: Option<String>,
) -> Result<()> {
    let row = transition_row(unit, community, None, stage.as_str(), reason);
    insert(unit, row).await
}

/// What is to be written down of a step beside its stages.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// Why it was taken.
    pub(crate) reason: String,
    /// What the transformation ended in by it.
    pub(crate) outcome: Option<TransformationOutcome>,
    /// The keys of the criteria that were unmet.
    pub(crate) overrode: Vec<&'static str>,
}

/// Writes a step from stage to stage down. A community takes a bounded number of them.
pub(crate) async fn record_stage(
    unit: &WriteUnit,
    community: Uuid,
    from: CommunityStage,
    to: CommunityStage,
    account: Account,
) -> Result<()> {
    if steps(&[community]).count(unit.db()).await? >= MOST_STAGE_CHANGES {
        return Err(Error::fault(
            FaultCode::LimitReached,
            &[],
            format!("A community's stage can change at most {MOST_STAGE_CHANGES} times."),
        ));
    }
    let (from, reason) = (Some(from.as_str()), Some(account.reason));
    let mut row = transition_row(unit, community, from, to.as_str(), reason);
    row.outcome = Set(account.outcome);
    let unmet = account.overrode.into_iter().map(str::to_owned);
    row.overrode = Set(Some(TextList(unmet.collect())).filter(|unmet| !unmet.0.is_empty()));
    insert(unit, row).await
}

async fn insert(unit: &WriteUnit, row: transition::ActiveModel) -> Result<()> {
    transition::Entity::insert(row)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}
