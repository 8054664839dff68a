//! Lists of the same kind that a request reads at the same time (the members of each of twenty communities, say), read
//! in one statement.
//!
//! A store made by [`super::Store::batching`] belongs to one request. Whoever asks for a list first waits until
//! the other branches of the request have asked too ([`next_round`]), and reads for all whose statements have the same
//! text: each as an arm of one `UNION ALL`, with its own conditions, order and limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::Statement;
use sea_orm::sea_query::{Asterisk, Expr, Order, Query, SelectStatement, UnionType};
use tokio::sync::oneshot;

use super::{Row, Store};
use crate::error::Result;
use crate::rounds::next_round;

/// Most lists of one statement: SQLite takes 500 arms, and a statement of more is planned longer than it runs.
const ARMS: usize = 50;
/// After so many rounds of the request without a new asker all siblings have asked.
const QUIET_ROUNDS: u32 = 3;
const PLACE: &str = "list_place";
const ROW: &str = "list_row";

/// A select, and the statement that it is.
struct Asked {
    select: SelectStatement,
    statement: Statement,
}

struct Waiting {
    asked: Arc<Asked>,
    answer: oneshot::Sender<Vec<Row>>,
}

/// The lists that wait to be read, by the text of their statement.
#[derive(Default)]
pub(super) struct Batch {
    waiting: Mutex<HashMap<String, Vec<Waiting>>>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Batch").finish_non_exhaustive()
    }
}

impl Batch {
    /// The rows of a select, read together with those that are asked for at the same time.
    pub(super) async fn rows(&self, store: &Store, select: SelectStatement) -> Result<Vec<Row>> {
        let statement = store.backend().build(&select);
        let text = statement.sql.clone();
        let asked = Arc::new(Asked { select, statement });
        let (answer, answered) = oneshot::channel();
        let leads = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let group = waiting.entry(text.clone()).or_default();
            group.push(Waiting {
                asked: Arc::clone(&asked),
                answer,
            });
            group.len() == 1
        };
        if leads {
            self.let_siblings_ask(&text).await;
            let group = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                waiting.remove(&text).unwrap_or_default()
            };
            read(store, group).await?;
        }
        // Not counted against the task's budget: many answers that are there at once would make it leave in between.
        match tokio::task::unconstrained(answered).await {
            Ok(rows) => Ok(rows),
            // Who was to read failed, or went away with its part of the request.
            Err(_) => store.read(asked.statement.clone()).await,
        }
    }

    /// Waits until several rounds brought nobody new: a request with many branches goes through them in more than one.
    async fn let_siblings_ask(&self, text: &str) {
        let (mut known, mut quiet) = (0, 0);
        while quiet < QUIET_ROUNDS {
            next_round().await;
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let now = waiting.get(text).map_or(0, Vec::len);
            quiet = if now == known { quiet + 1 } else { 0 };
            known = now;
        }
    }
}

/// Reads what waits, and answers everybody.
async fn read(store: &Store, group: Vec<Waiting>) -> Result<()> {
    let mut group = group.into_iter().peekable();
    while group.peek().is_some() {
        let arms: Vec<Waiting> = group.by_ref().take(ARMS).collect();
        if let [_] = arms.as_slice() {
            for Waiting { asked, answer } in arms {
                let rows = store.read(asked.statement.clone()).await?;
                // An asker that went away needs no answer.
                let _ = answer.send(rows);
            }
            continue;
        }
        let mut lists: Vec<Vec<Row>> = arms.iter().map(|_| Vec::new()).collect();
        let statement = store.backend().build(&union(&arms));
        for row in store.read(statement).await? {
            let place: i32 = row.get(PLACE)?;
            if let Some(list) = usize::try_from(place)
                .ok()
                .and_then(|place| lists.get_mut(place))
            {
                list.push(row);
            }
        }
        for (Waiting { answer, .. }, rows) in arms.into_iter().zip(lists) {
            let _ = answer.send(rows);
        }
    }
    Ok(())
}

/// One statement for all lists: rows carry the place of their list, and come in the order of each.
fn union(arms: &[Waiting]) -> SelectStatement {
    let mut arms = (0..).zip(arms).map(|(place, waiting): (usize, _)| {
        Query::select()
            .expr_as(Expr::cust(format!("CAST({place} AS integer)")), PLACE)
            .expr_as(Expr::cust("ROW_NUMBER() OVER ()"), ROW)
            .column(("list", Asterisk))
            .from_subquery(waiting.asked.select.clone(), "list")
            .take()
    });
    let mut all = arms.next().unwrap_or_default();
    for arm in arms {
        all.union(UnionType::All, arm);
    }
    Query::select()
        .column(("lists", Asterisk))
        .from_subquery(all, "lists")
        .order_by(("lists", PLACE), Order::Asc)
        .order_by(("lists", ROW), Order::Asc)
        .take()
}
