//! The binary `repertoire`.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::main()
}
