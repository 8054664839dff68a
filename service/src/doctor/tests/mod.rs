mod index;
mod invariants;

use std::io::ErrorKind;
use std::path::Path;

use chrono::{DateTime, Utc};
use entity::community::CommunityKind;
use entity::user::PlatformRole;
use sea_orm::ConnectionTrait;

use super::machine::{judge_address, judge_certificates, judge_clock};
use super::{
    State, check_address, check_clock, check_database, check_disk, check_index, check_invariants,
    check_mail, check_private, check_writable,
};
use crate::change::{Losses, reindex};
use crate::community::{self, CreateCommunity};
use crate::mail::{MailSettings, SmtpTransport};
use crate::search::IndexSettings;
use crate::store::Store;
use crate::testing;

async fn world() -> (tempfile::TempDir, Store) {
    let (directory, store) = testing::store().await;
    let passwords = crate::auth::Passwords::new(crate::auth::PasswordCost::for_tests(), 1).unwrap();
    let new = crate::auth::NewUser {
        email: "ada@example.org".into(),
        display_name: "Ada".into(),
        handle: None,
        role: PlatformRole::Member,
        password: None,
        is_demo: false,
    };
    let ada = crate::auth::create_user(&store, &passwords, new)
        .await
        .unwrap()
        .value;
    let viewer = testing::viewer(&store, ada.id).await;
    let input = CreateCommunity::new("Readers", "To read.", CommunityKind::Helping);
    community::create(&store, &viewer, input).await.unwrap();
    (directory, store)
}

async fn run(store: &Store, statement: &str) {
    store
        .migration_connection()
        .execute_unprepared(statement)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_database_is_well_in_every_respect() {
    let (directory, store) = world().await;
    let mut findings = check_database(&store).await;
    findings.extend(check_invariants(&store).await);
    findings.push(check_clock(&store).await);
    findings.push(check_disk(directory.path()));
    for finding in findings {
        if finding.name != "disk" {
            assert_eq!(finding.state, State::Well, "{finding:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_missing_then_behind_then_current() {
    let (directory, store) = world().await;
    let path = directory.path().join("index");
    let look = |deep| check_index(&store, &path, IndexSettings::default(), deep);
    assert_eq!(look(false).await.state, State::Doubtful);
    reindex(
        &store,
        &path,
        IndexSettings::default(),
        Losses::Refuse,
        |_| {},
    )
    .await
    .unwrap();
    let current = look(true).await;
    assert_eq!(current.state, State::Well, "{current:?}");
    run(&store, "UPDATE change_head SET position = position + 5").await;
    let behind = look(false).await;
    assert_eq!(behind.state, State::Doubtful);
    assert!(behind.message.contains("5 change(s) behind"), "{behind:?}");
    run(&store, "UPDATE change_head SET position = 0").await;
    assert_eq!(look(false).await.state, State::Broken);
}

#[test]
fn a_clock_before_the_newest_change_is_doubted() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let now = at("2026-11-23T12:00:00Z");
    assert_eq!(judge_clock(now, None).state, State::Well);
    assert_eq!(
        judge_clock(now, Some(at("2026-11-23T11:59:59Z"))).state,
        State::Well
    );
    assert_eq!(
        judge_clock(now, Some(at("2026-11-23T12:00:01Z"))).state,
        State::Doubtful
    );
    assert_eq!(
        judge_clock(at("1970-01-01T00:00:00Z"), None).state,
        State::Broken
    );
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys");
    assert_eq!(check_private(&file).state, State::Well);
    std::fs::write(&file, "secret").unwrap();
    let set =
        |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o644);
    let finding = check_private(&file);
    assert_eq!(finding.state, State::Broken);
    assert!(finding.remedy.unwrap().contains("chmod 600"));
    set(0o600);
    assert_eq!(check_private(&file).state, State::Well);
    assert_eq!(
        check_disk(Path::new("/nowhere/at/all")).state,
        State::Broken
    );
}

#[test]
fn what_is_written_and_listened_on_is_tried() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("not").join("there");
    for place in [directory.path(), &there] {
        let finding = check_writable(place, "data_dir");
        assert_eq!(finding.state, State::Well, "{finding:?}");
    }
    let left = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is left behind");
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let finding = check_writable(&file, "operations.directory");
    assert_eq!(finding.state, State::Broken, "{finding:?}");
    assert!(finding.remedy.unwrap().contains("`operations.directory`"));

    let free = "127.0.0.1:0".parse().unwrap();
    assert_eq!(check_address(free).state, State::Well);
    let taken = std::net::TcpListener::bind(free).unwrap();
    let finding = check_address(taken.local_addr().unwrap());
    assert_eq!(finding.state, State::Doubtful, "{finding:?}");
    let elsewhere = "192.0.2.1:4000".parse().unwrap();
    let refused = Err(ErrorKind::AddrNotAvailable.into());
    let finding = judge_address(elsewhere, refused);
    assert_eq!(finding.state, State::Broken, "{finding:?}");
    assert!(finding.remedy.unwrap().contains("--listen"));
}

#[test]
fn certificates_that_are_not_there_are_told() {
    let there = Ok::<_, std::io::Error>(());
    assert_eq!(judge_certificates(there).state, State::Well);
    let missing = std::io::Error::other("no certificate is there");
    let finding = judge_certificates(Err(missing));
    assert_eq!(finding.state, State::Broken);
    let message = &finding.message;
    assert!(message.contains("no certificate is there"), "{message}");
    assert!(finding.remedy.unwrap().contains("ca-certificates"));
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_is_told() {
    assert_eq!(check_mail(None).await.state, State::Well);
    // A port that was free a moment ago, and has no server.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let settings =
        MailSettings::new("repertoire@example.org", "https://learn.example.org", None).unwrap();
    let url = format!("smtp://me:hunter2@127.0.0.1:{port}");
    let transport = SmtpTransport::new(&url, &settings).unwrap();
    let finding = check_mail(Some(&transport)).await;
    assert_eq!(finding.state, State::Broken);
    assert!(!finding.message.contains("hunter2"), "{}", finding.message);
}
