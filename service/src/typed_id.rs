//! Ids as they leave the server: `TypeIDs` such as `resource_01h455vb4pex5vsknk084sn02q`, which carry the type of what
//! they name.

use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

/// Crockford's base 32, as `TypeIDs` write 128 bits: five bits a digit, the highest first.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;
/// No id is longer; what is longer is not worth parsing.
const LONGEST: usize = 64;

/// The text of an id of a type, by what the ids of the type begin with.
#[must_use]
pub fn encode(prefix: &str, id: Uuid) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + SUFFIX_LENGTH);
    text.push_str(prefix);
    text.push('_');
    let number = id.as_u128();
    for place in (0..SUFFIX_LENGTH).rev() {
        let [.., byte] = (number >> (5 * place)).to_be_bytes();
        text.push(char::from(DIGITS[usize::from(byte & 31)]));
    }
    text
}

/// What the id begins with, and the id itself; none where the text is no such id.
#[must_use]
pub fn decode(text: &str) -> Option<(String, Uuid)> {
    if text.len() > LONGEST {
        return None;
    }
    let parsed: TypeSafeId<DynamicType> = text.parse().ok()?;
    Some((parsed.type_prefix().to_owned(), parsed.uuid()))
}

/// The id of a text that is an id of this type.
#[must_use]
pub fn decode_as(prefix: &str, text: &str) -> Option<Uuid> {
    decode(text)
        .filter(|(found, _)| found == prefix)
        .map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_survives_its_text(bits in any::<u128>()) {
            let id = Uuid::from_u128(bits);
            let text = encode("value_story", id);
            prop_assert_eq!(decode(&text), Some(("value_story".to_owned(), id)));
            prop_assert_eq!(decode_as("value_story", &text), Some(id));
            prop_assert_eq!(decode_as("resource", &text), None);
        }

        #[test]
        fn any_text_is_an_id_or_none(text in "\\PC{0,80}") {
            let _ = decode(&text);
        }
    }
}
