//! People in the schema.

pub mod loaders;
mod mutations;
mod queries;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::entity::user;
use service::policy::platform::{read_mail_settings, read_private_profile};
use uuid::Uuid;

pub use mutations::{UpdateProfileInput, UserMutation, UserPayload};
pub use queries::UserQuery;

use super::auth::ApiTokenConnection;
use super::connection::page_request;
use super::expertise::{Expertise, loaders::ExpertiseOf};
use super::follow;
use super::ids::{NodeType, encode};
use super::membership::MembershipConnection;
use super::organization::Organization;
use super::organization::loaders::OrganizationById;
use super::plain::plain_fields;
use super::request::{ask, ask_many, viewer};
use super::scalars::{DateTime, Locale, Url};
use loaders::{SuspensionReason, UserById};

/// What a user may do on the platform as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::user::PlatformRole")]
pub enum PlatformRole {
    /// Everybody.
    Member,
    /// Reads aggregates over every community, never private texts or names.
    Analyst,
    /// Keeps domains, organizations, users and settings; reads no private content by that role.
    Admin,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::user::UserStatus")]
pub enum UserStatus {
    /// In use.
    Active,
    /// May not sign in.
    Suspended,
    /// The person is gone; what they gave stays.
    Erased,
}

/// When a user gets notifications by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::user::NotificationEmail")]
pub enum NotificationEmail {
    /// Never.
    None,
    /// Within a minute, those of the same minute in one mail.
    AtOnce,
    /// All in one mail, at seven in the morning of one's own time zone. The default.
    Daily,
}

/// A person, or the service account of an integration.
#[derive(Clone, Debug)]
pub struct User {
    row: Arc<user::Model>,
}

impl User {
    /// The row, to whom it may be shown whole.
    fn private(&self, context: &Context<'_>) -> Result<Option<&user::Model>> {
        Ok(read_private_profile(&viewer(context)?, self.row.id).then_some(&*self.row))
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<user::Model>> for User {
    fn from(row: Arc<user::Model>) -> Self {
        Self { row }
    }
}

/// A user.
pub async fn one(context: &Context<'_>, id: Uuid) -> Result<Option<User>> {
    Ok(ask(context, UserById(id)).await?.map(User::from))
}

/// Some users, in the order of their ids.
pub async fn many(context: &Context<'_>, ids: &[Uuid]) -> Result<Vec<User>> {
    let rows = ask_many(context, ids.iter().copied().map(UserById).collect()).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// A person, or the service account of an integration.
#[Object]
impl User {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::User, self.row.id)
    }

    /// Unique readable name.
    async fn handle(&self) -> &str {
        &self.row.handle
    }

    /// The name to show.
    async fn display_name(&self) -> &str {
        &self.row.display_name
    }

    /// About the person, in their own words.
    async fn bio(&self) -> Option<&str> {
        self.row.bio.as_deref()
    }

    /// Where the person practises, in their own words, for example `Grade 3, Elm School`; at most 20.
    async fn practice_settings(&self) -> &[String] {
        &self.row.practice_settings.0
    }

    /// The language that the person prefers.
    async fn locale(&self) -> Option<Locale> {
        self.row.locale.clone().map(Locale)
    }

    /// IANA time zone name, for example `Europe/Paris`.
    async fn time_zone(&self) -> Option<&str> {
        self.row.time_zone.as_deref()
    }

    /// Address of a picture.
    async fn avatar_url(&self) -> Option<Url> {
        self.row.avatar_url.clone().map(Url)
    }

    /// E-mail address. Only the user and administrators see it; null for everyone else.
    async fn email(&self, context: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.private(context)?.and_then(|row| row.email.as_deref()))
    }

    /// Whether the user has shown that the e-mail address is theirs. Only the user sees it; null for everyone else.
    async fn email_verified(&self, context: &Context<'_>) -> Result<Option<bool>> {
        let own = read_mail_settings(&viewer(context)?, self.row.id);
        Ok(own.then_some(self.row.email_verified_at.is_some()))
    }

    /// When the user gets notifications by mail, which only confirmed addresses do. Only the user sees it; null for
    /// everyone else.
    async fn notification_email(&self, context: &Context<'_>) -> Result<Option<NotificationEmail>> {
        let own = read_mail_settings(&viewer(context)?, self.row.id);
        Ok(own.then(|| service::user::notification_email(&self.row).into()))
    }

    /// What the user may do on the platform as a whole. Only the user and administrators see it.
    async fn platform_role(&self, context: &Context<'_>) -> Result<Option<PlatformRole>> {
        Ok(self.private(context)?.map(|row| row.platform_role.into()))
    }

    /// Whether the account may be used. Only the user and administrators see it.
    async fn status(&self, context: &Context<'_>) -> Result<Option<UserStatus>> {
        Ok(self.private(context)?.map(|row| row.status.into()))
    }

    /// Why the account is suspended, as an administrator said. Only administrators see it; null for everyone else, and
    /// where the account is not suspended.
    async fn suspension_reason(&self, context: &Context<'_>) -> Result<Option<String>> {
        if self.row.status != user::UserStatus::Suspended {
            return Ok(None);
        }
        ask(context, SuspensionReason(self.row.id)).await
    }

    /// Where the person comes from.
    async fn organization(&self, context: &Context<'_>) -> Result<Option<Organization>> {
        match self.row.organization_id {
            Some(id) => Ok(ask(context, OrganizationById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// The user's memberships, the oldest first: active ones, of communities that you see whole; your own all.
    async fn memberships(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<MembershipConnection> {
        let request = page_request(first, after, last, before);
        MembershipConnection::of_user(context, self.row.id, &request).await
    }

    /// The user's API tokens that are not revoked, the newest first: your own; empty for everyone else.
    async fn api_tokens(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<ApiTokenConnection> {
        let request = page_request(first, after, None, None);
        ApiTokenConnection::of_user(context, self.row.id, &request).await
    }

    /// What the person is known to know about, the weightiest first; at most 50. What accepted answers show is counted
    /// from discussions that you may see.
    async fn expertise(&self, context: &Context<'_>) -> Result<Vec<Expertise>> {
        let found = ask(context, ExpertiseOf(self.row.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Expertise::from)
            .collect())
    }

    /// Whether you follow the person.
    async fn viewer_follows(&self, context: &Context<'_>) -> Result<bool> {
        follow::viewer_follows(context, self.row.id).await
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

plain_fields!(User {
    "id" => id,
    "handle" => handle,
    "displayName" => display_name,
    "bio" => bio,
    "practiceSettings" => practice_settings,
    "locale" => locale,
    "timeZone" => time_zone,
    "avatarUrl" => avatar_url,
    "createdAt" => created_at,
});
