//! Every column that points at a person, and what erasing makes of it. The first test looks for one that was forgotten, the
//! second does what the list says.

use chrono::TimeDelta;
use entity::{mail, refresh_token, search_alert, webhook_secret};
use migration::MigratorTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::*;
use crate::clock::Clock;
use crate::store::StoreOptions;

/// What becomes of the rows that point at somebody who is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// None points there any more: they are removed, or name nobody.
    Goes,
    /// Some are removed; the others are what the person gave, or say what was.
    GoesInPart,
    /// They stay: what the person gave is under the row that is left of them.
    Stays,
}

/// Every column that holds the id of a person.
const FATES: &[(&str, &str, Fate)] = &[
    ("adoption", "adopter_id", Fate::Stays),
    ("api_token", "user_id", Fate::Goes),
    // What is past stays.
    ("attendance", "user_id", Fate::GoesInPart),
    ("boundary_share", "broker_id", Fate::Stays),
    ("change", "actor_id", Fate::Stays),
    ("defining_statement", "author_id", Fate::Stays),
    ("email_token", "user_id", Fate::Goes),
    ("endorsement", "user_id", Fate::Stays),
    ("experience_report", "author_id", Fate::Stays),
    ("experience_report", "owner_id", Fate::Stays),
    ("expertise", "user_id", Fate::Goes),
    // What the person said of others stays.
    ("expertise", "witness_id", Fate::GoesInPart),
    ("external_identity", "user_id", Fate::Goes),
    ("flag", "decided_by", Fate::Stays),
    ("flag", "raised_by", Fate::Stays),
    ("follow", "target_id", Fate::Goes),
    ("follow", "user_id", Fate::Goes),
    ("held_report", "owner_id", Fate::Stays),
    ("imported_item", "user_id", Fate::Goes),
    // Those that were used stay, until they are forgotten.
    ("invitation", "inviter_id", Fate::GoesInPart),
    ("invitation", "user_id", Fate::Goes),
    ("item", "steward_id", Fate::Goes),
    ("item_author", "user_id", Fate::Stays),
    ("item_byline", "user_id", Fate::Goes),
    ("learning_question", "author_id", Fate::Stays),
    ("link", "actor_id", Fate::Stays),
    ("mail", "user_id", Fate::Goes),
    ("membership", "invited_by", Fate::Stays),
    ("membership", "user_id", Fate::Stays),
    ("mention", "user_id", Fate::Goes),
    ("notification", "about_id", Fate::Goes),
    ("notification", "actor_id", Fate::Stays),
    ("notification", "user_id", Fate::Goes),
    ("operation", "user_id", Fate::Goes),
    ("password", "user_id", Fate::Goes),
    ("pilot", "planner_id", Fate::Stays),
    ("post", "author_id", Fate::Stays),
    ("post", "hidden_by", Fate::Stays),
    ("rating", "user_id", Fate::Stays),
    ("review", "author_id", Fate::Stays),
    ("revision", "author_id", Fate::Stays),
    ("saved_search", "user_id", Fate::Goes),
    ("session", "user_id", Fate::Goes),
    ("support", "user_id", Fate::Stays),
    ("transition", "actor_id", Fate::Stays),
    ("value_story", "author_id", Fate::Stays),
    ("webhook", "user_id", Fate::Goes),
];

/// Columns without a foreign key that hold ids of other things than people.
const NOT_PEOPLE: &[(&str, &str)] = &[
    ("api_token", "community_id"),
    ("boundary_share", "adaptation_id"),
    ("boundary_share", "item_id"),
    ("change", "community_id"),
    ("change", "entity_id"),
    ("discussion", "accepted_post_id"),
    ("discussion", "community_id"),
    ("experience_report", "about_id"),
    ("flag", "target_id"),
    ("held_report", "about_id"),
    ("item_tag", "community_id"),
    ("link", "from_id"),
    ("link", "to_id"),
    ("mention", "source_id"),
    ("operation", "api_token_id"),
    ("operation", "community_id"),
    ("operation", "lease_owner"),
    ("operation", "only_community"),
    ("operation", "place"),
    ("participation_act", "subject_id"),
    ("post", "community_id"),
    ("search_alert", "about_id"),
    ("slug_redirect", "target_id"),
    ("sync_listing", "resource_id"),
    ("tombstone", "community_id"),
    ("tombstone", "entity_id"),
    ("transition", "entity_id"),
    ("value_reference", "entity_id"),
    ("webhook_delivery", "community_id"),
    ("webhook_delivery", "entity_id"),
    ("webhook_delivery", "saved_search_id"),
];

/// Each column that holds a UUID and is no table's own id, with the table that it must point at; none where it need not.
const UUIDS: &str = "SELECT tables.name AS owner, columns.name AS name, (
        SELECT keys.\"table\" FROM pragma_foreign_key_list(tables.name) AS keys WHERE keys.\"from\" = columns.name
    ) AS target
    FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table' AND columns.type = 'uuid_text' AND columns.name <> 'id'";

#[tokio::test]
async fn every_column_that_points_at_a_person_has_its_fate() {
    // Both databases have the same columns, and SQLite tells of them in one statement.
    let directory = tempfile::tempdir().unwrap();
    let options = StoreOptions::sqlite(&directory.path().join("columns.db"), 2);
    let store = Store::open(&options, Clock::default()).await.unwrap();
    migration::Migrator::up(store.migration_connection(), None)
        .await
        .unwrap();
    let question = Statement::from_string(DatabaseBackend::Sqlite, UUIDS);
    let rows = store.reader().query_all_raw(question).await.unwrap();
    let mut listed: Vec<(&str, &str)> = FATES
        .iter()
        .map(|(table, column, _)| (*table, *column))
        .chain(NOT_PEOPLE.iter().copied())
        .collect();
    let mut forgotten = Vec::new();
    for row in rows {
        let (table, column): (String, String) = (
            row.try_get("", "owner").unwrap(),
            row.try_get("", "name").unwrap(),
        );
        let target: Option<String> = row.try_get("", "target").unwrap();
        let place = (table.as_str(), column.as_str());
        let before = listed.len();
        listed.retain(|known| *known != place);
        let known = listed.len() < before;
        // What must be there in another table is no person.
        if !known && target.is_none_or(|target| target == "user") {
            forgotten.push(format!("{table}.{column}"));
        }
    }
    assert_eq!(
        forgotten, [""; 0],
        "say what erasing a person does to these columns, in FATES and in the code, or that they hold no people"
    );
    assert_eq!(listed, [("", ""); 0], "these columns are gone");
}

async fn counts(world: &World, person: Uuid) -> Vec<i64> {
    let mut counts = Vec::new();
    for (table, column, _) in FATES {
        let select = Query::select()
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .from(*table)
            .and_where(Expr::col((*table, *column)).eq(person))
            .take();
        let row = world.store().reader().query_one(&select).await.unwrap();
        counts.push(row.unwrap().try_get("", "count").unwrap());
    }
    counts
}

#[tokio::test]
async fn what_was_a_persons_alone_goes_and_what_they_gave_stays() {
    let world = World::new(CommunityVisibility::Public).await;
    let (store, ada) = (world.store(), world.ada_id());
    life::sign_in(&world).await;
    life::letters(&world).await;
    life::matters(&world).await;
    life::contributions(&world).await;
    store.clock().advance(TimeDelta::days(5));

    let before = counts(&world, ada).await;
    erase(store, &world.admin, ada).await.unwrap();
    let after = counts(&world, ada).await;
    for ((table, column, fate), (before, after)) in FATES.iter().zip(before.into_iter().zip(after))
    {
        let place = format!("{table}.{column} in {before} rows, and then in {after}");
        match fate {
            Fate::Goes => assert!(before > 0 && after == 0, "{place}"),
            Fate::GoesInPart => assert!(before > after && after > 0, "{place}"),
            Fate::Stays => assert_eq!(before, after, "{place}"),
        }
    }
    let reader = store.reader();
    let tokens = refresh_token::Entity::find().all(reader).await.unwrap();
    assert_eq!(tokens, [], "they go with their session");
    let secrets = webhook_secret::Entity::find().all(reader).await.unwrap();
    assert_eq!(secrets, [], "they go with their webhook");
    let alerts = search_alert::Entity::find().all(reader).await.unwrap();
    assert_eq!(alerts, [], "they go with their search");
    let mails = mail::Entity::find().all(reader).await.unwrap();
    assert_eq!(mails, [], "one was to her, and one in her name");
    let deleted = |entity_type| async move {
        let changes = testing::changes(store, entity_type).await;
        changes.last().map(|change| change.operation)
    };
    for entity_type in [EntityType::Webhook, EntityType::ApiToken] {
        let last = deleted(entity_type).await;
        assert_eq!(last, Some(entity::change::Operation::Deleted));
    }
    for (entity_type, field) in [
        (EntityType::Resource, "steward"),
        (EntityType::Activity, "attendance"),
    ] {
        let changes = testing::changes(store, entity_type).await;
        let last = changes.last().unwrap();
        let said = (last.fields.0.as_slice(), last.actor_id);
        assert_eq!(said, ([field.to_owned()].as_slice(), world.admin.user_id()));
    }
}
