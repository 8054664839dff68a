use frostem::Algorithm;
use whatlang::{Detector, Lang};

/// Defines the analyses once: name in Rust, name in the index, algorithm of the stems, languages.
macro_rules! analyses {
    ($($(#[$docs:meta])* $analysis:ident => $name:literal, $algorithm:expr, [$($language:literal),*];)+) => {
        /// How a text is analysed. A document is in exactly one of these, by its language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Analysis { $($(#[$docs])* $analysis,)+ }

        impl Analysis {
            pub(crate) const ALL: [Self; [$($name),+].len()] = [$(Self::$analysis),+];

            /// Name in field names and in the term that counts its documents.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$analysis => $name,)+ }
            }

            /// Where stems come from; none where words stay as they are.
            pub(crate) const fn algorithm(self) -> Option<Algorithm> {
                match self { $(Self::$analysis => $algorithm,)+ }
            }

            fn of_primary(language: &str) -> Self {
                match language {
                    $($($language => Self::$analysis,)*)+
                    _ => Self::Other,
                }
            }
        }
    };
}

analyses! {
    /// English.
    English => "english", Some(Algorithm::English), ["en"];
    /// French.
    French => "french", Some(Algorithm::French), ["fr"];
    /// German.
    German => "german", Some(Algorithm::German), ["de"];
    /// Spanish.
    Spanish => "spanish", Some(Algorithm::Spanish), ["es"];
    /// Italian.
    Italian => "italian", Some(Algorithm::Italian), ["it"];
    /// Portuguese.
    Portuguese => "portuguese", Some(Algorithm::Portuguese), ["pt"];
    /// Catalan.
    Catalan => "catalan", Some(Algorithm::Catalan), ["ca"];
    /// Dutch.
    Dutch => "dutch", Some(Algorithm::Dutch), ["nl"];
    /// Swedish.
    Swedish => "swedish", Some(Algorithm::Swedish), ["sv"];
    /// Danish.
    Danish => "danish", Some(Algorithm::Danish), ["da"];
    /// Norwegian, both written forms.
    Norwegian => "norwegian", Some(Algorithm::Norwegian), ["no", "nb", "nn"];
    /// Finnish.
    Finnish => "finnish", Some(Algorithm::Finnish), ["fi"];
    /// Russian.
    Russian => "russian", Some(Algorithm::Russian), ["ru"];
    /// Arabic.
    Arabic => "arabic", Some(Algorithm::Arabic), ["ar"];
    /// Any other language: folded words as they are.
    Other => "other", None, [];
}

impl Analysis {
    /// The analysis of a BCP 47 language.
    pub(crate) fn of_language(language: &str) -> Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        Self::of_primary(&primary.to_ascii_lowercase())
    }

    /// Whether words are written together to make longer ones.
    pub(crate) const fn compounds(self) -> bool {
        matches!(
            self,
            Self::German
                | Self::Dutch
                | Self::Swedish
                | Self::Danish
                | Self::Norwegian
                | Self::Finnish
        )
    }
}

/// How much of a text the detection reads, in characters.
const SAMPLE_CHARACTERS: usize = 2_000;
/// Shorter texts are guessed wrong too often.
const MIN_CHARACTERS: usize = 40;

/// The language of a text (BCP 47), when the detection is reliable.
pub(crate) fn detect<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut sample = String::new();
    let mut left = SAMPLE_CHARACTERS;
    for text in texts {
        sample.extend(text.chars().take(left));
        sample.push('\n');
        left = left.saturating_sub(text.chars().take(left).count());
        if left == 0 {
            break;
        }
    }
    if SAMPLE_CHARACTERS - left < MIN_CHARACTERS {
        return None;
    }
    let found = Detector::new()
        .detect(&sample)
        .filter(whatlang::Info::is_reliable)?;
    Some(tag(found.lang()))
}

/// The shortest BCP 47 tag of what the detector calls by three letters.
fn tag(language: Lang) -> &'static str {
    match language {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_of_whole_sentences_are_detected() {
        let english = "Communities of practice are groups of people who share a concern for something that they do.";
        let french = "Les communautés de pratique sont des groupes de personnes qui partagent une préoccupation.";
        assert_eq!(detect([english].into_iter()), Some("en"));
        assert_eq!(detect([french].into_iter()), Some("fr"));
        assert_eq!(detect(["Brokering"].into_iter()), None);
        assert_eq!(detect(std::iter::empty()), None);
    }

    #[test]
    fn regions_do_not_change_the_analysis() {
        assert_eq!(Analysis::of_language("fr-CA"), Analysis::French);
        assert_eq!(Analysis::of_language("EN"), Analysis::English);
        assert_eq!(Analysis::of_language("nn-NO"), Analysis::Norwegian);
        assert_eq!(Analysis::of_language("fro"), Analysis::Other);
    }
}
