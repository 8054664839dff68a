//! A school, board, ministry, company or consortium that people come from or that sponsors communities.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// The part of society that an organization or a community belongs to.
    Sector {
        /// Companies and their associations.
        Business = "BUSINESS",
        /// Public administration.
        Government = "GOVERNMENT",
        /// Schools, universities, training.
        Education = "EDUCATION",
        /// Charities, foundations, associations.
        Nonprofit = "NONPROFIT",
        /// Anything else.
        Other = "OTHER",
    }
}

/// A school, board, ministry, company or consortium that people come from or that sponsors communities.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The folded name, for order and prefix search.
    pub name_key: String,
    /// Its unique readable name in addresses.
    pub slug: String,
    /// Its sector.
    pub sector: Sector,
    /// Its home page.
    pub url: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
