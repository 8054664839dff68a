//! What comes with the hits: facets, snippets, corrections and completions.

use crate::common::{PUBLIC, ask, document, id, index_of, viewer};
use search::{
    Bucket, Change, Completion, Document, DocumentKind, FacetField, FacetRequest, Filter, Index,
    Request, SuggestRequest, Text,
};

fn bucket(value: &str, count: u64) -> Bucket {
    Bucket {
        value: value.to_owned(),
        count,
    }
}

#[test]
fn facets_count_all_matches_over_all_segments() {
    let index = index_of([]);
    for number in 1..=30_u64 {
        let mut one = document(number, "same words", "");
        one.kind = if number % 3 == 0 {
            DocumentKind::Practice
        } else {
            DocumentKind::Resource
        };
        one.tags = vec!["all".into(), format!("mod{}", number % 4)];
        one.domains = vec![id(100 + number % 2)];
        one.domain_ancestors = vec![id(99)];
        one.licence = (number <= 2).then(|| "CC-BY-4.0".to_owned());
        one.year = Some(2024);
        // A commit each ten, so that values lie in several segments.
        let changes = vec![Change::Put(Box::new(one))];
        index.apply(changes, number).unwrap();
    }
    index.apply(vec![Change::Delete(id(30))], 31).unwrap();
    let facet = |field, size| FacetRequest { field, size };
    let request = Request {
        first: 0,
        facets: vec![
            facet(FacetField::Kind, 10),
            facet(FacetField::Tag, 3),
            facet(FacetField::Domain, 10),
            facet(FacetField::Licence, 10),
            facet(FacetField::Community, 10),
            facet(FacetField::Year, 10),
            facet(FacetField::Tag, 0),
        ],
        ..ask("words")
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    assert_eq!(
        (answer.total, answer.hits.len(), answer.has_next_page),
        (29, 0, false)
    );
    let buckets: Vec<_> = answer
        .facets
        .into_iter()
        .map(|facet| facet.buckets)
        .collect();
    assert_eq!(buckets[0], [bucket("RESOURCE", 20), bucket("PRACTICE", 9)]);
    assert_eq!(
        buckets[1],
        [bucket("all", 29), bucket("mod1", 8), bucket("mod0", 7)]
    );
    let (broad, odd, even) = (id(99).to_string(), id(101).to_string(), id(100).to_string());
    assert_eq!(
        buckets[2],
        [bucket(&broad, 29), bucket(&odd, 15), bucket(&even, 14)]
    );
    assert_eq!(buckets[3], [bucket("CC-BY-4.0", 2)]);
    assert!(buckets[4].is_empty());
    assert_eq!(buckets[5], [bucket("2024", 29)]);
    assert!(buckets[6].is_empty());
}

#[test]
fn a_facets_own_filter_does_not_narrow_its_counts() {
    let index = index_of((1..=12_u64).map(|number| {
        let mut one = document(number, "same words", "");
        one.kind = if number % 3 == 0 {
            DocumentKind::Practice
        } else {
            DocumentKind::Resource
        };
        one.tags = vec![format!("mod{}", number % 2)];
        one.educational_levels = vec!["Primary".into()];
        one.evidence_level = Some("PILOTED".into());
        one
    }));
    let fields = [
        FacetField::Kind,
        FacetField::Tag,
        FacetField::EducationalLevel,
        FacetField::EvidenceLevel,
    ];
    let request = Request {
        filter: Filter {
            kinds: vec![DocumentKind::Practice],
            tags: vec!["mod0".into()],
            ..Filter::default()
        },
        facets: fields
            .map(|field| FacetRequest { field, size: 10 })
            .to_vec(),
        ..ask("words")
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    assert_eq!(answer.total, 2, "hits are narrowed by both");
    let buckets: Vec<_> = answer
        .facets
        .into_iter()
        .map(|facet| facet.buckets)
        .collect();
    assert_eq!(buckets[0], [bucket("RESOURCE", 4), bucket("PRACTICE", 2)]);
    assert_eq!(buckets[1], [bucket("mod0", 2), bucket("mod1", 2)]);
    assert_eq!(buckets[2], [bucket("Primary", 2)]);
    assert_eq!(buckets[3], [bucket("PILOTED", 2)]);
}

#[test]
fn snippets_show_the_fields_that_match() {
    let mut one = document(
        1,
        "Peer <assessment>",
        "## Steps\n\n*Assess* with [criteria](https://example.org/assess) & care.",
    );
    one.texts
        .insert(0, Text::plain("description", "Nothing to see"));
    let index = index_of([one]);
    let answer = index
        .searcher(None)
        .unwrap()
        .search(&Request {
            snippets: true,
            ..ask("assessing")
        })
        .unwrap();
    let snippets: Vec<_> = answer.hits[0]
        .snippets
        .iter()
        .map(|one| (one.field.as_str(), one.html.as_str()))
        .collect();
    assert_eq!(
        snippets,
        [
            ("title", "Peer &lt;<mark>assessment</mark>&gt;"),
            (
                "body",
                "Steps <mark>Assess</mark> with criteria &amp; care."
            ),
        ]
    );
    let plain = index
        .searcher(None)
        .unwrap()
        .search(&ask("assessing"))
        .unwrap();
    assert!(plain.hits[0].snippets.is_empty());
}

fn spelling() -> Index {
    let mut documents: Vec<Document> = (1..=40)
        .map(|number| {
            document(
                number,
                "Community assessment",
                "practice of learning together",
            )
        })
        .collect();
    documents.push(document(
        41,
        "Comunity",
        "a mistake that somebody wrote down",
    ));
    let mut private = document(42, "Zanzibar project", "secret");
    private.audience = vec!["team".into()];
    documents.push(private);
    index_of(documents)
}

#[test]
fn long_words_may_have_two_mistakes() {
    let index = spelling();
    let corrected = |query: &str| {
        let answer = index.searcher(None).unwrap().search(&ask(query)).unwrap();
        answer.corrected_query
    };
    assert_eq!(corrected("asesmsent").as_deref(), Some("assessment"));
    assert_eq!(corrected("lerninh"), None, "short words may not");
}

#[test]
fn unknown_words_are_corrected_and_known_ones_left_alone() {
    let index = spelling();
    let search = |query: &str| {
        index
            .searcher(None)
            .unwrap()
            .search(&Request {
                did_you_mean: true,
                ..ask(query)
            })
            .unwrap()
    };
    let corrected = search("asessment Practice");
    assert_eq!(
        corrected.corrected_query.as_deref(),
        Some("assessment Practice")
    );
    assert_eq!(
        corrected.did_you_mean.as_deref(),
        Some("assessment Practice")
    );
    assert_eq!(corrected.total, 40);
    for query in [
        "assessments",
        "\"asessment\"",
        "ASESSMENT",
        "asessment1",
        "title:asessment",
        "-asessment",
    ] {
        assert_eq!(search(query).corrected_query, None, "{query}");
    }
    let request = Request {
        correct: false,
        ..ask("asessment")
    };
    assert_eq!(
        index
            .searcher(None)
            .unwrap()
            .search(&request)
            .unwrap()
            .total,
        0
    );
}

#[test]
fn a_query_that_finds_little_is_improved_but_run_as_typed() {
    let index = spelling();
    let answer = index
        .searcher(None)
        .unwrap()
        .search(&Request {
            did_you_mean: true,
            ..ask("comunity")
        })
        .unwrap();
    assert_eq!((answer.total, answer.corrected_query), (1, None));
    assert_eq!(answer.did_you_mean.as_deref(), Some("community"));
}

#[test]
fn words_that_the_viewer_may_not_see_are_never_offered() {
    let index = spelling();
    let ask_as = |tokens: &[&str]| {
        let request = Request {
            did_you_mean: true,
            viewer: viewer(tokens),
            ..ask("zanzibas")
        };
        index.searcher(None).unwrap().search(&request).unwrap()
    };
    assert_eq!(
        ask_as(&["team"]).corrected_query.as_deref(),
        Some("zanzibar")
    );
    assert_eq!(ask_as(&[PUBLIC]), search::Answer::default());
}

fn suggest(index: &Index, prefix: &str, tokens: &[&str]) -> Vec<String> {
    let request = SuggestRequest {
        prefix: prefix.to_owned(),
        filter: Filter::default(),
        viewer: viewer(tokens),
        first: 10,
    };
    let found: Vec<Completion> = index.searcher(None).unwrap().suggest(&request).unwrap();
    found
        .into_iter()
        .map(|completion| completion.text)
        .collect()
}

#[test]
fn completions_come_from_titles_and_tags() {
    let mut domain = document(1, "Évaluation formative", "");
    domain.kind = DocumentKind::Domain;
    let mut tagged = document(2, "Something else", "");
    tagged.tags = vec!["Evaluate".into()];
    let inside = document(3, "Formative evaluation", "");
    let start = document(4, "Evaluating peers", "");
    let mut private = document(5, "Evaluation secrets", "");
    private.audience = vec!["team".into()];
    private.tags = vec!["evaluators".into()];
    let index = index_of([domain, tagged, inside, start, private]);
    assert_eq!(
        suggest(&index, "eval", &[PUBLIC]),
        [
            "Évaluation formative",
            "Evaluating peers",
            "Evaluate",
            "Formative evaluation"
        ]
    );
    assert_eq!(
        suggest(&index, "ÉVAL", &[PUBLIC, "team"]),
        [
            "Évaluation formative",
            "Evaluating peers",
            "Evaluation secrets",
            "Evaluate",
            "evaluators",
            "Formative evaluation"
        ]
    );
    assert_eq!(
        suggest(&index, "formative ev", &[PUBLIC]),
        ["Formative evaluation", "Évaluation formative"]
    );
    assert_eq!(
        suggest(&index, "evaluation f", &[PUBLIC])[0],
        "Évaluation formative"
    );
    assert_eq!(suggest(&index, "secrets", &[PUBLIC]), [""; 0]);
    assert_eq!(suggest(&index, "", &[PUBLIC]), [""; 0]);
    assert_eq!(suggest(&index, "eval", &[]), [""; 0]);
}

#[test]
fn kinds_come_with_the_hits() {
    let index = index_of(DocumentKind::ALL.iter().zip(1..).map(|(kind, number)| {
        let mut one = document(number, "same words", "");
        one.kind = *kind;
        one
    }));
    let answer = index.searcher(None).unwrap().search(&ask("words")).unwrap();
    let mut kinds: Vec<DocumentKind> = answer.hits.iter().map(|hit| hit.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, DocumentKind::ALL);
}
