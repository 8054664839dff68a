use clap::{CommandFactory, Parser};

use super::Cli;

#[test]
fn the_parser_is_sound() {
    Cli::command().debug_assert();
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
    assert_eq!(error.to_string().trim(), format!("repertoire {}", env!("CARGO_PKG_VERSION")));
}
