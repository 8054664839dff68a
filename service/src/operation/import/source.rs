//! Reading the file of an import by chunks, in constant memory, on threads that may wait for the disk.

use std::fs::File;
use std::io;
use std::path::Path;

use entity::operation::OperationFormat;

use super::ndjson::Lines;
use super::table::Rows;
use crate::operation::line::Fields;

/// Lines of one chunk.
const LINES: usize = 200;
/// Bytes after which a chunk takes no further line.
const BYTES: usize = 4 * 1024 * 1024;

/// What a line of the file says.
#[derive(Debug)]
pub(in crate::operation) struct Entry {
    /// The line of the file, from 1.
    pub(in crate::operation) line: i32,
    /// Its fields, or what is wrong with it.
    pub(in crate::operation) fields: Result<Fields, String>,
}

/// Some lines of the file.
#[derive(Debug, Default)]
pub(in crate::operation) struct Chunk {
    /// What they say; empty lines say nothing.
    pub(in crate::operation) entries: Vec<Entry>,
    /// How many lines they are.
    pub(in crate::operation) lines: usize,
    /// The byte after the last of them.
    pub(in crate::operation) read_to: u64,
}

/// Where a file goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::operation) struct Mark {
    /// The byte.
    pub(in crate::operation) offset: u64,
    /// The line of that byte, from 1.
    pub(in crate::operation) line: i32,
}

/// One line, or one row of a table with all its lines.
pub(super) struct Piece {
    pub(super) entry: Option<Entry>,
    pub(super) bytes: usize,
}

/// The file of an import.
pub(in crate::operation) enum Reader {
    Ndjson(Lines),
    Csv(Box<Rows>),
}

impl Reader {
    /// Opens a file. A table whose first row is not understood is refused with a sentence.
    pub(in crate::operation) fn open(
        path: &Path,
        format: OperationFormat,
        line_bytes: usize,
    ) -> io::Result<Result<Self, String>> {
        let file = File::open(path)?;
        Ok(match format {
            OperationFormat::Ndjson => Ok(Self::Ndjson(Lines::new(file, line_bytes))),
            OperationFormat::Csv => {
                Rows::new(file, line_bytes)?.map(|rows| Self::Csv(Box::new(rows)))
            }
        })
    }

    /// Where the next chunk begins.
    pub(in crate::operation) fn mark(&self) -> Mark {
        match self {
            Self::Ndjson(lines) => lines.mark(),
            Self::Csv(rows) => rows.mark(),
        }
    }

    /// Goes on from a place where a chunk ended.
    pub(in crate::operation) fn go_to(&mut self, mark: Mark) -> io::Result<()> {
        match self {
            Self::Ndjson(lines) => lines.go_to(mark),
            Self::Csv(rows) => rows.go_to(mark),
        }
    }

    /// Goes on from a byte where a chunk ended, and counts the lines before it.
    pub(in crate::operation) fn go_to_byte(&mut self, path: &Path, offset: u64) -> io::Result<()> {
        if offset == 0 {
            return Ok(());
        }
        let line = 1 + lines_before(path, offset)?;
        self.go_to(Mark { offset, line })
    }

    /// The next lines, at most so many; none at the end.
    pub(in crate::operation) fn chunk(&mut self, most: usize) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk::default();
        let mut bytes = 0;
        while chunk.lines < most.min(LINES) && bytes < BYTES {
            let piece = match self {
                Self::Ndjson(lines) => lines.next()?,
                Self::Csv(rows) => rows.next()?,
            };
            let Some(piece) = piece else {
                break;
            };
            bytes += piece.bytes;
            chunk.lines += 1;
            chunk.entries.extend(piece.entry);
        }
        chunk.read_to = self.mark().offset;
        Ok((chunk.lines > 0).then_some(chunk))
    }
}

/// The ends of lines before a byte.
fn lines_before(path: &Path, offset: u64) -> io::Result<i32> {
    use std::io::Read;
    let mut file = File::open(path)?.take(offset);
    let mut block = vec![0; 256 * 1024];
    let mut count = 0_usize;
    loop {
        match file.read(&mut block)? {
            0 => return Ok(i32::try_from(count).unwrap_or(i32::MAX)),
            read => count += ends(block.get(..read).unwrap_or_default()),
        }
    }
}

/// The ends of lines in some bytes.
pub(super) fn ends(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}
