//! What was a person's alone, and goes with them.

use entity::{
    expertise, follow, imported_item, mail, mention, notification, operation, password,
    saved_search, user,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::auth::{
    remove_api_tokens, remove_email_tokens, remove_identities, remove_invitations, remove_sessions,
};
use crate::error::Result;
use crate::store::WriteUnit;
use crate::webhook;

/// Removes how the person signed in, what was sent to them, what they wanted to hear of, what was said of what they
/// know, and what worked for them. Rows that belong to these go by their foreign keys: refresh tokens, alerts of
/// searches, secrets and deliveries of webhooks, errors of operations.
///
/// The files of operations are named by no row then, and are removed by [`crate::operation::tidy`]. What is kept of
/// mutations with an `Idempotency-Key` names nobody, and is forgotten within a day.
pub(super) async fn remove(unit: &mut WriteUnit, person: &user::Model) -> Result<()> {
    let id = person.id;
    sign_in(unit, id).await?;
    letters(unit, person).await?;
    webhook::remove_all(unit, id).await?;
    own::<saved_search::Entity>(unit, saved_search::Column::UserId.eq(id)).await?;
    own::<operation::Entity>(unit, operation::Column::UserId.eq(id)).await?;
    own::<imported_item::Entity>(unit, imported_item::Column::UserId.eq(id)).await?;
    own::<mention::Entity>(unit, mention::Column::UserId.eq(id)).await?;
    own::<expertise::Entity>(unit, expertise::Column::UserId.eq(id)).await?;
    // Of somebody who is gone there is no news.
    let followed = Condition::any()
        .add(follow::Column::UserId.eq(id))
        .add(follow::Column::TargetId.eq(id));
    own::<follow::Entity>(unit, followed).await?;
    let told = Condition::any()
        .add(notification::Column::UserId.eq(id))
        .add(notification::Column::AboutId.eq(id));
    own::<notification::Entity>(unit, told).await
}

/// Removes how the person signed in: passwords, sessions, tokens, and who they are elsewhere.
async fn sign_in(unit: &mut WriteUnit, id: Uuid) -> Result<()> {
    remove_sessions(unit, id).await?;
    remove_api_tokens(unit, id).await?;
    own::<password::Entity>(unit, password::Column::UserId.eq(id)).await?;
    remove_identities(unit, id).await
}

/// Removes what was sent to the person or waits to be, to whichever address, and what mails of theirs would lead to.
async fn letters(unit: &WriteUnit, person: &user::Model) -> Result<()> {
    let mut addresses = remove_invitations(unit, person).await?;
    remove_email_tokens(unit, person.id).await?;
    addresses.extend(person.email.clone());
    let to_them = Condition::any()
        .add(mail::Column::UserId.eq(person.id))
        .add(mail::Column::Recipient.is_in(addresses));
    own::<mail::Entity>(unit, to_them).await
}

/// Deletes the rows of a table that meet a condition.
async fn own<E: EntityTrait>(unit: &WriteUnit, which: impl Into<Condition>) -> Result<()> {
    E::delete_many()
        .filter(which.into())
        .exec(unit.db())
        .await?;
    Ok(())
}
