//! Posts: adding, changing, hiding them.

use entity::change::Operation;
use entity::discussion::DiscussionState;
use entity::post;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::gate::{Named, Opened, POST, open, open_post};
use super::tree::{DEEPEST, depth, path};
use super::{lifecycle, mentions};
use crate::error::{Error, FaultCode, Result};
use crate::item::insert::replace_row;
use crate::policy::discussion as policy;
use crate::store::{HIDDEN_POSTS, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// A post of a discussion.
pub type Post = post::Model;

/// The text of a post: Markdown that must say something.
const TEXT: TextRule = TextRule {
    min: 1,
    max: 50_000,
    multiline: true,
};
/// Most posts of a discussion.
const MOST_POSTS: i32 = 100_000;

const INPUT: Named<'static> = Named {
    field: &["input", "discussionId"],
    what: "discussion",
};

/// A new post.
#[derive(Clone, Debug)]
pub struct AddPost {
    /// The discussion.
    pub discussion_id: Uuid,
    /// Markdown.
    pub body: String,
    /// The post that it answers; none to answer the discussion itself.
    pub parent_id: Option<Uuid>,
}

fn check_text(faults: &mut Faults, path: &[&str], text: &str) -> String {
    // White space alone says nothing.
    let text = if text.trim().is_empty() { "" } else { text };
    faults.text(path, text, TEXT)
}

/// Adds a post; for active members. A closed discussion takes none.
#[crate::boxed]
pub async fn add_post(store: &Store, viewer: &Viewer, input: AddPost) -> Result<Written<Post>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            add_post_in(unit, viewer, actor, input).boxed()
        })
        .await
}

async fn add_post_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    actor: Uuid,
    input: AddPost,
) -> Result<Post> {
    let mut faults = Faults::default();
    let body = check_text(&mut faults, &["input", "body"], &input.body);
    let opening = open(unit, &viewer, input.discussion_id, INPUT).await;
    let Some(mut opened) = faults.absorb(opening)? else {
        return Err(faults.check().err().unwrap_or_else(|| INPUT.absent()));
    };
    let allowed = policy::reply(&opened.viewer, opened.facts());
    if faults
        .absorb(allowed.require(INPUT.field, INPUT.what))?
        .is_none()
    {
        return Err(faults.check().err().unwrap_or_else(|| INPUT.absent()));
    }
    let parent = match input.parent_id {
        Some(id) => parent(unit, input.discussion_id, id, &mut faults).await?,
        None => None,
    };
    let row = &opened.discussion.details;
    if row.post_count >= MOST_POSTS {
        let message = format!(
            "A discussion holds {MOST_POSTS} posts at most; begin another and say what it goes on from."
        );
        faults.add(FaultCode::LimitReached, INPUT.field, message);
    }
    faults.check()?;
    if row.state == DiscussionState::Closed {
        return Err(closed());
    }
    let number = row.post_count + 1;
    let post = post::Model {
        id: Uuid::now_v7(),
        discussion_id: row.id,
        community_id: row.community_id,
        parent_id: parent.as_ref().map(|parent| parent.id),
        number,
        depth: depth(parent.as_ref()),
        path: path(parent.as_ref(), number),
        author_id: Some(actor),
        body,
        hidden: false,
        hidden_by: None,
        hidden_reason: None,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    post::Entity::insert(post.clone().into_active_model())
        .exec_without_returning(unit.db())
        .await?;
    mentions::of_post(unit, &opened, &post).await?;
    let mut fields = vec!["posts", "lastActivityAt"];
    let answers = !opened.authors.contains(&actor);
    let row = &mut opened.discussion.details;
    row.post_count = number;
    row.last_post_at = Some(unit.now());
    row.last_activity_at = unit.now();
    if answers && row.first_answered_at.is_none() {
        row.first_answered_at = Some(unit.now());
        fields.push("firstAnsweredAt");
    }
    unit.record(opened.post_changed(&post, Operation::Created, &[]));
    opened.save(unit, &fields).await?;
    Ok(post)
}

/// The post that is answered: of the same discussion, and not too deep in its tree.
async fn parent(
    unit: &WriteUnit,
    discussion: Uuid,
    id: Uuid,
    faults: &mut Faults,
) -> Result<Option<Post>> {
    let field = &["input", "parentId"];
    let found = post::Entity::find_by_id(id)
        .filter(post::Column::DiscussionId.eq(discussion))
        .one(unit.db())
        .await?;
    match &found {
        None => faults.add(
            FaultCode::NotFound,
            field,
            "There is no post with this id in this discussion.",
        ),
        Some(parent) if parent.depth >= DEEPEST => faults.add(
            FaultCode::LimitReached,
            field,
            format!("Replies go {DEEPEST} deep at most; answer the post above this one."),
        ),
        Some(_) => {}
    }
    Ok(found)
}

fn closed() -> Error {
    let message = "This discussion is closed; reopen it to post to it.";
    Error::not_from_here(INPUT.field, message)
}

/// Changes the text of a post; for its author. The same text again changes nothing.
#[crate::boxed]
pub async fn update_post(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    body: String,
) -> Result<Written<Post>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let body = check_text(&mut faults, &["body"], &body);
                let (mut opened, mut post) = open_post(unit, &viewer, id).await?;
                policy::update_post(&opened.viewer, opened.facts(), post.author_id)
                    .require(POST.field, POST.what)?;
                faults.check()?;
                if post.body == body {
                    return Ok(post);
                }
                post.body = body;
                // Later than when it was made, by the clock's least step where the clock stood still.
                let least = chrono::TimeDelta::microseconds(1);
                post.updated_at = unit.now().max(post.created_at + least);
                replace_row(unit, post.clone()).await?;
                mentions::of_post(unit, &opened, &post).await?;
                unit.record(opened.post_changed(&post, Operation::Updated, &["body"]));
                opened.save(unit, &["posts"]).await?;
                Ok(post)
            }
            .boxed()
        })
        .await
}

/// Hides a post's text from all but its author and stewards; for stewards and facilitators. An accepted answer that is
/// hidden is none any more: its discussion is open again. Hiding what is hidden changes nothing.
#[crate::boxed]
pub async fn hide_post(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: String,
) -> Result<Written<Post>> {
    set_hidden(store, viewer, id, Some(reason)).await
}

/// Shows a hidden post again; for stewards and facilitators. Showing what is shown changes nothing.
#[crate::boxed]
pub async fn show_post(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Post>> {
    set_hidden(store, viewer, id, None).await
}

async fn set_hidden(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: Option<String>,
) -> Result<Written<Post>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let reason = reason.map(|reason| faults.text(&["reason"], reason.trim(), SUMMARY));
                let (mut opened, mut post) = open_post(unit, &viewer, id).await?;
                policy::hide_post(&opened.viewer, opened.facts()).require(POST.field, POST.what)?;
                faults.check()?;
                if post.hidden == reason.is_some() {
                    return Ok(post);
                }
                post.hidden = reason.is_some();
                post.hidden_by = reason.as_ref().map(|_| actor);
                post.hidden_reason = reason;
                replace_row(unit, post.clone()).await?;
                unit.record(opened.post_changed(&post, Operation::Updated, &["hidden"]));
                let mut fields = vec!["posts"];
                if post.hidden {
                    fields.push(HIDDEN_POSTS);
                }
                let answered = first_answer(unit, &opened).await?;
                if opened.discussion.details.first_answered_at != answered {
                    opened.discussion.details.first_answered_at = answered;
                    fields.push("firstAnsweredAt");
                }
                if post.hidden && opened.discussion.details.accepted_post_id == Some(id) {
                    lifecycle::unaccept(unit, &mut opened, &mut fields).await?;
                    opened.save_step(unit, &fields).await?;
                } else {
                    opened.save(unit, &fields).await?;
                }
                Ok(post)
            }
            .boxed()
        })
        .await
}

/// When somebody else than the asker first posted something that is not hidden.
async fn first_answer(
    unit: &WriteUnit,
    opened: &Opened,
) -> Result<Option<chrono::DateTime<chrono::Utc>>> {
    let first = post::Entity::find()
        .filter(post::Column::DiscussionId.eq(opened.discussion.item.id))
        .filter(post::Column::Hidden.eq(false))
        .filter(post::Column::AuthorId.is_not_in(opened.authors.iter().copied()))
        .order_by_asc(post::Column::Number)
        .one(unit.db())
        .await?;
    Ok(first.map(|post| post.created_at))
}
