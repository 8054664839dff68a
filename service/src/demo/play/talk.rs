//! Questions and answers, and what people know.

use entity::item::ItemType;
use entity::post;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Cue, absent};
use crate::demo::scenes::{Question, Talk};
use crate::discussion::{
    AddPost, CaptureDiscussion, CreateDiscussion, accept_post, add_post, capture, captured_as,
    close, create, reopen,
};
use crate::error::Result;
use crate::expertise::{Subject, declare, endorse};
use crate::item::ItemContent;
use crate::validation::Patch;

pub(super) async fn play(cue: &Cue<'_>, act: &Talk) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    match act {
        Talk::Ask(question) => ask(cue, question).await?,
        Talk::Reply { to, answers, body } => reply(cue, to, *answers, body).await?,
        Talk::Accept(title, number) => {
            let discussion = discussion(cue, title).await?;
            accept_post(store, viewer, post(cue, discussion, *number).await?).await?;
        }
        Talk::Close(title, reason) => {
            close(store, viewer, discussion(cue, title).await?, *reason).await?;
        }
        Talk::Reopen(title) => {
            reopen(store, viewer, discussion(cue, title).await?).await?;
        }
        Talk::Capture(title) => {
            let id = discussion(cue, title).await?;
            if captured_as(store, &[id]).await?.is_empty() {
                capture(store, viewer, id, CaptureDiscussion::default()).await?;
            }
        }
        Talk::Know(tag) => {
            declare(store, viewer, subject(tag)).await?;
        }
        Talk::Vouch(handle, tag) => {
            endorse(store, viewer, cue.user(handle)?, subject(tag)).await?;
        }
    }
    Ok(())
}

fn subject(tag: &str) -> Subject {
    Subject {
        tag: Some(tag.to_owned()),
        ..Subject::default()
    }
}

async fn ask(cue: &Cue<'_>, question: &Question) -> Result<()> {
    let types = [ItemType::Discussion];
    if cue.find_item(question.title, &types).await?.is_some() {
        return Ok(());
    }
    let tags = question.tags.iter().map(|tag| (*tag).to_owned()).collect();
    let input = CreateDiscussion {
        community_id: cue.community,
        content: ItemContent {
            title: Patch::Value(question.title.to_owned()),
            body: Patch::Value(question.body.to_owned()),
            language: Patch::Value(question.language.to_owned()),
            tags: Patch::Value(tags),
            domain_ids: Patch::Value(cue.ids.domains(question.domains)?),
            ..ItemContent::default()
        },
        kind: question.kind,
        about_id: None,
    };
    create(cue.store, cue.viewer, input).await?;
    Ok(())
}

async fn reply(cue: &Cue<'_>, to: &str, answers: Option<i32>, body: &str) -> Result<()> {
    let discussion_id = discussion(cue, to).await?;
    let known = post::Entity::find()
        .filter(post::Column::DiscussionId.eq(discussion_id))
        .filter(post::Column::Body.eq(body))
        .one(cue.store.reader())
        .await?;
    if known.is_some() {
        return Ok(());
    }
    let parent_id = match answers {
        Some(number) => Some(post(cue, discussion_id, number).await?),
        None => None,
    };
    let input = AddPost {
        discussion_id,
        body: body.to_owned(),
        parent_id,
    };
    add_post(cue.store, cue.viewer, input).await?;
    Ok(())
}

async fn discussion(cue: &Cue<'_>, title: &str) -> Result<Uuid> {
    let found = cue.find_item(title, &[ItemType::Discussion]).await?;
    found.map(|item| item.id).ok_or_else(|| absent(title))
}

async fn post(cue: &Cue<'_>, discussion: Uuid, number: i32) -> Result<Uuid> {
    let found = post::Entity::find()
        .filter(post::Column::DiscussionId.eq(discussion))
        .filter(post::Column::Number.eq(number))
        .one(cue.store.reader())
        .await?;
    found
        .map(|post| post.id)
        .ok_or_else(|| absent(&format!("post {number}")))
}
