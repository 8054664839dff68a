//! One piece of evidence that a person knows about a domain or a tag.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// Where expertise is known from.
    ExpertiseSource {
        /// The person says so.
        Declared = "DECLARED",
        /// A peer says so.
        Endorsed = "ENDORSED",
        /// An answer of the person was accepted.
        Demonstrated = "DEMONSTRATED",
    }
}

/// One piece of evidence that a person knows about a domain or a tag.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expertise")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Where it is known from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: ExpertiseSource,
    /// The domain or the tag, as one key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// Who or what bears witness: the person, the peer, or the discussion.
    #[sea_orm(primary_key, auto_increment = false)]
    pub witness_id: Uuid,
    /// The domain; none for a tag.
    pub domain_id: Option<Uuid>,
    /// The folded tag; empty for a domain.
    pub tag_key: String,
    /// The tag as written; none for a domain.
    pub tag: Option<String>,
    /// The discussion whose accepted answer shows it.
    pub discussion_id: Option<Uuid>,
    /// Since when it is known.
    pub at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
