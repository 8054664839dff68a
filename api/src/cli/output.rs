//! What commands say: results on standard output, everything else on standard error.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};

/// Writes one line to standard output, at once. A reader that went away, as `head` does, is no fault.
pub(super) fn line(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{text}").and_then(|()| output.flush());
}

/// Writes a text as it is to standard output.
pub(super) fn text(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}

/// Writes a remark to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says what went wrong and why, the reasons one below the other.
pub(super) fn error(error: &anyhow::Error) {
    let mut lines = vec![format!("error: {error}")];
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        // Many errors repeat their cause.
        if !said.contains(&text) {
            lines.push(format!("  because: {text}"));
        }
        said = text;
    }
    note(&lines.join("\n"));
}

/// A bar on standard error, shown only where that is a terminal.
pub(super) fn progress_bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(what);
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
