use std::path::PathBuf;

use super::{Config, ConfigError, DEFAULTS, Flags, load_from};

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn file(directory: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = directory.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn refusal(flags: Flags, pairs: &[(&str, &str)]) -> String {
    load_from(flags, environment(pairs))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_documented_defaults_are_the_defaults_and_all_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let flags = Flags {
        config: Some(file(&directory, DEFAULTS)),
        ..Flags::default()
    };
    assert_eq!(load_from(flags, []).unwrap(), Config::default());
    let limits = serde_json::to_value(crate::graphql::limits::Limits::default()).unwrap();
    for key in limits.as_object().unwrap().keys() {
        assert!(
            DEFAULTS.contains(&format!("\n{key} = "))
                || DEFAULTS.contains(&format!("[limits.{key}]")),
            "{key} is not documented"
        );
    }
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let config = Some(file(
        &directory,
        "listen = \"127.0.0.1:1\"\ndatabase_connections = 3\n[log]\nformat = \"json\"\n[limits]\ndepth = 5\n",
    ));
    let variables = environment(&[
        ("REPERTOIRE_LISTEN", "127.0.0.1:2"),
        ("REPERTOIRE_LIMITS__DEPTH", "6"),
        ("REPERTOIRE_LIMITS__COSTS__LIST", "7"),
        (
            "REPERTOIRE_CORS__ORIGINS",
            "[https://a.example, https://b.example]",
        ),
        ("REPERTOIRE_DATA_DIR", ""),
        ("HOME", "/nowhere"),
    ]);
    let flags = Flags {
        config,
        listen: Some("[::1]:0".into()),
        ..Flags::default()
    };
    let loaded = load_from(flags, variables).unwrap();
    assert_eq!(loaded.listen.to_string(), "[::1]:0");
    assert_eq!(loaded.database_connections, 3);
    assert_eq!(loaded.log.format, super::LogFormat::Json);
    assert_eq!((loaded.limits.depth, loaded.limits.costs.list), (6, 7));
    assert_eq!(
        loaded.cors.origins,
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(loaded.data_dir, PathBuf::from("data"));
}

#[test]
fn the_file_of_the_data_directory_is_read_unless_another_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(super::CONFIG_FILE), "demo = true").unwrap();
    let data_dir = Some(directory.path().to_path_buf());
    let flags = Flags {
        data_dir,
        ..Flags::default()
    };
    assert!(load_from(flags.clone(), []).unwrap().demo);
    let other = file(&directory, "migrate = false");
    let variables = environment(&[("REPERTOIRE_CONFIG", other.to_str().unwrap())]);
    let loaded = load_from(flags, variables).unwrap();
    assert!(!loaded.demo && !loaded.migrate);
}

#[test]
fn a_mistake_is_named_with_its_place_and_what_is_allowed() {
    let directory = tempfile::tempdir().unwrap();
    let wrong = |text: &str| {
        refusal(
            Flags {
                config: Some(file(&directory, text)),
                ..Flags::default()
            },
            &[],
        )
    };
    let text = wrong("[limits]\ndept = 5");
    for part in ["`limits.dept`", "settings.toml", "no such setting", "depth"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = wrong("[log]\nformat = \"xml\"");
    for part in ["`log.format`", "settings.toml", "xml", "text, json"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(wrong("listen = [").contains("settings.toml"));

    let text = refusal(Flags::default(), &[("REPERTOIRE_LIMITS__DEPTH", "deep")]);
    for part in ["`limits.depth`", "REPERTOIRE_LIMITS__DEPTH", "deep"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = refusal(Flags::default(), &[("REPERTOIRE_LISTENN", "127.0.0.1:1")]);
    assert!(text.contains("REPERTOIRE_LISTENN"), "{text}");

    let flags = Flags {
        listen: Some("4000".into()),
        ..Flags::default()
    };
    let text = refusal(flags, &[]);
    for part in ["--listen", "4000", "127.0.0.1:4000"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = refusal(
        Flags::default(),
        &[("REPERTOIRE_DATABASE_URL", "mysql://x")],
    );
    assert!(
        text.contains("sqlite:") && text.contains("postgres:"),
        "{text}"
    );
    let error = load_from(
        Flags {
            config: Some(PathBuf::from("/nowhere/at/all.toml")),
            ..Flags::default()
        },
        [],
    );
    assert!(matches!(error, Err(ConfigError::MissingFile(_))));
}

#[test]
fn secrets_are_not_shown() {
    let url = "postgres://user:hunter2@localhost/repertoire";
    let loaded = load_from(
        Flags::default(),
        environment(&[("REPERTOIRE_DATABASE_URL", url)]),
    )
    .unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert_eq!(loaded.store_options().url, url);
}

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
fn mail_needs_a_server_a_sender_and_a_front_end() {
    let url = (
        "REPERTOIRE_MAIL__SMTP_URL",
        "smtps://me:hunter2@mail.example.org",
    );
    let sender = (
        "REPERTOIRE_MAIL__SENDER",
        "Repertoire <repertoire@example.org>",
    );
    let front_end = ("REPERTOIRE_MAIL__PUBLIC_URL", "https://learn.example.org");
    let loaded = load_from(Flags::default(), environment(&[url, sender, front_end])).unwrap();
    assert!(loaded.mail.settings().unwrap().is_some());
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let none = load_from(Flags::default(), environment(&[sender])).unwrap();
    assert!(none.mail.settings().unwrap().is_none());
    for (pairs, wanted) in [
        (&[url, sender][..], "`mail.public_url` is missing"),
        (&[url, front_end], "`mail.sender` is missing"),
        (
            &[url, front_end, ("REPERTOIRE_MAIL__SENDER", "nobody")],
            "nobody",
        ),
        (
            &[url, sender, ("REPERTOIRE_MAIL__PUBLIC_URL", "learn")],
            "learn",
        ),
        (
            &[
                ("REPERTOIRE_MAIL__SMTP_URL", "mail.example.org"),
                sender,
                front_end,
            ],
            "smtps://",
        ),
    ] {
        let text = refusal(Flags::default(), pairs);
        assert!(text.contains(wanted) && !text.contains("hunter2"), "{text}");
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
fn webhooks_lead_to_private_addresses_only_where_it_is_said() {
    let loaded = load_from(Flags::default(), []).unwrap();
    let options = loaded.webhooks.options();
    assert!(!options.allow_private_addresses);
    assert_eq!(options.request_time, std::time::Duration::from_secs(15));
    let variables = environment(&[
        ("REPERTOIRE_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES", "true"),
        ("REPERTOIRE_WEBHOOKS__REQUEST_TIME", "2.5"),
    ]);
    let loaded = load_from(Flags::default(), variables).unwrap();
    let options = loaded.webhooks.options();
    assert!(options.allow_private_addresses);
    assert_eq!(
        options.request_time,
        std::time::Duration::from_millis(2_500)
    );
    for (name, value, wanted) in [
        (
            "REPERTOIRE_WEBHOOKS__REQUEST_TIME",
            "0",
            "`webhooks.request_time`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__REQUEST_TIME",
            "31",
            "`webhooks.request_time`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__CONCURRENT",
            "0",
            "`webhooks.concurrent`",
        ),
        (
            "REPERTOIRE_WEBHOOKS__CONCURRENT_EACH",
            "5000",
            "`webhooks.concurrent_each`",
        ),
    ] {
        let text = refusal(Flags::default(), &[(name, value)]);
        assert!(text.contains(wanted), "{text}");
    }
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
