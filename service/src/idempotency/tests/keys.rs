//! What can be a key.

use proptest::prelude::*;

use super::is_key;

proptest! {
    #[test]
    fn a_key_is_visible_ascii(text in "\\PC{0,300}") {
        let visible = text.chars().all(|character| ('!'..='~').contains(&character));
        let length = text.chars().count();
        prop_assert_eq!(is_key(&text), visible && (1..=255).contains(&length));
    }

    #[test]
    fn every_text_of_visible_ascii_is_a_key(text in "[!-~]{1,255}") {
        prop_assert!(is_key(&text));
    }
}
