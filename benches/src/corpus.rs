//! Texts to load: paragraphs of the demonstration's content put together anew, with rare words of their own.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use crate::numbers::Numbers;

/// Rare words that the demonstration lacks, so that the vocabulary grows with the number of texts as real ones do.
const RARE_WORDS: usize = 60_000;
/// One word in so many is a rare one.
const RARE_EVERY: usize = 60;
/// Words of a short title, the last of which is a rare one.
const TITLE_WORDS: usize = 6;
/// Words of a short body.
const BODY_WORDS: usize = 20;
const SYLLABLES: [&str; 24] = [
    "con", "ver", "lat", "mo", "ri", "sen", "ta", "pro", "ment", "li", "ca", "ter", "no", "es",
    "du", "par", "tis", "ble", "ga", "fun", "dor", "hel", "wi", "sta",
];
const KINDS: [&str; 8] = [
    "ARTICLE",
    "DOCUMENT",
    "GUIDE",
    "LESSON_PLAN",
    "CASE_STUDY",
    "VIDEO",
    "TEMPLATE",
    "TOOL",
];
const LICENCES: [&str; 4] = ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT"];

/// A domain of the demonstration.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SourceDomain {
    pub(crate) slug: String,
    pub(crate) parent: String,
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
struct SourceItem {
    title: String,
    #[serde(default)]
    body: String,
    language: String,
    tags: Vec<String>,
}

/// A language with its paragraphs, titles and tags.
#[derive(Debug, Default)]
struct Language {
    paragraphs: Vec<String>,
    titles: Vec<String>,
    tags: Vec<String>,
    /// The words of all paragraphs, as they follow each other.
    words: Vec<String>,
}

/// What a resource says.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) title: String,
    /// None in short texts, which would say it twice.
    pub(crate) description: Option<String>,
    pub(crate) body: String,
    pub(crate) language: &'static str,
    pub(crate) tags: Vec<String>,
    pub(crate) kind: &'static str,
    pub(crate) licence: &'static str,
}

/// Makes texts.
#[derive(Debug)]
pub(crate) struct Corpus {
    english: Language,
    french: Language,
    rare: Vec<String>,
    short: bool,
    /// The domains, broader ones before narrower ones.
    pub(crate) domains: Vec<SourceDomain>,
}

impl Corpus {
    /// Reads the demonstration's content from a directory, to make long texts of it or short ones.
    pub(crate) fn read(directory: &Path, short: bool) -> anyhow::Result<Self> {
        let mut items: Vec<SourceItem> = read_lines(&directory.join("resources.ndjson"))?;
        items.extend(read_lines(&directory.join("practices.ndjson"))?);
        let mut numbers = Numbers::new(1);
        let rare = (0..RARE_WORDS).map(|_| rare_word(&mut numbers)).collect();
        Ok(Self {
            english: language(&items, "en"),
            french: language(&items, "fr"),
            rare,
            short,
            domains: read_lines(&directory.join("domains.ndjson"))?,
        })
    }

    /// The text of a number: the same in every run.
    pub(crate) fn text(&self, number: usize) -> Text {
        let mut numbers = Numbers::new(number as u64 + 1_000);
        let (language, source) = if numbers.percent(80) {
            ("en", &self.english)
        } else {
            ("fr", &self.french)
        };
        let (title, description, body) = if self.short {
            let title = self.run(&mut numbers, source, TITLE_WORDS - 1);
            let body = self.run(&mut numbers, source, BODY_WORDS);
            (Some(title), None, body)
        } else {
            let body = self.body(&mut numbers, source);
            let description: String = body.chars().take(160 + numbers.below(80)).collect();
            let description = description.replace('\n', " ").trim().to_owned();
            (None, Some(description), body)
        };
        let mut tags = BTreeSet::new();
        for _ in 0..2 + numbers.below(3) {
            tags.extend(source.tags.get(numbers.ranked(source.tags.len())));
        }
        let title =
            title.unwrap_or_else(|| numbers.pick(&source.titles).cloned().unwrap_or_default());
        let rare = self.rare.get(numbers.ranked(self.rare.len()));
        Text {
            title: format!("{title} {}", rare.map_or("", String::as_str))
                .trim()
                .to_owned(),
            description,
            body,
            language,
            tags: tags.into_iter().cloned().collect(),
            kind: KINDS.get(numbers.ranked(KINDS.len())).unwrap_or(&KINDS[0]),
            licence: LICENCES
                .get(numbers.ranked(LICENCES.len()))
                .unwrap_or(&LICENCES[0]),
        }
    }

    /// So many words as they follow each other somewhere, with rare ones among them.
    fn run(&self, numbers: &mut Numbers, source: &Language, wanted: usize) -> String {
        let start = numbers.below(source.words.len());
        let mut run: Vec<&str> = Vec::with_capacity(wanted);
        for word in source.words.iter().skip(start).take(wanted) {
            let rare = self.rare.get(numbers.ranked(self.rare.len()));
            run.push(match rare {
                Some(rare) if numbers.below(RARE_EVERY) == 0 => rare,
                _ => word,
            });
        }
        run.join(" ")
    }

    /// About 2.7 kB of paragraphs.
    fn body(&self, numbers: &mut Numbers, source: &Language) -> String {
        let wanted = 2_300 + numbers.below(600);
        let mut body = String::with_capacity(wanted + 800);
        while body.len() < wanted {
            let Some(paragraph) = numbers.pick(&source.paragraphs) else {
                break;
            };
            if !body.is_empty() {
                body.push_str("\n\n");
            }
            for (place, word) in paragraph.split(' ').enumerate() {
                if place > 0 {
                    body.push(' ');
                }
                let rare = self.rare.get(numbers.ranked(self.rare.len()));
                match rare {
                    Some(rare) if numbers.below(RARE_EVERY) == 0 => body.push_str(rare),
                    _ => body.push_str(word),
                }
            }
        }
        body
    }
}

fn read_lines<T: for<'a> Deserialize<'a>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "The demonstration's content is looked for in {}; name its directory by --content.",
            path.display()
        )
    })?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("in {}", path.display())))
        .collect()
}

fn language(items: &[SourceItem], code: &str) -> Language {
    let mut language = Language::default();
    let mut tags = BTreeSet::new();
    for item in items.iter().filter(|item| item.language == code) {
        language.titles.push(item.title.chars().take(120).collect());
        tags.extend(item.tags.iter().cloned());
        let paragraphs = item.body.split("\n\n").map(str::trim);
        let fitting = paragraphs.filter(|text| (80..900).contains(&text.len()));
        language.paragraphs.extend(fitting.map(str::to_owned));
    }
    language.tags = tags.into_iter().collect();
    let words = language
        .paragraphs
        .iter()
        .flat_map(|text| plain_words(text));
    language.words = words.map(str::to_owned).collect();
    language
}

/// The words of a text without what stands around them; what holds other signs than letters is left out.
fn plain_words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty() && word.chars().all(is_in_word))
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '\'' | '’')
}

fn rare_word(numbers: &mut Numbers) -> String {
    (0..3 + numbers.below(3))
        .filter_map(|_| numbers.pick(&SYLLABLES).copied())
        .collect()
}
