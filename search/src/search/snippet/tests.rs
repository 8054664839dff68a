use super::window::WINDOW;
use super::*;
use crate::index::Audience;
use crate::query::Synonyms;
use crate::{Index, Settings};

fn snippet(query: &str, text: &str, analysis: Analysis) -> Option<String> {
    let synonyms = Synonyms::default();
    let index = Index::in_memory(&Settings::default()).unwrap();
    let snapshot = index.searcher(None).unwrap().snapshot;
    let audience = Audience::new(index.fields(), &snapshot, &[]).unwrap();
    let builder = Builder::new(index.fields(), &snapshot, &audience, query, &synonyms);
    Marks::new(builder.marked(analysis)).snippet(text)
}

#[test]
fn matches_are_marked_in_any_form() {
    let html = snippet(
        "assess community",
        "Communities assess; assessing is hard.",
        Analysis::English,
    );
    assert_eq!(
        html.unwrap(),
        "<mark>Communities</mark> <mark>assess</mark>; <mark>assessing</mark> is hard."
    );
    let html = snippet("evaluation", "L'évaluation entre pairs", Analysis::French);
    assert_eq!(html.unwrap(), "L&#39;<mark>évaluation</mark> entre pairs");
    assert_eq!(
        snippet("communit*", "Some Community", Analysis::Other).unwrap(),
        "Some <mark>Community</mark>"
    );
    assert_eq!(
        snippet("学习", "我学习", Analysis::Other).unwrap(),
        "我<mark>学习</mark>"
    );
}

#[test]
fn words_written_together_are_marked_as_a_whole() {
    assert_eq!(
        snippet(
            "Gemeinschaft",
            "Eine Lerngemeinschaft und Gemeinschaften.",
            Analysis::German
        )
        .unwrap(),
        "Eine <mark>Lerngemeinschaft</mark> und <mark>Gemeinschaften</mark>."
    );
    assert_eq!(snippet("学习", "大学", Analysis::Other), None);
}

#[test]
fn text_without_matches_gives_none() {
    assert_eq!(
        snippet("assess", "Nothing of the kind", Analysis::English),
        None
    );
}

#[test]
fn html_in_the_text_is_only_text() {
    let html = snippet(
        "alert",
        "<script>alert(1)</script> & \"x\"",
        Analysis::English,
    );
    assert_eq!(
        html.unwrap(),
        "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; &amp; &quot;x&quot;"
    );
}

#[test]
fn the_window_with_most_terms_is_shown() {
    let filler = "filler words go on and on ".repeat(40);
    let text = format!("A broker alone. {filler}Here a broker meets a boundary. {filler}");
    let html = snippet("broker boundary", &text, Analysis::English).unwrap();
    assert!(
        html.contains("<mark>broker</mark> meets a <mark>boundary</mark>"),
        "{html}"
    );
    assert!(html.ends_with('…') && html.len() < 2 * WINDOW, "{html}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_shown_without_harm(text in "\\PC{0,400}", query in "[a-zé]{1,3}( [a-z]{1,2}\\*)?") {
        let synonyms = Synonyms::default();
        let index = Index::in_memory(&Settings::default()).unwrap();
        let snapshot = index.searcher(None).unwrap().snapshot;
        let audience = Audience::new(index.fields(), &snapshot, &[]).unwrap();
        let builder = Builder::new(index.fields(), &snapshot, &audience, &query, &synonyms);
        for analysis in Analysis::ALL {
            if let Some(html) = Marks::new(builder.marked(analysis)).snippet(&text) {
                let bare = html.replace("<mark>", "").replace("</mark>", "");
                proptest::prop_assert!(!bare.contains('<') && !bare.contains('>'));
            }
        }
    }
}
