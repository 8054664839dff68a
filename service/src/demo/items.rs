//! Inputs of items, made of the content's lines.

use std::collections::HashMap;

use entity::innovation::InnovationStage;
use entity::item::{ItemType, ItemVisibility};
use uuid::Uuid;

use super::content::{InnovationLine, ItemLine, PracticeLine, ResourceLine};
use super::fictional::{self, Form};
use super::publish::Unpublished;
use crate::collection::CreateCollection;
use crate::error::{Error, Result};
use crate::innovation::{CreateInnovation, InnovationContent};
use crate::item::{ItemContent, Origin};
use crate::practice::{CreatePractice, PracticeContent};
use crate::resource::{CreateResource, ResourceContent};
use crate::validation::Patch;

/// The ids of what items refer to, by slug.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) domains: HashMap<String, Uuid>,
    pub(super) communities: HashMap<String, Uuid>,
}

impl Ids {
    pub(super) fn domain(&self, slug: &str) -> Result<Uuid> {
        find(&self.domains, slug, "domain")
    }

    pub(super) fn domains(&self, slugs: &[&str]) -> Result<Vec<Uuid>> {
        slugs.iter().map(|slug| self.domain(slug)).collect()
    }

    pub(super) fn community(&self, slug: &str) -> Result<Uuid> {
        find(&self.communities, slug, "community")
    }
}

fn find(ids: &HashMap<String, Uuid>, slug: &str, what: &str) -> Result<Uuid> {
    ids.get(slug)
        .copied()
        .ok_or_else(|| Error::internal(format!("the demonstration has no {what} {slug}")))
}

/// The input of an item of any type.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Resource(CreateResource),
    Practice(CreatePractice),
    Innovation(CreateInnovation),
    Collection(CreateCollection),
}

impl Input {
    pub(super) fn item_type(&self) -> ItemType {
        match self {
            Self::Resource(_) => ItemType::Resource,
            Self::Practice(_) => ItemType::Practice,
            Self::Innovation(_) => ItemType::Innovation,
            Self::Collection(_) => ItemType::Collection,
        }
    }
}

/// An item to be made, by whom, and where an innovation goes from its first stage.
#[derive(Clone, Debug)]
pub(super) struct NewItem {
    pub(super) author: &'static str,
    pub(super) title: String,
    pub(super) community_id: Uuid,
    pub(super) input: Input,
    /// Whether its readers are to see it; an innovation they always do.
    pub(super) publish: bool,
    pub(super) visibility: ItemVisibility,
    pub(super) advance: Option<Advance>,
}

/// A step of an innovation.
#[derive(Clone, Debug)]
pub(super) struct Advance {
    pub(super) to: InnovationStage,
    pub(super) reason: &'static str,
    pub(super) learning: Option<&'static str>,
}

impl NewItem {
    /// The item under its id, where its readers are to see it.
    pub(super) fn unpublished(&self, id: Uuid) -> Option<Unpublished> {
        self.publish.then_some(Unpublished {
            id,
            author: self.author,
            item_type: self.item_type(),
            community: self.community_id,
            visibility: self.visibility,
        })
    }

    pub(super) fn item_type(&self) -> ItemType {
        self.input.item_type()
    }
}

fn content(line: ItemLine, ids: &Ids) -> Result<ItemContent> {
    let domain_ids = line
        .domains
        .iter()
        .map(|slug| ids.domain(slug))
        .collect::<Result<_>>()?;
    let attribution = line.dated_attribution();
    Ok(ItemContent {
        title: Patch::Value(line.title),
        body: Patch::Value(line.body),
        url: Patch::Value(line.url),
        licence: Patch::Value(line.licence),
        attribution: Patch::Value(attribution),
        language: Patch::Value(line.language),
        bylines: Patch::Value(line.authors),
        tags: Patch::Value(line.tags),
        domain_ids: Patch::Value(domain_ids),
        ..ItemContent::default()
    })
}

fn optional<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Absent, Patch::Value)
}

pub(super) fn resource(line: ResourceLine, author: &'static str, ids: &Ids) -> Result<NewItem> {
    let community_id = ids.community(&line.item.community)?;
    let minutes = line.minutes();
    Ok(NewItem {
        author,
        title: line.item.title.clone(),
        community_id,
        input: Input::Resource(CreateResource {
            community_id,
            resource: ResourceContent {
                kind: Patch::Value(line.kind),
                description: Patch::Value(line.description),
                educational_levels: optional(line.educational_level.map(|level| vec![level])),
                time_required_minutes: optional(minutes),
                ..ResourceContent::default()
            },
            content: content(line.item, ids)?,
            publish: false,
        }),
        publish: true,
        visibility: ItemVisibility::Community,
        advance: None,
    })
}

pub(super) fn practice(line: PracticeLine, author: &'static str, ids: &Ids) -> Result<NewItem> {
    let community_id = ids.community(&line.item.community)?;
    let context = line.context();
    Ok(NewItem {
        author,
        title: line.item.title.clone(),
        community_id,
        input: Input::Practice(CreatePractice {
            community_id,
            practice: PracticeContent {
                kind: Patch::Value(line.kind),
                summary: Patch::Value(line.summary),
                problem: optional(line.problem),
                context: optional(context),
                ..PracticeContent::default()
            },
            content: content(line.item, ids)?,
            publish: false,
        }),
        publish: true,
        visibility: ItemVisibility::Community,
        advance: None,
    })
}

pub(super) fn innovation(line: InnovationLine, author: &'static str, ids: &Ids) -> Result<NewItem> {
    let community_id = ids.community(&line.item.community)?;
    Ok(NewItem {
        author,
        title: line.item.title.clone(),
        community_id,
        input: Input::Innovation(CreateInnovation {
            community_id,
            innovation: InnovationContent {
                idea: Patch::Value(line.idea),
                problem: Patch::Value(line.problem),
                ..InnovationContent::default()
            },
            content: content(line.item, ids)?,
        }),
        publish: false,
        visibility: ItemVisibility::Community,
        advance: (line.stage == InnovationStage::Exploring).then_some(Advance {
            to: InnovationStage::Exploring,
            reason: "The source names organizations that do this.",
            learning: None,
        }),
    })
}

pub(super) fn fictional(
    community: &fictional::Community,
    item: &fictional::Item,
    ids: &Ids,
) -> Result<NewItem> {
    let community_id = ids.community(community.slug)?;
    let work = Work {
        form: item.form,
        title: item.title,
        summary: item.summary,
        body: item.body,
        language: "en",
        tags: item.tags,
        domains: community.domains,
        visibility: item.visibility,
    };
    let learning = match item.form {
        Form::Innovation(_, learning) => learning,
        Form::Resource(_) | Form::Practice(_) => None,
    };
    Ok(NewItem {
        author: item.author,
        title: item.title.to_owned(),
        community_id,
        publish: item.published && !matches!(item.form, Form::Innovation(..)),
        visibility: item.visibility,
        input: work.input(community_id, ids, Origin::default())?,
        advance: learning.map(|learning| Advance {
            to: InnovationStage::Abandoned,
            reason: "It was tried and given up.",
            learning: Some(learning),
        }),
    })
}

/// What is written into an item that is made up.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) form: Form,
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) body: &'static str,
    pub(super) language: &'static str,
    pub(super) tags: &'static [&'static str],
    pub(super) domains: &'static [&'static str],
    pub(super) visibility: ItemVisibility,
}

impl Work {
    /// The input that makes it: a draft, or an idea.
    pub(super) fn input(&self, community_id: Uuid, ids: &Ids, origin: Origin) -> Result<Input> {
        let content = ItemContent {
            title: Patch::Value(self.title.to_owned()),
            body: Patch::Value(self.body.to_owned()),
            licence: Patch::Value("CC0-1.0".to_owned()),
            language: Patch::Value(self.language.to_owned()),
            tags: Patch::Value(self.tags.iter().map(|tag| (*tag).to_owned()).collect()),
            domain_ids: Patch::Value(ids.domains(self.domains)?),
            visibility: Patch::Value(self.visibility),
            origin,
            ..ItemContent::default()
        };
        let summary = Patch::Value(self.summary.to_owned());
        Ok(match self.form {
            Form::Resource(kind) => Input::Resource(CreateResource {
                community_id,
                content,
                resource: ResourceContent {
                    kind: Patch::Value(kind),
                    description: summary,
                    ..ResourceContent::default()
                },
                publish: false,
            }),
            Form::Practice(kind) => Input::Practice(CreatePractice {
                community_id,
                content,
                practice: PracticeContent {
                    kind: Patch::Value(kind),
                    summary,
                    ..PracticeContent::default()
                },
                publish: false,
            }),
            Form::Innovation(idea, _) => Input::Innovation(CreateInnovation {
                community_id,
                content,
                innovation: InnovationContent {
                    idea: Patch::Value(idea.to_owned()),
                    hypothesis: summary,
                    ..InnovationContent::default()
                },
            }),
        })
    }
}
