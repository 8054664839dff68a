//! Mutations of users.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use service::auth::Secret;
use service::store::Written;
use service::user::{UpdateProfile, update_profile};
use service::viewer::Viewer;
use uuid::Uuid;

use super::{NotificationEmail, User};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{map, patch, payload, settle};
use crate::graphql::request::{app, client_address, renew, store, viewer};
use crate::graphql::scalars::{Locale, Url};

/// A change of your profile. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateProfileInput {
    /// The name to show, at most 100 characters.
    pub display_name: MaybeUndefined<String>,
    /// Unique readable name: 3 to 40 lower-case letters, digits, hyphens and underscores, a letter first.
    pub handle: MaybeUndefined<String>,
    /// About you.
    pub bio: MaybeUndefined<String>,
    /// Where you practise, for example `Grade 3, Elm School`: one line each, at most 300 characters; at most 20. What is
    /// said twice, case and accents ignored, is kept once.
    pub practice_settings: MaybeUndefined<Vec<String>>,
    /// The language that you prefer.
    pub locale: MaybeUndefined<Locale>,
    /// IANA time zone name, for example `Europe/Paris`.
    pub time_zone: MaybeUndefined<String>,
    /// Address of a picture.
    pub avatar_url: MaybeUndefined<Url>,
    /// Where you come from.
    pub organization_id: MaybeUndefined<ID>,
}

impl UpdateProfileInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateProfile {
        UpdateProfile {
            display_name: patch(self.display_name),
            handle: patch(self.handle),
            bio: patch(self.bio),
            practice_settings: patch(self.practice_settings),
            locale: map(patch(self.locale), |locale| locale.0),
            time_zone: patch(self.time_zone),
            avatar_url: map(patch(self.avatar_url), |url| url.0),
            organization_id: map(patch(self.organization_id), |id| {
                decoder.id(&["input", "organizationId"], &id, NodeType::Organization)
            }),
        }
    }
}

payload!(UserPayload, user: User, "user");

/// Mutations of users.
#[derive(Debug, Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Changes your profile.
    async fn update_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UserPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = update_profile(store(context)?, &viewer(context)?, input).await;
        answer(context, decoder, outcome)
    }

    /// Says when you get notifications by mail.
    async fn set_notification_email(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When.")] frequency: NotificationEmail,
    ) -> Result<Option<UserPayload>> {
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = service::user::set_notification_email(store, &viewer, frequency.into()).await;
        answer(context, Decoder::default(), outcome)
    }

    /// Suspends somebody; for administrators. The person's sessions end, and invitations by them that nobody has used are
    /// taken back. Until they are reinstated they cannot sign in, their API tokens are refused, and nothing is sent to them
    /// or to their webhooks. What they made stays as it is. Nobody suspends themselves. Suspending again changes nothing.
    async fn suspend_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the person.")] id: ID,
        #[graphql(
            desc = "Why, for `User.suspensionReason`, which administrators see; at most 4,000 characters."
        )]
        reason: String,
    ) -> Result<Option<UserPayload>> {
        let (decoder, id) = person(&id);
        let outcome = service::user::suspend(store(context)?, &viewer(context)?, id, reason).await;
        answer(context, decoder, outcome)
    }

    /// Reinstates somebody who was suspended; for administrators. The person may sign in again, and their API tokens and
    /// webhooks work again; sessions and invitations stay ended. Whoever was erased cannot be reinstated.
    async fn reinstate_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the person.")] id: ID,
    ) -> Result<Option<UserPayload>> {
        let (decoder, id) = person(&id);
        let outcome = service::user::reinstate(store(context)?, &viewer(context)?, id).await;
        answer(context, decoder, outcome)
    }

    /// Erases somebody else, for good; for administrators. What the person gave stays, by Former member. Name, handle,
    /// e-mail address, profile, sessions, tokens and all else that was theirs alone is removed, and their memberships end.
    /// Where the person is the last facilitator of a community that has other members, or the last administrator, it is
    /// refused with INVALID_TRANSITION, and `blockedBy` says why.
    async fn erase_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the person.")] id: ID,
    ) -> Result<Option<UserPayload>> {
        let (decoder, id) = person(&id);
        let outcome = service::user::erase(store(context)?, &viewer(context)?, id).await;
        answer(context, decoder, outcome)
    }

    /// Erases yourself, for good, as `eraseUser` does. An API token cannot do this. The rest of the request is answered to
    /// nobody in particular, and your tokens are refused from then on, those too that your organization gave you before.
    async fn erase_me(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The password that you sign in with. Leave it out where you have none here, since you sign in by your organization's account: within 15 minutes before, that is."
        )]
        password: Option<String>,
    ) -> Result<Option<UserPayload>> {
        let (auth, client) = (&app(context)?.auth, client_address(context));
        let password = password.map(Secret::from);
        let viewer = viewer(context)?;
        let outcome = service::user::erase_me(auth, client, &viewer, password.as_ref()).await;
        let settled = settle(context, Decoder::default(), outcome)?;
        if settled.value.is_some() {
            renew(context, Viewer::anonymous())?;
        }
        Ok(Some(settled.into()))
    }
}

/// Reads the id of the person whom a mutation is about.
fn person(id: &ID) -> (Decoder, Uuid) {
    let mut decoder = Decoder::default();
    let id = decoder.id(&["id"], id, NodeType::User);
    (decoder, id)
}

/// The payload for what became of a user.
fn answer(
    context: &Context<'_>,
    decoder: Decoder,
    outcome: service::error::Result<Written<service::entity::user::Model>>,
) -> Result<Option<UserPayload>> {
    Ok(Some(settle(context, decoder, outcome)?.into()))
}
