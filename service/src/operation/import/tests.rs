//! Reading files: line by line, in bounded memory, whatever they hold.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::json;

use super::*;

const LONGEST: usize = 1_000;

fn file(directory: &Path, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join("import");
    std::fs::write(&path, content).unwrap();
    path
}

/// What the lines of a file say: numbers, and the titles or what is wrong.
fn read(content: impl AsRef<[u8]>, format: OperationFormat) -> Vec<(i32, Result<String, String>)> {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), content);
    let mut reader = Reader::open(&path, format, LONGEST).unwrap().unwrap();
    let mut found = Vec::new();
    while let Some(chunk) = reader.chunk(2).unwrap() {
        for Entry { line, fields } in chunk.entries {
            let title = fields.map(|fields| fields["title"].as_str().unwrap_or("?").to_owned());
            found.push((line, title));
        }
    }
    found
}

fn opened(content: &str) -> Result<Reader, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), content);
    Reader::open(&path, OperationFormat::Csv, LONGEST).unwrap()
}

#[test]
fn each_bad_line_is_said_and_the_others_are_read() {
    let long = format!("{{\"title\":\"{}\"}}", "x".repeat(5 * LONGEST));
    let mut content = Vec::new();
    content.extend_from_slice("\u{feff}{\"title\":\"first\"}\r\n\n".as_bytes());
    content.extend_from_slice(long.as_bytes());
    content.extend_from_slice(
        b"\n{\"title\":\"\xff\"}\n[1]\n{\"title\":}\n{\"title\":\"last\"}\n{\"tit",
    );
    let found = read(&content, OperationFormat::Ndjson);
    let lines: Vec<i32> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6, 7, 8]);
    assert_eq!(found[0].1, Ok("first".into()));
    assert_eq!(found[5].1, Ok("last".into()));
    for (place, word) in [
        (1, "1000 bytes"),
        (2, "UTF-8"),
        (3, "no object"),
        (4, "character"),
        (6, "breaks off"),
    ] {
        let message = found[place].1.as_ref().unwrap_err();
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_file_goes_on_where_it_was_left() {
    let directory = tempfile::tempdir().unwrap();
    for (format, content) in [
        (
            OperationFormat::Ndjson,
            "{\"title\":\"a\"}\n{\"title\":\"b\"}\n{\"title\":\"c\"}",
        ),
        (
            OperationFormat::Csv,
            "title,body\r\na,\"x\r\ny\"\r\n\r\nb,\r\nc,z",
        ),
    ] {
        let path = file(directory.path(), content);
        let mut reader = Reader::open(&path, format, LONGEST).unwrap().unwrap();
        let first = reader.chunk(1).unwrap().unwrap();
        let mark = reader.mark();
        let rest: Vec<_> = std::iter::from_fn(|| reader.chunk(1).unwrap())
            .flat_map(|chunk| chunk.entries)
            .map(|entry| (entry.line, entry.fields.unwrap()["title"].clone()))
            .collect();
        assert_eq!(rest.len(), 2, "{format:?}");
        assert_eq!((&rest[0].1, &rest[1].1), (&json!("b"), &json!("c")));
        let mut other = Reader::open(&path, format, LONGEST).unwrap().unwrap();
        other.go_to_byte(&path, first.read_to).unwrap();
        let chunk = other.chunk(usize::MAX).unwrap().unwrap();
        let again: Vec<_> = chunk
            .entries
            .into_iter()
            .map(|entry| (entry.line, entry.fields.unwrap()["title"].clone()))
            .collect();
        assert_eq!(again, rest, "{format:?}");
        reader.go_to(mark).unwrap();
        assert_eq!(reader.chunk(usize::MAX).unwrap().unwrap().lines, 2);
    }
}

#[test]
fn rows_are_counted_by_the_lines_of_the_file() {
    let content =
        "Title;Body;Tags\r\n\"One; \"\"quoted\"\"\";\"two\r\nlines\";a; b\r\n\r\n'=1+1;x;\r\n";
    let found = read(content, OperationFormat::Csv);
    assert_eq!(
        found.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [2, 5]
    );
    assert!(
        found[0].1.as_ref().unwrap_err().contains("4 cells"),
        "{found:?}"
    );
    assert_eq!(
        found[1].1,
        Ok("=1+1".into()),
        "the apostrophe is taken away"
    );
    let long = format!("title\nshort\n{}\nlast\n", "x".repeat(5 * LONGEST));
    let found = read(long, OperationFormat::Csv);
    assert_eq!(found[0], (2, Ok("short".into())));
    assert!(
        found[1].1.as_ref().unwrap_err().contains("more than"),
        "{found:?}"
    );
    assert_eq!(found[2], (4, Ok("last".into())));
    let bad = read(b"title\nok\n\xff\xfe\n", OperationFormat::Csv);
    assert!(bad[1].1.as_ref().unwrap_err().contains("UTF-8"), "{bad:?}");
}

#[test]
fn a_table_says_what_its_first_row_lacks() {
    for (content, word) in [
        ("", "empty"),
        ("name,colour\na,b", "colour"),
        ("kind,body\nLINK,b", "title"),
        ("title,Title\na,b", "same name"),
        ("title,externalId\na,b", "externalSystem"),
    ] {
        let message = opened(content).err().unwrap();
        assert!(message.contains(word), "{message}");
    }
    assert!(opened("TITLE,Educational levels,time_required_minutes,created at\n").is_ok());
}

#[test]
fn cells_become_fields() {
    let directory = tempfile::tempdir().unwrap();
    let content = "title,kind,tags,timeRequiredMinutes,externalSystem,externalId,createdAt,domains\n\
                   A,lesson plan,a\\;b; c ;,30,moodle,7,2026-01-01,\n";
    let path = file(directory.path(), content);
    let mut reader = Reader::open(&path, OperationFormat::Csv, LONGEST)
        .unwrap()
        .unwrap();
    let chunk = reader.chunk(10).unwrap().unwrap();
    let fields = chunk.entries.into_iter().next().unwrap().fields.unwrap();
    let expected = json!({
        "type": "resource", "title": "A", "kind": "LESSON_PLAN", "tags": ["a;b", "c"],
        "timeRequiredMinutes": 30, "externalReferences": [{ "system": "moodle", "externalId": "7" }],
    });
    assert_eq!(serde_json::Value::Object(fields), expected);
}

#[test]
fn a_file_that_is_cut_off_is_told_from_a_whole_one() {
    let directory = tempfile::tempdir().unwrap();
    let header = "{\"type\":\"header\",\"form\":\"repertoire-export\",\"version\":1}\n";
    let look = |content: &str, restore| {
        let path = file(directory.path(), content);
        scan(&path, OperationFormat::Ndjson, LONGEST, restore).unwrap()
    };
    let whole = format!(
        "{header}{{\"type\":\"post\"}}\n{{\"type\":\"user\",\"id\":\"u\",\"displayName\":\"Ada\"}}\n{{\"type\":\"end\"}}\n"
    );
    let found = look(&whole, false).unwrap();
    assert_eq!((found.total, found.people["u"].as_str()), (4, "Ada"));
    assert_eq!(found.passed_over().len(), 1, "{:?}", found.passed_over());
    assert!(look(&whole, true).is_ok());
    let cut = look(&whole[..whole.len() - 10], true).unwrap_err();
    assert!(cut.contains("cut off"), "{cut}");
    let by_hand = "{\"type\":\"resource\",\"title\":\"x\"}\n";
    assert!(look(by_hand, false).is_ok());
    assert!(look(by_hand, true).unwrap_err().contains("header"));
    let newer = header.replace("\"version\":1", "\"version\":99");
    assert!(look(&newer, false).unwrap_err().contains("newer"));
    assert!(look("", false).unwrap_err().contains("empty"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(
        bytes in proptest::collection::vec(any::<u8>(), 1..3_000),
        csv in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let (format, content) = if csv {
            (OperationFormat::Csv, [b"title,body\n".as_slice(), &bytes].concat())
        } else {
            (OperationFormat::Ndjson, bytes)
        };
        let path = file(directory.path(), &content);
        if let Ok(mut reader) = Reader::open(&path, format, LONGEST).unwrap() {
            let mut read_to = 0;
            while let Some(chunk) = reader.chunk(7).unwrap() {
                prop_assert!(chunk.read_to >= read_to);
                read_to = chunk.read_to;
            }
            prop_assert!(read_to <= content.len() as u64);
        }
    }

    #[test]
    fn what_an_export_writes_into_a_cell_an_import_reads(text in "\\PC{1,60}") {
        let title = text.trim();
        prop_assume!(!title.is_empty());
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(["title", "body"]).unwrap();
        let cell = crate::operation::export::neutral(title);
        writer.write_record([cell.as_ref(), "x"]).unwrap();
        let content = writer.into_inner().unwrap();
        let found = read(content, OperationFormat::Csv);
        prop_assert_eq!(found, vec![(2, Ok(title.to_owned()))]);
    }
}
