//! A table of resources (RFC 4180), a row each, with the names of the fields in its first row.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use csv_core::{ReadRecordResult, ReaderBuilder};
use serde_json::{Value, json};

use super::source::{Entry, Mark, Piece, ends};
use crate::operation::export::is_formula;
use crate::operation::line::Fields;

/// Bytes that are read at once.
const BLOCK: usize = 256 * 1024;
/// Columns that a table has at most.
const MOST_COLUMNS: usize = 200;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Column {
    /// A text.
    Text(&'static str),
    /// The name of one of some values, however it is spelt.
    Name(&'static str),
    /// Texts, apart by semicolons.
    List(&'static str),
    /// A whole number.
    Number(&'static str),
    ExternalSystem,
    ExternalId,
    ExternalUrl,
    /// What an export tells and an import does not take.
    Told(&'static str),
}

/// The columns that are known, by their names without capitals, spaces and marks.
const KNOWN: [(&str, Column); 24] = [
    ("id", Column::Text("id")),
    ("title", Column::Text("title")),
    ("kind", Column::Name("kind")),
    ("description", Column::Text("description")),
    ("body", Column::Text("body")),
    ("url", Column::Text("url")),
    ("licence", Column::Text("licence")),
    ("license", Column::Text("licence")),
    ("attribution", Column::Text("attribution")),
    ("language", Column::Text("language")),
    ("bylines", Column::List("bylines")),
    ("tags", Column::List("tags")),
    ("domains", Column::List("domains")),
    ("domainids", Column::List("domains")),
    ("educationallevels", Column::List("educationalLevels")),
    ("timerequiredminutes", Column::Number("timeRequiredMinutes")),
    ("visibility", Column::Name("visibility")),
    ("status", Column::Name("status")),
    ("externalsystem", Column::ExternalSystem),
    ("externalid", Column::ExternalId),
    ("externalurl", Column::ExternalUrl),
    ("authors", Column::Told("authors")),
    ("createdat", Column::Told("createdAt")),
    ("updatedat", Column::Told("updatedAt")),
];

/// The rows of a table.
pub(in crate::operation) struct Rows {
    reader: BufReader<File>,
    delimiter: u8,
    core: csv_core::Reader,
    mark: Mark,
    columns: Vec<Column>,
    longest: usize,
    cells: Vec<u8>,
    cell_ends: Vec<usize>,
}

/// A row as it stands.
enum Record {
    /// So many cells.
    Whole(usize),
    TooLong,
    TooWide,
}

impl Rows {
    /// Reads the first row; a sentence says what is wrong with it.
    pub(super) fn new(file: File, longest: usize) -> io::Result<Result<Self, String>> {
        let mut reader = BufReader::with_capacity(BLOCK, file);
        let delimiter = delimiter(reader.fill_buf()?);
        let mut rows = Self {
            reader,
            delimiter,
            core: core(delimiter),
            mark: Mark { offset: 0, line: 1 },
            columns: Vec::new(),
            longest,
            cells: vec![0; 4 * 1024],
            cell_ends: vec![0; 64],
        };
        let width = match rows.record()? {
            Some((_, Record::Whole(width))) => width,
            Some(_) => return Ok(Err("The first row of the table is too long.".into())),
            None => return Ok(Err("The file is empty.".into())),
        };
        Ok(rows.columns(width).map(|columns| Self { columns, ..rows }))
    }

    fn columns(&self, width: usize) -> Result<Vec<Column>, String> {
        let names = self.row(width).map_err(|_| {
            "The first row of the table, with the names of its columns, is not written in UTF-8."
                .to_owned()
        })?;
        let mut columns = Vec::with_capacity(width);
        let mut unknown = Vec::new();
        for name in names {
            let key: String = name
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            match KNOWN.iter().find(|(known, _)| *known == key) {
                Some((_, column)) => columns.push(*column),
                None => unknown.push(format!("\"{}\"", name.chars().take(60).collect::<String>())),
            }
        }
        let known = || {
            let mut seen = HashSet::new();
            let names = KNOWN.iter().map(|(name, column)| match column {
                Column::Text(name)
                | Column::Name(name)
                | Column::List(name)
                | Column::Number(name)
                | Column::Told(name) => *name,
                _ => *name,
            });
            names
                .filter(|name| seen.insert(*name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if !unknown.is_empty() {
            return Err(format!(
                "The table has columns that are not known: {}. Rename or remove them; known are {}. Nothing was imported.",
                unknown.join(", "),
                known()
            ));
        }
        let distinct: HashSet<Column> = columns.iter().copied().collect();
        if distinct.len() < columns.len() {
            return Err("The table has two columns of the same name. Nothing was imported.".into());
        }
        if !distinct.contains(&Column::Text("title")) {
            return Err(format!(
                "The table has no column `title`. Its first row must hold names of columns: {}. Nothing was imported.",
                known()
            ));
        }
        if distinct.contains(&Column::ExternalId) != distinct.contains(&Column::ExternalSystem) {
            return Err(
                "The columns `externalSystem` and `externalId` go together. Nothing was imported."
                    .into(),
            );
        }
        Ok(columns)
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    pub(super) fn go_to(&mut self, mark: Mark) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(mark.offset))?;
        self.core = core(self.delimiter);
        self.mark = mark;
        Ok(())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        let begin = self.mark.offset;
        let Some((line, record)) = self.record()? else {
            return Ok(None);
        };
        let mut bytes = usize::try_from(self.mark.offset - begin).unwrap_or(usize::MAX);
        let fields = match record {
            Record::Whole(width) if width > self.columns.len() => Err(format!(
                "This row has {width} cells, and the first row {}: is a quotation mark missing?",
                self.columns.len()
            )),
            Record::Whole(width) => match self.row(width) {
                Ok(cells) => Ok(self.fields(&cells)),
                Err(_) => Err("This row is not written in UTF-8.".into()),
            },
            Record::TooLong => {
                bytes = 0;
                Err(format!(
                    "This row has more than {} bytes, which is the most; is a quotation mark missing?",
                    self.longest
                ))
            }
            Record::TooWide => Err(format!("This row has more than {MOST_COLUMNS} cells.")),
        };
        Ok(Some(Piece {
            entry: Some(Entry { line, fields }),
            bytes,
        }))
    }

    /// The cells of the record that was read last.
    fn row(&self, width: usize) -> Result<Vec<&str>, std::str::Utf8Error> {
        let mut begin = 0;
        let ends = self.cell_ends.iter().take(width);
        ends.map(|end| {
            let cell = self.cells.get(begin..*end).unwrap_or_default();
            begin = *end;
            std::str::from_utf8(cell)
        })
        .collect()
    }

    /// Reads the next record, and the line that it begins in.
    fn record(&mut self) -> io::Result<Option<(i32, Record)>> {
        self.skip_ends()?;
        let line = self.mark.line;
        let (mut filled, mut width) = (0, 0);
        let (mut too_long, mut too_wide) = (false, false);
        loop {
            let block = self.reader.fill_buf()?;
            let (result, taken, put, ended) = self.core.read_record(
                block,
                self.cells.get_mut(filled..).unwrap_or_default(),
                self.cell_ends.get_mut(width..).unwrap_or_default(),
            );
            let lines = ends(block.get(..taken).unwrap_or_default());
            self.reader.consume(taken);
            self.mark.offset += taken as u64;
            self.mark.line = self
                .mark
                .line
                .saturating_add(i32::try_from(lines).unwrap_or(i32::MAX));
            filled += put;
            width += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.cells.len() < self.longest => {
                    let length = (2 * self.cells.len()).min(self.longest);
                    self.cells.resize(length, 0);
                }
                ReadRecordResult::OutputFull => (too_long, filled) = (true, 0),
                ReadRecordResult::OutputEndsFull if self.cell_ends.len() < MOST_COLUMNS => {
                    let length = (2 * self.cell_ends.len()).min(MOST_COLUMNS);
                    self.cell_ends.resize(length, 0);
                }
                ReadRecordResult::OutputEndsFull => (too_wide, width) = (true, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        Ok(Some((
            line,
            if too_long {
                Record::TooLong
            } else if too_wide {
                Record::TooWide
            } else {
                Record::Whole(width)
            },
        )))
    }

    /// Between records: the rest of the end of a line, and empty lines.
    fn skip_ends(&mut self) -> io::Result<()> {
        loop {
            let block = self.reader.fill_buf()?;
            let taken = block
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let lines = ends(block.get(..taken).unwrap_or_default());
            let more = taken > 0 && taken == block.len();
            self.reader.consume(taken);
            self.mark.offset += taken as u64;
            self.mark.line = self
                .mark
                .line
                .saturating_add(i32::try_from(lines).unwrap_or(i32::MAX));
            if !more {
                return Ok(());
            }
        }
    }

    fn fields(&self, cells: &[&str]) -> Fields {
        let mut fields = Fields::new();
        let mut external = Fields::new();
        fields.insert("type".into(), "resource".into());
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = own_words(cell);
            if cell.trim().is_empty() {
                continue;
            }
            match column {
                Column::Text(name) => {
                    fields.insert((*name).into(), cell.into());
                }
                Column::Name(name) => {
                    let name_of = cell.trim().to_uppercase().replace([' ', '-'], "_");
                    fields.insert((*name).into(), name_of.into());
                }
                Column::List(name) => {
                    fields.insert((*name).into(), list(cell).into());
                }
                Column::Number(name) => {
                    let number: Result<i64, _> = cell.trim().parse();
                    let value = number.map_or_else(|_| Value::from(cell), Value::from);
                    fields.insert((*name).into(), value);
                }
                Column::ExternalSystem => {
                    external.insert("system".into(), cell.trim().into());
                }
                Column::ExternalId => {
                    external.insert("externalId".into(), cell.trim().into());
                }
                Column::ExternalUrl => {
                    external.insert("url".into(), cell.trim().into());
                }
                Column::Told(_) => {}
            }
        }
        if !external.is_empty() {
            fields.insert("externalReferences".into(), json!([external]));
        }
        fields
    }
}

fn core(delimiter: u8) -> csv_core::Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// What stands between the cells of the first line: spreadsheets of many countries write semicolons.
fn delimiter(block: &[u8]) -> u8 {
    let first = block
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |mark: u8| memchr::memchr_iter(mark, first).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(b',')
}

/// The cell without the apostrophe that an export put before it.
fn own_words(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

/// The texts of a list; a semicolon of their own has a backslash before it.
fn list(cell: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            ';' => {
                texts.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        if let Some(last) = texts.last_mut() {
            last.push(letter);
        }
    }
    let texts = texts.into_iter().map(|text| text.trim().to_owned());
    texts.filter(|text| !text.is_empty()).collect()
}
