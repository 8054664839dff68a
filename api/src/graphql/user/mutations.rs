//! Mutations of users.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use service::user::{UpdateProfile, update_profile};

use super::{NotificationEmail, User};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{map, patch, payload, settle};
use crate::graphql::request::{store, viewer};
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
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says when you get notifications by mail.
    async fn set_notification_email(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When.")] frequency: NotificationEmail,
    ) -> Result<Option<UserPayload>> {
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = service::user::set_notification_email(store, &viewer, frequency.into()).await;
        Ok(Some(settle(context, Decoder::default(), outcome)?.into()))
    }
}
