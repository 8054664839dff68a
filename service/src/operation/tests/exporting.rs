//! What an export holds, and in which form.

use entity::membership;

use super::*;

#[tokio::test]
async fn an_export_is_a_picture_of_what_its_owner_may_see() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let cellar = testing::community(&scene.store, "cellar", CommunityVisibility::Private).await;
    let ada = scene.ada.user_id().unwrap();
    let role = MembershipRole::Facilitator;
    testing::membership(&scene.store, cellar.id, ada, role, MembershipState::Active).await;
    let content = format!(
        "{}{}",
        lines(0..250),
        json!({ "type": "resource", "title": "Hidden draft", "status": "DRAFT" })
    );
    scene
        .import(
            &testing::viewer(&scene.store, ada).await,
            OperationFormat::Ndjson,
            &content,
        )
        .await;
    let secret = format!(
        "{}\n",
        json!({ "type": "resource", "title": "Secret of the cellar" })
    );
    let input = StartImport {
        community_id: cellar.id,
        format: OperationFormat::Ndjson,
        restore: false,
    };
    let viewer = testing::viewer(&scene.store, ada).await;
    let started = start_import(&scene.operations, &viewer, input)
        .await
        .unwrap()
        .value;
    scene.send(&started, &secret).await;
    run_all(&scene.operations).await;

    let ben = testing::user(&scene.store, "ben", PlatformRole::Admin).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let export = StartExport {
        community_id: None,
        format: OperationFormat::Ndjson,
    };
    let begun = start_export(&scene.operations, &ben, export)
        .await
        .unwrap()
        .value;
    run_all(&scene.operations).await;
    let row = scene.row(begun.id).await;
    assert_eq!((row.state, row.done), (OperationState::Succeeded, 251));
    assert_eq!(row.position, Some(scene.store.position().await.unwrap()));
    let ResultOf::Here(file) = result_of(&scene.operations, begun.id).await.unwrap() else {
        panic!("there is a result")
    };
    let text = std::fs::read_to_string(&file.path).unwrap();
    assert_eq!(file.bytes, text.len() as u64);
    // In quotes, as ids have such letters too.
    for private in [
        "Secret",
        "cellar",
        "Hidden draft",
        "@example.org",
        "\"ben\"",
    ] {
        assert!(!text.contains(private), "{private}");
    }
    assert_eq!(
        text.matches("\"title\":\"Number 249\"").count(),
        2,
        "the item and its revision"
    );
    let refused = start_export(
        &scene.operations,
        &ben,
        StartExport {
            community_id: Some(cellar.id),
            ..export
        },
    )
    .await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");

    // Kept for a while, and removed with its file.
    scene.store.clock().advance(TimeDelta::days(8));
    assert!(tidy(&scene.operations).await.unwrap() > 0);
    assert!(!file.path.exists());
    assert_eq!(
        result_of(&scene.operations, begun.id).await.unwrap(),
        ResultOf::Nowhere
    );
}

#[tokio::test]
async fn an_export_is_closed_to_who_has_lost_sight_of_the_community() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let (role, active) = (MembershipRole::Member, MembershipState::Active);
    let membership =
        testing::membership(&scene.store, scene.community.id, ben.id, role, active).await;
    let viewer = testing::viewer(&scene.store, ben.id).await;
    let mut begun = Vec::new();
    for community_id in [Some(scene.community.id), None] {
        let input = StartExport {
            community_id,
            format: OperationFormat::Ndjson,
        };
        let export = start_export(&scene.operations, &viewer, input).await;
        begun.push(export.unwrap().value.id);
    }
    run_all(&scene.operations).await;
    let (left, banned) = (MembershipState::Left, MembershipState::Banned);
    for (state, expected) in [
        (active, true),
        (left, false),
        (banned, false),
        (active, true),
    ] {
        let mut changed = membership.clone().into_active_model();
        changed.state = Set(state);
        changed.updated_at = Set(scene.store.clock().now());
        let connection = scene.store.migration_connection();
        changed.update(connection).await.unwrap();
        for id in &begun {
            let row = scene.row(*id).await;
            let open = is_open(&scene.store, &row).await.unwrap();
            assert_eq!(open, expected, "{state:?} {:?}", row.community_id);
            let result = result_of(&scene.operations, *id).await.unwrap();
            assert_eq!(open, matches!(result, ResultOf::Here(_)), "{result:?}");
        }
    }
}

#[tokio::test]
async fn an_export_of_everything_stays_open_to_who_leaves_what_everybody_reads() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let input = StartExport {
        community_id: None,
        format: OperationFormat::Csv,
    };
    let begun = start_export(&scene.operations, &scene.ada, input).await;
    let id = begun.unwrap().value.id;
    run_all(&scene.operations).await;
    let memberships = membership::Entity::find().all(scene.store.reader()).await;
    let [membership] = &memberships.unwrap()[..] else {
        panic!("one membership")
    };
    let mut left = membership.clone().into_active_model();
    left.state = Set(MembershipState::Left);
    left.updated_at = Set(scene.store.clock().now());
    let connection = scene.store.migration_connection();
    left.update(connection).await.unwrap();
    let result = result_of(&scene.operations, id).await.unwrap();
    assert!(matches!(result, ResultOf::Here(_)), "{result:?}");
}

#[tokio::test]
async fn resources_go_out_and_in_as_a_table() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let table = "title,kind,description,tags,url\n\
                 \"'=HYPERLINK(\"\"x\"\")\",link,\"two\nlines\",a; b,https://example.org\n\
                 Plain,,,,\n\
                 ,GUIDE,without a title,,\n\
                 Bad,NOTHING,,,\n";
    let done = scene.import(&scene.ada, OperationFormat::Csv, table).await;
    let messages = scene.messages(done.id).await;
    assert_eq!(
        (done.state, done.created, done.total),
        (OperationState::Partial, 2, Some(4)),
        "{messages:?}"
    );
    let at: Vec<_> = messages.iter().map(|(line, _)| *line).collect();
    assert_eq!(at, [Some(5), Some(6)], "{messages:?}");
    assert_eq!(scene.titles().await, ["=HYPERLINK(\"x\")", "Plain"]);
    let again = scene.import(&scene.ada, OperationFormat::Csv, table).await;
    assert_eq!((again.created, again.unchanged), (0, 2));

    let path = scene.directory.path().join("table.csv");
    let target = Box::new(std::fs::File::create(&path).unwrap());
    let plan = Plan {
        sight: Sight::Of(Viewer::anonymous()),
        community: Some(scene.community.id),
        format: OperationFormat::Csv,
    };
    let exported = export_now(&scene.store, &plan, target, &nothing)
        .await
        .unwrap();
    assert_eq!(exported.things, 2);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("id,title,kind") && text.contains("\"'=HYPERLINK(\"\"x\"\")\""),
        "{text}"
    );
    let own = scene.import(&scene.ada, OperationFormat::Csv, &text).await;
    assert_eq!(
        (own.state, own.unchanged),
        (OperationState::Succeeded, 2),
        "its ids are known"
    );
}
