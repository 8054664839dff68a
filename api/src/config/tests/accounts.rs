//! Who signs up and signs in, and by whose keys.

use super::{environment, file, refusal};
use crate::config::{Config, Flags, load_from};

#[test]
fn the_demonstrations_people_sign_in_only_where_no_other_machine_reaches() {
    for (listen, demo, signs_in) in [
        ("127.0.0.1:4000", true, true),
        ("[::1]:0", true, true),
        ("127.0.0.1:4000", false, false),
        ("0.0.0.0:4000", true, false),
        ("[::]:4000", true, false),
        ("192.0.2.7:4000", true, false),
    ] {
        let config = Config {
            listen: listen.parse().unwrap(),
            demo,
            ..Config::default()
        };
        assert_eq!(config.demo_sign_in(), signs_in, "{listen} {demo}");
    }
}

#[test]
fn who_may_sign_up_is_one_of_three() {
    use service::auth::SignUpPolicy;
    for (word, policy) in [
        ("OPEN", SignUpPolicy::Open),
        ("INVITED", SignUpPolicy::Invited),
        ("CLOSED", SignUpPolicy::Closed),
    ] {
        let variables = environment(&[("REPERTOIRE_AUTH__SIGN_UP", word)]);
        let loaded = load_from(Flags::default(), variables).unwrap();
        assert_eq!(loaded.auth.sign_up, policy);
    }
    let text = refusal(Flags::default(), &[("REPERTOIRE_AUTH__SIGN_UP", "MAYBE")]);
    assert!(
        text.contains("OPEN, INVITED") || text.contains("CLOSED"),
        "{text}"
    );
}

#[test]
fn issuers_are_judged_before_a_server_starts() {
    let directory = tempfile::tempdir().unwrap();
    let load = |text: &str| {
        let flags = Flags {
            config: Some(file(&directory, text)),
            ..Flags::default()
        };
        load_from(flags, [])
    };
    let school = "[[auth.external_issuers]]\nissuer = \"https://school.example\"\naudience = \"repertoire\"\n";
    let loaded = load(school).unwrap();
    let issuer = &loaded.auth.external_issuers[0];
    assert_eq!(issuer.issuer, "https://school.example");
    assert!(!issuer.create_users && !issuer.trust_email && !issuer.algorithms.is_empty());

    let more = "[[auth.external_issuers]]\nissuer = \"college\"\naudience = \"\"\nalgorithms = [\"HS256\"]\n";
    let text = load(&format!("{school}{school}{more}"))
        .unwrap_err()
        .to_string();
    for part in [
        "settings.toml",
        "`auth.external_issuers`: the external issuer https://school.example",
        "another issuer has the same address",
        "the external issuer college",
        "the audience is missing",
        "HS256 has no public key",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn signing_keys_are_read_as_text_or_from_a_file_of_their_owner_alone() {
    // RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let variables = environment(&[("REPERTOIRE_AUTH__SIGNING_KEYS", pem)]);
    let loaded = load_from(Flags::default(), variables).unwrap();
    let given = loaded.known_signing_keys().unwrap().unwrap().known();
    assert_eq!(given.len(), 1);

    let broken = pem.replace("MC4C", "AAAA");
    let text = refusal(
        Flags::default(),
        &[("REPERTOIRE_AUTH__SIGNING_KEYS", broken.as_str())],
    );
    assert!(
        text.contains("`auth.signing_keys` cannot be used") && !text.contains("AQAwBQ"),
        "{text}"
    );

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys.pem");
    let mut config = Config {
        data_dir: directory.path().join("data"),
        ..Config::default()
    };
    assert!(config.known_signing_keys().unwrap().is_none());
    assert!(!config.data_dir.exists(), "looking makes nothing");
    config.auth.signing_keys_file = Some(path.clone());
    let told = |config: &Config| format!("{:#}", config.known_signing_keys().unwrap_err());
    assert!(told(&config).contains("keys.pem of `auth.signing_keys_file`"));
    std::fs::write(&path, pem).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let set = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(0o644);
        assert!(told(&config).contains("chmod 600"), "{}", told(&config));
        assert!(config.signing_keys().is_err(), "nor does a server start");
        set(0o600);
    }
    assert_eq!(config.known_signing_keys().unwrap().unwrap().known(), given);
}
