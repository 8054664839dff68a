//! The outbox: mails are queued with what causes them, taken by one process at a time, and finished.

use chrono::TimeDelta;
use entity::mail::{self, MailState};
use entity::user;
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
};
use uuid::Uuid;

use super::SendError;
use super::letter::{Language, Letter};
use crate::error::Result;
use crate::store::{Store, WriteUnit};

/// Mails that one process takes at once.
const BATCH: u64 = 20;
/// For so long a mail that was taken is left to whoever took it.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// The pause after the first failure; it doubles with each.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause, but for the jitter.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(2);
/// For so long it is remembered that a mail was sent or given up.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Most characters that are kept of a mail server's refusal.
const LONGEST_ERROR: usize = 500;

/// Whom a mail goes to.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The account, if there is one: with it go the mails to it.
    pub user_id: Option<Uuid>,
    /// The address.
    pub address: String,
    /// The language of the letter.
    pub language: Language,
}

impl Recipient {
    /// The holder of an account, by its address; none while it has no address, and for people of the demonstration.
    #[must_use]
    pub fn of(user: &user::Model) -> Option<Self> {
        let address = user.email.clone().filter(|_| !user.is_demo)?;
        Some(Self::at(user, address))
    }

    /// The holder of an account, by another address.
    #[must_use]
    pub fn at(user: &user::Model, address: String) -> Self {
        Self {
            user_id: Some(user.id),
            address,
            language: Language::of(user.locale.as_deref()),
        }
    }
}

/// Writes a mail to the outbox. It is sent soon after the commit, and never when there is none.
pub async fn queue(unit: &WriteUnit, to: Recipient, letter: &Letter) -> Result<()> {
    let text = letter.write(to.language);
    let now = unit.now();
    mail::Entity::insert(mail::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(to.user_id),
        recipient: Set(to.address),
        purpose: Set(letter.purpose()),
        subject: Set(Some(text.subject)),
        body: Set(Some(text.body)),
        unsubscribe_url: Set(letter.unsubscribe_url()),
        state: Set(MailState::Pending),
        attempts: Set(0),
        due_at: Set(now),
        give_up_at: Set(now + letter.useful_for()),
        last_error: Set(None),
        created_at: Set(now),
        finished_at: Set(None),
    })
    .exec_without_returning(unit.db())
    .await?;
    Ok(())
}

/// How many mails are to be sent, now or later.
#[crate::boxed]
pub async fn waiting(store: &Store) -> Result<u64> {
    Ok(mail::Entity::find()
        .filter(mail::Column::State.eq(MailState::Pending))
        .count(store.reader())
        .await?)
}

/// Removes mails that were sent or given up long ago; answers how many.
#[crate::boxed]
pub async fn remove_finished(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let deleted = mail::Entity::delete_many()
                    .filter(mail::Column::FinishedAt.lt(unit.now() - REMEMBERED))
                    .exec(unit.db())
                    .await?;
                Ok(deleted.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

/// Takes mails that are due, each for this process alone until its lease ends.
pub(super) async fn take(store: &Store) -> Result<Vec<mail::Model>> {
    let due = mail::Entity::find()
        .filter(mail::Column::State.eq(MailState::Pending))
        .filter(mail::Column::DueAt.lte(store.clock().now()))
        .order_by_asc(mail::Column::DueAt)
        .order_by_asc(mail::Column::Id)
        .limit(BATCH)
        .all(store.reader())
        .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let written = store
        .write(None, move |unit| lease(unit, due).boxed())
        .await?;
    Ok(written.value)
}

async fn lease(unit: &WriteUnit, due: Vec<mail::Model>) -> Result<Vec<mail::Model>> {
    let mut taken = Vec::with_capacity(due.len());
    for mut row in due {
        let lease = unit.now() + LEASE;
        let leased = still_as(&row)
            .col_expr(mail::Column::Attempts, Expr::value(row.attempts + 1))
            .col_expr(mail::Column::DueAt, Expr::value(lease))
            .exec(unit.db())
            .await?;
        // Whoever counted an attempt first has it.
        if leased.rows_affected == 1 {
            row.attempts += 1;
            row.due_at = lease;
            taken.push(row);
        }
    }
    Ok(taken)
}

fn still_as(row: &mail::Model) -> UpdateMany<mail::Entity> {
    mail::Entity::update_many()
        .filter(mail::Column::Id.eq(row.id))
        .filter(mail::Column::State.eq(MailState::Pending))
        .filter(mail::Column::Attempts.eq(row.attempts))
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Sent,
    Retried,
    Failed,
}

/// Notes what became of a mail that was taken: sent, to be tried again, or given up. What was sent or given up keeps
/// neither its text nor its links.
pub(super) async fn settle(
    store: &Store,
    row: mail::Model,
    result: Result<(), SendError>,
) -> Result<Outcome> {
    let now = store.clock().now();
    let (outcome, error) = match result {
        Ok(()) => (Outcome::Sent, None),
        Err(SendError::Permanent(error)) => (Outcome::Failed, Some(error)),
        Err(SendError::Transient(error)) => {
            let next = now + pause(row.attempts, rand::random_range(0.75..1.25));
            if next < row.give_up_at {
                let error = presentable(&error);
                tracing::warn!(mail = %row.id, purpose = row.purpose.as_str(), attempts = row.attempts, error, "a mail could not be sent; it is tried again");
                let retry = still_as(&row)
                    .col_expr(mail::Column::DueAt, Expr::value(next))
                    .col_expr(mail::Column::LastError, Expr::value(error));
                update(store, retry).await?;
                return Ok(Outcome::Retried);
            }
            (Outcome::Failed, Some(error))
        }
    };
    let error = error.as_deref().map(presentable);
    if let Some(error) = &error {
        tracing::error!(mail = %row.id, purpose = row.purpose.as_str(), attempts = row.attempts, error, "a mail was given up");
    }
    let state = match outcome {
        Outcome::Sent => MailState::Sent,
        Outcome::Failed | Outcome::Retried => MailState::Failed,
    };
    let nothing = || Expr::value(Option::<String>::None);
    let finish = still_as(&row)
        .col_expr(mail::Column::State, Expr::value(state.as_str()))
        .col_expr(mail::Column::FinishedAt, Expr::value(now))
        .col_expr(mail::Column::LastError, Expr::value(error))
        .col_expr(mail::Column::Subject, nothing())
        .col_expr(mail::Column::Body, nothing())
        .col_expr(mail::Column::UnsubscribeUrl, nothing());
    update(store, finish).await?;
    Ok(outcome)
}

async fn update(store: &Store, statement: UpdateMany<mail::Entity>) -> Result<()> {
    store
        .write(None, move |unit| {
            async move {
                statement.exec(unit.db()).await?;
                Ok(())
            }
            .boxed()
        })
        .await?;
    Ok(())
}

/// How long to wait after the attempt of that number: exponential, bounded, times a jitter around 1.
fn pause(attempts: i32, jitter: f64) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(16);
    let pause = (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "some hours in milliseconds, give or take one"
    )]
    let milliseconds = (pause.num_milliseconds() as f64 * jitter) as i64;
    TimeDelta::milliseconds(milliseconds)
}

/// A mail server's refusal as it may be logged and kept: bounded, and without addresses of pages, since it may quote
/// the mail.
fn presentable(error: &str) -> String {
    let words = error.split_whitespace().map(|word| {
        if word.contains("://") || word.contains("token") {
            "[…]"
        } else {
            word
        }
    });
    let text = words.collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        for (attempts, seconds) in [
            (1, 30),
            (2, 60),
            (3, 120),
            (8, 3_840),
            (9, 7_200),
            (i32::MAX, 7_200),
        ] {
            assert_eq!(
                pause(attempts, 1.0),
                TimeDelta::seconds(seconds),
                "{attempts}"
            );
        }
        assert_eq!(pause(1, 0.75), TimeDelta::milliseconds(22_500));
    }

    #[test]
    fn what_a_mail_server_says_is_kept_without_links_and_bounded() {
        let error = "550 bad link https://learn.example.org/reset-password#token=secret in mail";
        assert_eq!(presentable(error), "550 bad link […] in mail");
        assert_eq!(presentable("tokenization:\nsecret"), "[…] secret");
        assert_eq!(presentable(&"x".repeat(5_000)).len(), LONGEST_ERROR);
    }
}
