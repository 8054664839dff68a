//! What a system sent of a resource, as a digest: what it repeats is known by it, before anything is checked or loaded.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::SyncItem;
use crate::validation::Patch;

/// Changes when the same input is taken otherwise than before: then everything is compared anew once.
const VERSION: u8 = 1;

/// The SHA-256 in hexadecimal of everything that is sent of a resource but its id.
pub(super) fn digest(item: &SyncItem) -> String {
    let mut hash = Hash(Sha256::new());
    hash.byte(VERSION);
    hash.byte(item.publish.into());
    hash.text(&item.external_url);
    let content = &item.content;
    for text in [
        &content.title,
        &content.body,
        &content.url,
        &content.licence,
        &content.attribution,
        &content.language,
        &item.resource.description,
    ] {
        hash.text(text);
    }
    for list in [
        &content.tags,
        &content.bylines,
        &item.resource.educational_levels,
    ] {
        hash.patch(list, |hash, list| {
            hash.length(list.len());
            for text in list {
                hash.bytes(text.as_bytes());
            }
        });
    }
    for ids in [&content.domain_ids, &content.author_ids] {
        hash.patch(ids, |hash, ids: &Vec<Uuid>| {
            hash.length(ids.len());
            for id in ids {
                hash.bytes(id.as_bytes());
            }
        });
    }
    hash.patch(&content.visibility, |hash, visibility| {
        hash.bytes(visibility.as_str().as_bytes());
    });
    hash.patch(&item.resource.kind, |hash, kind| {
        hash.bytes(kind.as_str().as_bytes());
    });
    hash.patch(&item.resource.time_required_minutes, |hash, minutes| {
        hash.bytes(&minutes.to_be_bytes());
    });
    hash.hexadecimal()
}

/// Each part is written with its length, so that no two inputs write the same bytes.
struct Hash(Sha256);

impl Hash {
    fn byte(&mut self, byte: u8) {
        self.0.update([byte]);
    }

    fn length(&mut self, length: usize) {
        self.0.update((length as u64).to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.update(bytes);
    }

    fn patch<T>(&mut self, patch: &Patch<T>, value: impl FnOnce(&mut Self, &T)) {
        match patch {
            Patch::Absent => self.byte(0),
            Patch::Null => self.byte(1),
            Patch::Value(inner) => {
                self.byte(2);
                value(self, inner);
            }
        }
    }

    fn text(&mut self, patch: &Patch<String>) {
        self.patch(patch, |hash, text| hash.bytes(text.as_bytes()));
    }

    fn hexadecimal(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
            }
        }
        text
    }
}
