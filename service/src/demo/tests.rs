use std::collections::HashSet;
use std::sync::Mutex;

use entity::community::CommunityVisibility;
use entity::item::ItemType;
use entity::{change, community, item, membership, user};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Outcome, PEOPLE, Progress, content, fictional, load};
use crate::auth::{PasswordCost, Passwords};
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
    assert_eq!(items(ItemType::Resource).await.unwrap(), 790 + 4 + 1);
    assert_eq!(items(ItemType::Practice).await.unwrap(), 149 + 1);
    assert_eq!(items(ItemType::Innovation).await.unwrap(), 30 + 2);
    assert_eq!(items(ItemType::Activity).await.unwrap(), 1);
    assert_eq!(items(ItemType::Discussion).await.unwrap(), 6);
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
    assert_eq!(
        membership::Entity::find()
            .count(store.reader())
            .await
            .unwrap(),
        14 * 4 + 4 + 3 + 2
    );

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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_interrupted_is_gone_on_with() {
    let (_directory, store) = testing::store().await;
    super::load::set_state(&store, "loading").await.unwrap();
    let made_before = super::people::People::make(&store, &passwords(), false, || {}).await;
    assert!(made_before.is_ok());
    let outcome = load(&store, &passwords(), false, &|_| {}).await.unwrap();
    assert!(matches!(outcome, Outcome::Loaded { .. }));
    assert_eq!(
        user::Entity::find().count(store.reader()).await.unwrap(),
        PEOPLE.len() as u64
    );
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
