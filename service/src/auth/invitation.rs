//! Invitations by e-mail: to make an account, and to come into a community. Whether an address has an account already
//! is never told to who invites: the invitation is good for both.

use chrono::{DateTime, TimeDelta, Utc};
use entity::mail::{self as mail_row, MailPurpose, MailState};
use entity::{community, invitation, membership, user};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::account::{check_email, email_key};
use super::secret::{INVITATION_PREFIX, digest, generate, is_well_formed};
use super::verification::require_person;
use super::{Auth, ClientAddress, Secret, SignUpPolicy};
use crate::error::{Error, FaultCode, Result};
use crate::mail::{self, INVITATION_LIFETIME, Language, Letter, MailSettings, Page, Recipient};
use crate::membership::{Hold, refresh, standing, welcome};
use crate::policy;
use crate::store::{Store, WriteUnit, Written};
use crate::user::held;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// Where the faults of an invitation are told at sign-up.
pub(super) const FIELD: &[&str] = &["input", "invitationToken"];

/// Most invitations by one person in a day.
const MOST_BY_ONE: u64 = 50;
/// Most invitations to one address in a day.
const MOST_TO_ONE: u64 = 5;
/// For so long it is remembered who was invited, once the invitation has ended.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// An invitation that was made.
#[derive(Clone, Debug)]
pub struct Invited {
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The token, where this server sends no mail and the inviter has to pass it on.
    pub token: Option<Secret>,
}

/// Invites whoever reads that mailbox into a community that the viewer facilitates, or, as an administrator, to the
/// platform alone. An earlier invitation of the same person to the same place by the viewer ends.
#[crate::boxed]
pub async fn invite_user(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    email: &str,
    community: Option<Uuid>,
) -> Result<Invited> {
    let inviter = require_person(viewer)?;
    if auth.options().sign_up == SignUpPolicy::Closed {
        return Err(Error::forbidden(
            &[],
            "Nobody can make an account here, so nobody can be invited to; ask an administrator.",
        ));
    }
    auth.limits().mail(client, auth.now())?;
    let (viewer, email) = (viewer.clone(), email.to_owned());
    let settings = auth.options().mail.clone();
    let written = auth
        .store()
        .write(Some(inviter), move |unit| {
            async move { invite(unit, viewer, &email, community, settings).await }.boxed()
        })
        .await?;
    Ok(written.value)
}

async fn invite(
    unit: &mut WriteUnit,
    viewer: Viewer,
    email: &str,
    community: Option<Uuid>,
    settings: Option<MailSettings>,
) -> Result<Invited> {
    let (viewer, community) = allowed(unit, &viewer, community).await?;
    // Held, so that two invitations at once count each other.
    let inviter = held(unit, viewer.require_user()?).await?;
    if settings.is_some() {
        policy::platform::mail_strangers(&viewer).require(&[], "invitation")?;
    }
    let mut faults = Faults::default();
    let email = check_email(&mut faults, &["email"], email);
    let key = email_key(&email);
    let since = unit.now() - TimeDelta::days(1);
    let sent = invitation::Entity::find().filter(invitation::Column::CreatedAt.gt(since));
    let by_one = sent
        .clone()
        .filter(invitation::Column::InviterId.eq(inviter.id));
    if by_one.count(unit.db()).await? >= MOST_BY_ONE {
        faults.add(
            FaultCode::LimitReached,
            &[],
            format!("One person invites at most {MOST_BY_ONE} people a day; go on tomorrow."),
        );
    }
    if faults.is_empty() {
        let to_one = sent.filter(invitation::Column::EmailKey.eq(&key));
        if to_one.count(unit.db()).await? >= MOST_TO_ONE {
            faults.add(
                FaultCode::LimitReached,
                &["email"],
                format!(
                    "This address was invited {MOST_TO_ONE} times within a day; wait for an answer."
                ),
            );
        }
    }
    faults.check()?;
    let place = community.as_ref().map(|community| community.id);
    replace_earlier(unit, inviter.id, &key, place).await?;
    let secret = generate(INVITATION_PREFIX);
    let expires_at = unit.now() + INVITATION_LIFETIME;
    invitation::Entity::insert(invitation::ActiveModel {
        id: Set(Uuid::now_v7()),
        email: Set(email.clone()),
        email_key: Set(key),
        community_id: Set(place),
        inviter_id: Set(inviter.id),
        hash: Set(digest(secret.expose())),
        created_at: Set(unit.now()),
        expires_at: Set(expires_at),
        used_at: Set(None),
        user_id: Set(None),
        mailed: Set(settings.is_some()),
    })
    .exec_without_returning(unit.db())
    .await?;
    let Some(settings) = settings else {
        return Ok(Invited {
            expires_at,
            token: Some(secret),
        });
    };
    let to = Recipient {
        user_id: None,
        address: email,
        language: Language::of(inviter.locale.as_deref()),
    };
    let letter = Letter::Invitation {
        link: settings.page(Page::Invitation, secret.expose()),
        inviter: inviter.display_name,
        community: community.map(|community| community.name),
    };
    mail::queue(unit, to, &letter).await?;
    Ok(Invited {
        expires_at,
        token: None,
    })
}

/// The viewer as they are now, and the community, where they may invite there.
async fn allowed(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Option<Uuid>,
) -> Result<(Viewer, Option<community::Model>)> {
    let Some(id) = community else {
        let viewer = refresh(unit, viewer, &[]).await?;
        policy::platform::invite(&viewer).require(&["communityId"], "community")?;
        return Ok((viewer, None));
    };
    let field = &["communityId"];
    let (viewer, found) = standing(unit, viewer, id, Hold::Shared).await?;
    let community = found.ok_or_else(|| Error::not_found(field, "community"))?;
    policy::community::manage_members(&viewer, &community).require(field, "community")?;
    Ok((viewer, Some(community)))
}

async fn replace_earlier(
    unit: &WriteUnit,
    inviter: Uuid,
    email_key: &str,
    community: Option<Uuid>,
) -> Result<()> {
    let same_place = match community {
        Some(id) => invitation::Column::CommunityId.eq(id),
        None => invitation::Column::CommunityId.is_null(),
    };
    invitation::Entity::update_many()
        .col_expr(invitation::Column::UsedAt, Expr::value(unit.now()))
        .filter(invitation::Column::InviterId.eq(inviter))
        .filter(invitation::Column::EmailKey.eq(email_key))
        .filter(same_place)
        .filter(invitation::Column::UsedAt.is_null())
        .exec(unit.db())
        .await?;
    Ok(())
}

/// An invitation that can be accepted.
#[derive(Clone, Debug)]
pub(super) struct Open {
    id: Uuid,
    community_id: Option<Uuid>,
    inviter_id: Uuid,
    /// Whether its token was sent to the invited address and shown to nobody else.
    pub(super) was_mailed: bool,
}

/// The invitation with that token, to that address.
pub(super) async fn check(auth: &Auth, token: &Secret, email_key: &str) -> Result<Open> {
    let found = find(auth.store(), token)
        .await?
        .filter(|invitation| invitation.used_at.is_none() && invitation.expires_at > auth.now());
    let invitation = found.ok_or_else(|| wrong_invitation(FIELD))?;
    if invitation.email_key != email_key {
        return Err(Error::fault(
            FaultCode::Invalid,
            &["input", "email"],
            "The invitation is for another e-mail address; sign up with the one that it came to.",
        ));
    }
    Ok(Open {
        id: invitation.id,
        community_id: invitation.community_id,
        inviter_id: invitation.inviter_id,
        was_mailed: invitation.mailed,
    })
}

async fn find(store: &Store, token: &Secret) -> Result<Option<invitation::Model>> {
    if !is_well_formed(INVITATION_PREFIX, token.expose()) {
        return Ok(None);
    }
    Ok(invitation::Entity::find()
        .filter(invitation::Column::Hash.eq(digest(token.expose())))
        .one(store.reader())
        .await?)
}

/// Uses an invitation: the user is invited to its community, if it has one and whoever invited may still do so.
pub(super) async fn accept(
    unit: &mut WriteUnit,
    invitation: &Open,
    user: Uuid,
) -> Result<Option<membership::Model>> {
    let used = invitation::Entity::update_many()
        .col_expr(invitation::Column::UsedAt, Expr::value(unit.now()))
        .col_expr(invitation::Column::UserId, Expr::value(user))
        .filter(invitation::Column::Id.eq(invitation.id))
        .filter(invitation::Column::UsedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(unit.now()))
        .exec(unit.db())
        .await?;
    if used.rows_affected != 1 {
        return Err(wrong_invitation(FIELD));
    }
    match invitation.community_id {
        Some(community) => welcome(unit, community, user, invitation.inviter_id).await,
        None => Ok(None),
    }
}

/// Uses an invitation to the viewer's own address: the viewer is invited to its community then.
#[crate::boxed]
pub async fn redeem_invitation(
    auth: &Auth,
    client: ClientAddress,
    viewer: &Viewer,
    token: &Secret,
) -> Result<Written<membership::Model>> {
    let user = require_person(viewer)?;
    auth.limits().mail(client, auth.now())?;
    let own = viewer.user().and_then(|user| user.email_key.clone());
    let invitation = check(auth, token, &own.unwrap_or_default())
        .await
        .map_err(|error| {
            error
                .at(FIELD, &["token"])
                .at(&["input", "email"], &["token"])
        })?;
    auth.store()
        .write(Some(user), move |unit| {
            async move {
                accept(unit, &invitation, user)
                    .await
                    .map_err(|error| error.at(FIELD, &["token"]))?
                    .ok_or_else(|| wrong_invitation(&["token"]))
            }
            .boxed()
        })
        .await
}

/// Removes invitations that ended long ago; answers how many.
#[crate::boxed]
pub async fn remove_ended_invitations(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let deleted = invitation::Entity::delete_many()
                    .filter(invitation::Column::ExpiresAt.lt(unit.now() - REMEMBERED))
                    .exec(unit.db())
                    .await?;
                Ok(deleted.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}

/// Removes what invitations hold of somebody who goes: those to their address, the one that they used, and those of theirs
/// that nobody has used yet. Answers the addresses that they themselves were invited at, as these were written.
pub(crate) async fn remove_of(unit: &WriteUnit, person: &user::Model) -> Result<Vec<String>> {
    take_back(unit, person.id).await?;
    let to_them = Condition::any()
        .add(invitation::Column::UserId.eq(person.id))
        .add_option(
            person
                .email_key
                .as_deref()
                .map(|key| invitation::Column::EmailKey.eq(key)),
        );
    let invited = invitation::Entity::find()
        .filter(to_them.clone())
        .all(unit.db())
        .await?;
    invitation::Entity::delete_many()
        .filter(to_them)
        .exec(unit.db())
        .await?;
    Ok(invited.into_iter().map(|row| row.email).collect())
}

/// Removes the invitations by somebody that wait to be used, with their mails that wait to be sent: both name who invites.
pub(crate) async fn take_back(unit: &WriteUnit, inviter: Uuid) -> Result<()> {
    let open = Condition::all()
        .add(invitation::Column::InviterId.eq(inviter))
        .add(invitation::Column::UsedAt.is_null());
    // A mail names nobody but whom it goes to, and was written in the same moment as its invitation.
    let written = invitation::Entity::find()
        .select_only()
        .columns([invitation::Column::Email, invitation::Column::CreatedAt])
        .filter(open.clone())
        .into_query();
    let of_mail = ["recipient", "created_at"].map(|column| Expr::col(("mail", column)));
    mail_row::Entity::delete_many()
        .filter(mail_row::Column::Purpose.eq(MailPurpose::Invitation))
        .filter(mail_row::Column::State.eq(MailState::Pending))
        .filter(Expr::tuple(of_mail).in_subquery(written))
        .exec(unit.db())
        .await?;
    invitation::Entity::delete_many()
        .filter(open)
        .exec(unit.db())
        .await?;
    Ok(())
}

fn wrong_invitation(field: &[&str]) -> Error {
    Error::fault(
        FaultCode::InvalidCredentials,
        field,
        "This invitation is unknown, used or too old; ask for another one.",
    )
}
