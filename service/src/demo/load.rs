//! Loads the demonstration, step by step; each step leaves alone what is there already.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::item::ItemType;
use entity::{community, item, setting, user};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::items::{self, Ids, Input, NewItem};
use super::people::{FACILITATOR, MEMBER, PEOPLE, People, REVIEWER, STEWARD};
use super::places::{load_communities, load_domains};
use super::play::{Company, play};
use super::publish::{Communities, publish};
use super::series::Together;
use super::{content, fictional, scenes};
use crate::auth::Passwords;
use crate::collection::CreateCollection;
use crate::error::{Error, Result};
use crate::item::ItemState;
use crate::practice::CreatePractice;
use crate::resource::CreateResource;
use crate::store::Store;
use crate::viewer::Viewer;

/// The key of the setting that says how far it is.
const KEY: &str = "demo";
/// Items of one unit of work.
const ITEMS_AT_ONCE: usize = 200;
/// How long before the first day of the scenes the people, communities and items come.
const BEFORE_THE_FIRST_DAY: TimeDelta = TimeDelta::hours(1);

/// How far the loading is: people, domains, communities, items and what their members do, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is there.
    pub done: u64,
    /// What there will be.
    pub total: u64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was loaded; the position of the change log afterwards.
    Loaded {
        /// The position.
        position: i64,
    },
    /// An earlier start loaded it.
    ThereAlready,
    /// The database holds communities or people of others; nothing was done.
    NotEmpty,
}

/// Loads the demonstration into an empty database. Its people get the password only when `with_password` says so: where
/// others than this machine can reach the server, nobody signs in as they.
pub async fn load(
    store: &Store,
    passwords: &Passwords,
    with_password: bool,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Outcome> {
    let mut kept = match Kept::read(store).await? {
        Some(Kept { loaded: true, .. }) => return Ok(Outcome::ThereAlready),
        Some(kept) => kept,
        None if is_empty(store).await? => Kept::begin(store).await?,
        None => return Ok(Outcome::NotEmpty),
    };
    let first_day = scenes::first_day(kept.begun);
    let mut turned = store.clock().turned_to(first_day - BEFORE_THE_FIRST_DAY);
    let (domains, communities) = (content::domains()?, content::communities()?);
    let (resources, practices) = (content::resources()?, content::practices()?);
    let innovations = content::innovations()?;
    let fictional_items: usize = fictional::COMMUNITIES
        .iter()
        .map(|community| community.items.len())
        .sum();
    let together = Together::of(&resources);
    let total = PEOPLE.len()
        + domains.len()
        + communities.len()
        + fictional::COMMUNITIES.len()
        + resources.len()
        + practices.len()
        + innovations.len()
        + fictional_items
        + together.len()
        + scenes::in_order().len();
    let mut counter = Counter::new(progress, total);

    let people = People::make(store, passwords, with_password, || counter.add(1)).await?;
    let mut ids = Ids::default();
    load_domains(store, &people, domains, &mut ids, &mut counter).await?;
    load_communities(store, &people, communities, &mut ids, &mut counter).await?;

    // Each community's items come from two people, so that there are authors and others.
    let by_community = |slug: &str, one, other| {
        if slug.len().is_multiple_of(2) {
            one
        } else {
            other
        }
    };
    let mut new = Vec::new();
    for line in resources {
        let author = by_community(&line.item.community, STEWARD, MEMBER);
        new.push(items::resource(line, author, &ids)?);
    }
    for line in practices {
        let author = by_community(&line.item.community, REVIEWER, FACILITATOR);
        new.push(items::practice(line, author, &ids)?);
    }
    for line in innovations {
        new.push(items::innovation(line, MEMBER, &ids)?);
    }
    for community in fictional::COMMUNITIES {
        for item in community.items {
            new.push(items::fictional(community, item, &ids)?);
        }
    }
    load_items(store, &people, new, &mut counter).await?;
    let collections = together.collections(store, &ids).await?;
    load_items(store, &people, collections, &mut counter).await?;
    together.relate(store, &people, &ids).await?;
    counter.add(together.relation_count());
    let company = Company {
        store,
        people: &people,
        ids: &ids,
        first_day,
    };
    play(&company, &mut turned, &mut kept, &mut counter).await?;
    drop(turned);
    kept.loaded = true;
    kept.write(store).await?;
    Ok(Outcome::Loaded {
        position: store.position().await?,
    })
}

/// Counts what is there, and tells of it.
pub(super) struct Counter<'a> {
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    now: Progress,
}

impl<'a> Counter<'a> {
    pub(super) fn new(progress: &'a (dyn Fn(Progress) + Send + Sync), total: usize) -> Counter<'a> {
        let now = Progress {
            done: 0,
            total: total as u64,
        };
        Self { progress, now }
    }

    /// So many more are there.
    pub(super) fn add(&mut self, count: usize) {
        self.now.done += count as u64;
        (self.progress)(self.now);
    }
}

async fn is_empty(store: &Store) -> Result<bool> {
    Ok(user::Entity::find().count(store.reader()).await? == 0
        && community::Entity::find().count(store.reader()).await? == 0)
}

/// How far the loading is, as it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Whether everything is there.
    pub(super) loaded: bool,
    /// When the loading was begun first: its days are counted back from there.
    pub(super) begun: DateTime<Utc>,
    /// How many scenes were played.
    pub(super) played: usize,
}

impl Kept {
    pub(super) async fn begin(store: &Store) -> Result<Self> {
        let kept = Self {
            loaded: false,
            begun: store.clock().now(),
            played: 0,
        };
        kept.write(store).await?;
        Ok(kept)
    }

    pub(super) async fn read(store: &Store) -> Result<Option<Self>> {
        let row = setting::Entity::find_by_id(KEY.to_owned())
            .one(store.reader())
            .await?;
        Ok(row.map(|row| Self {
            loaded: row.value["state"] == "loaded",
            begun: row.value["begun"]
                .as_i64()
                .and_then(DateTime::from_timestamp_micros)
                .unwrap_or_else(|| store.clock().now()),
            played: row.value["played"]
                .as_u64()
                .and_then(|played| usize::try_from(played).ok())
                .unwrap_or(0),
        }))
    }

    pub(super) async fn write(self, store: &Store) -> Result<()> {
        let value = json!({
            "state": if self.loaded { "loaded" } else { "loading" },
            "begun": self.begun.timestamp_micros(),
            "played": self.played,
        });
        store
            .write(None, move |unit| {
                async move {
                    let row = setting::ActiveModel {
                        key: Set(KEY.to_owned()),
                        value: Set(value),
                        updated_at: Set(unit.now()),
                    };
                    setting::Entity::insert(row)
                        .on_conflict(
                            OnConflict::column(setting::Column::Key)
                                .update_columns([
                                    setting::Column::Value,
                                    setting::Column::UpdatedAt,
                                ])
                                .to_owned(),
                        )
                        .exec_without_returning(unit.db())
                        .await?;
                    Ok(())
                }
                .boxed()
            })
            .await?;
        Ok(())
    }
}

type ItemKey = (Uuid, ItemType, String);

async fn load_items(
    store: &Store,
    people: &People,
    new: Vec<NewItem>,
    counter: &mut Counter<'_>,
) -> Result<()> {
    let there: HashMap<ItemKey, (Uuid, bool)> = item::Entity::find()
        .select_only()
        .columns([
            item::Column::CommunityId,
            item::Column::ItemType,
            item::Column::Title,
            item::Column::Id,
            item::Column::Published,
        ])
        .into_tuple::<(Uuid, ItemType, String, Uuid, bool)>()
        .all(store.reader())
        .await?
        .into_iter()
        .map(|(community, item_type, title, id, published)| {
            ((community, item_type, title), (id, published))
        })
        .collect();
    let communities = Communities::load(store).await?;

    let mut groups: BTreeMap<(&'static str, ItemType), Vec<NewItem>> = BTreeMap::new();
    let mut steps = Vec::new();
    let mut unpublished = Vec::new();
    for item in new {
        match there.get(&(item.community_id, item.item_type(), item.title.clone())) {
            Some((id, published)) => {
                if !published {
                    unpublished.extend(item.unpublished(*id));
                }
                steps.extend(item.advance.map(|advance| (item.author, *id, advance)));
                counter.add(1);
            }
            None => groups
                .entry((item.author, item.item_type()))
                .or_default()
                .push(item),
        }
    }
    for ((author, item_type), group) in groups {
        let viewer = people.get(author)?;
        let at_once = |item: &NewItem| communities.publishes_at_once(item.community_id, item_type);
        for chunk in group.chunks(ITEMS_AT_ONCE) {
            let made = create_many(store, viewer, chunk, &at_once).await?;
            for (item, id) in chunk.iter().zip(made) {
                if !at_once(item) {
                    unpublished.extend(item.unpublished(id));
                }
                steps.extend(item.advance.clone().map(|advance| (author, id, advance)));
            }
            counter.add(chunk.len());
        }
    }
    publish(store, people, &communities, &unpublished).await?;
    let mut advancing = Vec::with_capacity(steps.len());
    for (author, id, advance) in steps {
        let viewer = people.get(author)?;
        let learning = advance.learning.map(str::to_owned);
        let reason = Some(advance.reason.to_owned());
        advancing.push(crate::innovation::advance(
            store, viewer, id, advance.to, reason, learning, None,
        ));
    }
    try_join_all(advancing).await?;
    Ok(())
}

/// Makes items of one type and one author, in one unit of work.
async fn create_many(
    store: &Store,
    viewer: &Viewer,
    items: &[NewItem],
    at_once: &(dyn Fn(&NewItem) -> bool + Sync),
) -> Result<Vec<Uuid>> {
    let actor = viewer.require_user()?;
    let titles: Vec<String> = items.iter().map(|item| item.title.clone()).collect();
    let (mut resources, mut practices, mut innovations) = (Vec::new(), Vec::new(), Vec::new());
    let mut collections = Vec::new();
    for item in items {
        let publish = item.publish && at_once(item);
        match item.input.clone() {
            Input::Resource(input) => resources.push(CreateResource { publish, ..input }),
            Input::Practice(input) => practices.push(CreatePractice { publish, ..input }),
            Input::Innovation(input) => innovations.push(input),
            Input::Collection(input) => collections.push(CreateCollection { publish, ..input }),
        }
    }
    let viewer = viewer.clone();
    let made = store
        .write(Some(actor), move |unit| {
            async move {
                let mut made = crate::resource::create_many(unit, &viewer, resources).await?;
                made.extend(crate::practice::create_many(unit, &viewer, practices).await?);
                made.extend(crate::innovation::create_many(unit, &viewer, innovations).await?);
                made.extend(crate::collection::create_many(unit, &viewer, collections).await?);
                whole(made, &titles)
            }
            .boxed()
        })
        .await?;
    Ok(made.value)
}

/// The demonstration is whole or not at all: a refused item rolls its unit of work back.
fn whole(made: Vec<Result<ItemState>>, titles: &[String]) -> Result<Vec<Uuid>> {
    made.into_iter()
        .zip(titles)
        .map(|(made, title)| match made {
            Ok(state) => Ok(state.item.id),
            Err(error) => Err(Error::internal(format!(
                "\"{title}\" cannot be loaded: {error}"
            ))),
        })
        .collect()
}
