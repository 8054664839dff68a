//! Telling a story.

use std::collections::HashSet;

use entity::change::EntityType;
use entity::value_reference;
use entity::value_step::{self, ValueCycle};
use entity::value_story::Consent;
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{IntoValueTuple, Query, ValueTuple};
use sea_orm::{ConnectionTrait, IntoActiveModel};
use uuid::Uuid;

use super::{REFERRED_TYPES, ValueStory, record};
use crate::community::belonging::{HOME, home};
use crate::error::{FaultCode, Result};
use crate::item::insert::insert_many;
use crate::link::{self, End};
use crate::membership::Hold;
use crate::policy::reference::Reference;
use crate::policy::value_story as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, MAX_REFERENCES, MAX_STEPS, SUMMARY, TITLE};
use crate::viewer::{Scope, Viewer};

/// A story to be told.
#[derive(Clone, Debug)]
pub struct TellStory {
    /// The community that it is about.
    pub community_id: Uuid,
    /// Its title.
    pub title: String,
    /// Who may read it.
    pub consent: Consent,
    /// Its steps.
    pub steps: Vec<NewStep>,
}

/// A step of a story to be told.
#[derive(Clone, Debug)]
pub struct NewStep {
    /// Which kind of value it tells of.
    pub cycle: ValueCycle,
    /// What it says.
    pub text: String,
    /// What it points at.
    pub references: Vec<End>,
}

/// Tells a story; for active members of the community.
#[crate::boxed]
pub async fn tell(store: &Store, viewer: &Viewer, input: TellStory) -> Result<Written<ValueStory>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { tell_in(unit, &viewer, input).await }.boxed()
        })
        .await
}

async fn tell_in(unit: &mut WriteUnit, viewer: &Viewer, input: TellStory) -> Result<ValueStory> {
    let (viewer, community) = home(unit, viewer, input.community_id, Hold::Shared).await?;
    let mut faults = Faults::default();
    let title = faults.text(&["input", "title"], &input.title, TITLE);
    faults.absorb(policy::tell(&viewer, &community).require(HOME, "community"))?;
    let steps = check_steps(unit, &viewer, input.steps, &mut faults).await?;
    faults.check()?;
    let new = ValueStory {
        id: Uuid::now_v7(),
        community_id: community.id,
        author_id: unit.actor(),
        title,
        consent: input.consent,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    insert_many(unit, vec![new.clone().into_active_model()]).await?;
    insert_steps(unit, new.id, &steps).await?;
    let mut ends: Vec<End> = Vec::new();
    for end in steps.iter().flat_map(|step| &step.references) {
        if !ends.contains(end) {
            ends.push(*end);
        }
    }
    let links = link::references((EntityType::ValueStory, new.id), &ends);
    link::state_content(unit, &links).await?;
    record(unit, &community, None, Some(&new), &[]);
    Ok(new)
}

async fn check_steps(
    unit: &WriteUnit,
    viewer: &Viewer,
    given: Vec<NewStep>,
    faults: &mut Faults,
) -> Result<Vec<NewStep>> {
    let path = &["input", "steps"];
    faults.list_length(path, given.len(), MAX_STEPS);
    if given.is_empty() {
        let message = "A story has at least one step.";
        faults.add(FaultCode::Required, path, message);
    }
    if given.len() > MAX_STEPS {
        return Ok(Vec::new());
    }
    let all: HashSet<End> = given
        .iter()
        .flat_map(|step| step.references.iter().take(MAX_REFERENCES).copied())
        .collect();
    let there = there(unit, viewer, all).await?;
    let mut checked = Vec::with_capacity(given.len());
    for (place, step) in given.into_iter().enumerate() {
        let place = place.to_string();
        let at = |rest: &[&'static str]| [path.as_slice(), &[place.as_str()], rest].concat();
        let text = faults.text(&at(&["text"]), &step.text, SUMMARY);
        let references = &at(&["referenceIds"]);
        faults.list_length(references, step.references.len(), MAX_REFERENCES);
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        for (place, end) in step.references.into_iter().take(MAX_REFERENCES).enumerate() {
            let place = place.to_string();
            if !there.contains(&end.1) {
                let message =
                    "There is nothing with this id that you may see and a story can point at.";
                let field = [references.as_slice(), &[place.as_str()]].concat();
                faults.add(FaultCode::NotFound, &field, message);
            } else if seen.insert(end.1) {
                kept.push(end);
            }
        }
        checked.push(NewStep {
            cycle: step.cycle,
            text,
            references: kept,
        });
    }
    Ok(checked)
}

/// Those of the things that the viewer may see, in one statement.
async fn there(unit: &WriteUnit, viewer: &Viewer, ends: HashSet<End>) -> Result<HashSet<Uuid>> {
    let values: Vec<ValueTuple> = ends
        .into_iter()
        .filter(|(entity_type, _)| REFERRED_TYPES.contains(entity_type))
        .map(|(entity_type, id)| (entity_type.as_str(), id).into_value_tuple())
        .collect();
    if values.is_empty() {
        return Ok(HashSet::new());
    }
    let given = Reference::named_by("given", "column1", "column2");
    let select = Query::select()
        .column(("given", "column2"))
        .from_values(values, "given")
        .cond_where(given.shown_to(viewer))
        .take();
    let rows = unit.db().query_all(&select).await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", "column2")?))
        .collect()
}

async fn insert_steps(unit: &WriteUnit, story: Uuid, steps: &[NewStep]) -> Result<()> {
    let rows = (0..).zip(steps);
    let rows = rows.map(|(place, step)| value_step::ActiveModel {
        story_id: Set(story),
        place: Set(place),
        cycle: Set(step.cycle),
        text: Set(step.text.clone()),
    });
    insert_many(unit, rows.collect()).await?;
    let references = (0..).zip(steps).flat_map(|(step, of)| {
        (0..)
            .zip(&of.references)
            .map(move |(place, end)| value_reference::ActiveModel {
                story_id: Set(story),
                step: Set(step),
                place: Set(place),
                entity_type: Set(end.0),
                entity_id: Set(end.1),
            })
    });
    insert_many(unit, references.collect()).await
}
