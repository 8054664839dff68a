//! The index beside the database: what is said of one that lacks something, and what of one that is only behind.

use std::path::PathBuf;

use ::search::{Change, Document, DocumentKind};
use entity::community::CommunityVisibility;
use entity::item::{self, ItemType};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::{Finding, State, check_index};
use crate::change::{Losses, reindex};
use crate::item::{ItemContent, delete};
use crate::resource::{self, UpdateResource};
use crate::search::testing::Library;
use crate::search::{FailedDocument, IndexSettings, SearchIndex};
use crate::validation::Patch;

/// Where the index is.
fn place(library: &Library) -> PathBuf {
    library.directory.path().join("index")
}

async fn make_anew(library: &Library) {
    reindex(
        &library.store,
        &place(library),
        IndexSettings::default(),
        Losses::Refuse,
        |_| {},
    )
    .await
    .unwrap();
}

async fn look(library: &Library) -> Finding {
    check_index(
        &library.store,
        &place(library),
        IndexSettings::default(),
        true,
    )
    .await
}

async fn open(library: &Library) -> SearchIndex {
    SearchIndex::open(place(library), IndexSettings::default())
        .await
        .unwrap()
}

/// Writes to the index what no change tells of.
async fn meddle(library: &Library, change: Change) {
    let index = open(library).await;
    let position = index.engine().checkpoint();
    index.engine().apply(vec![change], position).unwrap();
    index.close().await;
}

/// Notes that these could not be indexed, and no others.
async fn record(library: &Library, ids: impl IntoIterator<Item = Uuid>) {
    let index = open(library).await;
    let failures = ids.into_iter().map(|id| FailedDocument {
        id,
        reason: "it is odd".to_owned(),
    });
    index.replace_failures(failures.collect()).await.unwrap();
    index.close().await;
}

#[track_caller]
fn assert_told(finding: &Finding, state: State, parts: &[&str]) {
    assert_eq!(finding.state, state, "{finding:?}");
    for part in parts {
        assert!(finding.message.contains(part), "{part}: {finding:?}");
    }
}

#[tokio::test]
async fn every_document_is_compared_with_its_row() {
    let library = Library::new(CommunityVisibility::Public).await;
    let id = library.publish("Fractions with paper").await;
    library.publish("Decimals with coins").await;
    make_anew(&library).await;
    assert_told(&look(&library).await, State::Well, &["3 documents"]);

    meddle(&library, Change::Delete(id)).await;
    let missing = format!("1 thing(s) of the database are not in the search index, such as {id}");
    assert_told(&look(&library).await, State::Broken, &[&missing]);
    // That it could not be indexed is known.
    record(&library, [id]).await;
    let known = look(&library).await;
    assert_told(&known, State::Doubtful, &[&id.to_string(), "it is odd"]);

    // What is indexed is found, whatever was said of it.
    make_anew(&library).await;
    record(&library, [id]).await;
    assert_told(&look(&library).await, State::Well, &[]);
    // So many are not remembered each.
    meddle(&library, Change::Delete(id)).await;
    record(&library, (1..=10_000).map(Uuid::from_u128)).await;
    let parts = ["could not be indexed", "1 more are not in the search index"];
    assert_told(&look(&library).await, State::Doubtful, &parts);

    make_anew(&library).await;
    assert_told(&look(&library).await, State::Well, &[]);
    let ghost = Document::new(Uuid::now_v7(), DocumentKind::Resource, "Fractions");
    let gone = format!(
        "in the search index and not in the database, such as {}",
        ghost.id
    );
    meddle(&library, Change::Put(Box::new(ghost))).await;
    assert_told(&look(&library).await, State::Broken, &[&gone]);

    make_anew(&library).await;
    let later = library.store.clock().now() + chrono::TimeDelta::hours(1);
    item::Entity::update_many()
        .col_expr(item::Column::UpdatedAt, Expr::value(later))
        .filter(item::Column::Id.eq(id))
        .exec(library.store.migration_connection())
        .await
        .unwrap();
    let outdated = format!("in another state than in the database, such as {id}");
    assert_told(&look(&library).await, State::Broken, &[&outdated]);
}

#[tokio::test]
async fn an_index_that_is_behind_is_not_broken_unless_it_lacks_what_it_had_reached() {
    let library = Library::new(CommunityVisibility::Public).await;
    let first = library.publish("Fractions with paper").await;
    let second = library.publish("Decimals with coins").await;
    make_anew(&library).await;
    library.publish("Percentages with water").await;
    let input = UpdateResource {
        content: ItemContent {
            title: Patch::Value("Fractions with strips".to_owned()),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    resource::update(&library.store, &library.ada, first, input, None)
        .await
        .unwrap();
    delete(&library.store, &library.ada, ItemType::Resource, second)
        .await
        .unwrap();
    let behind = look(&library).await;
    assert_told(&behind, State::Doubtful, &["change(s) behind"]);
    assert!(!behind.message.contains("thing(s)"), "{behind:?}");

    let community = library.community.id;
    meddle(&library, Change::Delete(community)).await;
    let lacks =
        format!("1 thing(s) of the database are not in the search index, such as {community}");
    let parts = ["change(s) behind", lacks.as_str()];
    assert_told(&look(&library).await, State::Broken, &parts);

    make_anew(&library).await;
    assert_told(&look(&library).await, State::Well, &["0 change(s) behind"]);
}

#[tokio::test]
async fn an_index_that_the_log_cannot_bring_on_is_told() {
    let library = Library::new(CommunityVisibility::Public).await;
    make_anew(&library).await;
    library.publish("Fractions with paper").await;
    super::run(
        &library.store,
        "UPDATE change_head SET kept_after = position",
    )
    .await;
    let finding = look(&library).await;
    assert_told(&finding, State::Doubtful, &["no longer has all of them"]);
}
