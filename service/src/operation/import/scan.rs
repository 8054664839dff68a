//! Looking through a file before anything is written: how long it is, whether it is whole, and what its lines name.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::Path;

use entity::operation::OperationFormat;
use serde::Deserialize;

use super::ndjson::{Line, Lines, read, without_mark};
use super::source::Reader;
use crate::operation::line::{END, FORM, HEADER, VERSION};

/// Bytes of ids and names of people and domains that are remembered; those of further ones are not.
const MOST_NAMED: usize = 16 * 1024 * 1024;
/// What remembering a name takes besides the name.
const ENTRY: usize = 64;

/// What was found in a file.
#[derive(Debug, Default)]
pub(in crate::operation) struct Scan {
    /// Its lines, or the rows of a table.
    pub(in crate::operation) total: usize,
    /// Whether it is an export of everything, which says all that there is.
    pub(in crate::operation) whole: bool,
    /// The names of people, by their ids.
    pub(in crate::operation) people: HashMap<String, String>,
    /// The slugs of domains, by their ids.
    pub(in crate::operation) domains: HashMap<String, String>,
    /// How many lines there are of types that only a restore takes, by type.
    pub(in crate::operation) passed_over: BTreeMap<String, usize>,
    /// Bytes that the names take.
    named: usize,
}

/// What every line of an export has, and those of people and domains besides.
#[derive(Debug, Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, rename = "type")]
    of: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "displayName")]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    slug: Option<Cow<'a, str>>,
}

/// Types whose lines say what others need, or nothing that is missed.
const CONTEXT: [&str; 7] = [
    HEADER,
    END,
    "reference",
    "user",
    "organization",
    "domain",
    "community",
];

/// Looks through a file. A sentence says why nothing of it can be imported.
pub(in crate::operation) fn scan(
    path: &Path,
    format: OperationFormat,
    line_bytes: usize,
    restore: bool,
) -> io::Result<Result<Scan, String>> {
    match format {
        OperationFormat::Csv => rows(path, line_bytes),
        OperationFormat::Ndjson => lines(path, line_bytes, restore),
    }
}

fn rows(path: &Path, line_bytes: usize) -> io::Result<Result<Scan, String>> {
    let mut reader = match Reader::open(path, OperationFormat::Csv, line_bytes)? {
        Ok(reader) => reader,
        Err(message) => return Ok(Err(message)),
    };
    let mut scan = Scan::default();
    while let Some(chunk) = reader.chunk(usize::MAX)? {
        scan.total += chunk.lines;
    }
    if scan.total == 0 {
        return Ok(Err("The table has no rows below its first.".into()));
    }
    Ok(Ok(scan))
}

fn lines(path: &Path, line_bytes: usize, restore: bool) -> io::Result<Result<Scan, String>> {
    let mut lines = Lines::new(File::open(path)?, line_bytes);
    let mut scan = Scan::default();
    let mut is_export = false;
    let mut last = None;
    while let Some((number, line, _)) = lines.line()? {
        scan.total += 1;
        let bytes = match line {
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Whole(bytes) => bytes,
            Line::TooLong => {
                last = None;
                continue;
            }
        };
        let head: Option<Head<'_>> = serde_json::from_slice(without_mark(&bytes)).ok();
        let of = head.as_ref().and_then(|head| head.of.as_deref());
        if number == 1 && of == Some(HEADER) {
            match check_header(&bytes) {
                Ok(whole) => scan.whole = whole,
                Err(message) => return Ok(Err(message)),
            }
            is_export = true;
        }
        if !restore && let Some(head) = &head {
            scan.note(head);
        }
        last = Some(of == Some(END));
    }
    if is_export && last != Some(true) {
        let message = "The file is cut off: the last line of an export says that it is whole, and is missing. Nothing was imported; send the whole file.";
        return Ok(Err(message.into()));
    }
    if restore && !is_export {
        let message = "Only an export can be brought back: its first line is a header, and this file has none. Nothing was imported.";
        return Ok(Err(message.into()));
    }
    if scan.total == 0 {
        return Ok(Err("The file is empty.".into()));
    }
    Ok(Ok(scan))
}

/// Whether the header is one of an export of everything; a sentence says why it is none of an export.
fn check_header(bytes: &[u8]) -> Result<bool, String> {
    let header = read(bytes)?;
    let form = header.get("form").and_then(serde_json::Value::as_str);
    let version = header.get("version").and_then(serde_json::Value::as_i64);
    match (form, version) {
        (Some(FORM), Some(version)) if version <= VERSION => {
            Ok(header.get("whole") == Some(&serde_json::Value::Bool(true)))
        }
        (Some(FORM), Some(_)) => Err(
            "The file was written by a newer version of the server, whose exports this one does not understand. Nothing was imported."
                .into(),
        ),
        _ => Err("The header of the file is none of an export. Nothing was imported.".into()),
    }
}

impl Scan {
    fn note(&mut self, head: &Head<'_>) {
        let Some(of) = head.of.as_deref() else {
            return;
        };
        let mut name = |names: &mut HashMap<String, String>, name: Option<&Cow<'_, str>>| {
            if let (Some(id), Some(name)) = (&head.id, name) {
                let bytes = id.len() + name.len() + ENTRY;
                if self.named + bytes <= MOST_NAMED {
                    self.named += bytes;
                    names.insert(id.to_string(), name.to_string());
                }
            }
        };
        match of {
            "user" => name(&mut self.people, head.display_name.as_ref()),
            "domain" => name(&mut self.domains, head.slug.as_ref()),
            of if CONTEXT.contains(&of) || super::ordinary::TYPES.contains(&of) => {}
            of if self.passed_over.len() < 100 || self.passed_over.contains_key(of) => {
                let of: String = of.chars().take(60).collect();
                *self.passed_over.entry(of).or_default() += 1;
            }
            _ => {}
        }
    }

    /// What is said of the lines that were passed over.
    pub(in crate::operation) fn passed_over(&self) -> Vec<String> {
        let said = |(of, count): (&String, &usize)| {
            format!(
                "{count} lines of the type `{of}` were passed over: an import makes resources, practices, innovations, discussions and collections."
            )
        };
        self.passed_over.iter().map(said).collect()
    }
}
