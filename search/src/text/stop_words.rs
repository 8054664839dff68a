//! Words that say nothing about what a text is about. They are indexed, so that quoted phrases find them, and left
//! out of queries unless nothing else is left. Both lists are folded and sorted.

/// Whether the folded word is an English function word.
pub(crate) fn is_english_stop_word(folded: &str) -> bool {
    ENGLISH.binary_search(&folded).is_ok()
}

/// Whether the folded word is a French function word.
pub(crate) fn is_french_stop_word(folded: &str) -> bool {
    FRENCH.binary_search(&folded).is_ok()
}

#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "a", "about", "above", "across", "after", "again", "against", "ain", "all", "also", "although", "am", "among",
    "an", "and", "another", "any", "are", "aren", "as", "at", "be", "because", "been", "before", "being", "below",
    "between", "both", "but", "by", "can", "cannot", "could", "couldn", "d", "did", "didn", "do", "does", "doesn",
    "doing", "don", "done", "down", "during", "each", "either", "else", "even", "ever", "every", "few", "for",
    "from", "further", "had", "hadn", "has", "hasn", "have", "haven", "having", "he", "her", "here", "hers",
    "herself", "him", "himself", "his", "how", "i", "if", "in", "into", "is", "isn", "it", "its", "itself", "just",
    "ll", "m", "may", "me", "might", "mine", "more", "most", "must", "mustn", "my", "myself", "needn", "neither",
    "never", "no", "nor", "not", "now", "o", "of", "off", "on", "once", "only", "or", "other", "others",
    "our", "ours", "ourselves", "out", "over", "own", "per", "re", "s", "same", "shall", "shan", "she", "should",
    "shouldn", "so", "some", "still", "such", "t", "than", "that", "the", "their", "theirs", "them", "themselves",
    "then", "there", "these", "they", "this", "those", "though", "through", "to", "too", "toward", "towards",
    "under", "unless", "until", "up", "upon", "us", "ve", "very", "via", "was", "wasn", "we", "were", "weren",
    "what", "when", "where", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with", "within",
    "without", "won", "would", "wouldn", "y", "yet", "you", "your", "yours", "yourself", "yourselves",
];

#[rustfmt::skip]
const FRENCH: &[&str] = &[
    "a", "afin", "ai", "aient", "ainsi", "ait", "alors", "apres", "as", "au", "aura", "auraient", "aurait",
    "auront", "aussi", "autre", "autres", "aux", "avaient", "avais", "avait", "avant", "avec", "avez", "avions",
    "avoir", "avons", "ayant", "c", "ca", "car", "ce", "ceci", "cela", "celle", "celles", "celui", "ces", "cet",
    "cette", "ceux", "chez", "combien", "comme", "comment", "contre", "d", "dans", "de", "deja", "depuis", "des",
    "doit", "doivent", "donc", "dont", "du", "elle", "elles", "en", "encore", "entre", "es", "est", "et", "etaient",
    "etais", "etait", "etant", "ete", "etes", "etiez", "etions", "etre", "eu", "eux", "faire", "fait", "furent",
    "fut", "ici", "il", "ils", "j", "je", "jusqu", "jusque", "l", "la", "laquelle", "le", "lequel", "les",
    "lesquelles", "lesquels", "leur", "leurs", "lorsqu", "lorsque", "lui", "m", "ma", "mais", "me", "meme", "memes",
    "mes", "moi", "moins", "mon", "n", "ne", "ni", "nos", "notre", "nous", "on", "ont", "or", "ou", "par", "pas",
    "pendant", "peut", "peuvent", "plus", "pour", "pourquoi", "puisqu", "puisque", "qu", "quand", "que", "quel",
    "quelle", "quelles", "quels", "qui", "quoi", "quoique", "s", "sa", "sans", "se", "sera", "seraient", "serait",
    "seront", "ses", "si", "soi", "soient", "soit", "sommes", "son", "sont", "sous", "suis", "sur", "t", "ta", "te",
    "tes", "toi", "ton", "tous", "tout", "toute", "toutes", "tres", "trop", "tu", "un", "une", "vers", "vos",
    "votre", "vous", "y",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_word;

    #[test]
    fn lists_are_folded_sorted_and_without_doubles() {
        for list in [ENGLISH, FRENCH] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(list.iter().all(|word| fold_word(word) == *word));
        }
    }

    #[test]
    fn words_of_either_language_are_known() {
        assert!(is_english_stop_word("the") && is_english_stop_word("whom"));
        assert!(is_french_stop_word("des") && is_french_stop_word("l"));
        assert!(!is_english_stop_word("practice") && !is_french_stop_word("pratique"));
    }
}
