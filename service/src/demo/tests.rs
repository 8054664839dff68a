use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::{CommunityKind, CommunityVisibility};
use entity::item::ItemType;
use entity::{change, community, item, membership, notification, post, user};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::items::Ids;
use super::load::{Counter, Kept};
use super::people::People;
use super::places::{load_communities, load_domains};
use super::play::Company;
use super::scenes::{self, Act, Talk, Write};
use super::{Outcome, PEOPLE, Progress, content, fictional, load};
use crate::auth::{PasswordCost, Passwords};
use crate::clock::Clock;
use crate::store::Store;
use crate::testing;

fn passwords() -> Passwords {
    Passwords::new(PasswordCost::for_tests(), 2).unwrap()
}

#[test]
fn the_packed_content_is_what_its_readme_says() {
    assert_eq!(content::domains().unwrap().len(), 45);
    assert_eq!(content::communities().unwrap().len(), 14);
    assert_eq!(content::resources().unwrap().len(), 790);
    assert_eq!(content::practices().unwrap().len(), 149);
    assert_eq!(content::innovations().unwrap().len(), 30);
}

#[test]
fn every_reference_of_the_content_leads_somewhere() {
    let mut domains = HashSet::new();
    for domain in content::domains().unwrap() {
        assert!(
            domain.parent.is_empty() || domains.contains(&domain.parent),
            "{}",
            domain.slug
        );
        domains.insert(domain.slug);
    }
    let communities = content::communities().unwrap();
    let slugs: HashSet<_> = communities
        .iter()
        .map(|community| &community.slug)
        .collect();
    assert!(
        communities
            .iter()
            .all(|community| community.domains.iter().all(|slug| domains.contains(slug)))
    );
    let resources = content::resources().unwrap();
    let practices = content::practices().unwrap();
    let innovations = content::innovations().unwrap();
    let items = resources
        .iter()
        .map(|line| &line.item)
        .chain(practices.iter().map(|line| &line.item))
        .chain(innovations.iter().map(|line| &line.item));
    for item in items {
        assert!(slugs.contains(&item.community), "{}", item.title);
        assert!(
            item.domains.iter().all(|slug| domains.contains(slug)),
            "{}",
            item.title
        );
        assert!(
            !item.licence.is_empty() && !item.attribution.is_empty(),
            "{}",
            item.title
        );
    }
    assert!(
        fictional::COMMUNITIES
            .iter()
            .all(|made_up| made_up.domains.iter().all(|slug| domains.contains(*slug)))
    );
}

#[test]
fn durations_are_read() {
    let minutes = |text: &str| {
        let mut line = content::resources().unwrap().swap_remove(0);
        line.time_required = Some(text.to_owned());
        line.minutes()
    };
    assert_eq!(minutes("PT45M"), Some(45));
    assert_eq!(minutes("PT1H30M"), Some(90));
    for wrong in ["", "45", "PT", "PTM", "PT5S", "P1D", "PT5"] {
        assert_eq!(minutes(wrong), None, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_filled_once() {
    let (_directory, store) = testing::store().await;
    let passwords = passwords();
    let last = Mutex::new(None);
    let watch = |progress: Progress| *last.lock().unwrap() = Some(progress);
    let outcome = load(&store, &passwords, true, &watch).await.unwrap();
    let position = store.position().await.unwrap();
    assert_eq!(outcome, Outcome::Loaded { position });
    let progress = last.lock().unwrap().unwrap();
    assert_eq!(progress.done, progress.total);

    let items = |item_type: ItemType| {
        item::Entity::find()
            .filter(item::Column::ItemType.eq(item_type))
            .count(store.reader())
    };
    assert_eq!(items(ItemType::Resource).await.unwrap(), 790 + 4 + 2 + 3);
    assert_eq!(items(ItemType::Collection).await.unwrap(), 20 + 1);
    assert_eq!(
        items(ItemType::Practice).await.unwrap(),
        149 + 1 + 3 + 1 + 2
    );
    assert_eq!(items(ItemType::Innovation).await.unwrap(), 30 + 2 + 4);
    assert_eq!(items(ItemType::Activity).await.unwrap(), 5);
    assert_eq!(items(ItemType::Discussion).await.unwrap(), 13);
    assert_eq!(
        community::Entity::find()
            .count(store.reader())
            .await
            .unwrap(),
        17
    );
    for visibility in CommunityVisibility::ALL {
        let found = community::Entity::find().filter(community::Column::Visibility.eq(*visibility));
        assert!(
            found.count(store.reader()).await.unwrap() > 0,
            "{visibility:?}"
        );
    }
    let people = user::Entity::find().all(store.reader()).await.unwrap();
    assert_eq!(people.len(), PEOPLE.len());
    assert!(
        people
            .iter()
            .all(|person| person.is_demo && person.handle.starts_with("demo-"))
    );
    for person in PEOPLE {
        let row = people.iter().find(|row| row.handle == person.handle);
        let settings = &row.unwrap().practice_settings.0;
        assert_eq!(settings, person.practice_settings, "{}", person.handle);
    }
    assert_eq!(
        membership::Entity::find()
            .count(store.reader())
            .await
            .unwrap(),
        14 * 4 + 4 + 3 + 2 + 18
    );
    the_content_is_loaded_as_it_is(&store).await;
    every_kind_has_weeks_behind_it(&store).await;
    assert!(tells_the_time(&store));

    let changes = change::Entity::find().count(store.reader()).await.unwrap();
    assert_eq!(
        load(&store, &passwords, true, &watch).await.unwrap(),
        Outcome::ThereAlready
    );
    assert_eq!(
        change::Entity::find().count(store.reader()).await.unwrap(),
        changes
    );
}

/// Whether the store's clock is where a clock is that nobody turned.
fn tells_the_time(store: &Store) -> bool {
    let off = store.clock().now() - Clock::default().now();
    off.abs() < TimeDelta::seconds(1)
}

/// Every line of the content is there with what it says.
async fn the_content_is_loaded_as_it_is(store: &Store) {
    let communities: HashMap<String, community::Model> = community::Entity::find()
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.slug.clone(), row))
        .collect();
    for line in content::communities().unwrap() {
        let row = &communities[&line.slug];
        assert_eq!(
            (row.kind, row.sector, row.visibility, row.join_policy),
            (
                line.kind,
                Some(line.sector),
                line.visibility,
                line.join_policy
            )
        );
        if !scenes::have_stages(&line.slug) {
            assert_eq!(row.stage, line.stage, "{}", line.slug);
        }
        let description = row.description.as_deref().unwrap();
        assert!(
            line.content_sources
                .iter()
                .all(|source| description.contains(source))
        );
    }
    let (resources, practices) = (content::resources().unwrap(), content::practices().unwrap());
    let innovations = content::innovations().unwrap();
    let lines = resources.iter().map(|line| &line.item);
    let lines = lines.chain(practices.iter().map(|line| &line.item));
    let lines = lines.chain(innovations.iter().map(|line| &line.item));
    let items: HashMap<(Uuid, String), item::Model> = item::Entity::find()
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| ((row.community_id, row.title.clone()), row))
        .collect();
    for line in lines {
        let row = &items[&(communities[&line.community].id, line.title.clone())];
        assert_eq!(row.url.as_deref(), Some(line.url.as_str()));
        assert_eq!(row.licence.as_deref(), Some(line.licence.as_str()));
        assert_eq!(row.language.as_deref(), Some(line.language.as_str()));
        assert_eq!(row.bylines.0, line.authors);
        let attribution = row.attribution.as_deref().unwrap();
        assert!(
            attribution.contains(&line.attribution) && attribution.ends_with(&line.source_date)
        );
    }
    let timed = resources
        .iter()
        .filter(|line| line.minutes().is_some())
        .count();
    let found = entity::resource::Entity::find()
        .filter(entity::resource::Column::TimeRequiredMinutes.is_not_null())
        .count(store.reader())
        .await
        .unwrap();
    assert_eq!(found, timed as u64);
    let described = practices
        .iter()
        .filter(|line| line.context().is_some())
        .count();
    let found = entity::practice::Entity::find()
        .filter(entity::practice::Column::Context.is_not_null())
        .count(store.reader())
        .await
        .unwrap();
    assert_eq!(found, described as u64);
}

async fn every_kind_has_weeks_behind_it(store: &Store) {
    let communities = community::Entity::find().all(store.reader()).await.unwrap();
    for kind in CommunityKind::ALL {
        let mut weeks = BTreeSet::new();
        for community in communities.iter().filter(|row| row.kind == *kind) {
            let times: Vec<DateTime<Utc>> = change::Entity::find()
                .select_only()
                .column(change::Column::At)
                .filter(change::Column::CommunityId.eq(community.id))
                .into_tuple()
                .all(store.reader())
                .await
                .unwrap();
            let ages = times.into_iter().map(|at| store.clock().now() - at);
            weeks.extend(ages.map(|age| age.num_weeks()));
        }
        assert!(weeks.range(0..10).count() >= 8, "{kind:?}: {weeks:?}");
    }
    let told: Vec<DateTime<Utc>> = notification::Entity::find()
        .select_only()
        .column(notification::Column::RaisedAt)
        .into_tuple()
        .all(store.reader())
        .await
        .unwrap();
    let days: BTreeSet<_> = told.iter().map(DateTime::date_naive).collect();
    assert!(days.len() > 20, "people are told on the day: {days:?}");
}

#[test]
fn the_scenes_are_played_on_their_days_by_people_who_are_there() {
    let order = scenes::in_order();
    for (community, scene) in &order {
        let known = PEOPLE.iter().any(|person| person.handle == scene.who);
        assert!(known, "{scene:?} in {community}");
        let in_time = (0..scenes::DAYS).contains(&scene.day) && (0..24).contains(&scene.hour);
        assert!(in_time, "{scene:?} in {community}");
    }
    assert!(order.is_sorted_by_key(|(_, scene)| (scene.day, scene.hour)));
    let last = order.last().map(|(_, scene)| scene.day);
    assert_eq!(last, Some(scenes::DAYS - 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_interrupted_is_gone_on_with_and_a_scene_played_twice_changes_nothing() {
    let (_directory, store) = testing::store().await;
    let order = scenes::in_order();
    let interrupted = CancellationToken::new();
    let interrupt = |progress: Progress| {
        if progress.done + order.len() as u64 > progress.total {
            interrupted.cancel();
        }
    };
    let passwords = passwords();
    let loading = load(&store, &passwords, false, &interrupt);
    assert!(interrupted.run_until_cancelled(loading).await.is_none());
    assert!(tells_the_time(&store));

    let people = People::make(&store, &passwords, false, || {})
        .await
        .unwrap();
    let (mut ids, mut counter) = (Ids::default(), Counter::new(&|_| {}, 0));
    load_domains(&store, &people, Vec::new(), &mut ids, &mut counter)
        .await
        .unwrap();
    load_communities(&store, &people, Vec::new(), &mut ids, &mut counter)
        .await
        .unwrap();
    let mut kept = Kept::read(&store).await.unwrap().unwrap();
    assert!(!kept.loaded && kept.played < order.len());
    let company = Company {
        store: &store,
        people: &people,
        ids: &ids,
        first_day: scenes::first_day(kept.begun),
    };
    let mut turned = store.clock().turned_to(company.first_day);
    let half = order.len() / 2;
    for (community, scene) in &order[kept.played..half] {
        turned.forward_to(company.time_of(scene));
        company.play(community, scene).await.unwrap();
        let position = store.position().await.unwrap();
        company.play(community, scene).await.unwrap();
        let renews = matches!(scene.act, Act::Write(Write::Renew(_)));
        assert!(
            renews || store.position().await.unwrap() == position,
            "{scene:?} in {community} is played twice"
        );
    }
    drop(turned);
    // As if the last scene was played, but not noted any more.
    kept.played = half - 1;
    kept.write(&store).await.unwrap();

    let outcome = load(&store, &passwords, false, &|_| {}).await.unwrap();
    assert!(matches!(outcome, Outcome::Loaded { .. }));
    assert_eq!(
        user::Entity::find().count(store.reader()).await.unwrap(),
        PEOPLE.len() as u64
    );
    assert_eq!(
        item::Entity::find().count(store.reader()).await.unwrap(),
        (790 + 4 + 2 + 3) + (149 + 1 + 3 + 1 + 2) + (30 + 2 + 4) + (20 + 1) + 5 + 13
    );
    let replies = order
        .iter()
        .filter(|(_, scene)| matches!(scene.act, Act::Talk(Talk::Reply { .. })));
    assert_eq!(
        post::Entity::find().count(store.reader()).await.unwrap(),
        replies.count() as u64
    );
    assert!(tells_the_time(&store));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_others_is_left_alone() {
    let (_directory, store) = testing::store().await;
    testing::user(&store, "ada", entity::user::PlatformRole::Member).await;
    assert_eq!(
        load(&store, &passwords(), false, &|_| {}).await.unwrap(),
        Outcome::NotEmpty
    );
    assert_eq!(user::Entity::find().count(store.reader()).await.unwrap(), 1);
}
