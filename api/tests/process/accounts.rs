//! What the operator does to accounts while the server runs.

use std::path::Path;

use super::support::{PASSWORD, Served, is_ada, run, sign_in, sign_up, succeed, text};

/// Runs a command of `repertoire user` that is refused, and answers why.
fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, &[&["user"], arguments].concat(), "");
    assert!(
        !output.status.success() && output.stdout.is_empty(),
        "{}",
        text(&output.stdout)
    );
    text(&output.stderr)
}

#[tokio::test]
async fn accounts_end_and_open_again_under_a_running_server() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Served::start(&data, &[]);
    let token = sign_up(&server).await;
    assert!(is_ada(&server, &token).await);
    let root = [
        "user",
        "create",
        "--email",
        "root@example.org",
        "--display-name",
        "Root",
        "--role",
        "ADMIN",
        "--password-stdin",
    ];
    succeed(&data, &root, PASSWORD);

    let ada = ["--email", "Ada@example.org"];
    let user = |arguments: &[&str]| succeed(&data, &[&["user"], arguments].concat(), "");
    let suspend = [&["suspend"], &ada[..], &["--reason", "Sold things."]].concat();
    let said = user(&suspend);
    assert!(
        said.starts_with("Suspended ada (ada@example.org)"),
        "{said}"
    );
    assert!(!is_ada(&server, &token).await, "her session ended");
    assert!(user(&suspend).contains("suspended already"));

    let said = user(&["reinstate", "--handle", "ada"]);
    assert!(
        said.starts_with("Reinstated ada (ada@example.org)"),
        "{said}"
    );
    assert!(user(&["reinstate", "--handle", "ADA"]).contains("is not suspended"));
    let token = sign_in(&server).await;
    assert!(is_ada(&server, &token).await);

    let erase = [&["erase"], &ada[..]].concat();
    let said = refused(&data, &erase);
    for part in ["ada (ada@example.org)", "cannot be undone", "--yes"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(is_ada(&server, &token).await, "nobody said yes");
    let said = user(&[&erase[..], &["--yes"]].concat());
    assert!(said.starts_with("Erased ada (ada@example.org)"), "{said}");
    assert!(!is_ada(&server, &token).await, "nothing of her is left");
    let handle = said.rsplit(['(', ')']).nth(1).unwrap();
    assert!(handle.starts_with("former-"), "{said}");
    let again = refused(&data, &["erase", "--handle", handle, "--yes"]);
    assert!(again.contains("erased already"), "{again}");
    let back = refused(&data, &["reinstate", "--handle", handle]);
    assert!(back.contains("cannot be brought back"), "{back}");
}

#[test]
fn whom_and_why_is_asked_for_and_one_administrator_stays() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let root = [
        "user",
        "create",
        "--email",
        "root@example.org",
        "--display-name",
        "Root",
        "--role",
        "ADMIN",
        "--no-password",
    ];
    succeed(&data, &root, "");
    for (arguments, wanted) in [
        (&["suspend", "--reason", "Because."][..], "--email"),
        (&["suspend", "--handle", "root"], "--reason"),
        (
            &["erase", "--handle", "root", "--email", "root@example.org"],
            "--handle",
        ),
        (
            &["erase", "--email", "eve@example.org", "--yes"],
            "--email: There is no account",
        ),
        (
            &["reinstate", "--handle", "eve"],
            "--handle: There is no account",
        ),
        (
            &["suspend", "--handle", "root", "--reason", " "],
            "--reason: This text must not be empty",
        ),
        (
            &["suspend", "--handle", "root", "--reason", "Because."],
            "last administrator",
        ),
        (
            &["erase", "--handle", "root", "--yes"],
            "last administrator",
        ),
    ] {
        let said = refused(&data, arguments);
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    let said = succeed(&data, &["user", "reinstate", "--handle", "root"], "");
    assert!(
        said.contains("root (root@example.org) is not suspended"),
        "{said}"
    );
}
