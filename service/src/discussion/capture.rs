//! Capturing: what was asked and answered becomes a resource that others find.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::discussion::DiscussionState;
use entity::link::{self, LinkRelation};
use entity::post;
use entity::resource::ResourceKind;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::gate::{DISCUSSION, Opened, open};
use super::lifecycle::is_answerable;
use crate::error::{Error, FaultCode, Result};
use crate::item::insert::insert_many;
use crate::item::{
    Byline, ItemContent, ItemState, bodies_of, byline_rows, credit, domains_of, tags_of,
};
use crate::link::{NewLink, state};
use crate::policy::discussion as policy;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Patch;
use crate::viewer::{Scope, Viewer};

/// What the resource is to say otherwise than the discussion does.
#[derive(Clone, Debug, Default)]
pub struct CaptureDiscussion {
    /// Its title; that of the discussion if not given.
    pub title: Option<String>,
    /// Its kind; ARTICLE if not given.
    pub kind: Option<ResourceKind>,
    /// Its text, Markdown; the question and the accepted answer if not given.
    pub body: Option<String>,
}

/// Makes a resource draft of a discussion in the same community, with a link back. Whoever asked and whoever gave the
/// accepted answer are its authors, and so is the one who captures it, who goes on editing; those who are no members
/// any more are named as bylines. A discussion is captured once, unless that resource was deleted.
#[crate::boxed]
pub async fn capture(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: CaptureDiscussion,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id, DISCUSSION).await?;
                policy::capture(&opened.viewer, opened.facts())
                    .require(DISCUSSION.field, DISCUSSION.what)?;
                check_state(&opened, input.body.is_some())?;
                check_first_capture(unit, id).await?;
                let (draft, bylines) = draft(unit, &opened, actor, input).await?;
                let made = resource::create_many(unit, &viewer, vec![draft]).await?;
                let made = made
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| Err(Error::internal("nothing was captured")))?;
                insert_many(unit, byline_rows(&made, &bylines)).await?;
                let link = NewLink {
                    from: (EntityType::Resource, made.item.id),
                    relation: LinkRelation::CapturedFrom,
                    to: (EntityType::Discussion, id),
                    occurrence: None,
                };
                state(unit, &[link]).await?;
                Ok(made)
            }
            .boxed()
        })
        .await
}

/// A question is captured with its answer; what waits for no answer is captured in words of one's own.
fn check_state(opened: &Opened, has_body: bool) -> Result<()> {
    let row = &opened.discussion.details;
    if !is_answerable(row.kind) {
        let message =
            "This discussion has no accepted answer to take over; write the text into `body`.";
        return if has_body {
            Ok(())
        } else {
            Err(Error::fault(
                FaultCode::Required,
                &["input", "body"],
                message,
            ))
        };
    }
    if row.state == DiscussionState::Resolved {
        return Ok(());
    }
    let message = "Only what is resolved can be captured; accept an answer first.";
    Err(Error::not_from_here(DISCUSSION.field, message))
}

async fn check_first_capture(unit: &WriteUnit, id: Uuid) -> Result<()> {
    let captured = link::Entity::find()
        .filter(link::Column::ToId.eq(id))
        .filter(link::Column::Relation.eq(LinkRelation::CapturedFrom))
        .one(unit.db())
        .await?;
    match captured {
        None => Ok(()),
        Some(_) => Err(Error::fault(
            FaultCode::Taken,
            DISCUSSION.field,
            "This discussion was captured already; go on with the resource that was made of it.",
        )),
    }
}

/// The resource that is made, and those of its bylines that are names of users.
async fn draft(
    unit: &WriteUnit,
    opened: &Opened,
    actor: Uuid,
    input: CaptureDiscussion,
) -> Result<(CreateResource, Vec<Byline>)> {
    let item = &opened.discussion.item;
    let answer = match opened.discussion.details.accepted_post_id {
        Some(id) => post::Entity::find_by_id(id).one(unit.db()).await?,
        None => None,
    };
    let helper = answer.as_ref().and_then(|post| post.author_id);
    let mut people: Vec<Uuid> = helper.into_iter().chain(opened.authors.clone()).collect();
    people.push(actor);
    let mut credited = Vec::with_capacity(people.len());
    for person in people {
        if !credited.contains(&person) {
            credited.push(person);
        }
    }
    let (author_ids, bylines) = credit(unit, item.community_id, credited).await?;
    let body = if let Some(body) = input.body {
        body
    } else {
        let question = bodies_of(unit.db(), &[item.id]).await?.remove(&item.id);
        text(question.as_deref(), answer.as_ref())
    };
    let domains = domains_of(unit.db(), &[item.id]).await?.remove(&item.id);
    let tags = tags_of(unit.db(), &[item.id]).await?.remove(&item.id);
    let names = bylines.iter().map(|byline| byline.name.clone());
    let draft = CreateResource {
        community_id: item.community_id,
        content: ItemContent {
            title: Patch::Value(input.title.unwrap_or_else(|| item.title.clone())),
            body: Patch::Value(body),
            language: item.language.clone().map_or(Patch::Absent, Patch::Value),
            bylines: Patch::Value(names.collect()),
            author_ids: Patch::Value(author_ids),
            tags: Patch::Value(tags.unwrap_or_default()),
            domain_ids: Patch::Value(domains.unwrap_or_default()),
            // What was said among few is not told to more.
            visibility: Patch::Value(item.visibility),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(input.kind.unwrap_or(ResourceKind::Article)),
            ..ResourceContent::default()
        },
        publish: false,
    };
    Ok((draft, bylines))
}

/// The question and the accepted answer, as one text.
fn text(question: Option<&str>, answer: Option<&post::Model>) -> String {
    let question = question.unwrap_or_default().trim();
    match answer {
        Some(answer) => format!(
            "## Question\n\n{question}\n\n## Answer\n\n{}",
            answer.body.trim()
        ),
        None => question.to_owned(),
    }
}

/// The ids of the resources that were made of discussions; whether a viewer may read them is not asked.
#[crate::boxed]
pub async fn captured_as(store: &Store, discussions: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows = link::Entity::find()
        .filter(link::Column::ToId.is_in(discussions.iter().copied()))
        .filter(link::Column::Relation.eq(LinkRelation::CapturedFrom))
        .filter(link::Column::FromType.eq(EntityType::Resource))
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.to_id, row.from_id))
        .collect())
}
