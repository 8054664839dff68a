//! Paging.

use std::time::Duration;

use proptest::prelude::*;
use search::{Change, Error, Index, Order, Request, Settings};

use crate::common::{ask, document, id, index_of, number, numbers, puts};

const ORDERS: [Order; 4] = [Order::Relevance, Order::Newest, Order::Oldest, Order::Title];

/// All pages of so many hits, and whether each said that there is another.
fn pages(index: &Index, request: &Request, first: usize) -> Vec<u64> {
    let mut request = Request {
        first,
        ..request.clone()
    };
    let mut all = Vec::new();
    loop {
        let searcher = index.searcher(request.after.as_deref()).unwrap();
        let answer = searcher.search(&request).unwrap();
        all.extend(answer.hits.iter().map(|hit| number(hit.id)));
        match answer.hits.last() {
            Some(last) if answer.has_next_page => request.after = Some(last.cursor.clone()),
            _ => return all,
        }
        assert!(all.len() < 10_000, "paging does not end");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_make_up_the_whole(
        texts in prop::collection::vec(("(alpha|beta|gamma|delta)( (alpha|beta|gamma)){0,3}", 0i64..4), 1..40),
        commits in 1usize..4,
        first in 1usize..7,
        query in "(alpha|beta gamma|)",
    ) {
        let index = index_of([]);
        let documents: Vec<_> = texts
            .iter()
            .zip(1..)
            .map(|((title, time), number)| {
                let mut one = document(number, title, "alpha");
                one.updated_at = *time;
                one
            })
            .collect();
        for part in documents.chunks(documents.len().div_ceil(commits)) {
            index.apply(puts(part.iter().cloned()), 1).unwrap();
        }
        for order in ORDERS {
            let request = Request { order, ..ask(&query) };
            prop_assert_eq!(pages(&index, &request, first), numbers(&index, &request));
        }
    }
}

fn shelf(numbers: std::ops::RangeInclusive<u64>) -> Index {
    index_of(numbers.map(|number| document(number, &format!("words {:03}", number % 7), "")))
}

/// The first page of three, and the request for the next.
fn first_page(index: &Index, order: Order) -> (Vec<u64>, Request) {
    let mut request = Request {
        order,
        first: 3,
        ..ask("words")
    };
    let answer = index.searcher(None).unwrap().search(&request).unwrap();
    assert!(answer.has_next_page);
    request.after = answer.hits.last().map(|hit| hit.cursor.clone());
    request.first = 100;
    (
        answer.hits.iter().map(|hit| number(hit.id)).collect(),
        request,
    )
}

#[test]
fn stable_orders_neither_drop_nor_repeat_under_writes() {
    for order in [Order::Newest, Order::Oldest, Order::Title] {
        let index = shelf(10..=30);
        let before = numbers(
            &index,
            &Request {
                order,
                ..ask("words")
            },
        );
        let (mut paged, next) = first_page(&index, order);
        let mut new = vec![
            document(5, "words 000", ""),
            document(40, "words 000", ""),
            document(41, "words 999", ""),
        ];
        new[1].updated_at = 0;
        index.apply(puts(new), 2).unwrap();
        paged.extend(numbers(&index, &next));
        paged.retain(|number| (10..=30).contains(number));
        assert_eq!(paged, before, "{order:?}");
    }
}

#[test]
fn relevance_stays_with_the_searcher_that_gave_the_cursor() {
    let index = shelf(1..=20);
    let before = numbers(&index, &ask("words"));
    let (mut paged, next) = first_page(&index, Order::Relevance);
    let mut changes = puts((50..=90).map(|number| document(number, "words words", "words")));
    changes.push(Change::Delete(id(paged[0])));
    index.apply(changes, 2).unwrap();
    let searcher = index.searcher(next.after.as_deref()).unwrap();
    assert_eq!((searcher.checkpoint(), index.checkpoint()), (1, 2));
    paged.extend(numbers(&index, &next));
    assert_eq!(paged, before);
}

#[test]
fn relevance_goes_on_with_the_newest_searcher_when_that_one_is_gone() {
    let settings = Settings {
        cursor_lifetime: Duration::ZERO,
        ..Settings::default()
    };
    let index = Index::in_memory(&settings).unwrap();
    index
        .apply(
            puts((1..=20).map(|number| document(number, "words", ""))),
            1,
        )
        .unwrap();
    let (paged, next) = first_page(&index, Order::Relevance);
    index.apply(vec![Change::Delete(id(10))], 2).unwrap();
    let searcher = index.searcher(next.after.as_deref()).unwrap();
    assert_eq!(searcher.checkpoint(), 2);
    // The scores changed with the statistics, but everything that is left is in the same order.
    let rest = numbers(
        &index,
        &Request {
            order: Order::Title,
            after: None,
            ..next.clone()
        },
    );
    assert_eq!(rest.len(), 19);
    let mut seen = numbers(&index, &next);
    seen.retain(|number| !paged.contains(number));
    let mut ascending = seen.clone();
    ascending.sort_unstable();
    assert_eq!(seen, ascending);
    assert_eq!(index.statistics().kept_searchers, 0);
}

#[test]
fn kept_searchers_are_bounded() {
    let settings = Settings {
        kept_searchers: 2,
        ..Settings::default()
    };
    let index = Index::in_memory(&settings).unwrap();
    for round in 1..=5 {
        index
            .apply(
                puts((1..=10).map(|number| document(number * round, "words", ""))),
                round,
            )
            .unwrap();
        first_page(&index, Order::Relevance);
    }
    assert_eq!(index.statistics().kept_searchers, 2);
}

#[test]
fn how_a_query_was_read_holds_for_its_later_pages() {
    let index = index_of((1..=20).map(|number| {
        document(
            number,
            if number % 2 == 0 { "alpha" } else { "beta" },
            "assessment",
        )
    }));
    // No document has both words, so that either does; the misspelled word is corrected.
    let request = ask("alpha beta asessment");
    let whole = numbers(&index, &request);
    assert_eq!(whole.len(), 20);
    assert_eq!(pages(&index, &request, 6), whole);
}

#[test]
fn cursors_of_another_order_and_no_cursors_are_refused() {
    let index = shelf(1..=20);
    let (_, next) = first_page(&index, Order::Title);
    let searcher = index.searcher(None).unwrap();
    for request in [
        Request {
            order: Order::Newest,
            ..next.clone()
        },
        Request {
            order: Order::Relevance,
            ..next
        },
        Request {
            after: Some("nonsense".into()),
            ..ask("words")
        },
    ] {
        assert!(matches!(searcher.search(&request), Err(Error::BadCursor)));
    }
    assert!(matches!(index.searcher(Some("%%%")), Err(Error::BadCursor)));
}
