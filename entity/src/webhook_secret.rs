//! A secret that signs what a webhook is sent.

use sea_orm::entity::prelude::*;

/// A secret that signs what a webhook is sent. It is kept as it is, since signing needs it.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_secret")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The webhook.
    pub webhook_id: Uuid,
    /// `whsec_` and the key in base64.
    #[sea_orm(column_type = "Text")]
    pub secret: String,
    /// When it signs no more; none for the newest.
    pub ends_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Without the secret, which no log may show.
impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("webhook_secret::Model")
            .field("id", &self.id)
            .field("webhook_id", &self.webhook_id)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
