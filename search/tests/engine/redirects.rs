//! What queries find that name things by slugs of before.

use std::sync::Arc;

use crate::common::{ask, document, index_of, numbers};
use search::{Index, Redirects, Request};

/// Two things of a shelf and a domain whose slugs changed, one that the index has still by the old ones, and others.
fn shelf() -> Index {
    let rows = [
        (1, "library", "numeracy"),
        (2, "library", "reading"),
        (3, "shelf", "arithmetic"),
        (4, "cellar", "numeracy"),
        (5, "attic", "reading"),
    ];
    index_of(rows.map(|(number, community, domain)| {
        let mut one = document(number, &format!("Paper {number}"), "");
        one.community_slug = Some(community.to_owned());
        one.domain_slugs = vec![domain.to_owned()];
        one
    }))
}

fn found(index: &Index, query: &str, redirects: &Redirects) -> Vec<u64> {
    let request = Request {
        redirects: Arc::new(redirects.clone()),
        ..ask(query)
    };
    let mut numbers = numbers(index, &request);
    numbers.sort_unstable();
    numbers
}

#[test]
fn slugs_of_before_find_what_they_found() {
    let index = shelf();
    let redirects = Redirects {
        domains: [("arithmetic".to_owned(), "numeracy".to_owned())].into(),
        communities: [("shelf".to_owned(), "library".to_owned())].into(),
    };
    for (query, expected) in [
        ("domain:arithmetic", &[1, 3, 4][..]),
        ("domain:Arithmetic in:shelf", &[1, 3]),
        ("in:shelf", &[1, 2, 3]),
        ("in:shelf in:attic", &[1, 2, 3, 5]),
        ("in:shelf OR in:attic", &[1, 2, 3, 5]),
        ("in:shelf OR in:attic in:cellar", &[]),
        ("in:shelf OR in:attic in:library", &[1, 2]),
        ("in:shelf domain:reading", &[2]),
        ("-in:shelf", &[4, 5]),
        ("-domain:arithmetic", &[2, 5]),
        ("paper -in:shelf domain:arithmetic", &[4]),
        ("domain:arithmetic OR in:attic", &[1, 3, 4, 5]),
        ("quokka OR domain:arithmetic", &[1, 3, 4]),
        // A domain's slug is no community's.
        ("in:arithmetic", &[]),
        ("domain:shelf", &[]),
    ] {
        assert_eq!(found(&index, query, &redirects), expected, "{query}");
    }
    let nowhere = Redirects::default();
    assert_eq!(found(&index, "domain:arithmetic", &nowhere), [3]);
    assert_eq!(found(&index, "in:shelf", &nowhere), [3]);
}
