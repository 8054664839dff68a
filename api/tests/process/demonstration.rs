//! The demonstration.

use serde_json::json;

use super::support::{Served, succeed};

/// So often the index is looked at: it is rarely behind, and never for long.
const LOOKS: usize = 100;

#[tokio::test]
async fn the_demonstration_is_loaded_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let count = "{ resources { totalCount } communities { totalCount } serverInfo { position indexPosition }
        search(query: \"\") { totalCount } }";
    let mut server = Served::start(&data, &["--demo"]);
    let first = server.send(None, None, count, json!({})).await;
    assert!(
        first["data"]["resources"]["totalCount"].as_u64().unwrap() > 0,
        "{first:#}"
    );
    assert_eq!(
        first["data"]["serverInfo"]["position"], first["data"]["serverInfo"]["indexPosition"],
        "all of it is searchable"
    );
    // Only where the index has everything are its documents compared with the rows.
    let current = (0..LOOKS)
        .map(|_| succeed(&data, &["doctor", "--deep"], ""))
        .any(|report| report.contains(" is 0 change(s) behind"));
    assert!(current, "the index stays behind");
    server.signal("-TERM");
    assert!(server.end().success());
    let server = Served::start(&data, &["--demo"]);
    let second = server.send(None, None, count, json!({})).await;
    assert_eq!(second, first, "the second start adds nothing");

    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { user { handle } userErrors { code } } }";
    let input =
        json!({ "email": service::demo::PEOPLE[0].email(), "password": service::demo::PASSWORD });
    let signed_in = server
        .send(None, None, sign_in, json!({ "input": input }))
        .await;
    assert_eq!(
        signed_in["data"]["signIn"]["user"]["handle"],
        service::demo::PEOPLE[0].handle,
        "{signed_in:#}"
    );
    drop(server);
    let server = Served::start(&data, &[]);
    let refused = server
        .send(None, None, sign_in, json!({ "input": input }))
        .await;
    assert_eq!(
        refused["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS",
        "without --demo they are nobody"
    );
}

#[tokio::test]
async fn without_the_demonstration_nothing_is_invented() {
    let directory = tempfile::tempdir().unwrap();
    let server = Served::start(&directory.path().join("data"), &[]);
    let query = "{ resources { totalCount } communities { totalCount } domains { totalCount } user(handle: \"demo-facilitator\") { id } }";
    let empty = server.send(None, None, query, json!({})).await;
    let none = json!({ "totalCount": 0 });
    assert_eq!(
        empty["data"],
        json!({ "resources": none, "communities": none, "domains": none, "user": null })
    );
}
