//! Exports that come back whole, and what a restoration may not do.

use std::collections::BTreeSet;

use super::*;

fn type_of(line: &str) -> &str {
    let rest = line.strip_prefix("{\"type\":\"").unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_comes_back_whole() {
    let (directory, first) = testing::store().await;
    let passwords = Passwords::new(PasswordCost::for_tests(), 2).unwrap();
    demo::load(&first, &passwords, true, &|_| {}).await.unwrap();
    let written = export_whole(&first, directory.path()).await;

    let (_second_directory, second) = testing::store().await;
    let root = admin(&second).await;
    let told = Mutex::new(Progress::default());
    let tally = import_now(&second, &root, restored(written.clone()), &|progress| {
        *told.lock().unwrap() = progress;
    })
    .await
    .unwrap();
    assert_eq!(tally.errors, [], "nothing is refused");
    assert_eq!(told.lock().unwrap().done, tally.done as u64);
    let again = export_whole(&second, directory.path()).await;
    let (before, after) = (content(&written), content(&again));
    let types: BTreeSet<&str> = before.iter().map(|line| type_of(line)).collect();
    assert!(
        types.len() >= 20,
        "the demonstration has nearly every type: {types:?}"
    );
    let different = before.iter().zip(&after).find(|(one, other)| one != other);
    assert_eq!(different, None, "each line comes back as it was");
    assert_eq!(before.len(), after.len());
    check_rows(&second).await;

    // The same again makes nothing.
    let position = second.position().await.unwrap();
    let tally = import_now(&second, &root, restored(written), &nothing)
        .await
        .unwrap();
    assert_eq!((tally.created, tally.failed), (0, 0), "{:?}", tally.errors);
    assert_eq!(second.position().await.unwrap(), position);
}

#[tokio::test]
async fn what_comes_back_gives_nobody_rights_or_what_was_deleted() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let made = scene
        .import(&scene.ada, OperationFormat::Ndjson, &lines(0..2))
        .await;
    assert_eq!(made.state, OperationState::Succeeded);
    let path = export_whole(&scene.store, scene.directory.path()).await;
    let root = admin(&scene.store).await;
    let header = "{\"type\":\"header\",\"form\":\"repertoire-export\",\"version\":1}\n";
    let membership = json!({
        "type": "membership", "id": typed_id::encode("membership", Uuid::now_v7()),
        "communityId": typed_id::encode("community", scene.community.id),
        "userId": typed_id::encode("user", root.user_id().unwrap()),
        "role": "FACILITATOR", "state": "ACTIVE",
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    });
    let stranger = json!({
        "type": "user", "id": typed_id::encode("user", Uuid::now_v7()), "handle": "ada",
        "displayName": "Ada", "platformRole": "ADMIN", "email": "x@example.org",
        "createdAt": "2026-01-01T00:00:00Z",
    });
    let content = format!("{header}{membership}\n{stranger}\n{{\"type\":\"end\"}}\n");
    let input = StartImport {
        community_id: scene.community.id,
        format: OperationFormat::Ndjson,
        restore: true,
    };
    let started = start_import(&scene.operations, &root, input)
        .await
        .unwrap()
        .value;
    scene.send(&started, &content).await;
    run_all(&scene.operations).await;
    let messages = scene.messages(started.operation.id).await;
    assert!(messages[0].1.contains("facilitators"), "{messages:?}");
    assert!(messages[1].1.contains("handle ada"), "{messages:?}");
    let people = user::Entity::find()
        .all(scene.store.reader())
        .await
        .unwrap();
    let new = people
        .iter()
        .find(|row| row.handle.starts_with("ada-"))
        .unwrap();
    assert_eq!(
        (new.platform_role, &new.email),
        (PlatformRole::Member, &None)
    );

    // What was deleted stays deleted.
    let gone = item::Entity::find()
        .one(scene.store.reader())
        .await
        .unwrap()
        .unwrap();
    crate::item::delete(&scene.store, &scene.ada, gone.item_type, gone.id)
        .await
        .unwrap();
    let tally = import_now(&scene.store, &root, restored(path), &nothing)
        .await
        .unwrap();
    assert!(
        tally
            .errors
            .iter()
            .any(|error| error.message.contains("deleted here")),
        "{tally:?}"
    );
    let there = item::Entity::find_by_id(gone.id)
        .one(scene.store.reader())
        .await
        .unwrap();
    assert_eq!(there, None);
}

#[tokio::test]
async fn whose_names_bylines_are_comes_back_with_them() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let grace = testing::user(&scene.store, "grace", PlatformRole::Member).await;
    let id = typed_id::encode("user", grace.id);
    let content = [
        json!({ "type": "user", "id": id, "displayName": "Grace" }),
        json!({ "type": "resource", "title": "A guide", "kind": "GUIDE", "authorIds": [id] }),
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let made = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    assert_eq!(made.state, OperationState::Succeeded);
    let path = scene.directory.path();
    let seen = export_of(&scene.store, path, Sight::Of(scene.ada.clone()), None).await;
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("\"bylines\":[\"grace\"]"), "{seen}");
    assert!(
        !seen.contains("bylineUserIds"),
        "readers see the name alone"
    );

    let written = export_whole(&scene.store, path).await;
    let (_directory, second) = testing::store().await;
    let root = admin(&second).await;
    let tally = import_now(&second, &root, restored(written), &nothing)
        .await
        .unwrap();
    assert_eq!(tally.errors, []);
    crate::user::erase(&second, &root, grace.id).await.unwrap();
    let row = item::Entity::find().one(second.reader()).await;
    assert_eq!(row.unwrap().unwrap().bylines.0, ["Former member"]);
}

#[tokio::test]
async fn where_people_practise_comes_back_within_its_bounds() {
    let (directory, store) = testing::store().await;
    let root = admin(&store).await;
    let person = |handle: &str, more: serde_json::Value| {
        let mut line = json!({
            "type": "user", "id": typed_id::encode("user", Uuid::now_v7()), "handle": handle,
            "displayName": handle, "createdAt": "2026-01-01T00:00:00Z",
        });
        if !more.is_null() {
            line["practiceSettings"] = more;
        }
        format!("{line}\n")
    };
    let content = [
        "{\"type\":\"header\",\"form\":\"repertoire-export\",\"version\":1}\n".to_owned(),
        person("older", serde_json::Value::Null),
        person("teacher", json!(["Grade 3", "GRADE 3", "A library"])),
        person("endless", json!(["x".repeat(301)])),
        "{\"type\":\"end\"}\n".to_owned(),
    ]
    .concat();
    let path = directory.path().join("people.ndjson");
    std::fs::write(&path, content).unwrap();
    let tally = import_now(&store, &root, restored(path), &nothing)
        .await
        .unwrap();
    assert_eq!((tally.created, tally.failed), (2, 1), "{tally:?}");
    let refused = &tally.errors[0].message;
    assert!(refused.contains("`practiceSettings.0`"), "{refused}");
    for (handle, settings) in [
        ("older", &[][..]),
        ("teacher", &["Grade 3", "A library"][..]),
    ] {
        let row = user::Entity::find()
            .filter(user::Column::HandleKey.eq(handle))
            .one(store.reader())
            .await;
        assert_eq!(row.unwrap().unwrap().practice_settings.0, settings);
    }
}

#[tokio::test]
async fn only_administrators_bring_back() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let input = StartImport {
        community_id: scene.community.id,
        format: OperationFormat::Ndjson,
        restore: true,
    };
    let refused = start_import(&scene.operations, &scene.ada, input).await;
    let Err(Error::Refused(faults)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (faults[0].code, faults[0].field.join(".")),
        (FaultCode::Forbidden, "restore".into())
    );
    let root = admin(&scene.store).await;
    let table = StartImport {
        format: OperationFormat::Csv,
        ..input
    };
    let refused = start_import(&scene.operations, &root, table).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let bound =
        testing::viewer_with(&scene.store, root.user_id().unwrap(), &[Scope::Sync], None).await;
    let refused = start_import(&scene.operations, &bound, input).await;
    assert!(
        matches!(refused, Err(Error::Refused(_))),
        "without the scope ADMIN: {refused:?}"
    );
}
