//! Questions and answers in the helping communities, by people who are plainly invented. All of it is made up.

use std::collections::HashMap;

use entity::discussion::DiscussionKind;
use entity::item::ItemType;
use entity::{item, post};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::items::Ids;
use super::load::Counter;
use super::people::{FACILITATOR, MEMBER, People, REVIEWER, STEWARD};
use crate::discussion::{
    AddPost, CaptureDiscussion, CreateDiscussion, accept_post, add_post, capture, captured_as,
    create,
};
use crate::error::{Error, Result};
use crate::expertise::{Subject, declare};
use crate::item::ItemContent;
use crate::store::Store;
use crate::validation::Patch;

/// A discussion with what was posted to it.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) community: &'static str,
    pub(super) kind: DiscussionKind,
    pub(super) title: &'static str,
    pub(super) body: &'static str,
    pub(super) domains: &'static [&'static str],
    pub(super) tags: &'static [&'static str],
    pub(super) asker: &'static str,
    pub(super) posts: &'static [Post],
    /// Which of the posts was accepted, by its place.
    pub(super) accepted: Option<usize>,
    /// Who made a resource of it.
    pub(super) captured_by: Option<&'static str>,
}

/// A post, and which of the posts before it it answers.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) author: &'static str,
    pub(super) answers: Option<usize>,
    pub(super) body: &'static str,
}

const fn post(author: &'static str, answers: Option<usize>, body: &'static str) -> Post {
    Post {
        author,
        answers,
        body,
    }
}

pub(super) const THREADS: &[Thread] = &[
    Thread {
        community: "maintainers-circle",
        kind: DiscussionKind::HelpRequest,
        title: "How do you answer a contributor whose change you will not take?",
        body: "Somebody worked two weekends on a feature that our invented project does not want. The code is good. How \
               do I say no so that they stay?",
        domains: &["community-building"],
        tags: &["contributors", "saying-no"],
        asker: MEMBER,
        posts: &[
            post(
                STEWARD,
                None,
                "Say thank you for something that you can name, then say no in the second sentence, then the reason. A \
                 no at the end of a long text reads like a door that closes slowly.",
            ),
            post(
                MEMBER,
                Some(0),
                "And if they ask what they could do instead?",
            ),
            post(
                STEWARD,
                Some(1),
                "Have one thing ready before you answer: an issue of the same size that you do want, and your name under \
                 it as the one who will review it.",
            ),
            post(
                REVIEWER,
                None,
                "We wrote down what is out of scope and link to it. The next no took two lines, and nobody felt meant.",
            ),
        ],
        accepted: Some(0),
        captured_by: Some(REVIEWER),
    },
    Thread {
        community: "maintainers-circle",
        kind: DiscussionKind::HelpRequest,
        title: "Who reviews when there are only two of us?",
        body: "We are two maintainers of an invented library. Every change waits for the other one, and in summer it \
               waits for weeks. What do you do?",
        domains: &["community-building", "open-source"],
        tags: &["review", "small-teams"],
        asker: REVIEWER,
        posts: &[
            post(
                FACILITATOR,
                None,
                "Agree on what needs no second pair of eyes: text, tests, dependency updates that pass. Write the list \
                 down, and look back at it after a month.",
            ),
            post(
                MEMBER,
                None,
                "Ask a regular contributor to review without the right to merge. In our made-up case the third person \
                 became a maintainer half a year later. @demo-steward knows how we began.",
            ),
        ],
        accepted: Some(1),
        captured_by: None,
    },
    Thread {
        community: "maintainers-circle",
        kind: DiscussionKind::HelpRequest,
        title: "What do you write into release notes?",
        body: "Ours are a list of commits, and nobody reads them. What do yours look like?",
        domains: &["open-source"],
        tags: &["release-notes"],
        asker: MEMBER,
        posts: &[],
        accepted: None,
        captured_by: None,
    },
    Thread {
        community: "maintainers-circle",
        kind: DiscussionKind::Announcement,
        title: "Question hour on the first Tuesday",
        body: "Bring one question. We take three, in the order in which they come in here.",
        domains: &[],
        tags: &["meeting"],
        asker: FACILITATOR,
        posts: &[post(MEMBER, None, "Mine is the one about release notes.")],
        accepted: None,
        captured_by: None,
    },
    Thread {
        community: "demo-staff-exchange",
        kind: DiscussionKind::HelpRequest,
        title: "A class that answers only when called by name",
        body: "Nobody raises a hand. When I call a name, the answer is there, and it is good. How do I get them to begin \
               by themselves?",
        domains: &["teaching"],
        tags: &["participation"],
        asker: MEMBER,
        posts: &[
            post(
                REVIEWER,
                None,
                "Give everybody a minute to write, then let them tell a neighbour, then ask. Whoever has said it once \
                 says it twice.",
            ),
            post(MEMBER, Some(0), "Four hands on the first day. Thank you!"),
        ],
        accepted: Some(0),
        captured_by: None,
    },
    Thread {
        community: "demo-staff-exchange",
        kind: DiscussionKind::Problem,
        title: "The projector in the invented room 12 loses its colours",
        body: "After ten minutes everything is green. A new cable changed nothing.",
        domains: &[],
        tags: &["equipment"],
        asker: STEWARD,
        posts: &[post(
            MEMBER,
            None,
            "Ours did that when the air filter was full. Was it cleaned this year?",
        )],
        accepted: None,
        captured_by: None,
    },
];

/// What some of them say that they know.
const DECLARED: &[(&str, &str)] = &[
    (STEWARD, "contributors"),
    (REVIEWER, "release-notes"),
    (FACILITATOR, "meeting"),
];

/// Begins the discussions that are not there yet, and goes on with those that are.
pub(super) async fn load_threads(
    store: &Store,
    people: &People,
    ids: &Ids,
    counter: &mut Counter<'_>,
) -> Result<()> {
    for (handle, tag) in DECLARED {
        let subject = Subject {
            tag: Some((*tag).to_owned()),
            ..Subject::default()
        };
        declare(store, people.get(handle)?, subject).await?;
    }
    let there: HashMap<(Uuid, String), Uuid> = item::Entity::find()
        .filter(item::Column::ItemType.eq(ItemType::Discussion))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|item| ((item.community_id, item.title), item.id))
        .collect();
    for thread in THREADS {
        let community = ids.community(thread.community)?;
        let known = there.get(&(community, thread.title.to_owned()));
        let id = match known {
            Some(id) => *id,
            None => begin(store, people, ids, thread, community).await?,
        };
        go_on(store, people, thread, id).await?;
        counter.add(1);
    }
    Ok(())
}

async fn begin(
    store: &Store,
    people: &People,
    ids: &Ids,
    thread: &Thread,
    community_id: Uuid,
) -> Result<Uuid> {
    let domain_ids = thread
        .domains
        .iter()
        .map(|slug| ids.domain(slug))
        .collect::<Result<_>>()?;
    let input = CreateDiscussion {
        community_id,
        content: ItemContent {
            title: Patch::Value(thread.title.to_owned()),
            body: Patch::Value(thread.body.to_owned()),
            language: Patch::Value("en".to_owned()),
            tags: Patch::Value(thread.tags.iter().map(|&tag| tag.to_owned()).collect()),
            domain_ids: Patch::Value(domain_ids),
            ..ItemContent::default()
        },
        kind: thread.kind,
        about_id: None,
    };
    let begun = create(store, people.get(thread.asker)?, input).await?;
    Ok(begun.value.item.id)
}

async fn go_on(store: &Store, people: &People, thread: &Thread, id: Uuid) -> Result<()> {
    let mut posts: Vec<Uuid> = post::Entity::find()
        .filter(post::Column::DiscussionId.eq(id))
        .order_by_asc(post::Column::Number)
        .all(store.reader())
        .await?
        .into_iter()
        .map(|post| post.id)
        .collect();
    let place = |posts: &[Uuid], place: usize| {
        posts
            .get(place)
            .copied()
            .ok_or_else(|| Error::internal(format!("\"{}\" has no post {place}", thread.title)))
    };
    for post in thread.posts.iter().skip(posts.len()) {
        let parent_id = post.answers.map(|at| place(&posts, at)).transpose()?;
        let input = AddPost {
            discussion_id: id,
            body: post.body.to_owned(),
            parent_id,
        };
        let added = add_post(store, people.get(post.author)?, input).await?;
        posts.push(added.value.id);
    }
    let Some(accepted) = thread.accepted else {
        return Ok(());
    };
    accept_post(store, people.get(thread.asker)?, place(&posts, accepted)?).await?;
    if let Some(handle) = thread.captured_by
        && captured_as(store, &[id]).await?.is_empty()
    {
        let input = CaptureDiscussion::default();
        capture(store, people.get(handle)?, id, input).await?;
    }
    Ok(())
}
