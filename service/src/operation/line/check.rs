//! What may stand in the texts of lines.

use sea_orm::Value as Stored;

use super::form::field_name;
use crate::error::{Error, Fault};
use crate::user::{FORMER_PREFIX, check_handle};
use crate::validation::{Faults, TITLE, TextRule};

/// The longest text of a line: that of an item's body.
const LONG: TextRule = TextRule {
    min: 0,
    max: 500_000,
    multiline: true,
};

/// A text is checked as if it were given to a mutation: nothing comes in by a file that could not come in by the API.
pub(super) fn check_text(table: &str, column: &str, value: &Stored) -> Result<(), String> {
    let Stored::String(Some(text)) = value else {
        return Ok(());
    };
    let mut faults = Faults::default();
    let path = [field_name(column)];
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match column {
        "url" | "avatar_url" | "media_url" | "join_url" | "recording_url" => {
            faults.url(&path, text);
        }
        "slug" => {
            faults.slug(&path, text);
        }
        "language" | "locale" => {
            faults.language(&path, text);
        }
        "handle" if table == "user" && !text.starts_with(FORMER_PREFIX) => {
            check_handle(&mut faults, &path, text);
        }
        "title" | "name" | "handle" | "display_name" | "setting" => {
            faults.text(&path, text, TITLE);
        }
        _ => {
            faults.text(&path, text, LONG);
        }
    }
    match faults.check() {
        Ok(()) => Ok(()),
        Err(error) => Err(said(&error)),
    }
}

/// What is wrong, in the words of the faults.
pub(in crate::operation) fn said(error: &Error) -> String {
    let Error::Refused(faults) = error else {
        return error.to_string();
    };
    let told = |fault: &Fault| {
        let path: Vec<&str> = fault
            .field
            .iter()
            .map(String::as_str)
            .skip_while(|part| *part == "input")
            .collect();
        if path.is_empty() {
            fault.message.clone()
        } else {
            format!("`{}`: {}", path.join("."), fault.message)
        }
    };
    faults.iter().map(told).collect::<Vec<_>>().join(" ")
}
