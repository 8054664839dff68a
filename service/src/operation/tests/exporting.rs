//! What an export holds, and in which form.

use entity::community::CommunityKind;
use entity::membership_function::MembershipFunction;
use entity::user::UserStatus;

use super::*;
use crate::community::{CreateCommunity, UpdateCommunity};
use crate::evolution::merge;
use crate::membership::{ban, invite, join, leave, respond, set_functions, set_role};
use crate::validation::Patch;

/// Exports everything, or one community, to the end.
async fn exported(scene: &Scene, viewer: &Viewer, community_id: Option<Uuid>) -> Uuid {
    let input = StartExport {
        community_id,
        format: OperationFormat::Ndjson,
    };
    let begun = start_export(&scene.operations, viewer, input).await;
    let id = begun.unwrap().value.id;
    run_all(&scene.operations).await;
    id
}

async fn check_open(scene: &Scene, id: Uuid, expected: bool, when: &str) {
    let row = scene.row(id).await;
    let open = is_open(&scene.store, &row).await.unwrap();
    assert_eq!(open, expected, "{when}: {:?}", row.community_id);
    let result = result_of(&scene.operations, id).await.unwrap();
    if open {
        assert!(matches!(result, ResultOf::Here(_)), "{when}: {result:?}");
    } else {
        assert_eq!(result, ResultOf::Closed, "{when}");
    }
}

/// A community that the facilitator of the scene made.
async fn made(scene: &Scene, name: &str, visibility: CommunityVisibility) -> community::Model {
    let input = CreateCommunity {
        visibility: Some(visibility),
        ..CreateCommunity::new(name, "To be tried.", CommunityKind::Helping)
    };
    let made = crate::community::create(&scene.store, &scene.ada, input).await;
    made.unwrap().value
}

async fn set_visibility(scene: &Scene, id: Uuid, visibility: CommunityVisibility) {
    let change = UpdateCommunity {
        visibility: Patch::Value(visibility),
        ..UpdateCommunity::default()
    };
    let updated = crate::community::update(&scene.store, &scene.ada, id, change).await;
    updated.unwrap();
}

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
    let (store, id) = (&scene.store, scene.community.id);
    let membership = testing::membership(store, id, ben.id, role, active)
        .await
        .id;
    let viewer = testing::viewer(store, ben.id).await;
    let mut begun = Vec::new();
    for community_id in [Some(id), None] {
        begun.push(exported(&scene, &viewer, community_id).await);
    }
    let check = async |expected: bool, when: &str| {
        for id in &begun {
            check_open(&scene, *id, expected, when).await;
        }
    };
    check(true, "a member").await;
    leave(store, &viewer, id).await.unwrap();
    check(false, "left").await;
    ban(store, &scene.ada, membership, None).await.unwrap();
    check(false, "banned").await;
    invite(store, &scene.ada, id, ben.id, None).await.unwrap();
    check(false, "invited").await;
    respond(store, &viewer, membership, true).await.unwrap();
    check(true, "a member again").await;
    // An account that can no longer be used is told nothing of its exports.
    let mut suspended = ben.into_active_model();
    suspended.status = Set(UserStatus::Suspended);
    let connection = scene.store.migration_connection();
    suspended.update(connection).await.unwrap();
    for id in begun {
        let result = result_of(&scene.operations, id).await.unwrap();
        assert_eq!(result, ResultOf::Nowhere);
    }
}

#[tokio::test]
async fn an_export_of_everything_is_closed_when_what_it_holds_is_narrowed() {
    use CommunityVisibility::{Internal, Private, Public, Unlisted};
    let scene = Scene::new(Public).await;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    // What a community is to somebody who never joined it, what it becomes, and whether the export is open then.
    for (before, after, expected) in [
        (Public, Internal, true),
        (Public, Private, false),
        (Public, Unlisted, false),
        (Internal, Private, false),
        (Internal, Unlisted, false),
        (Private, Public, true),
        (Unlisted, Private, true),
        // They saw what it is about, and the log does not say that this was all.
        (Private, Unlisted, false),
    ] {
        let when = format!("{before:?} {after:?}");
        let community = made(&scene, &when, before).await;
        let everything = exported(&scene, &ben, None).await;
        let another = exported(&scene, &ben, Some(scene.community.id)).await;
        let of_member = exported(&scene, &scene.ada, None).await;
        set_visibility(&scene, community.id, after).await;
        check_open(&scene, everything, expected, &when).await;
        check_open(&scene, another, true, &when).await;
        check_open(&scene, of_member, true, &when).await;
        set_visibility(&scene, community.id, Public).await;
        check_open(&scene, everything, true, &when).await;
    }
}

#[tokio::test]
async fn an_export_is_closed_when_what_it_holds_becomes_part_of_what_its_owner_does_not_see() {
    use CommunityVisibility::{Private, Public};
    let scene = Scene::new(Public).await;
    scene
        .import(&scene.ada, OperationFormat::Ndjson, &lines(0..3))
        .await;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let from = scene.community.id;
    let shelf = made(&scene, "Shelf", Public).await.id;
    let cellar = made(&scene, "Cellar", Private).await.id;
    let part_of = async |id: Uuid, into: Uuid| {
        let reason = "They are one.".to_owned();
        let merged = merge(&scene.store, &scene.ada, id, into, reason, None).await;
        merged.unwrap();
    };
    let mut begun = Vec::new();
    for community_id in [None, Some(from)] {
        begun.push(exported(&scene, &ben, community_id).await);
    }
    let another = exported(&scene, &ben, Some(shelf)).await;
    let of_member = exported(&scene, &scene.ada, Some(from)).await;

    // Everybody sees what it became part of, until that is narrowed.
    part_of(from, shelf).await;
    for id in &begun {
        check_open(&scene, *id, true, "merged").await;
    }
    set_visibility(&scene, shelf, Private).await;
    for id in &begun {
        check_open(&scene, *id, false, "narrowed").await;
    }
    set_visibility(&scene, shelf, Public).await;
    for id in &begun {
        check_open(&scene, *id, true, "opened").await;
    }

    part_of(shelf, cellar).await;
    begun.push(another);
    for id in begun {
        check_open(&scene, id, false, "out of sight").await;
    }
    check_open(&scene, of_member, true, "its owner came along").await;
}

#[tokio::test]
async fn an_export_is_closed_when_the_log_does_not_reach_back_to_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let everything = exported(&scene, &scene.ada, None).await;
    scene
        .import(&scene.ada, OperationFormat::Ndjson, &lines(0..1))
        .await;
    check_open(&scene, everything, true, "the log is whole").await;
    scene.store.clock().advance(TimeDelta::days(2));
    crate::projection::catch_up(&scene.store).await.unwrap();
    let newest = scene.store.position().await.unwrap();
    let kept = TimeDelta::days(1);
    let forgotten = crate::change::forget_old(&scene.store, kept, newest).await;
    assert!(forgotten.unwrap() > 0);
    check_open(&scene, everything, false, "the log is cut").await;
}

#[tokio::test]
async fn an_export_is_closed_to_who_was_more_to_an_open_community() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let (store, id) = (&scene.store, scene.community.id);
    let steward = testing::member(store, id, "ben", MembershipRole::Steward).await;
    let stranger = testing::person(store, "cleo").await;
    let other = made(&scene, "Other", CommunityVisibility::Public).await.id;
    let elsewhere = exported(&scene, &steward, Some(other)).await;
    let (mut of_steward, mut of_stranger) = (Vec::new(), Vec::new());
    for community_id in [Some(id), None] {
        of_steward.push(exported(&scene, &steward, community_id).await);
        of_stranger.push(exported(&scene, &stranger, community_id).await);
    }
    let of_facilitator = exported(&scene, &scene.ada, Some(id)).await;
    let check = async |expected: bool, when: &str| {
        for id in &of_steward {
            check_open(&scene, *id, expected, when).await;
        }
        for id in of_stranger.iter().chain([&elsewhere, &of_facilitator]) {
            check_open(&scene, *id, true, when).await;
        }
    };
    let bens = steward.membership(id).unwrap().id;
    let broker = vec![MembershipFunction::Broker];
    set_functions(store, &scene.ada, bens, broker)
        .await
        .unwrap();
    check(true, "a broker too").await;
    for (role, expected) in [
        (MembershipRole::Facilitator, true),
        (MembershipRole::Steward, false),
        (MembershipRole::Member, false),
        (MembershipRole::Facilitator, true),
    ] {
        set_role(store, &scene.ada, bens, role).await.unwrap();
        check(expected, role.as_str()).await;
    }
    leave(store, &steward, id).await.unwrap();
    check(false, "left").await;
    join(store, &steward, id).await.unwrap();
    check(false, "joined as a member").await;
    ban(store, &scene.ada, bens, None).await.unwrap();
    check(false, "banned").await;

    // Whoever never was a member has nothing to lose.
    let user = stranger.user_id().unwrap();
    for role in [MembershipRole::Steward, MembershipRole::Member] {
        let invited = invite(store, &scene.ada, id, user, Some(role)).await;
        let invited = invited.unwrap().value.id;
        check(false, "invited").await;
        respond(store, &stranger, invited, false).await.unwrap();
        check(false, "declined").await;
    }
    let left = exported(&scene, &steward, None).await;
    check_open(&scene, left, true, "what everybody reads").await;
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
