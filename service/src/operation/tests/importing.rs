//! What an import makes, passes over and refuses.

use super::*;

#[tokio::test]
async fn an_import_makes_the_importer_its_author_and_nothing_twice() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let other = typed_id::encode("user", Uuid::now_v7());
    let resource = typed_id::encode("resource", Uuid::now_v7());
    let content = [
        json!({ "type": "user", "id": other, "displayName": "Grace" }),
        json!({ "type": "resource", "id": resource, "title": "A guide", "kind": "GUIDE", "body": "How.",
            "authorIds": [other], "tags": ["a"], "status": "PUBLISHED" }),
        json!({ "type": "practice", "title": "A practice", "kind": "METHOD", "resourceIds": [resource, "resource_x"] }),
        json!({ "type": "innovation", "title": "An idea", "idea": "Try it." }),
        json!({ "type": "discussion", "title": "A question", "kind": "HELP_REQUEST", "body": "How?", "aboutId": resource }),
        json!({ "type": "collection", "title": "A path", "entries": [{ "id": resource, "note": "First." }] }),
        json!({ "type": "resource", "title": "A draft", "status": "DRAFT" }),
        json!({ "type": "post", "body": "Not mine." }),
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let done = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    let messages = scene.messages(done.id).await;
    assert_eq!(
        (done.state, done.created, done.done),
        (OperationState::Partial, 6, 8),
        "{messages:?}"
    );
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(
        messages[0].1.contains("resource_x") && messages[1].1.contains("`post`"),
        "{messages:?}"
    );
    let rows = item::Entity::find()
        .all(scene.store.reader())
        .await
        .unwrap();
    let guide = rows.iter().find(|row| row.title == "A guide").unwrap();
    assert_eq!(guide.bylines.0, ["Grace"]);
    assert_eq!(guide.status, Some(PublicationStatus::Published));
    assert_ne!(
        typed_id::encode("resource", guide.id),
        resource,
        "it has an id of its own"
    );
    let draft = rows.iter().find(|row| row.title == "A draft").unwrap();
    assert_eq!(draft.status, Some(PublicationStatus::Draft));
    let authors = crate::item::authors_of(scene.store.reader(), &[guide.id])
        .await
        .unwrap();
    assert_eq!(authors[&guide.id], [scene.ada.user_id().unwrap()]);

    let again = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    assert_eq!((again.created, again.unchanged), (0, 6));
    // Another person's import is their own: it says nothing of what others imported.
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let (role, state) = (MembershipRole::Member, MembershipState::Active);
    testing::membership(&scene.store, scene.community.id, ben.id, role, state).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let drafts = json!({ "type": "resource", "title": "A draft", "status": "DRAFT" }).to_string();
    let theirs = scene.import(&ben, OperationFormat::Ndjson, &drafts).await;
    assert_eq!((theirs.created, theirs.unchanged), (1, 0));
    // The community's own export makes nothing in it.
    let sight = Sight::Of(scene.ada.clone());
    let path = export_of(
        &scene.store,
        scene.directory.path(),
        sight,
        Some(scene.community.id),
    )
    .await;
    let own = std::fs::read_to_string(path).unwrap();
    let own = scene
        .import(&scene.ada, OperationFormat::Ndjson, &own)
        .await;
    assert_eq!((own.created, own.state), (0, OperationState::Partial));
    assert_eq!(own.unchanged, 7, "{:?}", scene.messages(own.id).await);
}

#[tokio::test]
async fn users_here_are_named_as_they_are_called_until_they_are_erased() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let root = admin(&scene.store).await;
    let here = testing::user(&scene.store, "grace", PlatformRole::Member).await;
    let gone = testing::user(&scene.store, "gone", PlatformRole::Member).await;
    crate::user::erase(&scene.store, &root, gone.id)
        .await
        .unwrap();
    let ids = [here.id, gone.id, Uuid::now_v7()].map(|id| typed_id::encode("user", id));
    let content = [
        json!({ "type": "user", "id": ids[0], "displayName": "Grace Hopper" }),
        json!({ "type": "user", "id": ids[1], "displayName": "Gone Before" }),
        json!({ "type": "user", "id": ids[2], "displayName": "Mary" }),
        json!({ "type": "resource", "title": "A guide", "kind": "GUIDE",
            "authorIds": [ids[0], ids[1], ids[2], ids[0]] }),
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let done = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    assert_eq!(done.created, 1, "{:?}", scene.messages(done.id).await);
    let bylines = async || {
        let row = item::Entity::find().one(scene.store.reader()).await;
        row.unwrap().unwrap().bylines.0
    };
    assert_eq!(bylines().await, ["grace", "Former member", "Mary"]);
    crate::user::erase(&scene.store, &root, here.id)
        .await
        .unwrap();
    assert_eq!(bylines().await, ["Former member", "Mary"]);
}

#[tokio::test]
async fn users_of_one_name_are_all_forgotten_before_it_goes() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let root = admin(&scene.store).await;
    let mut ids = Vec::new();
    for handle in ["grace", "grace-2"] {
        let user = testing::user(&scene.store, handle, PlatformRole::Member).await;
        let mut row = user.into_active_model();
        row.display_name = Set("Grace".to_owned());
        let row = row.update(scene.store.migration_connection()).await;
        ids.push(row.unwrap().id);
    }
    let [one, other] = [ids[0], ids[1]].map(|id| typed_id::encode("user", id));
    let content = [
        json!({ "type": "user", "id": one, "displayName": "G. H." }),
        json!({ "type": "user", "id": other, "displayName": "Grace" }),
        json!({ "type": "resource", "title": "A guide", "kind": "GUIDE", "authorIds": [one, other] }),
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let done = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    assert_eq!(done.created, 1, "{:?}", scene.messages(done.id).await);
    for (id, left) in [(ids[0], "Grace"), (ids[1], "Former member")] {
        crate::user::erase(&scene.store, &root, id).await.unwrap();
        let row = item::Entity::find().one(scene.store.reader()).await;
        assert_eq!(row.unwrap().unwrap().bylines.0, [left]);
    }
}

#[tokio::test]
async fn a_line_may_name_a_domain_by_what_it_was() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let root = admin(&scene.store).await;
    let mut ids = Vec::new();
    for name in ["Old", "New"] {
        let input = crate::domain::CreateDomain {
            name: name.to_owned(),
            ..crate::domain::CreateDomain::default()
        };
        let made = crate::domain::create(&scene.store, &root, input).await;
        ids.push(made.unwrap().value.id);
    }
    crate::domain::merge(&scene.store, &root, ids[0], ids[1], None)
        .await
        .unwrap();
    let old = typed_id::encode("domain", ids[0]);
    let content = [
        json!({ "type": "resource", "title": "By id", "kind": "GUIDE", "domainIds": [old] }),
        json!({ "type": "resource", "title": "By slug", "kind": "GUIDE", "domains": ["old"] }),
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let done = scene
        .import(&scene.ada, OperationFormat::Ndjson, &content)
        .await;
    assert_eq!(done.created, 2, "{:?}", scene.messages(done.id).await);
    let rows = item::Entity::find().all(scene.store.reader()).await;
    for row in rows.unwrap() {
        let of_item = crate::item::domains_of(scene.store.reader(), &[row.id]).await;
        assert_eq!(of_item.unwrap()[&row.id], [ids[1]], "{}", row.title);
    }
}

#[tokio::test]
async fn whoever_lost_the_right_imports_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let outsider = testing::viewer(&scene.store, ben.id).await;
    let input = StartImport {
        community_id: scene.community.id,
        format: OperationFormat::Ndjson,
        restore: false,
    };
    let refused = start_import(&scene.operations, &outsider, input).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let (role, state) = (MembershipRole::Member, MembershipState::Active);
    let membership =
        testing::membership(&scene.store, scene.community.id, ben.id, role, state).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let started = scene.begin(&ben, OperationFormat::Ndjson).await;
    scene.send(&started, &lines(0..3)).await;
    let mut left = membership.into_active_model();
    left.state = Set(MembershipState::Left);
    left.update(scene.store.migration_connection())
        .await
        .unwrap();
    run_all(&scene.operations).await;
    let row = scene.row(started.operation.id).await;
    assert_eq!((row.state, row.created), (OperationState::Failed, 0));
    let messages = scene.messages(row.id).await;
    assert!(messages[0].1.contains("active members"), "{messages:?}");
}

#[tokio::test]
async fn what_nobody_can_read_fails_with_a_reason() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    for (format, content, word) in [
        (OperationFormat::Csv, "name,colour\na,b\n", "not known"),
        (OperationFormat::Ndjson, "\n", "failed"),
        (
            OperationFormat::Ndjson,
            "{\"type\":\"header\",\"form\":\"repertoire-export\",\"version\":1}\n{\"ty",
            "cut off",
        ),
        (OperationFormat::Ndjson, "no json\n", "character"),
    ] {
        let done = scene.import(&scene.ada, format, content).await;
        if word == "failed" {
            assert_eq!(
                done.state,
                OperationState::Succeeded,
                "an empty line says nothing"
            );
            continue;
        }
        assert_eq!(done.state, OperationState::Failed, "{content}");
        let messages = scene.messages(done.id).await;
        assert!(messages[0].1.contains(word), "{messages:?}");
    }
    let kept = community::Entity::find()
        .filter(community::Column::Id.eq(scene.community.id))
        .count(scene.store.reader())
        .await
        .unwrap();
    assert_eq!((kept, scene.titles().await.len()), (1, 0));
}

#[tokio::test]
async fn a_file_is_taken_once_whole_and_by_its_secret_only() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let started = scene.begin(&scene.ada, OperationFormat::Ndjson).await;
    let (id, secret) = (started.operation.id, started.secret.expose());
    let most = scene.operations.settings().upload_bytes;
    let operations = &scene.operations;
    let directory = &operations.settings().directory;
    let files = || std::fs::read_dir(directory).unwrap().count();
    for (id, secret) in [(Uuid::now_v7(), secret), (id, "rpup_x"), (id, "")] {
        let refused = operations.receive(id, secret, None).await;
        assert!(matches!(refused, Err(Refusal::Unknown)), "{refused:?}");
    }
    let refused = operations.receive(id, secret, Some(most + 1)).await;
    assert!(
        matches!(refused, Err(Refusal::TooLarge { .. })),
        "{refused:?}"
    );
    for (announced, sent) in [(Some(10), "12345"), (Some(3), "12345"), (None, "")] {
        let mut receiving = operations.receive(id, secret, announced).await.unwrap();
        receiving.write(sent.as_bytes()).await.unwrap();
        let refused = receiving.finish().await;
        assert!(
            matches!(refused, Err(Refusal::Incomplete(_))),
            "{refused:?}"
        );
        assert_eq!(files(), 1, "only the id of the directory is left");
    }
    // A sender that goes away in the middle.
    let mut receiving = operations.receive(id, secret, Some(10)).await.unwrap();
    receiving.write(b"12345").await.unwrap();
    drop(receiving);
    // Only the id of the directory is left, as soon as a thread has had time for it.
    while files() > 1 {
        tokio::task::yield_now().await;
    }
    assert!(
        !run_next(operations, &CancellationToken::new())
            .await
            .unwrap(),
        "nothing is queued"
    );
    let mut twice = operations.receive(id, secret, None).await.unwrap();
    twice.write(b"{}").await.unwrap();
    let thrice = operations.receive(id, secret, None).await.unwrap();
    let refused = operations.receive(id, secret, None).await;
    assert!(
        matches!(&refused, Err(Refusal::Over(said)) if said.contains("being sent")),
        "{refused:?}"
    );
    drop(thrice);
    scene.send(&started, &lines(0..1)).await;
    let refused = twice.finish().await;
    assert!(matches!(refused, Err(Refusal::Over(_))), "{refused:?}");
    let refused = operations.receive(id, secret, None).await;
    assert!(matches!(refused, Err(Refusal::Over(_))), "{refused:?}");
    run_all(operations).await;
    assert_eq!(scene.titles().await, ["Number 0"]);
}
