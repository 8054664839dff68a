mod faults;
mod processes;

use entity::change::{EntityType, Operation};
use entity::community::CommunityVisibility;
use entity::item::ItemType;
use entity::{community_domain, resource as resource_row};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use crate::community::{self, UpdateCommunity};
use crate::domain::{self, CreateDomain, UpdateDomain};
use crate::item::{self, ItemContent};
use crate::policy::audience;
use crate::resource::{self, UpdateResource};
use crate::search::testing::Library;
use crate::search::{SearchFilter, SearchQuery, suggest};
use crate::store::{PendingChange, Store};
use crate::user::{UpdateProfile, update_profile};
use crate::validation::Patch;
use crate::viewer::Viewer;

const PUBLIC: CommunityVisibility = CommunityVisibility::Public;
const NOTHING: [Uuid; 0] = [];

async fn set_visibility(library: &Library, visibility: CommunityVisibility) {
    let input = UpdateCommunity {
        visibility: Patch::Value(visibility),
        ..UpdateCommunity::default()
    };
    community::update(&library.store, &library.ada, library.community.id, input)
        .await
        .unwrap();
}

async fn new_domain(library: &Library, slug: &str, parent: Option<Uuid>) -> Uuid {
    let input = CreateDomain {
        name: slug.to_owned(),
        slug: Some(slug.to_owned()),
        parent_id: parent,
        ..CreateDomain::default()
    };
    let written = domain::create(&library.store, &library.ada, input).await;
    written.unwrap().value.id
}

#[tokio::test]
async fn what_is_written_is_found_once_it_is_followed() {
    let library = Library::new(PUBLIC).await;
    let anonymous = Viewer::anonymous();
    let id = library.publish("Fractions with paper").await;
    assert_eq!(library.found(&anonymous, "fractions").await, NOTHING);
    library.follow().await;
    assert_eq!(library.found(&anonymous, "fractions").await, [id]);

    let input = UpdateResource {
        content: ItemContent {
            title: Patch::Value("Decimals with coins".to_owned()),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    resource::update(&library.store, &library.ada, id, input, None)
        .await
        .unwrap();
    library.follow().await;
    assert_eq!(library.found(&anonymous, "fractions").await, NOTHING);
    assert_eq!(library.found(&anonymous, "decimals").await, [id]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_before_it_is_followed() {
    let library = Library::new(PUBLIC).await;
    let id = library.publish("Fractions with paper").await;
    library.follow().await;
    item::delete(&library.store, &library.ada, ItemType::Resource, id)
        .await
        .unwrap();
    assert_eq!(library.found(&library.ada, "fractions").await, NOTHING);
    let all = SearchFilter::default();
    let suggestions = suggest(
        &library.store,
        &library.index,
        &library.ada,
        "fract",
        &all,
        None,
    );
    assert_eq!(suggestions.await.unwrap(), []);
    library.follow().await;
    assert_eq!(library.found(&library.ada, "fractions").await, NOTHING);
    assert_eq!(library.index.statistics().documents, 0);
}

#[tokio::test]
async fn what_becomes_private_is_gone_for_strangers_before_it_is_followed() {
    for before in [PUBLIC, CommunityVisibility::Internal] {
        let library = Library::new(before).await;
        let id = library.publish("Fractions with paper").await;
        library.follow().await;
        assert_eq!(library.found(&library.stranger, "fractions").await, [id]);
        set_visibility(&library, CommunityVisibility::Private).await;
        assert_eq!(library.found(&library.stranger, "fractions").await, NOTHING);
        library.follow().await;
        assert_eq!(library.found(&library.stranger, "fractions").await, NOTHING);
        assert_eq!(library.found(&library.ada, "fractions").await, [id]);
        // What it is about can still be found, so that one can join.
        assert_eq!(
            library.found(&library.stranger, "readers").await,
            [library.community.id]
        );
    }
}

#[tokio::test]
async fn what_becomes_public_is_found_once_it_is_followed() {
    let library = Library::new(CommunityVisibility::Private).await;
    let id = library.publish("Fractions with paper").await;
    library.follow().await;
    assert_eq!(
        library.found(&Viewer::anonymous(), "fractions").await,
        NOTHING
    );
    set_visibility(&library, PUBLIC).await;
    library.follow().await;
    assert_eq!(library.found(&Viewer::anonymous(), "fractions").await, [id]);
}

#[tokio::test]
async fn an_old_cursor_leaves_out_what_was_deleted_since() {
    let library = Library::new(PUBLIC).await;
    for number in 0..6 {
        library.publish(&format!("Fractions {number}")).await;
    }
    library.follow().await;
    let mut query = SearchQuery {
        query: "fractions".to_owned(),
        first: Some(2),
        ..SearchQuery::default()
    };
    let first = library.search(&library.stranger, query.clone()).await;
    query.first = Some(100);
    let all = library.search(&library.stranger, query.clone()).await;
    let gone = all.hits[4].id;
    item::delete(&library.store, &library.ada, ItemType::Resource, gone)
        .await
        .unwrap();
    library.follow().await;
    query.after = Some(first.hits[1].cursor.clone());
    let rest = library.search(&library.stranger, query).await;
    let expected: Vec<Uuid> = [2, 3, 5].map(|place: usize| all.hits[place].id).to_vec();
    let found: Vec<Uuid> = rest.hits.iter().map(|hit| hit.id).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_renamed_author_is_found_by_the_new_name() {
    let library = Library::new(PUBLIC).await;
    let id = library.publish("Fractions with paper").await;
    library.follow().await;
    let input = UpdateProfile {
        display_name: Patch::Value("Grace Hopper".to_owned()),
        ..UpdateProfile::default()
    };
    update_profile(&library.store, &library.ada, input)
        .await
        .unwrap();
    library.follow().await;
    assert_eq!(
        library.found(&library.stranger, "author:hopper").await,
        [id]
    );
    assert_eq!(
        library.found(&library.stranger, "author:ada").await,
        NOTHING
    );
}

#[tokio::test]
async fn a_moved_or_renamed_domain_takes_what_is_filed_under_it_along() {
    let library = Library::new(PUBLIC).await;
    let mathematics = new_domain(&library, "mathematics", None).await;
    let arithmetic = new_domain(&library, "arithmetic", None).await;
    let narrow = new_domain(&library, "narrow", Some(arithmetic)).await;
    let id = library
        .publish_with(ItemContent {
            title: Patch::Value("Fractions with paper".to_owned()),
            domain_ids: Patch::Value(vec![narrow]),
            ..ItemContent::default()
        })
        .await;
    community_domain::ActiveModel {
        community_id: Set(library.community.id),
        domain_id: Set(narrow),
        place: Set(0),
    }
    .insert(library.store.migration_connection())
    .await
    .unwrap();
    library.follow().await;
    assert_eq!(
        library
            .found(&library.ada, "domain:mathematics kind:resource")
            .await,
        NOTHING
    );

    let input = UpdateDomain {
        parent_id: Patch::Value(mathematics),
        slug: Patch::Value("numbers".to_owned()),
        ..UpdateDomain::default()
    };
    domain::update(&library.store, &library.ada, arithmetic, input)
        .await
        .unwrap();
    library.follow().await;
    // The last is a slug of before.
    for slug in ["mathematics", "numbers", "narrow", "arithmetic"] {
        let query = format!("domain:{slug}");
        assert!(
            library.found(&library.ada, &query).await.contains(&id),
            "{query}"
        );
    }
    let of_domain = SearchQuery {
        filter: SearchFilter {
            domain_ids: vec![mathematics],
            ..SearchFilter::default()
        },
        ..SearchQuery::default()
    };
    // Three domains, the item and its community, which was never followed before.
    assert_eq!(library.search(&library.ada, of_domain).await.total, 5);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_the_rest_goes_on() {
    let library = Library::new(PUBLIC).await;
    let good = library.publish("Fractions with paper").await;
    let bad = library.publish("Fractions without a row").await;
    library.follow().await;
    let broken = resource_row::Entity::find_by_id(bad)
        .one(library.store.reader())
        .await
        .unwrap()
        .unwrap();
    resource_row::Entity::delete_by_id(bad)
        .exec(library.store.migration_connection())
        .await
        .unwrap();
    touch(&library.store, &library, bad).await;
    let other = library.publish("Fractions on a line").await;
    library.follow().await;
    let failed = library.index.failed_documents();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].id, bad);
    let mut found = library.found(&library.ada, "fractions").await;
    found.sort_unstable();
    let mut expected = [good, other];
    expected.sort_unstable();
    assert_eq!(found, expected);

    resource_row::Entity::insert(resource_row::ActiveModel::from(broken).reset_all())
        .exec_without_returning(library.store.migration_connection())
        .await
        .unwrap();
    touch(&library.store, &library, bad).await;
    library.follow().await;
    assert_eq!(library.index.failed_count(), 0);
    assert_eq!(library.found(&library.ada, "fractions").await.len(), 3);
}

/// Appends a change row of a resource.
async fn touch(store: &Store, library: &Library, id: Uuid) {
    let community_id = library.community.id;
    let row = PendingChange {
        entity_type: EntityType::Resource,
        entity_id: id,
        operation: Operation::Updated,
        community_id: Some(community_id),
        fields: vec!["title".to_owned()],
        audience_before: Some(audience::of_everybody()),
        audience_after: Some(audience::of_everybody()),
    };
    store
        .write(None, move |unit| {
            async move {
                unit.record(row);
                Ok(())
            }
            .boxed()
        })
        .await
        .unwrap();
}
