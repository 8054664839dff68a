use unicode_normalization::UnicodeNormalization;

/// The text in lower case, without accents and compatibility forms, its white space reduced to single spaces: what
/// titles are ordered by, and tags, prefixes and synonyms are matched by.
#[must_use]
pub fn fold(text: &str) -> String {
    let letters = fold_word(text);
    let mut folded = String::with_capacity(letters.len());
    // Compatibility forms may have become spaces.
    for part in letters.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(part);
    }
    folded
}

/// Appends the folded word.
pub(crate) fn fold_into(word: &str, output: &mut String) {
    if word.is_ascii() {
        let start = output.len();
        output.push_str(word);
        output[start..].make_ascii_lowercase();
        return;
    }
    let letters = word
        .nfkd()
        .filter(|&letter| !is_dropped(letter))
        .flat_map(char::to_lowercase);
    // A capital such as İ becomes two characters, the second of them a mark.
    for letter in letters.filter(|&letter| !is_dropped(letter)).nfc() {
        match spelled_out(letter) {
            Some(spelling) => output.push_str(spelling),
            None => output.push(letter),
        }
    }
}

/// The folded word.
pub(crate) fn fold_word(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

/// The first letter of the folded word, found without folding all of it.
pub(crate) fn first_folded_letter(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(letter.to_ascii_lowercase());
    }
    let mut buffer = [0; 4];
    fold_word(letter.encode_utf8(&mut buffer)).chars().next()
}

/// Accents, vowel points that writers leave out, and characters that only shape the line.
fn is_dropped(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{652}' | '\u{AD}' | '\u{200C}' | '\u{200D}')
}

/// Letters that have no decomposition, as they are written without the letter.
fn spelled_out(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ŧ' => "t",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_compatibility_forms_fold() {
        assert_eq!(
            fold("  L'ÉVALUATION\u{a0}formative "),
            "l'evaluation formative"
        );
        assert_eq!(fold("e\u{301}le\u{300}ve"), "eleve");
        assert_eq!(fold("Straße Œuvre ﬁn Ａ"), "strasse oeuvre fin a");
        assert_eq!(fold("İstanbul Ångström"), "istanbul angstrom");
        assert_eq!(fold("soft\u{ad}hyphen"), "softhyphen");
    }

    #[test]
    fn scripts_with_marks_that_are_letters_stay_whole() {
        assert_eq!(fold("हिन्दी"), "हिन्दी");
        assert_eq!(fold("한국어"), "한국어");
        assert_eq!(fold("ガ"), "ガ".nfkd().nfc().collect::<String>());
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once);
        }
    }
}
