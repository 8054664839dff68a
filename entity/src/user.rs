//! A person, or a service account of an integration.

use sea_orm::entity::prelude::*;

use crate::TextList;

stored_enum! {
    /// What a user may do on the platform as a whole.
    PlatformRole {
        /// Everybody.
        Member = "MEMBER",
        /// Reads aggregates over every community, never private texts or names.
        Analyst = "ANALYST",
        /// Keeps domains, organizations, users and settings; reads no private content by that role.
        Admin = "ADMIN",
    }
}

stored_enum! {
    /// Whether an account may be used.
    UserStatus {
        /// In use.
        Active = "ACTIVE",
        /// May not sign in.
        Suspended = "SUSPENDED",
        /// The person is gone; what they gave stays.
        Erased = "ERASED",
    }
}

stored_enum! {
    /// When a user gets notifications by mail.
    NotificationEmail {
        /// Never.
        None = "NONE",
        /// Within a minute, those of the same minute in one mail.
        AtOnce = "AT_ONCE",
        /// Once a day, in the morning, all in one mail.
        Daily = "DAILY",
    }
}

/// A person, or a service account of an integration.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Unique readable name.
    pub handle: String,
    /// The folded handle; unique.
    pub handle_key: String,
    /// Private; none once erased.
    pub email: Option<String>,
    /// The case-folded e-mail address; unique.
    pub email_key: Option<String>,
    /// The name that others see.
    pub display_name: String,
    /// About the person.
    pub bio: Option<String>,
    /// Where the person practises, in their own words.
    #[sea_orm(column_type = "JsonBinary")]
    pub practice_settings: TextList,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// IANA time zone name.
    pub time_zone: Option<String>,
    /// Address of a picture.
    pub avatar_url: Option<String>,
    /// What the person may do on the platform as a whole.
    pub platform_role: PlatformRole,
    /// Whether the account may be used.
    pub status: UserStatus,
    /// Where the person comes from.
    pub organization_id: Option<Uuid>,
    /// Invented for the demonstration: may sign in while the server listens on loopback only.
    pub is_demo: bool,
    /// When the person showed that the e-mail address is theirs; none while they did not.
    pub email_verified_at: Option<DateTimeUtc>,
    /// When the person gets notifications by mail; none where they never said.
    pub notification_email: Option<NotificationEmail>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
