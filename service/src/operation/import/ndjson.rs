//! A JSON object a line. A line that is too long is passed over without being held.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use serde_json::Value;

use super::source::{Entry, Mark, Piece};
use crate::operation::line::Fields;

/// Bytes that are read at once.
const BLOCK: usize = 256 * 1024;

/// The lines of a file.
pub(in crate::operation) struct Lines {
    reader: BufReader<File>,
    mark: Mark,
    longest: usize,
}

/// A line as it stands.
pub(super) enum Line {
    /// Its bytes, without its end.
    Whole(Vec<u8>),
    /// It has more bytes than are held.
    TooLong,
}

impl Lines {
    pub(super) fn new(file: File, longest: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(BLOCK, file),
            mark: Mark { offset: 0, line: 1 },
            longest,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    pub(super) fn go_to(&mut self, mark: Mark) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(mark.offset))?;
        self.mark = mark;
        Ok(())
    }

    /// The next line with its number and how many bytes it takes.
    pub(super) fn line(&mut self) -> io::Result<Option<(i32, Line, usize)>> {
        let (number, begin) = (self.mark.line, self.mark.offset);
        let mut bytes = Vec::new();
        let mut too_long = false;
        loop {
            let block = self.reader.fill_buf()?;
            if block.is_empty() {
                if self.mark.offset == begin {
                    return Ok(None);
                }
                break;
            }
            let end = block.iter().position(|byte| *byte == b'\n');
            let part = block.get(..end.unwrap_or(block.len())).unwrap_or_default();
            if too_long || bytes.len() + part.len() > self.longest {
                too_long = true;
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(part);
            }
            let taken = end.map_or(block.len(), |end| end + 1);
            self.reader.consume(taken);
            self.mark.offset += taken as u64;
            if end.is_some() {
                self.mark.line = self.mark.line.saturating_add(1);
                break;
            }
        }
        let taken = usize::try_from(self.mark.offset - begin).unwrap_or(usize::MAX);
        if too_long {
            // Nothing of it is held.
            return Ok(Some((number, Line::TooLong, 0)));
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Ok(Some((number, Line::Whole(bytes), taken)))
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        let Some((line, content, bytes)) = self.line()? else {
            return Ok(None);
        };
        let fields = match content {
            Line::TooLong => Err(self.too_long()),
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {
                return Ok(Some(Piece {
                    entry: None,
                    bytes: 1,
                }));
            }
            Line::Whole(bytes) => read(&bytes),
        };
        Ok(Some(Piece {
            entry: Some(Entry { line, fields }),
            bytes,
        }))
    }

    fn too_long(&self) -> String {
        format!(
            "This line has more than {} bytes, which is the most.",
            self.longest
        )
    }
}

/// The fields of a line.
pub(super) fn read(bytes: &[u8]) -> Result<Fields, String> {
    let Ok(text) = std::str::from_utf8(without_mark(bytes)) else {
        return Err("This line is not written in UTF-8.".into());
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("This line is JSON, but no object with fields.".into()),
        Err(error) if error.is_eof() => {
            Err("This line breaks off: it is no whole JSON object.".into())
        }
        Err(error) => Err(format!(
            "This line is no JSON object: something is wrong at its character {}.",
            error.column()
        )),
    }
}

/// The bytes without the mark that some programs put before a text.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}
