use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::Order;
use crate::error::{Error, Result};
use crate::query::Mode;
use crate::schema::SORT_KEY_BYTES;

/// First byte of every cursor of this layout.
const VERSION: u8 = 2;
const FLAG_EASED: u8 = 1;
const FLAG_CORRECTED: u8 = 2;

/// Where a page ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cursor {
    pub(crate) after: Key,
    pub(crate) id: Uuid,
    /// The searcher that gave it, under relevance.
    pub(crate) searcher: Option<u64>,
    /// The day of which the scores are, in days since 1970.
    pub(crate) day: u32,
    /// How the query was understood, so that the next page understands it in the same way.
    pub(crate) reading: Reading,
}

/// What the order compares before the id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Score(f32),
    /// For both orders by time; true for the newest first.
    Time(i64, bool),
    Title(String),
}

/// How a query was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) mode: Mode,
    pub(crate) corrected: bool,
}

impl Key {
    pub(crate) fn order(&self) -> Order {
        match self {
            Self::Score(_) => Order::Relevance,
            Self::Time(_, true) => Order::Newest,
            Self::Time(_, false) => Order::Oldest,
            Self::Title(_) => Order::Title,
        }
    }
}

impl Cursor {
    /// The opaque text.
    pub(crate) fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(64);
        let mut flags = 0;
        if self.reading.mode == Mode::Any {
            flags |= FLAG_EASED;
        }
        if self.reading.corrected {
            flags |= FLAG_CORRECTED;
        }
        bytes.extend([VERSION, order_code(self.after.order()), flags]);
        bytes.extend(self.id.as_bytes());
        bytes.extend(self.searcher.unwrap_or_default().to_be_bytes());
        bytes.extend(self.day.to_be_bytes());
        match &self.after {
            Key::Score(score) => bytes.extend(score.to_bits().to_be_bytes()),
            Key::Time(time, _) => bytes.extend(time.to_be_bytes()),
            Key::Title(title) => bytes.extend(title.as_bytes()),
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the opaque text, whatever it is.
    pub(crate) fn decode(text: &str) -> Result<Self> {
        if text.len() > 4 * (SORT_KEY_BYTES + 64) {
            return Err(Error::BadCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadCursor)?;
        Self::from_bytes(&bytes).ok_or(Error::BadCursor)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[version, order, flags], rest) = bytes.split_first_chunk::<3>()?;
        if version != VERSION || flags & !(FLAG_EASED | FLAG_CORRECTED) != 0 {
            return None;
        }
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (searcher, rest) = rest.split_first_chunk::<8>()?;
        let (day, key) = rest.split_first_chunk::<4>()?;
        let after = match order {
            0 => {
                let score = f32::from_bits(u32::from_be_bytes(key.try_into().ok()?));
                (score.is_finite() && score >= 0.0).then_some(Key::Score(score))?
            }
            1 | 2 => Key::Time(i64::from_be_bytes(key.try_into().ok()?), order == 1),
            3 if key.len() <= SORT_KEY_BYTES => {
                Key::Title(std::str::from_utf8(key).ok()?.to_owned())
            }
            _ => return None,
        };
        let mode = if flags & FLAG_EASED == 0 {
            Mode::All
        } else {
            Mode::Any
        };
        Some(Self {
            after,
            id: Uuid::from_bytes(*id),
            searcher: (order == 0).then(|| u64::from_be_bytes(*searcher)),
            day: u32::from_be_bytes(*day),
            reading: Reading {
                mode,
                corrected: flags & FLAG_CORRECTED != 0,
            },
        })
    }
}

fn order_code(order: Order) -> u8 {
    match order {
        Order::Relevance => 0,
        Order::Newest => 1,
        Order::Oldest => 2,
        Order::Title => 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_survive_their_text(
            id: u128, searcher: u64, day: u32, score in 0.0f32..1e9, time: i64, title in "\\PC{0,30}", any: bool, corrected: bool, kind in 0..4
        ) {
            let after = match kind {
                0 => Key::Score(score),
                1 => Key::Time(time, true),
                2 => Key::Time(time, false),
                _ => Key::Title(title),
            };
            let mode = if any { Mode::Any } else { Mode::All };
            let searcher = (kind == 0).then_some(searcher);
            let cursor = Cursor { after, id: Uuid::from_u128(id), searcher, day, reading: Reading { mode, corrected } };
            prop_assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = Cursor::decode(&text);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(cursor) = Cursor::decode(&URL_SAFE_NO_PAD.encode(bytes)) {
                prop_assert!(!cursor.encode().is_empty());
            }
        }
    }

    #[test]
    fn what_no_search_gave_is_refused() {
        for text in ["", "x", "AAAA", "ÄÖ", &"A".repeat(10_000)] {
            assert!(
                matches!(Cursor::decode(text), Err(Error::BadCursor)),
                "{text}"
            );
        }
    }
}
