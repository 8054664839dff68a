//! Items with their content, authors, domains, tags, and what they are called in other systems.

use std::collections::{HashMap, HashSet};

use entity::change::EntityType;
use entity::item::{self, ItemType};
use entity::practice::PracticeMaturity;
use entity::{
    activity, collection, discussion, external_reference, innovation, practice, resource,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, Value as Stored,
};
use serde_json::Value;
use uuid::Uuid;

use super::around::{Around, created, is_item};
use super::engine::{Home, Line, Restored};
use super::item_rows::{insert_details, insert_lists};
use crate::error::Result;
use crate::external_reference::MAX_REFERENCES;
use crate::item::{Byline, Details, Entry, entity_type, waiting};
use crate::link::End;
use crate::operation::line::{
    Fields, any_id, bounded, decode, id_list, item_type_of, prefix, required_id, said,
};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
use crate::typed_id;
use crate::validation::{
    BODY, Faults, MAX_AUTHORS, MAX_DOMAINS, MAX_ENTRIES, MAX_PRACTICE_RESOURCES, MAX_TAGS, TAG,
    TITLE,
};

/// What an item has besides its row.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) details: Details,
    pub(super) body: Option<String>,
    pub(super) authors: Vec<Uuid>,
    /// Bylines of the item, or of its revisions, that are names of users.
    pub(super) bylines: Vec<Byline>,
    pub(super) domains: Vec<Uuid>,
    pub(super) tags: Vec<String>,
    pub(super) references: Vec<external_reference::Model>,
}

impl Restored for item::Entity {
    type Parts = Content;

    fn read(fields: &mut Fields) -> Result<(Self::Model, Content), String> {
        let of = fields.get("type").and_then(Value::as_str);
        let of = of
            .and_then(item_type_of)
            .ok_or("`type` is none of an item.")?;
        let own = prefix(entity_type(of));
        let authors = id_list(fields, "authorIds", EntityType::User)?;
        let domains = id_list(fields, "domainIds", EntityType::Domain)?;
        let content = Content {
            body: body(fields)?,
            authors: bounded(authors, "authorIds", MAX_AUTHORS)?,
            bylines: bylines(fields)?,
            domains: bounded(domains, "domainIds", MAX_DOMAINS)?,
            tags: tags(fields)?,
            references: references(fields)?,
            details: details(of, own, fields)?,
        };
        let kind = match &content.details {
            // A discussion has its kind in its own row.
            Details::Discussion(_) | Details::Innovation(_) | Details::Collection(..) => None,
            _ => fields
                .get("kind")
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        let given = [
            ("item_type", Stored::String(Some(of.as_str().to_owned()))),
            ("kind", Stored::String(kind)),
        ];
        let mut row = decode::<Self>(fields, own, &given)?;
        row.title_key = fold(&row.title);
        Ok((row, content))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn prepare<'a>(
        unit: &'a WriteUnit,
        around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        for line in lines.iter_mut() {
            derive(&mut line.row, &line.parts.details, around.whole);
        }
        leave_out(unit, lines).boxed()
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            insert_details(connection, lines).await?;
            insert_lists(connection, lines).await
        }
        .boxed()
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let row = &line.row;
        let community = around.communities.get(&row.community_id);
        let told = community.map(|community| {
            let audience = audience::of_item(community, row, &line.parts.authors);
            let of = (entity_type(row.item_type), row.id);
            created(of, Some(community.id), audience)
        });
        told.into_iter().collect()
    }
}

/// What is made of the rest of the item, where the line does not say it.
fn derive(row: &mut item::Model, details: &Details, whole: bool) {
    if let Details::Practice(practice, _) = details
        && practice.maturity == PracticeMaturity::Recommended
    {
        // Until adoptions are counted.
        row.unadopted_since = Some(practice.recommended_at.unwrap_or(row.updated_at));
    }
    if whole {
        return;
    }
    let waits = match details {
        Details::Discussion(discussion) => waiting::for_answer(discussion),
        Details::Innovation(innovation) => waiting::for_decision(innovation.stage),
        _ => waiting::for_review(row),
    };
    if waits && row.waiting_since.is_none() {
        row.waiting_since = Some(row.updated_at);
    } else if !waits {
        row.waiting_since = None;
    }
    if row.review_reminder_at.is_none() {
        row.review_reminder_at = row.review_due_at;
    }
}

fn body(fields: &mut Fields) -> Result<Option<String>, String> {
    let body = match fields.remove("body") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(body)) => body,
        Some(_) => return Err("`body` must be a text.".into()),
    };
    let mut faults = Faults::default();
    faults.text(&["body"], &body, BODY);
    match faults.check() {
        Ok(()) => Ok(Some(body)),
        Err(error) => Err(said(&error)),
    }
}

fn tags(fields: &mut Fields) -> Result<Vec<String>, String> {
    let given: Vec<String> = match fields.remove("tags") {
        None => Vec::new(),
        Some(given) => serde_json::from_value(given)
            .map_err(|_| "`tags` must be a list of texts.".to_owned())?,
    };
    let mut faults = Faults::default();
    let tags = faults.text_list(&["tags"], &given, MAX_TAGS, TAG);
    match faults.check() {
        Ok(()) => Ok(tags),
        Err(error) => Err(said(&error)),
    }
}

fn bylines(fields: &mut Fields) -> Result<Vec<Byline>, String> {
    let users = id_list(fields, "bylineUserIds", EntityType::User)?;
    let names: Vec<String> = match fields.remove("bylineNames") {
        None => Vec::new(),
        Some(given) => serde_json::from_value(given)
            .map_err(|_| "`bylineNames` must be a list of texts.".to_owned())?,
    };
    if names.len() != users.len() {
        return Err("`bylineNames` must have a name for each of `bylineUserIds`.".into());
    }
    let mut faults = Faults::default();
    for name in &names {
        faults.text(&["bylineNames"], name, TITLE);
    }
    faults.check().map_err(|error| said(&error))?;
    let bylines = users.into_iter().zip(names);
    let bylines: HashSet<Byline> = bylines.map(|(user, name)| Byline { user, name }).collect();
    Ok(bylines.into_iter().collect())
}

fn references(fields: &mut Fields) -> Result<Vec<external_reference::Model>, String> {
    let wrong = || "`externalReferences` must be a list of objects.".to_owned();
    let list = match fields.remove("externalReferences") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => bounded(list, "externalReferences", MAX_REFERENCES)?,
        Some(_) => return Err(wrong()),
    };
    let mut references = Vec::with_capacity(list.len());
    for (place, reference) in (0..).zip(list) {
        let Value::Object(mut reference) = reference else {
            return Err(wrong());
        };
        // Its resource and community are those of the item.
        let given = [
            ("community_id", Stored::Uuid(Some(Uuid::nil()))),
            ("resource_id", Stored::Uuid(Some(Uuid::nil()))),
            ("place", Stored::Int(Some(place))),
        ];
        references.push(decode::<external_reference::Entity>(
            &mut reference,
            "",
            &given,
        )?);
    }
    Ok(references)
}

/// What only the type of an item has. The fields that the item has too are left for it.
fn details(of: ItemType, own: &'static str, fields: &mut Fields) -> Result<Details, String> {
    let id = match any_id(fields, "id")? {
        Some((is, id)) if is == entity_type(of) => id,
        _ => return Err(format!("`id` is no id of a {own}.")),
    };
    let id = ("id", Stored::Uuid(Some(id)));
    // What is counted is counted anew.
    let zero = || Stored::Int(Some(0));
    Ok(match of {
        ItemType::Resource => {
            let given = [id, ("rating_count", zero()), ("rating_sum", zero())];
            Details::Resource(decode::<resource::Entity>(fields, own, &given)?)
        }
        ItemType::Practice => {
            let resources = id_list(fields, "resourceIds", EntityType::Resource)?;
            let resources = bounded(resources, "resourceIds", MAX_PRACTICE_RESOURCES)?;
            let row = decode::<practice::Entity>(fields, own, &[id])?;
            Details::Practice(row, resources)
        }
        ItemType::Innovation => {
            let given = [id, ("supporter_count", zero())];
            Details::Innovation(decode::<innovation::Entity>(fields, own, &given)?)
        }
        ItemType::Activity => Details::Activity(decode::<activity::Entity>(fields, own, &[id])?),
        ItemType::Discussion => {
            let (_, home) = required_id(fields, "communityId")?;
            let given = [
                id,
                ("community_id", Stored::Uuid(Some(home))),
                ("post_count", zero()),
            ];
            Details::Discussion(decode::<discussion::Entity>(fields, own, &given)?)
        }
        ItemType::Collection => {
            let entries = entries(fields)?;
            let row = decode::<collection::Entity>(fields, own, &[id])?;
            Details::Collection(row, entries)
        }
    })
}

fn entries(fields: &mut Fields) -> Result<Vec<Entry>, String> {
    let wrong = || "`entries` must be a list of objects with `id` and `note`.".to_owned();
    let list = match fields.remove("entries") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => bounded(list, "entries", MAX_ENTRIES)?,
        Some(_) => return Err(wrong()),
    };
    list.into_iter()
        .map(|entry| {
            let Value::Object(entry) = entry else {
                return Err(wrong());
            };
            let item = any_id(&entry, "id")?.filter(|(of, _)| is_item(*of));
            let note = entry.get("note").and_then(Value::as_str);
            Ok(Entry {
                item: item.ok_or_else(wrong)?,
                note: note.map(str::to_owned),
            })
        })
        .collect()
}

/// Leaves out what items refer to and is not here.
async fn leave_out(unit: &WriteUnit, lines: &mut [Line<item::Entity>]) -> Result<()> {
    let referred: Vec<Uuid> = lines
        .iter()
        .flat_map(|line| line.parts.details.references())
        .map(|(_, id)| id)
        .collect();
    let mut here: HashMap<Uuid, EntityType> = HashMap::new();
    for ids in referred.chunks(1_000) {
        let found: Vec<(Uuid, ItemType)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::ItemType])
            .filter(item::Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(unit.db())
            .await?;
        here.extend(found.into_iter().map(|(id, of)| (id, entity_type(of))));
    }
    let is_here = |(of, id): End| here.get(&id) == Some(&of);
    for line in lines {
        let left_out = &mut line.left_out;
        let mut say = |(of, id): End| left_out.push(typed_id::encode(prefix(of), id));
        match &mut line.parts.details {
            Details::Practice(_, resources) => resources.retain(|id| {
                let end = (EntityType::Resource, *id);
                let stays = is_here(end);
                if !stays {
                    say(end);
                }
                stays
            }),
            Details::Discussion(row) => {
                let about = row.about_type.zip(row.about_id);
                if let Some(about) = about.filter(|about| !is_here(*about)) {
                    row.about_type = None;
                    row.about_id = None;
                    // These come later, and are stated again at the end.
                    if !matches!(about.0, EntityType::Discussion | EntityType::Collection) {
                        say(about);
                    }
                }
            }
            Details::Collection(_, entries) => entries.retain(|entry| {
                let stays = is_here(entry.item);
                if !stays && entry.item.0 != EntityType::Collection {
                    say(entry.item);
                }
                stays
            }),
            Details::Resource(_) | Details::Innovation(_) | Details::Activity(_) => {}
        }
    }
    Ok(())
}
