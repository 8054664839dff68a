//! Notifications by mail: what a person was told of and has not read, at once or each morning, to confirmed addresses
//! only. What they may not read at that moment is left out, and brings no mail about; it is mailed when they may read it
//! again, unless it is no news by then. Everything is mailed once, over all processes.

mod due;
mod names;
#[cfg(test)]
mod tests;

use entity::user;
use futures_util::FutureExt;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::auth::Auth;
use crate::error::{Error, Result};
use crate::mail::{self, Letter, MailSettings, News, Recipient};
use crate::notification::{self, Notification};
use crate::store::WriteUnit;
use crate::user::{held, notification_email};
use due::Terms;

/// Most notifications that one mail lists.
const MOST_LISTED: usize = 30;
/// Most notifications that are looked at for one mail.
const MOST_COUNTED: u64 = 500;

/// Writes the mails that are due to the outbox, and answers how many. Called every half minute by each process.
///
/// Where the mail of somebody cannot be written the others get theirs all the same, and the last error is answered.
#[crate::boxed]
pub async fn queue_due(auth: &Auth) -> Result<u64> {
    let Some(settings) = auth.options().mail.as_ref() else {
        return Ok(0);
    };
    let mut queued = 0;
    let mut failed = None;
    let mut after = None;
    loop {
        let page = due::page(auth.store(), after).await?;
        for (user, terms) in page.due {
            match queue_for(auth, settings, user, terms).await {
                Ok(written) => queued += u64::from(written),
                Err(error) => {
                    tracing::warn!(%error, %user, "a mail about notifications could not be written");
                    failed = Some(error);
                }
            }
        }
        if page.last.is_none() {
            return failed.map_or(Ok(queued), Err);
        }
        after = page.last;
    }
}

/// Writes one person's mail, where it is due; answers whether it was.
async fn queue_for(auth: &Auth, settings: &MailSettings, user: Uuid, terms: Terms) -> Result<bool> {
    if !is_due(auth.store().reader(), user, terms).await? {
        return Ok(false);
    }
    let unsubscribe_url = settings.unsubscribe_url(auth.unsubscribe_token(user)?.expose());
    let settings = settings.clone();
    let written = auth
        .store()
        .write(None, move |unit| {
            async move { write_to(unit, user, &settings, unsubscribe_url).await }.boxed()
        })
        .await?;
    Ok(written.value)
}

/// Whether something that a person may read now makes the mail due.
async fn is_due(connection: &impl ConnectionTrait, user: Uuid, terms: Terms) -> Result<bool> {
    notification::has_unmailed(connection, user, terms.after, terms.before).await
}

/// Writes one person's mail, if there still is something to tell; answers whether there was.
async fn write_to(
    unit: &mut WriteUnit,
    id: Uuid,
    settings: &MailSettings,
    unsubscribe_url: String,
) -> Result<bool> {
    // Held: of two processes the second finds mailed what made it due.
    let user = match held(unit, id).await {
        Ok(user) => user,
        Err(Error::Unauthenticated) => return Ok(false),
        Err(error) => return Err(error),
    };
    let frequency = notification_email(&user);
    let terms = due::terms(frequency, user.time_zone.as_deref(), unit.now());
    let (Some(to), Some(terms)) = (recipient(&user), terms) else {
        return Ok(false);
    };
    if !is_due(unit.db(), id, terms).await? {
        return Ok(false);
    }
    let found = notification::unmailed(unit.db(), id, terms.after, MOST_COUNTED).await?;
    let ids: Vec<Uuid> = found.iter().map(|told| told.id).collect();
    notification::mark_mailed(unit, &ids).await?;
    let more = found.len().saturating_sub(MOST_LISTED);
    let listed: Vec<Notification> = found.into_iter().take(MOST_LISTED).collect();
    let letter = Letter::Notifications {
        news: named(unit, listed).await?,
        more: u64::try_from(more).map_err(Error::internal)?,
        link: settings.notifications_url(),
        unsubscribe_url,
    };
    mail::queue(unit, to, &letter).await?;
    Ok(true)
}

/// Whom to write to: only who confirmed their address.
fn recipient(user: &user::Model) -> Option<Recipient> {
    Recipient::of(user).filter(|_| user.email_verified_at.is_some())
}

async fn named(unit: &WriteUnit, notifications: Vec<Notification>) -> Result<Vec<News>> {
    let titles = names::titles(unit.db(), &notifications).await?;
    let actors = names::people(
        unit.db(),
        notifications.iter().filter_map(|told| told.actor_id),
    )
    .await?;
    Ok(notifications
        .into_iter()
        .filter_map(|told| {
            Some(News {
                reason: told.reason,
                title: titles.get(&told.about_id)?.clone(),
                actor: told.actor_id.and_then(|id| actors.get(&id).cloned()),
            })
        })
        .collect())
}
