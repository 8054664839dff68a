//! A judged collection: documents, questions, and how well each document answers each question. Shared by the tests
//! and by the example `evaluate`.
//!
//! A collection is a directory of `corpus.jsonl` (`{"id","title","text"}` a line), `queries.jsonl` (`{"id","text"}` a
//! line) and `qrels.tsv` (question, document, gain; greater is better).

use std::collections::{HashMap, HashSet};
use std::path::Path;

use search::{Change, Document, DocumentKind, Index, Request, Settings, Text, Viewer};
use uuid::Uuid;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// So many hits of each question are judged.
pub(crate) const DEPTH: usize = 100;
/// Words from so many letters on are misspelled.
const MISSPELLED_FROM: usize = 5;
/// Letters that lie beside each other on a keyboard, row by row.
const KEYBOARD: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// A question with its judgements.
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) text: String,
    gains: HashMap<String, f64>,
}

/// A judged collection.
pub(crate) struct Collection {
    documents: Vec<(String, String, String)>,
    pub(crate) questions: Vec<Question>,
}

/// What one question was answered, best first: names of documents with their scores.
pub(crate) type Ranking = Vec<(String, f32)>;

/// Means over all questions that have a relevant document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// Normalised discounted cumulative gain of the first ten, with linear gains.
    pub(crate) ndcg: f64,
    /// Mean average precision of the first hundred.
    pub(crate) average_precision: f64,
    /// Share of the relevant documents among the first hundred.
    pub(crate) recall: f64,
    pub(crate) questions: usize,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            ndcg,
            average_precision,
            recall,
            questions,
        } = self;
        write!(
            formatter,
            "nDCG@10 {ndcg:.4}  MAP {average_precision:.4}  Recall@100 {recall:.4}  ({questions} questions)"
        )
    }
}

impl Collection {
    pub(crate) fn read(directory: &Path) -> Fallible<Self> {
        let read = |name: &str| {
            let path = directory.join(name);
            std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let lines = |name: &str| -> Fallible<Vec<serde_json::Value>> {
            let text = read(name)?;
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
        };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        let documents = lines("corpus.jsonl")?
            .iter()
            .map(|line| (text(&line["id"]), text(&line["title"]), text(&line["text"])))
            .collect();
        let mut gains: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for line in read("qrels.tsv")?.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            // A line of headings has no number.
            if let [question, document, gain] = fields.as_slice()
                && let Ok(gain) = gain.trim().parse::<f64>()
                && gain > 0.0
            {
                let judged = gains.entry((*question).to_owned()).or_default();
                judged.insert((*document).to_owned(), gain);
            }
        }
        let questions = lines("queries.jsonl")?
            .iter()
            .map(|line| {
                let id = text(&line["id"]);
                Question {
                    text: text(&line["text"]),
                    gains: gains.remove(&id).unwrap_or_default(),
                    id,
                }
            })
            .collect();
        Ok(Self {
            documents,
            questions,
        })
    }

    /// An index of all documents, made as the server makes it of public resources.
    pub(crate) fn index(&self) -> Fallible<Index> {
        let index = Index::in_memory(&Settings::default())?;
        let changes = self
            .documents
            .iter()
            .zip(1..)
            .map(|((_, title, text), number)| {
                let mut document = Document::new(id(number), DocumentKind::Resource, title);
                document.texts = vec![Text::markdown("body", text)];
                document.audience = vec!["public".to_owned()];
                Change::Put(Box::new(document))
            });
        index.apply(changes.collect(), 1)?;
        index.finish_merges()?;
        Ok(index)
    }

    /// What the engine answers to a question, by the way that every search takes.
    pub(crate) fn ranking(&self, index: &Index, text: &str, correct: bool) -> Fallible<Ranking> {
        let request = Request {
            query: text.to_owned(),
            first: DEPTH,
            viewer: Viewer {
                audience: vec!["public".to_owned()],
                ..Viewer::default()
            },
            correct,
            ..Request::default()
        };
        let answer = index.searcher(None)?.search(&request)?;
        let name = |id: Uuid| {
            let number = usize::try_from(id.as_u64_pair().1 & 0x7FFF_FFFF_FFFF_FFFF)?;
            let document = number.checked_sub(1).and_then(|at| self.documents.get(at));
            let document = document.ok_or("a hit is not of the collection")?;
            Fallible::Ok(document.0.clone())
        };
        answer
            .hits
            .iter()
            .map(|hit| Ok((name(hit.id)?, hit.score)))
            .collect()
    }

    /// Asks every question in this wording and judges the answers.
    pub(crate) fn evaluate(
        &self,
        index: &Index,
        correct: bool,
        wording: impl Fn(&str) -> String,
    ) -> Fallible<(Figures, Vec<Ranking>)> {
        let mut figures = Figures::default();
        let mut rankings = Vec::with_capacity(self.questions.len());
        for question in &self.questions {
            let ranking = self.ranking(index, &wording(&question.text), correct)?;
            if !question.gains.is_empty() {
                figures.questions += 1;
                figures.ndcg += ndcg(&ranking, &question.gains);
                figures.average_precision += average_precision(&ranking, &question.gains);
                figures.recall += recall(&ranking, &question.gains);
            }
            rankings.push(ranking);
        }
        let count = ratio(figures.questions.max(1), 1);
        figures.ndcg /= count;
        figures.average_precision /= count;
        figures.recall /= count;
        Ok((figures, rankings))
    }
}

fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
}

fn ndcg(ranking: &Ranking, gains: &HashMap<String, f64>) -> f64 {
    let discounted = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        let places = gains.take(10).zip(2_u32..);
        places
            .map(|(gain, place)| gain / f64::from(place).log2())
            .sum()
    };
    let mut ideal: Vec<f64> = gains.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let got = ranking
        .iter()
        .map(|(name, _)| gains.get(name).copied().unwrap_or_default());
    discounted(&mut got.into_iter()) / discounted(&mut ideal.into_iter())
}

fn average_precision(ranking: &Ranking, gains: &HashMap<String, f64>) -> f64 {
    let mut found = 0;
    let mut sum = 0.0;
    for (place, (name, _)) in ranking.iter().enumerate() {
        if gains.contains_key(name) {
            found += 1;
            sum += ratio(found, place + 1);
        }
    }
    sum / ratio(gains.len(), 1)
}

fn recall(ranking: &Ranking, gains: &HashMap<String, f64>) -> f64 {
    let found: HashSet<&String> = ranking
        .iter()
        .map(|(name, _)| name)
        .filter(|name| gains.contains_key(*name))
        .collect();
    ratio(found.len(), gains.len())
}

/// The text with every `every`th of its longer words misspelled, the same way each time: two letters swapped, a letter
/// left out, doubled, or replaced by its neighbour on the keyboard. First letters stay.
pub(crate) fn misspelled(text: &str, every: usize) -> String {
    let mut longer = 0;
    let words = text.split(' ').map(|word| {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < MISSPELLED_FROM || !letters.iter().all(|letter| letter.is_alphabetic()) {
            return word.to_owned();
        }
        longer += 1;
        if longer % every.max(1) != 0 {
            return word.to_owned();
        }
        slip(&letters)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn slip(letters: &[char]) -> String {
    // FNV-1a of the word decides, so that a word is always misspelled in the same way.
    let hash = letters
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, letter| {
            (hash ^ u64::from(*letter)).wrapping_mul(0x0100_0000_01b3)
        });
    let choose = |below: usize| usize::try_from(hash >> 20).unwrap_or_default() % below;
    let at = 1 + choose(letters.len() - 2);
    let mut typed = letters.to_vec();
    match hash % 4 {
        0 if typed[at] != typed[at + 1] => typed.swap(at, at + 1),
        1 => {
            typed.remove(at);
        }
        2 => typed.insert(at, letters[at]),
        _ => {
            let row = KEYBOARD.iter().find(|row| row.contains(letters[at]));
            let beside = row.and_then(|row| {
                let place = row.find(letters[at])?;
                row.chars().nth(if place == 0 { 1 } else { place - 1 })
            });
            typed[at] = beside.unwrap_or('e');
        }
    }
    typed.into_iter().collect()
}
