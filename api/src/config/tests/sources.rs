//! Where settings come from, which of them wins, and what is said of a mistake.

use std::path::PathBuf;

use axum::http::HeaderValue;

use super::{environment, file, refusal};
use crate::config::{CONFIG_FILE, Config, ConfigError, DEFAULTS, Flags, LogFormat, load_from};
use crate::http::Origins;

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
    assert_eq!(loaded.log.format, LogFormat::Json);
    assert_eq!((loaded.limits.depth, loaded.limits.costs.list), (6, 7));
    let origins = ["https://a.example", "https://b.example"].map(HeaderValue::from_static);
    assert_eq!(loaded.cors.origins, Origins::These(origins.to_vec()));
    assert_eq!(loaded.data_dir, PathBuf::from("data"));
}

#[test]
fn the_file_of_the_data_directory_is_read_unless_another_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(CONFIG_FILE), "demo = true").unwrap();
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
