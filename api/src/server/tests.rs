use std::path::Path;

use super::Server;
use crate::config::Config;
use crate::http::Ended;

fn config(directory: &Path) -> Config {
    Config {
        data_dir: directory.join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        ..Config::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_refused_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let first = Server::start(config(directory.path())).await.unwrap();
    assert_ne!(first.address().port(), 0);
    let refused = Server::start(config(directory.path()))
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("Another server"), "{refused}");
    assert!(
        refused.contains(&std::process::id().to_string()),
        "{refused}"
    );
    assert_eq!(first.shut_down().await.unwrap(), Ended::Finished);
    let again = Server::start(config(directory.path())).await.unwrap();
    again.shut_down().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_migrations_are_named_when_they_may_not_be_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.migrate = false;
    let refused = Server::start(config.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("repertoire migrate"), "{refused}");
    config.migrate = true;
    Server::start(config.clone())
        .await
        .unwrap()
        .shut_down()
        .await
        .unwrap();
    config.migrate = false;
    Server::start(config)
        .await
        .unwrap()
        .shut_down()
        .await
        .unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_can_read_the_data_directory() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let server = Server::start(config.clone()).await.unwrap();
    let mode = std::fs::metadata(&config.data_dir)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    server.shut_down().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_searchable_at_once_and_loaded_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.demo = true;
    config.auth.password_cost = service::auth::PasswordCost::for_tests();
    let server = Server::start(config.clone()).await.unwrap();
    let position = server.store().position().await.unwrap();
    assert_eq!(server.index().position(), position);
    // Items, communities, domains and series, and what the scenes add: meetings, discussions, what was made of them, and
    // what was told of that.
    assert_eq!(
        server.index().statistics().documents,
        969 + 7 + 17 + 45 + 20 + 43
    );
    let sign_in = |server: &Server| {
        let input = service::auth::SignIn {
            email: "demo-steward@repertoire.example".into(),
            password: service::demo::PASSWORD.into(),
        };
        let auth = server.auth().clone();
        async move {
            service::auth::sign_in(&auth, service::auth::ClientAddress::unknown(), input).await
        }
    };
    sign_in(&server).await.unwrap();
    server.shut_down().await.unwrap();

    let again = Server::start(config.clone()).await.unwrap();
    assert_eq!(again.store().position().await.unwrap(), position);
    again.shut_down().await.unwrap();

    config.demo = false;
    let plain = Server::start(config).await.unwrap();
    assert!(
        sign_in(&plain).await.is_err(),
        "without --demo nobody signs in by the known password"
    );
    plain.shut_down().await.unwrap();
}
