//! Saying that a practice has come to another maturity.

use std::collections::HashMap;

use entity::change::{EntityType, Operation};
use entity::item::{self, ItemType, PublicationStatus};
use entity::link::LinkRelation;
use entity::practice::{self, PracticeMaturity};
use entity::transition;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::maturity::{Proof, guards, next_maturities};
use crate::change::row_changed;
use crate::error::{Blocker, BlockerCode, Error, FaultCode, Result};
use crate::evidence;
use crate::item::gate::{Opened, open};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::{Details, ItemKind, ItemState, approvers_of_shown};
use crate::link::{self, NewLink};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::readable_items;
use crate::policy::{audience, item as policy};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// The successor of a practice, as a client names it.
const SUCCESSOR: &[&str] = &["supersededById"];

/// A step of a practice to another maturity.
#[derive(Clone, Debug)]
pub struct SetMaturity {
    /// The maturity.
    pub to: PracticeMaturity,
    /// Why; RETIRED needs it.
    pub reason: Option<String>,
    /// What takes its place; SUPERSEDED needs it.
    pub superseded_by: Option<Uuid>,
}

/// Says that a practice has come to another maturity. What it has come to already changes nothing.
#[crate::boxed]
pub async fn set_maturity(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: SetMaturity,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let to = input.to;
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Practice),
                    id,
                    |viewer, facts| policy::set_maturity(viewer, facts, to),
                )
                .await?;
                step(unit, &viewer, opened, input).await
            }
            .boxed()
        })
        .await
}

async fn step(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    opened: Opened,
    input: SetMaturity,
) -> Result<ItemState> {
    let id = opened.state.item.id;
    let Details::Practice(row, used) = &opened.state.details else {
        return Err(Error::internal(format!("practice {id} lacks its details")));
    };
    let (from, to) = (row.maturity, input.to);
    let successor = input.superseded_by;
    if from == to && (successor.is_none() || successor == successor_of(unit, id).await?) {
        return Ok(opened.state);
    }
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], input.reason.as_deref(), SUMMARY);
    if to == PracticeMaturity::Retired && reason.is_none() {
        let message = "Say why it is no longer advised.";
        faults.add(FaultCode::Required, &["reason"], message);
    }
    check_successor(unit, viewer, id, to, successor, &mut faults).await?;
    faults.absorb(check_step(unit, &opened, from, to, successor.is_some()).await)?;
    faults.check()?;

    let mut row = row.clone();
    row.maturity = to;
    let used = used.clone();
    let audience = audience::of_item(&opened.community, &opened.state.item, &opened.state.authors);
    let mut state = opened.state;
    if to == PracticeMaturity::Recommended {
        row.recommended_at = Some(unit.now());
    }
    replace_row(unit, row.clone()).await?;
    let counts = evidence::counts_of(unit.db(), id).await?;
    let waits = evidence::waits_for_adoption(to, counts);
    state.item.unadopted_since = waits.then(|| unit.now());
    state.item.updated_at = unit.now();
    replace_row(unit, state.item.clone()).await?;
    state.details = Details::Practice(row, used);
    let steps = transition_row(unit, id, Some(from.as_str()), to.as_str(), reason);
    insert_many(unit, vec![steps]).await?;
    let mut fields = vec!["maturity".to_owned()];
    if let Some(successor) = successor {
        let relation = NewLink {
            from: (EntityType::Practice, successor),
            relation: LinkRelation::Supersedes,
            to: (EntityType::Practice, id),
            occurrence: None,
        };
        link::state(unit, &[relation]).await?;
        fields.push("supersededBy".to_owned());
    }
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        fields,
        audience,
    ));
    Ok(state)
}

/// Refuses a step that the maturity does not lead to, or that a guard holds back.
async fn check_step(
    unit: &WriteUnit,
    opened: &Opened,
    from: PracticeMaturity,
    to: PracticeMaturity,
    has_successor: bool,
) -> Result<()> {
    let id = opened.state.item.id;
    let mut blockers = Vec::new();
    let open = next_maturities(from);
    if !open.contains(&to) {
        let names: Vec<&str> = open.iter().map(|maturity| maturity.as_str()).collect();
        let message = if names.is_empty() {
            format!("{} is the end of a practice's way.", from.as_str())
        } else {
            format!(
                "From {} a practice goes to {}.",
                from.as_str(),
                names.join(" or ")
            )
        };
        blockers.push(Blocker::new(BlockerCode::NotFromHere, message));
    }
    let approvers = approvers_of_shown(unit.db(), &[id]).await?.remove(&id);
    let proof = Proof {
        community: &opened.community,
        item: &opened.state.item,
        counts: evidence::counts_of(unit.db(), id).await?,
        approvers: &approvers.unwrap_or_default(),
    };
    let held_back = guards(proof, to).into_iter();
    blockers.extend(
        held_back
            .filter(|blocker| !(has_successor && blocker.code == BlockerCode::SuccessorMissing)),
    );
    if blockers.is_empty() {
        return Ok(());
    }
    let message = format!("This practice cannot become {} now.", to.as_str());
    Err(Error::invalid_transition(&["maturity"], message, blockers))
}

/// Notes what is wrong with the practice that is to take the place of another. What has itself ended takes no place, so
/// no circle can close.
async fn check_successor(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    to: PracticeMaturity,
    successor: Option<Uuid>,
    faults: &mut Faults,
) -> Result<()> {
    let Some(successor) = successor else {
        return Ok(());
    };
    if to != PracticeMaturity::Superseded {
        let message = "Only what becomes SUPERSEDED has a successor.";
        faults.add(FaultCode::Invalid, SUCCESSOR, message);
        return Ok(());
    }
    if successor == id {
        let message = "Nothing takes its own place.";
        faults.add(FaultCode::Invalid, SUCCESSOR, message);
        return Ok(());
    }
    let found: Option<(Option<PublicationStatus>, PracticeMaturity)> =
        item::Entity::find_by_id(successor)
            .select_only()
            .column(item::Column::Status)
            .column(practice::Column::Maturity)
            .join(JoinType::InnerJoin, practice::Entity::relation())
            .filter(readable_items(viewer))
            // It does not end before this is written.
            .lock_shared()
            .into_tuple()
            .one(unit.db())
            .await?;
    match found {
        None => {
            faults.absorb::<()>(Err(Error::not_found(SUCCESSOR, "practice")))?;
        }
        Some((_, ended @ (PracticeMaturity::Superseded | PracticeMaturity::Retired))) => {
            let message = format!(
                "This practice is {} itself: name the one that holds now.",
                ended.as_str()
            );
            faults.add(FaultCode::Invalid, SUCCESSOR, message);
        }
        Some((status, _)) if status != Some(PublicationStatus::Published) => {
            let message = "Only a published practice takes the place of another.";
            faults.add(FaultCode::Invalid, SUCCESSOR, message);
        }
        Some(_) => {}
    }
    Ok(())
}

/// What took the place of a practice.
async fn successor_of(unit: &WriteUnit, id: Uuid) -> Result<Option<Uuid>> {
    use entity::link::{Column, Entity};
    Ok(Entity::find()
        .select_only()
        .column(Column::FromId)
        .filter(Column::ToId.eq(id))
        .filter(Column::Relation.eq(LinkRelation::Supersedes))
        .into_tuple()
        .one(unit.db())
        .await?)
}

/// The practices that took the place of others, as far as the viewer may read them, by those.
#[crate::boxed]
pub async fn superseded_by(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Uuid>> {
    let found = link::leading_to(store, viewer, LinkRelation::Supersedes, ids).await?;
    Ok(found
        .into_iter()
        .filter_map(|(old, new)| Some((old, new.first()?.1)))
        .collect())
}

const OLDEST_FIRST: Keyset = Keyset {
    table: "transition",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// The steps of a practice from maturity to maturity; those of its publication are others.
fn steps_of(practice: Uuid) -> Select<transition::Entity> {
    let maturities = PracticeMaturity::ALL
        .iter()
        .map(|maturity| maturity.as_str());
    transition::Entity::find()
        .filter(transition::Column::EntityId.eq(practice))
        .filter(transition::Column::ToState.is_in(maturities))
}

/// A page of the steps from maturity to maturity of a practice that the viewer was shown, oldest first.
pub async fn page_of_steps(
    store: &Store,
    practice: Uuid,
    request: &PageRequest,
) -> Result<Page<transition::Model>> {
    let window = request.check(&OLDEST_FIRST)?;
    let mut select = steps_of(practice);
    window.apply(QueryTrait::query(&mut select), &OLDEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&OLDEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many steps [`page_of_steps`] lists.
pub async fn step_count(store: &Store, practice: Uuid) -> Result<u64> {
    store.count(steps_of(practice).into_query()).await
}
