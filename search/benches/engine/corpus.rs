//! Documents and questions: made up, or taken from a file.

use uuid::Uuid;

use crate::Fallible;

/// Documents of one commit, where changes are followed.
pub(crate) const COMMIT: usize = 10_000;

/// How an index is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filling {
    /// As changes are followed: each document replaces the one with its id, and each commit can be searched at once.
    Following,
    /// As an index is made anew: by one commit, and nothing is replaced.
    Anew,
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % below.max(1)
    }
}

pub(crate) struct Corpus {
    pub(crate) texts: Vec<(String, String)>,
    pub(crate) queries: Vec<String>,
}

/// Words of a language that nobody speaks, frequent ones first.
fn vocabulary(numbers: &mut Numbers) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "con", "ver", "lat", "mo", "ri", "sen", "ta", "pro", "ment", "li", "ca", "ter", "no", "es",
        "du", "par", "tis", "ble", "ga", "fun", "dor", "hel", "wi", "sta",
    ];
    const ENDINGS: [&str; 8] = ["", "s", "ed", "ing", "ation", "er", "ness", "al"];
    (0..30_000)
        .map(|rank| {
            let length = 1 + usize::from(rank > 40) + usize::from(rank > 900) + numbers.next(2);
            let mut word: String = (0..length)
                .map(|_| SYLLABLES[numbers.next(SYLLABLES.len())])
                .collect();
            word.push_str(ENDINGS[numbers.next(ENDINGS.len())]);
            word
        })
        .collect()
}

/// A word by Zipf's law, nearly.
fn word<'a>(vocabulary: &'a [String], numbers: &mut Numbers) -> &'a str {
    let bits = numbers.next(15);
    &vocabulary[numbers.next((1 << bits).min(vocabulary.len()))]
}

pub(crate) fn corpus(
    documents: usize,
    queries: usize,
    words: usize,
    file: Option<&str>,
) -> Fallible<Corpus> {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let vocabulary = vocabulary(&mut numbers);
    let mut texts: Vec<(String, String)> = Vec::with_capacity(documents);
    if let Some(file) = file {
        let lines: Vec<(String, String)> = std::fs::read_to_string(file)?
            .lines()
            .map(|line| {
                let value: serde_json::Value = serde_json::from_str(line)?;
                let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
                Ok((text("title"), text("body")))
            })
            .collect::<Fallible<_>>()?;
        for number in 0..documents {
            let (title, body) = &lines[number % lines.len()];
            let extra: Vec<&str> = (0..20).map(|_| word(&vocabulary, &mut numbers)).collect();
            texts.push((title.clone(), format!("{body} {}", extra.join(" "))));
        }
    } else {
        for _ in 0..documents {
            let title: Vec<&str> = (0..6).map(|_| word(&vocabulary, &mut numbers)).collect();
            let body: Vec<&str> = (0..words)
                .map(|_| word(&vocabulary, &mut numbers))
                .collect();
            texts.push((title.join(" "), body.join(" ")));
        }
    }
    let queries = (0..queries)
        .map(|_| {
            let (title, body) = &texts[numbers.next(texts.len())];
            let words: Vec<&str> = title
                .split_whitespace()
                .chain(body.split_whitespace().take(60))
                .collect();
            let length = 1 + numbers.next(4);
            (0..length)
                .map(|_| words[numbers.next(words.len())])
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    Ok(Corpus { texts, queries })
}

pub(crate) const KINDS: [&str; 5] = ["ARTICLE", "VIDEO", "CASE_STUDY", "TOOL", "LESSON"];
pub(crate) const LICENCES: [&str; 4] = ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT"];

pub(crate) fn id(number: usize) -> Uuid {
    Uuid::from_u64_pair(7, u64::try_from(number).unwrap_or_default())
}

pub(crate) const PUBLIC: &str = "public";
pub(crate) const TEAM: &str = "team";
pub(crate) const FEW: &str = "few";

/// Who may see a document: a tenth is seen by a team, and a thousandth by a few people.
pub(crate) fn audience(number: usize) -> &'static str {
    if number % 1_000 == 7 {
        FEW
    } else if number.is_multiple_of(10) {
        TEAM
    } else {
        PUBLIC
    }
}

pub(crate) fn tags(number: usize) -> [String; 2] {
    [format!("tag{}", number % 97), format!("tag{}", number % 13)]
}
