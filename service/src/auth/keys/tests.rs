use super::*;
use std::fs;

fn ids(keys: &SigningKeys) -> Vec<String> {
    keys.current().iter().map(|key| key.id.clone()).collect()
}

#[test]
fn the_key_of_rfc_8037_has_its_thumbprint() {
    let secret = URL_SAFE_NO_PAD
        .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        .unwrap();
    let key = Key::from_secret(&secret.try_into().unwrap()).unwrap();
    assert_eq!(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn starting_again_finds_the_key_and_several_starts_share_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let found: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| ids(&SigningKeys::open(path).unwrap())))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert!(found.iter().all(|ids| *ids == found[0]));
    assert_eq!(ids(&SigningKeys::open(path).unwrap()), found[0]);
    let files: Vec<_> = fs::read_dir(path).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_key() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    SigningKeys::open(directory.path())
        .unwrap()
        .rotate()
        .unwrap();
    let file = directory.path().join(SIGNING_KEYS_FILE);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = SigningKeys::open(directory.path()).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn rotation_keeps_old_keys_and_publishes_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let keys = SigningKeys::open(directory.path()).unwrap();
    let first = ids(&keys);
    let second = keys.rotate().unwrap();
    assert_eq!(ids(&keys), [second, first[0].clone()]);
    assert_eq!(
        ids(&SigningKeys::open(directory.path()).unwrap()),
        ids(&keys)
    );
    let jwks = keys.jwks();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert_eq!(jwks["keys"][0]["use"], "sig");
    assert!(!jwks.to_string().contains("\"d\""), "{jwks}");
    for _ in 0..20 {
        keys.rotate().unwrap();
    }
    assert_eq!(ids(&keys).len(), MOST_KEYS);
}

#[test]
fn what_another_process_rotated_is_taken_up() {
    let directory = tempfile::tempdir().unwrap();
    assert!(SigningKeys::read(directory.path()).unwrap().is_none());
    let serving = SigningKeys::open(directory.path()).unwrap();
    assert!(!serving.reload().unwrap());
    let rotating = SigningKeys::read(directory.path()).unwrap().unwrap();
    let fresh = rotating.rotate().unwrap();
    assert!(!serving.has(&fresh));
    assert!(serving.reload().unwrap());
    assert_eq!(serving.known(), rotating.known());
    assert_eq!(serving.known()[0].id, fresh);
    assert!(!serving.reload().unwrap());

    // What is not well is told, and what is known stays.
    let file = directory.path().join(SIGNING_KEYS_FILE);
    fs::rename(&file, directory.path().join("elsewhere")).unwrap();
    let error = serving.reload().unwrap_err().to_string();
    assert!(error.contains(SIGNING_KEYS_FILE), "{error}");
    assert!(serving.has(&fresh));
    assert_eq!(serving.signing().unwrap().0, fresh);
}

#[test]
fn rotations_at_once_lose_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let first = ids(&SigningKeys::open(path).unwrap());
    let made: Vec<String> = std::thread::scope(|scope| {
        let rotations: Vec<_> = (0..MOST_KEYS - 1)
            .map(|_| scope.spawn(|| SigningKeys::open(path).unwrap().rotate().unwrap()))
            .collect();
        rotations
            .into_iter()
            .map(|rotation| rotation.join().unwrap())
            .collect()
    });
    let kept = ids(&SigningKeys::open(path).unwrap());
    assert_eq!(kept.len(), MOST_KEYS);
    assert!(made.iter().chain(&first).all(|id| kept.contains(id)));
}

#[test]
fn a_key_says_when_it_was_made_but_not_to_everybody() {
    let directory = tempfile::tempdir().unwrap();
    let before = Clock::default().now().timestamp();
    SigningKeys::open(directory.path())
        .unwrap()
        .rotate()
        .unwrap();
    let keys = SigningKeys::open(directory.path()).unwrap();
    for known in keys.known() {
        let made_at = known.made_at.unwrap().timestamp();
        assert!((before..=Clock::default().now().timestamp()).contains(&made_at));
    }
    assert_eq!(keys.jwks()["keys"][0][MADE_AT], Value::Null);

    // A file of an earlier version says nothing of it.
    let file = directory.path().join(SIGNING_KEYS_FILE);
    let mut set: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for key in set["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove(MADE_AT).unwrap();
    }
    let old = SigningKeys::from_text(&set.to_string()).unwrap();
    assert_eq!(ids(&old), ids(&keys));
    assert!(old.known().iter().all(|key| key.made_at.is_none()));
}

#[cfg(unix)]
#[test]
fn a_file_of_the_configuration_must_be_there_and_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let error = SigningKeys::from_file(&file).unwrap_err().to_string();
    assert!(error.contains("keys.json"), "{error}");
    let keys = SigningKeys::ephemeral().unwrap();
    fs::write(&file, to_json(&keys.current()).unwrap()).unwrap();
    let set = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    for open in [0o640, 0o604] {
        set(open);
        let error = SigningKeys::from_file(&file).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
    set(0o600);
    let read = SigningKeys::from_file(&file).unwrap();
    assert_eq!(ids(&read), ids(&keys));
    assert!(matches!(read.rotate(), Err(KeyError::Configured)));
    assert!(!read.reload().unwrap());
}

#[test]
fn keys_come_from_configuration_too() {
    // RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let keys = SigningKeys::from_text(&format!("{pem}{pem}")).unwrap();
    assert_eq!(ids(&keys).len(), 2);
    assert!(matches!(keys.rotate(), Err(KeyError::Configured)));
    let json = to_json(&keys.current()).unwrap();
    assert_eq!(ids(&SigningKeys::from_text(&json).unwrap()), ids(&keys));
    for wrong in [
        "",
        "{}",
        "{\"keys\":[]}",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ] {
        assert!(SigningKeys::from_text(wrong).is_err(), "{wrong}");
    }
}
