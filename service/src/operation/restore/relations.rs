//! Value stories, shares between communities, and relations.

use entity::change::EntityType;
use entity::value_step::ValueCycle;
use entity::{boundary_share, link, value_reference, value_step, value_story};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, insert_rows};
use crate::link::End;
use crate::operation::line::{Fields, any_id, decode, prefix, said};
use crate::policy::audience;
use crate::store::PendingChange;
use crate::validation::{Faults, MAX_REFERENCES, MAX_STEPS, SUMMARY};
use crate::value_story::REFERRED_TYPES;

/// A step of a story.
#[derive(Debug)]
pub(super) struct Step {
    cycle: ValueCycle,
    text: String,
    references: Vec<End>,
}

impl Restored for value_story::Entity {
    type Parts = Vec<Step>;

    fn read(fields: &mut Fields) -> Result<(Self::Model, Vec<Step>), String> {
        let steps = steps(fields)?;
        let row = decode::<Self>(fields, prefix(EntityType::ValueStory), &[])?;
        Ok((row, steps))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        insert_steps(connection, lines).boxed()
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let community = around.communities.get(&line.row.community_id);
        let told = community.map(|community| {
            let audience = audience::of_value_story(community, &line.row);
            let of = (EntityType::ValueStory, line.row.id);
            created(of, Some(community.id), audience)
        });
        told.into_iter().collect()
    }
}

fn steps(fields: &mut Fields) -> Result<Vec<Step>, String> {
    let wrong = || "`steps` must be a list of objects with `cycle` and `text`.".to_owned();
    let list = match fields.remove("steps") {
        None => Vec::new(),
        Some(Value::Array(list)) if list.len() <= MAX_STEPS => list,
        Some(_) => return Err(wrong()),
    };
    list.into_iter()
        .map(|step| {
            let Value::Object(step) = step else {
                return Err(wrong());
            };
            let cycle = step.get("cycle").and_then(Value::as_str);
            let text = step.get("text").and_then(Value::as_str).ok_or_else(wrong)?;
            let mut faults = Faults::default();
            let text = faults.text(&["steps", "text"], text, SUMMARY);
            faults.check().map_err(|error| said(&error))?;
            Ok(Step {
                cycle: cycle.and_then(ValueCycle::parse).ok_or_else(wrong)?,
                text,
                references: references(&step)?,
            })
        })
        .collect()
}

fn references(step: &Fields) -> Result<Vec<End>, String> {
    let wrong = || "`referenceIds` must be a list of ids.".to_owned();
    let list = match step.get("referenceIds") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_REFERENCES => list,
        Some(_) => return Err(wrong()),
    };
    list.iter()
        .map(|id| {
            let mut one = Fields::new();
            one.insert("id".into(), id.clone());
            any_id(&one, "id")?
                .filter(|(of, _)| REFERRED_TYPES.contains(of))
                .ok_or_else(wrong)
        })
        .collect()
}

async fn insert_steps(
    connection: &DatabaseTransaction,
    lines: &[&Line<value_story::Entity>],
) -> Result<(), DbErr> {
    let mut steps = Vec::new();
    let mut references = Vec::new();
    for line in lines {
        for (place, step) in (0..).zip(&line.parts) {
            steps.push(value_step::ActiveModel {
                story_id: Set(line.row.id),
                place: Set(place),
                cycle: Set(step.cycle),
                text: Set(step.text.clone()),
            });
            references.extend((0..).zip(&step.references).map(|(at, (of, id))| {
                value_reference::ActiveModel {
                    story_id: Set(line.row.id),
                    step: Set(place),
                    place: Set(at),
                    entity_type: Set(*of),
                    entity_id: Set(*id),
                }
            }));
        }
    }
    insert_rows(connection, steps).await?;
    insert_rows(connection, references).await
}

impl Restored for boundary_share::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, prefix(EntityType::BoundaryShare), &[])?;
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.from_community_id))
    }

    fn ends(line: &Line<Self>) -> Vec<End> {
        vec![(EntityType::Community, line.row.to_community_id)]
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let to = around.communities.get(&line.row.to_community_id);
        let told = to.map(|to| {
            let audience = audience::of_boundary_share(&line.row, to);
            created(
                (EntityType::BoundaryShare, line.row.id),
                Some(to.id),
                audience,
            )
        });
        told.into_iter().collect()
    }
}

impl Restored for link::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, "link", &[])?, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((line.row.from_type, line.row.from_id))
    }

    fn ends(line: &Line<Self>) -> Vec<End> {
        vec![(line.row.to_type, line.row.to_id)]
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        match around.home((line.row.to_type, line.row.to_id)) {
            Some(_) => Ok(()),
            None => Err("It leads to something that is not here.".into()),
        }
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let from = (line.row.from_type, line.row.from_id);
        around
            .item_changed(from, &["lineage"])
            .into_iter()
            .collect()
    }
}
