//! A value of a facet counts what a filter by it finds.

use search::{Bucket, Document, FacetField, FacetRequest, Filter, Index, Request};

use crate::common::{ask, document, id, index_of, puts};

fn counted(index: &Index, field: FacetField, filter: &Filter) -> Vec<(String, u64)> {
    let request = Request {
        first: 0,
        filter: filter.clone(),
        facets: vec![FacetRequest { field, size: 100 }],
        ..ask("words")
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    let facet = answer.facets.into_iter().next().unwrap();
    let pair = |bucket: Bucket| (bucket.value, bucket.count);
    facet.buckets.into_iter().map(pair).collect()
}

fn total(index: &Index, filter: Filter) -> u64 {
    let request = Request {
        filter,
        ..ask("words")
    };
    let searcher = index.searcher(None).unwrap();
    searcher.search(&request).unwrap().total
}

/// As many documents as there are values, in two segments.
fn with<T: Clone>(values: &[T], set: impl Fn(&mut Document, T)) -> Index {
    let made: Vec<Document> = (1..)
        .zip(values)
        .map(|(number, value)| {
            let mut one = document(number, "same words", "");
            set(&mut one, value.clone());
            one
        })
        .collect();
    let (first, rest) = made.split_at(made.len() / 2);
    let index = index_of(first.iter().cloned());
    index.apply(puts(rest.iter().cloned()), 2).unwrap();
    index
}

fn of<const N: usize>(expected: [(&str, u64); N]) -> Vec<(String, u64)> {
    let expected = expected.into_iter();
    expected
        .map(|(value, count)| (value.to_owned(), count))
        .collect()
}

#[test]
fn a_tag_is_one_however_it_is_written() {
    let tags = ["Écrire", "ecrire", "Écrire", "ECRIRE", "lire"];
    let index = with(&tags, |one, tag| one.tags = vec![tag.to_owned()]);
    let none = Filter::default();
    let buckets = counted(&index, FacetField::Tag, &none);
    assert_eq!(buckets, of([("Écrire", 4), ("lire", 1)]));
    for (tag, count) in buckets {
        let tags = vec![tag];
        let found = total(
            &index,
            Filter {
                tags,
                ..none.clone()
            },
        );
        assert_eq!(found, count);
    }
}

#[test]
fn a_language_counts_its_regions() {
    let languages = ["fr", "fr-CA", "fr-FR", "pt-BR", "pt-BR", "fr"];
    let index = with(&languages, |one, language| {
        one.language = Some(language.to_owned());
    });
    let none = Filter::default();
    let buckets = counted(&index, FacetField::Language, &none);
    let expected = of([("fr", 4), ("pt-BR", 2), ("fr-CA", 1), ("fr-FR", 1)]);
    assert_eq!(buckets, expected);
    for (language, count) in buckets {
        let languages = vec![language];
        let found = total(
            &index,
            Filter {
                languages,
                ..none.clone()
            },
        );
        assert_eq!(found, count);
    }
}

#[test]
fn a_domain_counts_what_narrower_ones_hold_unless_these_are_left_out() {
    let (broad, narrow, other) = (id(100), id(101), id(102));
    let filed = [
        vec![broad],
        vec![narrow],
        vec![narrow],
        vec![narrow, other],
        vec![],
    ];
    let index = with(&filed, |one, domains| {
        let is_narrower = domains.contains(&narrow);
        one.domain_ancestors = is_narrower.then_some(broad).into_iter().collect();
        one.domains = domains;
    });
    let name = |id: uuid::Uuid| id.to_string();
    let rolled_up = counted(&index, FacetField::Domain, &Filter::default());
    let expected = [(name(broad), 4), (name(narrow), 3), (name(other), 1)];
    assert_eq!(rolled_up, expected);
    let own = Filter {
        without_narrower_domains: true,
        ..Filter::default()
    };
    let buckets = counted(&index, FacetField::Domain, &own);
    let expected = [(name(narrow), 3), (name(broad), 1), (name(other), 1)];
    assert_eq!(buckets, expected);
    for (domain, count) in buckets {
        let chosen = Filter {
            domain_ids: vec![domain.parse().unwrap()],
            ..own.clone()
        };
        assert_eq!(total(&index, chosen.clone()), count);
        let counts = counted(&index, FacetField::Domain, &chosen);
        assert_eq!(counts, expected, "its own field does not narrow it");
    }
}
