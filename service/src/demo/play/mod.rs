//! Plays the scenes: each by the command that a client would call, on its day. What a scene does is there already when
//! it is played again, so whoever was interrupted plays the last one twice.

mod belong;
mod carry;
mod define;
mod meet;
mod prove;
mod talk;
mod watch;
mod write;

use chrono::{DateTime, TimeDelta, Utc};
use entity::item::{self, ItemType};
use entity::membership;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::items::Ids;
use super::load::{Counter, Kept};
use super::people::People;
use super::scenes::{Act, Scene, in_order};
use crate::clock::Turned;
use crate::deadline;
use crate::error::{Error, Result};
use crate::projection;
use crate::store::Store;
use crate::viewer::Viewer;

/// Those who play, and where.
pub(super) struct Company<'a> {
    pub(super) store: &'a Store,
    pub(super) people: &'a People,
    pub(super) ids: &'a Ids,
    /// The beginning of day 0.
    pub(super) first_day: DateTime<Utc>,
}

/// Who plays a scene, where and when.
struct Cue<'a> {
    store: &'a Store,
    people: &'a People,
    ids: &'a Ids,
    viewer: &'a Viewer,
    community: Uuid,
    at: DateTime<Utc>,
}

/// Plays what was not played yet, and turns the clock on meanwhile.
pub(super) async fn play(
    company: &Company<'_>,
    turned: &mut Turned,
    kept: &mut Kept,
    counter: &mut Counter<'_>,
) -> Result<()> {
    counter.add(kept.played);
    let mut today = None;
    for (community, scene) in in_order().into_iter().skip(kept.played) {
        if today != Some(scene.day) {
            // What becomes due or is told to people by a day, is so on that day.
            deadline::run_due(company.store).await?;
            projection::catch_up(company.store).await?;
            today = Some(scene.day);
        }
        turned.forward_to(company.time_of(scene));
        company.play(community, scene).await?;
        kept.played += 1;
        kept.write(company.store).await?;
        counter.add(1);
    }
    projection::catch_up(company.store).await
}

impl Company<'_> {
    pub(super) fn time_of(&self, scene: &Scene) -> DateTime<Utc> {
        self.first_day + TimeDelta::days(scene.day) + TimeDelta::hours(scene.hour)
    }

    /// Plays one scene in the community with this slug.
    pub(super) async fn play(&self, community: &str, scene: &Scene) -> Result<()> {
        let cue = Cue {
            store: self.store,
            people: self.people,
            ids: self.ids,
            viewer: self.people.get(scene.who)?,
            community: self.ids.community(community)?,
            at: self.time_of(scene),
        };
        let played = match &scene.act {
            Act::Belong(act) => belong::play(&cue, act).await,
            Act::Carry(act) => carry::play(&cue, act).await,
            Act::Define(act) => define::play(&cue, act).await,
            Act::Meet(act) => meet::play(&cue, act).await,
            Act::Prove(act) => prove::play(&cue, act).await,
            Act::Talk(act) => talk::play(&cue, act).await,
            Act::Watch(act) => watch::play(&cue, act).await,
            Act::Write(act) => write::play(&cue, act).await,
        };
        played.map_err(|error| {
            Error::internal(format!(
                "{scene:?} in {community} cannot be played: {error}"
            ))
        })
    }
}

impl Cue<'_> {
    fn user(&self, handle: &str) -> Result<Uuid> {
        self.people.get(handle)?.require_user()
    }

    async fn find_item(&self, title: &str, types: &[ItemType]) -> Result<Option<item::Model>> {
        Ok(item::Entity::find()
            .filter(item::Column::CommunityId.eq(self.community))
            .filter(item::Column::ItemType.is_in(types.iter().copied()))
            .filter(item::Column::Title.eq(title))
            .one(self.store.reader())
            .await?)
    }

    /// A resource, a practice or an innovation by its title.
    async fn work(&self, title: &str) -> Result<item::Model> {
        let types = [ItemType::Resource, ItemType::Practice, ItemType::Innovation];
        self.find_item(title, &types)
            .await?
            .ok_or_else(|| absent(title))
    }

    async fn works(&self, titles: &[&str]) -> Result<Vec<Uuid>> {
        let mut ids = Vec::with_capacity(titles.len());
        for title in titles {
            ids.push(self.work(title).await?.id);
        }
        Ok(ids)
    }

    /// Somebody's membership of the community.
    async fn membership(&self, handle: &str) -> Result<Uuid> {
        membership::Entity::find()
            .filter(membership::Column::CommunityId.eq(self.community))
            .filter(membership::Column::UserId.eq(self.user(handle)?))
            .one(self.store.reader())
            .await?
            .map(|row| row.id)
            .ok_or_else(|| absent(handle))
    }
}

fn absent(what: &str) -> Error {
    Error::internal(format!("\"{what}\" is not there"))
}
