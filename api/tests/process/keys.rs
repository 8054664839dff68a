//! The keys that sign access tokens, and what is said of settings by which no server can run.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{PATIENCE, Served, is_ada, run, sign_in, sign_up, succeed, text};

/// RFC 8410, section 10.3.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

/// What a text in base64 for URLs (RFC 4648, section 5, without padding) stands for.
fn decode(encoded: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = |letter: u8| {
        let mut values = LETTERS.bytes().zip(0_u32..);
        values.find(|(known, _)| *known == letter).unwrap().1
    };
    encoded
        .as_bytes()
        .chunks(4)
        .flat_map(|letters| {
            let number = letters
                .iter()
                .fold(0_u32, |number, letter| (number << 6) | value(*letter));
            let bytes = (number << (6 * (4 - letters.len()))).to_be_bytes();
            bytes[1..letters.len()].to_vec()
        })
        .collect()
}

/// The id of the key that signed a token.
fn signed_by(token: &str) -> String {
    let header: Value = serde_json::from_slice(&decode(token.split('.').next().unwrap())).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The ids of the published keys, the one that signs first.
async fn published(server: &Served) -> Vec<String> {
    let client = service::outgoing::client()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    let address = format!("{}/.well-known/jwks.json", server.url);
    let answer = client.get(address).send().await.unwrap();
    let set: Value = answer.json().await.unwrap();
    assert!(!set.to_string().contains("\"d\""), "{set:#}");
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// A data directory with a file of settings.
fn configured(directory: &tempfile::TempDir, settings: &str) -> PathBuf {
    let data = directory.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("repertoire.toml"), settings).unwrap();
    data
}

/// Neither does a server start, nor does `doctor` find all well; both say why.
fn assert_refused(data: &Path, why: &[&str]) {
    let served = run(data, &["serve", "--listen", "127.0.0.1:0"], "");
    let doctor = run(data, &["doctor"], "");
    assert_eq!(doctor.status.code(), Some(1), "{}", text(&doctor.stdout));
    assert!(!served.status.success() && served.stdout.is_empty());
    for part in why {
        let said = text(&served.stderr);
        assert!(said.contains(part), "{part}: {said}");
        let said = text(&doctor.stdout);
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn a_running_server_takes_up_a_rotation_and_what_was_signed_before_stays_valid() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut server = Served::start(&data, &[]);
    let before = sign_up(&server).await;
    let first = signed_by(&before);
    assert_eq!(published(&server).await, std::slice::from_ref(&first));

    let second = succeed(&data, &["keys", "rotate"], "").trim().to_owned();
    assert_ne!(second, first);
    let both = [second.clone(), first.clone()];
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(50));
    let noticed = async {
        while published(&server).await != both {
            looks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, noticed)
        .await
        .expect("the server notices");
    assert!(is_ada(&server, &before).await, "the old key verifies");
    let after = sign_in(&server).await;
    assert_eq!(signed_by(&after), second, "the new one signs");
    assert!(is_ada(&server, &after).await);

    let listed = succeed(&data, &["keys", "list"], "");
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].starts_with(&second) && lines[0].ends_with(" signs"),
        "{listed}"
    );
    assert!(
        lines[1].starts_with(&first) && lines[1].ends_with(" verifies"),
        "{listed}"
    );

    // So it is after a restart.
    server.signal("-TERM");
    assert!(server.end().success());
    let server = Served::start(&data, &[]);
    assert_eq!(published(&server).await, both);
    assert!(is_ada(&server, &before).await && is_ada(&server, &after).await);
    succeed(&data, &["doctor"], "");
}

#[tokio::test]
async fn keys_are_rotated_where_they_come_from() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = directory.path().join("nowhere");
    for command in ["list", "rotate"] {
        let refused = run(&nowhere, &["keys", command], "");
        assert_eq!(refused.status.code(), Some(1));
        let said = text(&refused.stderr);
        assert!(
            said.contains("--data-dir") && refused.stdout.is_empty(),
            "{said}"
        );
    }
    assert!(!nowhere.exists(), "looking makes nothing");

    let file = directory.path().join("keys.pem");
    std::fs::write(&file, PEM).unwrap();
    let settings = format!("[auth]\nsigning_keys_file = \"{}\"\n", file.display());
    let data = configured(&directory, &settings);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let set = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(0o644);
        assert_refused(&data, &["`auth.signing_keys_file`", "chmod 600"]);
        set(0o600);
    }
    let server = Served::start(&data, &[]);
    let token = sign_up(&server).await;
    let listed = succeed(&data, &["keys", "list"], "");
    assert!(listed.starts_with(&signed_by(&token)), "{listed}");
    assert_eq!(published(&server).await.len(), 1);
    let refused = run(&data, &["keys", "rotate"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("`auth.signing_keys_file`"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), PEM);
    assert!(!data.join(service::auth::SIGNING_KEYS_FILE).exists());
}

#[test]
fn doctor_refuses_the_sign_in_that_a_server_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let issuer = |audience: &str, algorithm: &str| {
        format!(
            "[[auth.external_issuers]]\nissuer = \"https://school.example\"\naudience = \"{audience}\"\nalgorithms = [\"{algorithm}\"]\n"
        )
    };
    let data = configured(&directory, &issuer("", "HS256"));
    assert_refused(
        &data,
        &[
            "`auth.external_issuers`",
            "https://school.example",
            "the audience is missing",
            "HS256",
        ],
    );
    let data = configured(&directory, "[auth]\nsigning_keys = \"no key\"\n");
    assert_refused(&data, &["`auth.signing_keys` cannot be used"]);

    let data = configured(&directory, &issuer("repertoire", "RS256"));
    drop(Served::start(&data, &[]));
    succeed(&data, &["doctor"], "");
    std::fs::write(data.join(service::auth::SIGNING_KEYS_FILE), "{}").unwrap();
    assert_refused(&data, &["the signing keys are unusable"]);
}

#[test]
fn doctor_refuses_the_settings_that_a_server_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let origins = "[cors]\norigins = [\"https://learn.example.org/app\"]\n";
    let data = configured(&directory, origins);
    let why = [
        "`cors.origins`",
        "\"https://learn.example.org/app\"",
        "write each as https://learn.example.org",
    ];
    assert_refused(&data, &why);
    let migrate = run(&data, &["migrate"], "");
    assert!(!migrate.status.success());
    assert!(text(&migrate.stderr).contains("`cors.origins`"));

    let mail = "[mail]\nsmtp_url = \"smtp://mail.example.org?tls=perhaps\"\nsender = \"a@example.org\"\n\
                public_url = \"https://learn.example.org\"\n";
    let data = configured(&directory, mail);
    assert_refused(&data, &["`mail.smtp_url` cannot be used", "?tls=required"]);
    let data = configured(&directory, "[search]\nwriter_memory_mib = 4096\n");
    assert_refused(&data, &["`search.writer_memory_mib` is 4096"]);

    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let operations = format!("[operations]\ndirectory = \"{}\"\n", file.display());
    let data = configured(&directory, &operations);
    let file = file.display().to_string();
    assert_refused(&data, &["`operations.directory`", file.as_str()]);
}
