use clap::{CommandFactory, Parser};

use super::Cli;

#[test]
fn the_parser_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_in_the_operators_guide() {
    let guide = include_str!("../../../docs/OPERATIONS.md");
    for command in Cli::command().get_subcommands() {
        let inner: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let lines: Vec<String> = if inner.is_empty() {
            vec![command.get_name().to_owned()]
        } else {
            let join = |inner: &&str| format!("{} {inner}", command.get_name());
            inner.iter().map(join).collect()
        };
        for line in lines {
            assert!(
                guide.contains(&format!("`repertoire {line}`")),
                "docs/OPERATIONS.md says nothing of: repertoire {line}"
            );
        }
    }
}

#[test]
fn common_flags_stand_before_or_after_the_command() {
    for line in [
        ["repertoire", "--data-dir", "x", "migrate"],
        ["repertoire", "migrate", "--data-dir", "x"],
    ] {
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!(cli.common.flags().data_dir.unwrap().to_str(), Some("x"));
    }
}

#[test]
fn the_version_is_the_packages() {
    let error = Cli::try_parse_from(["repertoire", "--version"]).unwrap_err();
    assert_eq!(
        error.to_string().trim(),
        format!("repertoire {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn an_account_needs_a_password_or_the_word_that_it_has_none() {
    let parse = |more: &[&str]| {
        let line = [
            "repertoire",
            "user",
            "create",
            "--email",
            "a@example.org",
            "--display-name",
            "A",
        ];
        Cli::try_parse_from(line.iter().chain(more)).map(|_| ())
    };
    assert!(parse(&[]).is_err());
    assert!(parse(&["--password-stdin"]).is_ok());
    assert!(parse(&["--no-password", "--role", "admin"]).is_ok());
    assert!(parse(&["--password-stdin", "--no-password"]).is_err());
    assert!(parse(&["--password-stdin", "--role", "KING"]).is_err());
}

#[test]
fn faults_are_told_in_the_words_of_the_command_line() {
    use service::error::{Error, Fault, FaultCode};
    let error = super::refusal(Error::Refused(vec![
        Fault::new(FaultCode::Taken, &["input", "email"], "It is taken."),
        Fault::new(
            FaultCode::TooLong,
            &["input", "displayName"],
            "It is too long.",
        ),
        Fault::new(FaultCode::Invalid, &["input", "scopes", "0"], "It is none."),
        Fault::new(FaultCode::Invalid, &[], "Something else."),
    ]));
    assert_eq!(
        error.to_string(),
        "--email: It is taken.\n--display-name: It is too long.\n--scope: It is none.\nSomething else."
    );
}
