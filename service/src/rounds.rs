//! Rounds of a request: how its branches wait for each other without leaving the thread.
//!
//! What several branches of a request ask for is read in one statement, so whoever asks first waits until the others
//! have asked too. To leave the task for that, as `tokio::task::yield_now` does, hands it to the scheduler, which takes
//! it up some tens of microseconds later, perhaps on another processor, and that several times a request. A request that
//! runs [`in_rounds`] is polled again at once instead.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

tokio::task_local! {
    static ROUNDS: Arc<Rounds>;
}

/// The branches of a request that wait for its next round.
#[derive(Default)]
struct Rounds(Mutex<Vec<Waker>>);

impl Rounds {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the task of a request, unless it runs: then it is polled again, or woken at its end.
#[derive(Default)]
struct Signal {
    task: AtomicWaker,
    runs: AtomicBool,
    woken: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        if !self.runs.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}

/// Runs a request, whose branches may wait for its [`next_round`].
pub async fn in_rounds<F: Future>(request: F) -> F::Output {
    let rounds = Arc::new(Rounds::default());
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    // The runtime's budget of a task is renewed when the task is left only; a branch that has used it up would miss all
    // rounds.
    let request = tokio::task::unconstrained(request);
    let mut request = pin!(ROUNDS.scope(Arc::clone(&rounds), request));
    poll_fn(move |context| {
        signal.task.register(context.waker());
        signal.runs.store(true, Ordering::SeqCst);
        let polled = loop {
            signal.woken.store(false, Ordering::SeqCst);
            let polled = request.as_mut().poll(&mut Context::from_waker(&waker));
            let waiting = std::mem::take(&mut *rounds.waiting());
            if polled.is_ready() || waiting.is_empty() {
                break polled;
            }
            waiting.into_iter().for_each(Waker::wake);
        };
        signal.runs.store(false, Ordering::SeqCst);
        if polled.is_pending() && signal.woken.load(Ordering::SeqCst) {
            context.waker().wake_by_ref();
        }
        polled
    })
    .await
}

/// Waits until every other branch of the request that can go on has done so. Outside of [`in_rounds`], until the
/// scheduler takes up the task again.
pub async fn next_round() {
    if ROUNDS.try_with(|_| ()).is_err() {
        tokio::task::yield_now().await;
        return;
    }
    let mut waits = false;
    poll_fn(|context| {
        if waits {
            return Poll::Ready(());
        }
        waits = true;
        ROUNDS.with(|rounds| rounds.waiting().push(context.waker().clone()));
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join, join_all};
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn each_round_lets_every_branch_go_on() {
        for branches in [1, 2, 50] {
            let seen = Mutex::new(Vec::new());
            let branch = async |number: usize| {
                for round in 0..3 {
                    seen.lock().unwrap().push((round, number));
                    next_round().await;
                }
            };
            in_rounds(join_all((0..branches).map(branch))).await;
            let mut sorted = seen.lock().unwrap().clone();
            sorted.sort_unstable();
            assert_eq!(*seen.lock().unwrap(), sorted);
            assert_eq!(sorted.len(), 3 * branches);
        }
    }

    #[tokio::test]
    async fn rounds_go_on_in_the_same_poll() {
        let polls = Mutex::new(0);
        let mut request = pin!(in_rounds(async {
            for _ in 0..10 {
                next_round().await;
            }
        }));
        poll_fn(|context| {
            *polls.lock().unwrap() += 1;
            request.as_mut().poll(context)
        })
        .await;
        assert_eq!(*polls.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn what_comes_from_elsewhere_wakes_the_request() {
        for _ in 0..200 {
            let (answer, answered) = oneshot::channel();
            let elsewhere = tokio::task::spawn_blocking(move || answer.send(7).unwrap());
            let waits = async {
                next_round().await;
                answered.await.unwrap()
            };
            let later = async {
                tokio::task::spawn_blocking(|| ()).await.unwrap();
                next_round().await;
            };
            let (got, ()) = in_rounds(join(waits, later)).await;
            assert_eq!(got, 7);
            elsewhere.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_branch_that_wakes_itself_is_polled_again() {
        let request = async {
            tokio::task::yield_now().await;
            next_round().await;
            tokio::task::yield_now().await;
            1
        };
        assert_eq!(in_rounds(request).await, 1);
        next_round().await;
    }
}
