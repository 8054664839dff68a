//! How what a community has is carried on: to other communities, into stories and along paths.

use entity::item::ItemType;
use entity::link::EntityType;
use entity::value_story::Consent;
use entity::{boundary_share, item, value_story};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Cue, absent};
use crate::boundary_share::{OfferShare, adapt, offer, respond};
use crate::collection::{CollectionContent, CreateCollection, NewEntry, create};
use crate::demo::scenes::{Carry, Path, Story};
use crate::error::Result;
use crate::item::{ItemContent, entity_type};
use crate::validation::Patch;
use crate::value_story::{NewStep, TellStory, tell};

pub(super) async fn play(cue: &Cue<'_>, act: &Carry) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    match act {
        Carry::Offer { work, to, note } => {
            let input = OfferShare {
                item: cue.work(work).await?.id,
                to: cue.ids.community(to)?,
                note: Some((*note).to_owned()),
            };
            if shared(cue, input.item, input.to).await?.is_none() {
                offer(store, viewer, input).await?;
            }
        }
        Carry::Take { work, from } => {
            respond(store, viewer, taken(cue, work, from).await?.id, true).await?;
        }
        Carry::Adapt { work, from } => {
            let share = taken(cue, work, from).await?;
            if share.adaptation_id.is_none() {
                adapt(store, viewer, share.id).await?;
            }
        }
        Carry::Tell(story) => told(cue, story).await?,
        Carry::Gather(path) => gathered(cue, path).await?,
    }
    Ok(())
}

async fn shared(
    cue: &Cue<'_>,
    work: uuid::Uuid,
    to: uuid::Uuid,
) -> Result<Option<boundary_share::Model>> {
    Ok(boundary_share::Entity::find()
        .filter(boundary_share::Column::ItemId.eq(work))
        .filter(boundary_share::Column::ToCommunityId.eq(to))
        .one(cue.store.reader())
        .await?)
}

/// What another community shares with that of the scene.
async fn taken(cue: &Cue<'_>, work: &str, from: &str) -> Result<boundary_share::Model> {
    let from = cue.ids.community(from)?;
    let original = item::Entity::find()
        .filter(item::Column::CommunityId.eq(from))
        .filter(item::Column::ItemType.ne(ItemType::Discussion))
        .filter(item::Column::Title.eq(work))
        .one(cue.store.reader())
        .await?
        .ok_or_else(|| absent(work))?;
    let share = shared(cue, original.id, cue.community).await?;
    share.ok_or_else(|| absent(work))
}

async fn told(cue: &Cue<'_>, story: &Story) -> Result<()> {
    let there = value_story::Entity::find()
        .filter(value_story::Column::CommunityId.eq(cue.community))
        .filter(value_story::Column::Title.eq(story.title))
        .one(cue.store.reader())
        .await?;
    if there.is_some() {
        return Ok(());
    }
    let mut steps = Vec::with_capacity(story.steps.len());
    for (cycle, text, about) in story.steps {
        let mut references = Vec::new();
        if let Some(title) = story.question.filter(|question| about.contains(question)) {
            let question = cue.find_item(title, &[ItemType::Discussion]).await?;
            let question = question.ok_or_else(|| absent(title))?;
            references.push((EntityType::Discussion, question.id));
        }
        for title in about.iter().filter(|title| Some(**title) != story.question) {
            let work = cue.work(title).await?;
            references.push((entity_type(work.item_type), work.id));
        }
        steps.push(NewStep {
            cycle: *cycle,
            text: (*text).to_owned(),
            references,
        });
    }
    let input = TellStory {
        community_id: cue.community,
        title: story.title.to_owned(),
        consent: Consent::Public,
        steps,
    };
    tell(cue.store, cue.viewer, input).await?;
    Ok(())
}

async fn gathered(cue: &Cue<'_>, path: &Path) -> Result<()> {
    let there = cue.find_item(path.title, &[ItemType::Collection]).await?;
    if there.is_some() {
        return Ok(());
    }
    let mut entries = Vec::with_capacity(path.entries.len());
    for (title, note) in path.entries {
        entries.push(NewEntry {
            id: cue.work(title).await?.id,
            note: Some((*note).to_owned()),
        });
    }
    let input = CreateCollection {
        community_id: cue.community,
        content: ItemContent {
            title: Patch::Value(path.title.to_owned()),
            licence: Patch::Value("CC0-1.0".to_owned()),
            language: Patch::Value(path.language.to_owned()),
            ..ItemContent::default()
        },
        collection: CollectionContent {
            description: Patch::Value(path.description.to_owned()),
            entries: Some(entries),
            ..CollectionContent::default()
        },
        publish: true,
    };
    create(cue.store, cue.viewer, input).await?;
    Ok(())
}
