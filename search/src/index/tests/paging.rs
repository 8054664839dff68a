//! What later pages are answered from while others write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{ask, document, found, puts};
use crate::{Index, Request, Searcher, Settings};

/// An index of so many documents, at position 1.
fn index(settings: &Settings, documents: u64) -> Index {
    let index = Index::in_memory(settings).unwrap();
    let documents = (1..=documents).map(|number| document(number, "same words"));
    index.apply(puts(documents), 1).unwrap();
    index
}

/// Reads a page of three, and answers the request for the next.
fn turn(searcher: &Searcher, request: &Request) -> Request {
    let answer = searcher.search(request).unwrap();
    assert!(answer.has_next_page);
    Request {
        after: answer.hits.last().map(|hit| hit.cursor.clone()),
        ..request.clone()
    }
}

/// Reads a first page of the newest.
fn begin(index: &Index) -> Request {
    turn(&index.searcher(None).unwrap(), &ask("words", 3))
}

/// The position that a page is answered from.
fn position_of(index: &Index, page: &Request) -> u64 {
    let searcher = index.searcher(page.after.as_deref()).unwrap();
    searcher.checkpoint()
}

/// Ends the other threads of a test, however it ends.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn who_reads_on_slowly_drops_and_repeats_nothing_under_steady_writes() {
    let index = index(&Settings::default(), 60);
    let ended = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    let (read, whole, reached) = thread::scope(|scope| {
        let end = End(&ended);
        scope.spawn(|| {
            // Dropped with this thread, so that nobody waits for it in vain.
            let tell = tell;
            for position in 2.. {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let new = document(1_000 + position, "words and other words");
                index.apply(puts([new]), position).unwrap();
                tell.send(position).unwrap();
            }
        });
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                turn(&index.first_searcher(0), &ask("words", 3));
            }
        });
        let searcher = index.first_searcher(0);
        let whole = found(&searcher, &ask("words", 1_000));
        let mut page = ask("words", 7);
        let (mut read, mut reached) = (Vec::new(), 1);
        loop {
            let searcher = match page.after.as_deref() {
                None => searcher.clone(),
                after => index.searcher(after).unwrap(),
            };
            let answer = searcher.search(&page).unwrap();
            read.extend(answer.hits.iter().map(|hit| hit.id));
            if !answer.has_next_page {
                break;
            }
            page.after = answer.hits.last().map(|hit| hit.cursor.clone());
            // More commits go by in all than searchers are kept.
            told.try_iter().for_each(drop);
            for _ in 0..25 {
                reached = told.recv_timeout(Duration::from_mins(1)).unwrap();
            }
        }
        drop(end);
        (read, whole, reached)
    });
    assert!(reached > 128);
    assert_eq!(read, whole);
}

#[test]
fn first_pages_share_a_searcher_while_many_are_kept_unless_it_is_too_old() {
    let settings = Settings {
        kept_searchers: 8,
        shared_for: Duration::from_mins(1),
        ..Settings::default()
    };
    let index = index(&settings, 20);
    begin(&index);
    index.apply(Vec::new(), 2).unwrap();
    assert_eq!(index.first_searcher(0).checkpoint(), 2, "few are kept");
    begin(&index);
    assert_eq!(index.first_searcher(0).checkpoint(), 2);
    index.apply(Vec::new(), 3).unwrap();
    assert_eq!(index.first_searcher(0).checkpoint(), 2, "it is shared");
    assert_eq!(index.searcher(None).unwrap().checkpoint(), 3);
    assert_eq!(index.first_searcher(3).checkpoint(), 3);
    assert_eq!(index.first_searcher(0).checkpoint(), 3, "it is the newer");
    assert_eq!(index.first_searcher(9).checkpoint(), 3, "nothing has more");
    // What was kept goes with the index that it is of.
    index.rebuild().unwrap().finish(4).unwrap();
    assert_eq!(index.statistics().kept_searchers, 0);
    assert_eq!(index.first_searcher(0).checkpoint(), 4);
}

#[test]
fn what_nobody_went_on_from_is_let_go_of_first() {
    let settings = Settings {
        kept_searchers: 4,
        ..Settings::default()
    };
    let index = index(&settings, 20);
    let second = begin(&index);
    let third = turn(&index.searcher(second.after.as_deref()).unwrap(), &second);
    let mut newest = second;
    for position in 2..=12 {
        index.apply(Vec::new(), position).unwrap();
        newest = begin(&index);
    }
    assert_eq!(index.statistics().kept_searchers, 4);
    assert_eq!(position_of(&index, &third), 1);
    assert_eq!(position_of(&index, &newest), 12);
}

#[test]
fn who_goes_on_leaves_room_for_who_begins() {
    let settings = Settings {
        kept_searchers: 4,
        ..Settings::default()
    };
    let index = index(&settings, 20);
    for position in 2..=12 {
        index.apply(Vec::new(), position).unwrap();
        let second = begin(&index);
        assert_eq!(position_of(&index, &second), position);
        turn(&index.searcher(second.after.as_deref()).unwrap(), &second);
    }
    assert_eq!(index.statistics().kept_searchers, 4);
}
