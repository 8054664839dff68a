use super::*;

#[test]
fn invisible_characters_are_refused() {
    for text in ["a\0b", "a\u{202e}b", "a\u{7}b"] {
        for rule in [TITLE, BODY] {
            let mut faults = Faults::default();
            faults.text(&["input", "title"], text, rule);
            assert!(!faults.is_empty(), "{text:?}");
        }
    }
    let mut faults = Faults::default();
    assert_eq!(faults.text(&["body"], "two\nlines\n", BODY), "two\nlines");
    assert!(faults.is_empty());
}

#[test]
fn every_fault_of_a_list_has_its_path() {
    let mut faults = Faults::default();
    faults.text_list(
        &["input", "tags"],
        &["ok".into(), String::new(), "x".repeat(81)],
        MAX_TAGS,
        TAG,
    );
    let Err(Error::Refused(found)) = faults.check() else {
        panic!("two tags are wrong")
    };
    let paths: Vec<_> = found.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(paths, ["input.tags.1", "input.tags.2"]);
}

#[test]
fn addresses_and_languages_are_checked() {
    for (text, valid) in [
        ("https://example.org/a?b#c", true),
        ("javascript:alert(1)", false),
        ("/relative", false),
        ("ftp://x.y", false),
    ] {
        let mut faults = Faults::default();
        faults.url(&["url"], text);
        assert_eq!(faults.is_empty(), valid, "{text}");
    }
    for (text, valid) in [
        ("en", true),
        ("fr-ca", true),
        ("zh-Hant-TW", true),
        ("e", false),
        ("en_US", false),
    ] {
        let mut faults = Faults::default();
        faults.language(&["language"], text);
        assert_eq!(faults.is_empty(), valid, "{text}");
    }
    assert_eq!(Faults::default().language(&["language"], "FR-ca"), "fr-CA");
}
