//! What a line says of an item, as the commands take it.

use std::collections::{HashMap, HashSet};

use entity::discussion::DiscussionKind;
use entity::item::{ItemType, ItemVisibility, PublicationStatus};
use entity::practice::PracticeKind;
use entity::resource::ResourceKind;
use serde_json::Value;
use uuid::Uuid;

use crate::collection::{CollectionContent, CreateCollection, NewEntry};
use crate::discussion::CreateDiscussion;
use crate::external_reference::NewReference;
use crate::innovation::{CreateInnovation, InnovationContent};
use crate::item::{Byline, ItemContent, Origin, add_bylines};
use crate::operation::line::Fields;
use crate::practice::{CreatePractice, PracticeContent};
use crate::resource::{CreateResource, ResourceContent};
use crate::validation::{MAX_AUTHORS, Patch};

/// What the ids and slugs of lines stand for here.
pub(super) struct Meant<'a> {
    /// Where it goes.
    pub(super) community: Uuid,
    /// The names of people, by the ids in the file.
    pub(super) people: &'a HashMap<String, String>,
    /// Those of them who are users here, by the same ids.
    pub(super) users: &'a HashMap<String, Byline>,
    /// The importer's own id, as lines have it.
    pub(super) own_id: &'a str,
    /// The domains here, by what lines call them.
    pub(super) domains: &'a HashMap<String, Uuid>,
    /// The items here, by the ids in the file.
    pub(super) items: &'a HashMap<String, Uuid>,
}

/// An item to be made.
pub(super) enum New {
    Resource(CreateResource),
    Practice(CreatePractice),
    Innovation(CreateInnovation),
    Discussion(CreateDiscussion),
    Collection(CreateCollection),
}

/// What a line comes to: an item, those of its bylines that are names of users, what is left out of it, and whether it is
/// to be published if it can.
pub(super) struct Read {
    pub(super) new: New,
    pub(super) bylines: Vec<Byline>,
    pub(super) left_out: Vec<String>,
    pub(super) publish: bool,
}

/// A text of a line.
pub(super) fn text(fields: &mut Fields, name: &str) -> Result<Option<String>, String> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` must be a text.")),
    }
}

fn texts(fields: &mut Fields, name: &str) -> Result<Option<Vec<String>>, String> {
    let wrong = || format!("`{name}` must be a list of texts.");
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(values)) => values
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err(wrong()),
            })
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

fn number(fields: &mut Fields, name: &str) -> Result<Option<i64>, String> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(format!("`{name}` must be a whole number.")),
        },
    }
}

/// One of the values of an enum.
fn choice<T>(
    fields: &mut Fields,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    all: impl Iterator<Item = &'static str>,
) -> Result<Option<T>, String> {
    let Some(given) = text(fields, name)? else {
        return Ok(None);
    };
    parse(&given).map(Some).ok_or_else(|| {
        let all: Vec<_> = all.collect();
        format!("`{name}` must be one of {}.", all.join(", "))
    })
}

macro_rules! choice_of {
    ($fields:expr, $name:literal, $of:ty) => {
        choice(
            $fields,
            $name,
            <$of>::parse,
            <$of>::ALL.iter().map(|value| value.as_str()),
        )
    };
}

fn given<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Absent, Patch::Value)
}

/// The people whom a line names as its authors, with their names in the file: each once, and as many as an item may have.
/// The importer is none of them, nor is anybody of whom the file says no more.
pub(super) fn people_named<'a>(
    ids: impl Iterator<Item = &'a str>,
    people: &'a HashMap<String, String>,
    own_id: &str,
) -> Vec<(&'a str, &'a String)> {
    let mut seen = HashSet::new();
    ids.filter(|id| *id != own_id && seen.insert(*id))
        .filter_map(|id| Some((id, people.get(id)?)))
        .take(MAX_AUTHORS)
        .collect()
}

impl Meant<'_> {
    /// Reads the line of an item of a type.
    pub(super) fn read(&self, of: ItemType, mut fields: Fields) -> Result<Read, String> {
        let mut left_out = Vec::new();
        let status = choice_of!(&mut fields, "status", PublicationStatus)?;
        let publish = matches!(status, None | Some(PublicationStatus::Published));
        let (content, bylines) = self.content(&mut fields)?;
        let new = match of {
            ItemType::Resource => New::Resource(CreateResource {
                community_id: self.community,
                content,
                resource: resource(&mut fields)?,
                publish: false,
            }),
            ItemType::Practice => New::Practice(CreatePractice {
                community_id: self.community,
                content,
                practice: self.practice(&mut fields, &mut left_out)?,
                publish: false,
            }),
            ItemType::Innovation => New::Innovation(CreateInnovation {
                community_id: self.community,
                content,
                innovation: innovation(&mut fields)?,
            }),
            ItemType::Discussion => New::Discussion(CreateDiscussion {
                community_id: self.community,
                content,
                kind: choice_of!(&mut fields, "kind", DiscussionKind)?
                    .ok_or("`kind` is missing.")?,
                about_id: self.about(&mut fields, &mut left_out)?,
            }),
            ItemType::Collection => New::Collection(CreateCollection {
                community_id: self.community,
                content,
                collection: self.collection(&mut fields, &mut left_out)?,
                publish: false,
            }),
            ItemType::Activity => return Err("Activities are not imported.".into()),
        };
        Ok(Read {
            new,
            bylines,
            left_out,
            publish,
        })
    }

    fn content(&self, fields: &mut Fields) -> Result<(ItemContent, Vec<Byline>), String> {
        let title = text(fields, "title")?.ok_or("`title` is missing.")?;
        let mut names = texts(fields, "bylines")?.unwrap_or_default();
        let mut bylines = Vec::new();
        // The importer answers for the item; whose work it was is said by name.
        let authors = texts(fields, "authorIds")?.unwrap_or_default();
        let authors = authors.iter().map(String::as_str);
        for (author, name) in people_named(authors, self.people, self.own_id) {
            // What users here are called, this server knows better than the file.
            let user = self.users.get(author);
            let name = user.map_or(name, |user| &user.name);
            if names.len() >= MAX_AUTHORS && !names.contains(name) {
                continue;
            }
            match user {
                Some(user) => add_bylines(&mut names, &mut bylines, [user.clone()]),
                None if names.contains(name) => {}
                None => names.push(name.clone()),
            }
        }
        let mut domains = texts(fields, "domainIds")?.unwrap_or_default();
        domains.extend(texts(fields, "domains")?.unwrap_or_default());
        let domains = domains
            .iter()
            .map(|domain| {
                self.domains
                    .get(domain)
                    .copied()
                    .ok_or_else(|| format!("There is no domain \"{}\" here.", short(domain)))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let content = ItemContent {
            title: Patch::Value(title),
            body: given(text(fields, "body")?),
            url: given(text(fields, "url")?),
            licence: given(text(fields, "licence")?),
            attribution: given(text(fields, "attribution")?),
            language: given(text(fields, "language")?),
            bylines: Patch::Value(names),
            author_ids: Patch::Absent,
            tags: given(texts(fields, "tags")?),
            domain_ids: Patch::Value(domains),
            visibility: given(choice_of!(fields, "visibility", ItemVisibility)?),
            origin: Origin::default(),
        };
        Ok((content, bylines))
    }

    /// The item here that an id of the file stands for; what there is not is left out, and said.
    fn item(&self, id: &str, left_out: &mut Vec<String>) -> Option<Uuid> {
        let found = self.items.get(id).copied();
        if found.is_none() {
            left_out.push(short(id));
        }
        found
    }

    fn practice(
        &self,
        fields: &mut Fields,
        left_out: &mut Vec<String>,
    ) -> Result<PracticeContent, String> {
        let resources = texts(fields, "resourceIds")?.unwrap_or_default();
        let resources = resources.iter();
        let resources = resources.filter_map(|id| self.item(id, left_out)).collect();
        Ok(PracticeContent {
            kind: Patch::Value(
                choice_of!(fields, "kind", PracticeKind)?.ok_or("`kind` is missing.")?,
            ),
            summary: given(text(fields, "summary")?),
            problem: given(text(fields, "problem")?),
            context: given(text(fields, "context")?),
            resource_ids: Patch::Value(resources),
        })
    }

    fn about(
        &self,
        fields: &mut Fields,
        left_out: &mut Vec<String>,
    ) -> Result<Option<Uuid>, String> {
        let about = text(fields, "aboutId")?;
        Ok(about.and_then(|id| self.item(&id, left_out)))
    }

    fn collection(
        &self,
        fields: &mut Fields,
        left_out: &mut Vec<String>,
    ) -> Result<CollectionContent, String> {
        let wrong = || "`entries` must be a list of objects with `id` and `note`.".to_owned();
        let entries = match fields.remove("entries") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(wrong()),
        };
        let mut path = Vec::with_capacity(entries.len());
        for entry in entries {
            let Value::Object(mut entry) = entry else {
                return Err(wrong());
            };
            let id = text(&mut entry, "id")?.ok_or_else(wrong)?;
            let note = text(&mut entry, "note")?;
            path.extend(self.item(&id, left_out).map(|id| NewEntry { id, note }));
        }
        Ok(CollectionContent {
            description: given(text(fields, "description")?),
            search_query: given(text(fields, "searchQuery")?),
            entries: Some(path),
        })
    }
}

fn resource(fields: &mut Fields) -> Result<ResourceContent, String> {
    let kind = choice_of!(fields, "kind", ResourceKind)?;
    Ok(ResourceContent {
        kind: Patch::Value(kind.unwrap_or(ResourceKind::Other)),
        description: given(text(fields, "description")?),
        educational_levels: given(texts(fields, "educationalLevels")?),
        time_required_minutes: given(number(fields, "timeRequiredMinutes")?),
        external_references: given(references(fields)?),
    })
}

fn references(fields: &mut Fields) -> Result<Option<Vec<NewReference>>, String> {
    let wrong = || {
        "`externalReferences` must be a list of objects with `system`, `externalId` and `url`."
            .to_owned()
    };
    let list = match fields.remove("externalReferences") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong()),
    };
    let mut references = Vec::with_capacity(list.len());
    for reference in list {
        let Value::Object(mut reference) = reference else {
            return Err(wrong());
        };
        references.push(NewReference {
            system: text(&mut reference, "system")?.ok_or_else(wrong)?,
            external_id: text(&mut reference, "externalId")?.ok_or_else(wrong)?,
            url: text(&mut reference, "url")?,
        });
    }
    Ok(Some(references))
}

fn innovation(fields: &mut Fields) -> Result<InnovationContent, String> {
    let idea = text(fields, "idea")?.ok_or("`idea` is missing.")?;
    Ok(InnovationContent {
        idea: Patch::Value(idea),
        problem: given(text(fields, "problem")?),
        hypothesis: given(text(fields, "hypothesis")?),
        learning: given(text(fields, "learning")?),
    })
}

/// The beginning of what a line says, to be quoted.
pub(super) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

impl New {
    /// Asks to be published at once.
    pub(super) fn publish(&mut self) {
        match self {
            Self::Resource(new) => new.publish = true,
            Self::Practice(new) => new.publish = true,
            Self::Collection(new) => new.publish = true,
            Self::Innovation(_) | Self::Discussion(_) => {}
        }
    }

    /// Whether it is filed under a domain, and its licence is stated.
    pub(super) fn has(&self) -> (bool, bool) {
        let content = match self {
            Self::Resource(new) => &new.content,
            Self::Practice(new) => &new.content,
            Self::Innovation(new) => &new.content,
            Self::Discussion(new) => &new.content,
            Self::Collection(new) => &new.content,
        };
        let domain = matches!(&content.domain_ids, Patch::Value(ids) if !ids.is_empty());
        (domain, matches!(content.licence, Patch::Value(_)))
    }
}
