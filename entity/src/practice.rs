//! What a practice has beyond every item.

use sea_orm::entity::prelude::*;

stored_enum! {
    /// What a practice is.
    PracticeKind {
        /// A guideline.
        Guideline = "GUIDELINE",
        /// A strategy.
        Strategy = "STRATEGY",
        /// A method.
        Method = "METHOD",
        /// A routine.
        Routine = "ROUTINE",
        /// A standard.
        Standard = "STANDARD",
        /// A pattern.
        Pattern = "PATTERN",
    }
}

stored_enum! {
    /// How well a practice is proven.
    PracticeMaturity {
        /// Written down.
        Emerging = "EMERGING",
        /// A pilot was concluded.
        Trialled = "TRIALLED",
        /// Reviewed, with evidence.
        Recommended = "RECOMMENDED",
        /// A successor took its place.
        Superseded = "SUPERSEDED",
        /// No longer advised.
        Retired = "RETIRED",
    }
}

/// What a practice has beyond every item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "practice")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is, in short.
    #[sea_orm(column_type = "Text", nullable)]
    pub summary: Option<String>,
    /// What it solves.
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    /// Where it works.
    #[sea_orm(column_type = "Text", nullable)]
    pub context: Option<String>,
    /// How well it is proven.
    pub maturity: PracticeMaturity,
    /// When it became RECOMMENDED; none where it never was.
    pub recommended_at: Option<DateTimeUtc>,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
