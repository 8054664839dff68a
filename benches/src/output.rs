//! What people and other processes read.

/// A line on standard output.
#[expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}
