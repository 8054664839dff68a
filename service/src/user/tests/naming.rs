//! A person's name where others name them, looked for in all places when they are gone.

use entity::discussion::DiscussionKind;
use entity::operation::OperationFormat;
use entity::resource::ResourceKind;
use entity::{item_byline, revision};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, QueryFilter, QueryOrder, Statement};

use super::*;
use crate::boundary_share::{self, OfferShare};
use crate::change::catch_up;
use crate::discussion::{self, AddPost, CaptureDiscussion, CreateDiscussion};
use crate::item::{self, ItemContent};
use crate::membership::leave;
use crate::operation::{Plan, Sight, export_now};
use crate::resource::{self, CreateResource, ResourceContent, UpdateResource};
use crate::search::{SearchIndex, SearchQuery, search};
use crate::typed_id;
use crate::validation::Patch;

/// Ada's name, and that of somebody who is no user.
const NAME: &str = "Ada Lovelace";
/// What Ada calls herself later.
const LATER: &str = "Augusta Byron";

const NOWHERE: [(String, i64); 0] = [];
const NOTHING: [Uuid; 0] = [];

/// The columns of SQLite's tables, and of PostgreSQL's.
const COLUMNS: [&str; 2] = [
    "SELECT tables.name AS owner, columns.name AS name
        FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
    "SELECT CAST(table_name AS text) AS owner, CAST(column_name AS text) AS name
        FROM information_schema.columns WHERE table_schema = 'public'",
];

/// Every column of every table that holds a text, with the number of its rows that do.
async fn places(store: &Store, text: &str) -> Vec<(String, i64)> {
    let (reader, backend) = (store.reader(), store.backend());
    let [sqlite, postgres] = COLUMNS;
    let columns = if backend == DatabaseBackend::Sqlite {
        sqlite
    } else {
        postgres
    };
    let columns = Statement::from_string(backend, columns);
    let mut places = Vec::new();
    for row in reader.query_all_raw(columns).await.unwrap() {
        let table: String = row.try_get("", "owner").unwrap();
        let column: String = row.try_get("", "name").unwrap();
        let count = format!(
            "SELECT COUNT(*) AS found FROM \"{table}\" WHERE CAST(\"{column}\" AS text) LIKE '%{text}%'"
        );
        let count = Statement::from_string(backend, count);
        let row = reader.query_one_raw(count).await.unwrap().unwrap();
        let found: i64 = row.try_get("", "found").unwrap();
        if found > 0 {
            places.push((format!("{table}.{column}"), found));
        }
    }
    places.sort();
    places
}

/// The lines of an export of everything that hold a text.
async fn exported(store: &Store, text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("everything.ndjson");
    let target = Box::new(std::fs::File::create(&path).unwrap());
    let plan = Plan {
        sight: Sight::Whole,
        community: None,
        format: OperationFormat::Ndjson,
    };
    export_now(store, &plan, target, &|_| {}).await.unwrap();
    let written = std::fs::read_to_string(path).unwrap();
    let lines = written.lines().filter(|line| line.contains(text));
    lines.map(str::to_owned).collect()
}

async fn found(store: &Store, index: &SearchIndex, viewer: &Viewer, words: &str) -> Vec<Uuid> {
    catch_up(store, index).await.unwrap();
    let query = SearchQuery {
        query: words.to_owned(),
        ..SearchQuery::default()
    };
    let answer = search(store, index, viewer, query).await.unwrap();
    let mut found: Vec<Uuid> = answer.hits.into_iter().map(|hit| hit.id).collect();
    found.sort();
    found
}

fn content(title: &str, bylines: &[&str]) -> ItemContent {
    ItemContent {
        title: Patch::Value(title.to_owned()),
        bylines: Patch::Value(bylines.iter().map(|&name| name.to_owned()).collect()),
        ..ItemContent::default()
    }
}

async fn bylines(store: &Store, id: Uuid) -> Vec<String> {
    let row = entity::item::Entity::find_by_id(id)
        .one(store.reader())
        .await;
    row.unwrap().unwrap().bylines.0
}

impl World {
    /// A resource by Ben that names outside authors.
    async fn naming(&self, title: &str, names: &[&str]) -> Uuid {
        let new = CreateResource {
            community_id: self.community.id,
            content: content(title, names),
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let made = resource::create(self.store(), &self.ben, new).await;
        made.unwrap().value.item.id
    }

    /// A resource that Ben made of what Ada answered before she left.
    async fn captured(&self) -> Uuid {
        let (store, ben, ada) = (self.store(), &self.ben, self.ada().await);
        let question = CreateDiscussion {
            community_id: self.community.id,
            content: ItemContent {
                body: Patch::Value("How?".to_owned()),
                ..content("Folding", &[])
            },
            kind: DiscussionKind::HelpRequest,
            about_id: None,
        };
        let asked = discussion::create(store, ben, question).await.unwrap();
        let asked = asked.value.item.id;
        let answer = AddPost {
            discussion_id: asked,
            body: "Fold it twice.".to_owned(),
            parent_id: None,
        };
        let answer = discussion::add_post(store, &ada, answer).await.unwrap();
        discussion::accept_post(store, ben, answer.value.id)
            .await
            .unwrap();
        leave(store, &ada, self.community.id).await.unwrap();
        let captured = discussion::capture(store, ben, asked, CaptureDiscussion::default());
        let made = captured.await.unwrap().value.item;
        assert_eq!(made.bylines.0, [NAME]);
        item::publish(store, ben, made.item_type, made.id, None)
            .await
            .unwrap();
        made.id
    }

    /// What Ben makes of an item for another community.
    async fn adapted(&self, item: Uuid) -> Uuid {
        let (store, ben) = (self.store(), &self.ben);
        let there = testing::community(store, "writers", CommunityVisibility::Public).await;
        let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
        testing::membership(store, there.id, id(ben), role, state).await;
        let offer = OfferShare {
            item,
            to: there.id,
            note: None,
        };
        let offered = boundary_share::offer(store, ben, offer).await.unwrap();
        let share = offered.value.id;
        boundary_share::respond(store, ben, share, true)
            .await
            .unwrap();
        let made = boundary_share::adapt(store, ben, share).await.unwrap();
        made.value.item.id
    }
}

#[tokio::test]
async fn the_name_goes_from_all_places_and_that_of_a_namesake_stays() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    let index = SearchIndex::in_memory().unwrap();
    let namesake = world.naming("Notes", &[NAME]).await;
    let captured = world.captured().await;
    let adapted = world.adapted(captured).await;
    assert_eq!(bylines(store, adapted).await, [NAME, "ben"]);
    let edit = UpdateResource {
        content: ItemContent {
            title: Patch::Absent,
            ..content("", &["Grace Hopper"])
        },
        ..UpdateResource::default()
    };
    resource::update(store, &world.ben, captured, edit, None)
        .await
        .unwrap();
    let renamed = UpdateProfile {
        display_name: Patch::Value(LATER.to_owned()),
        ..UpdateProfile::default()
    };
    update_profile(store, &world.ada().await, renamed)
        .await
        .unwrap();
    let ben = testing::viewer(store, id(&world.ben)).await;
    let mut naming = vec![namesake, adapted];
    naming.sort();
    assert_eq!(found(store, &index, &ben, "author:lovelace").await, naming);

    erase(store, &world.admin, ada).await.unwrap();
    assert_eq!(bylines(store, namesake).await, [NAME]);
    assert_eq!(bylines(store, captured).await, ["Grace Hopper"]);
    assert_eq!(bylines(store, adapted).await, [FORMER_MEMBER, "ben"]);
    let said: Vec<_> = revision::Entity::find()
        .filter(revision::Column::ItemId.eq(captured))
        .order_by_asc(revision::Column::Number)
        .all(store.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.content["bylines"].clone())
        .collect();
    assert_eq!(
        said,
        [[FORMER_MEMBER], ["Grace Hopper"]].map(|list| serde_json::json!(list))
    );
    let told = testing::changes(store, EntityType::Resource).await;
    let told = told.last().unwrap();
    assert_eq!(
        (told.entity_id, told.fields.0.as_slice()),
        (adapted, ["bylines".to_owned()].as_slice())
    );

    let of_the_namesake = [
        ("item.bylines".to_owned(), 1),
        ("revision.content".to_owned(), 1),
    ];
    assert_eq!(places(store, NAME).await, of_the_namesake);
    assert_eq!(places(store, LATER).await, NOWHERE);
    let lines = exported(store, NAME).await;
    let its_id = typed_id::encode("resource", namesake);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains(&its_id)), "{lines:?}");
    assert_eq!(exported(store, LATER).await, [""; 0]);
    assert_eq!(
        found(store, &index, &ben, "author:lovelace").await,
        [namesake]
    );
    assert_eq!(found(store, &index, &ben, "author:byron").await, NOTHING);
    assert!(
        found(store, &index, &ben, "author:former")
            .await
            .contains(&adapted)
    );

    erase(store, &world.admin, id(&ben)).await.unwrap();
    let once = bylines(store, adapted).await;
    assert_eq!(once, [FORMER_MEMBER], "who is gone is told from nobody");
}

#[tokio::test]
async fn a_name_that_somebody_else_has_there_too_stays_theirs() {
    let world = World::new(CommunityVisibility::Public).await;
    let store = world.store();
    let other = testing::user(store, "other", PlatformRole::Member).await;
    let item = world.naming("Folding", &[NAME, "Grace Hopper"]).await;
    for user in [world.ada_id(), other.id] {
        let named = item_byline::ActiveModel {
            item_id: Set(item),
            user_id: Set(user),
            name: Set(NAME.to_owned()),
        };
        put(store, named).await;
    }
    erase(store, &world.admin, world.ada_id()).await.unwrap();
    assert_eq!(bylines(store, item).await, [NAME, "Grace Hopper"]);
    erase(store, &world.admin, other.id).await.unwrap();
    assert_eq!(bylines(store, item).await, [FORMER_MEMBER, "Grace Hopper"]);
}
