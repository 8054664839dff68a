//! A resource, a practice or an innovation that is tried out, to learn whether it works.

use sea_orm::entity::prelude::*;

use crate::TextList;
pub use crate::change::EntityType;

stored_enum! {
    /// Where a pilot stands.
    PilotState {
        /// It is to be run.
        Planned = "PLANNED",
        /// It is being run.
        Running = "RUNNING",
        /// It was run, and what was found is written down.
        Concluded = "CONCLUDED",
        /// It was given up.
        Cancelled = "CANCELLED",
    }
}

stored_enum! {
    /// What a pilot came to.
    PilotOutcome {
        /// What was tried works.
        Worked = "WORKED",
        /// It works, with changes.
        WorkedWithChanges = "WORKED_WITH_CHANGES",
        /// It works for some, not for others.
        Mixed = "MIXED",
        /// It does not work.
        DidNotWork = "DID_NOT_WORK",
        /// That cannot be told.
        Inconclusive = "INCONCLUSIVE",
    }
}

/// A resource, a practice or an innovation that is tried out, to learn whether it works.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pilot")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The community of what is tried, so that one index serves its lists.
    pub community_id: Uuid,
    /// What kind of item is tried.
    pub subject_type: EntityType,
    /// The item that is tried.
    pub subject_id: Uuid,
    /// Who planned it.
    pub planner_id: Option<Uuid>,
    /// What is to be found out.
    #[sea_orm(column_type = "Text")]
    pub question: String,
    /// Where and how it is tried.
    #[sea_orm(column_type = "Text")]
    pub setting: String,
    /// Whom it is tried with.
    #[sea_orm(column_type = "Text", nullable)]
    pub audience: Option<String>,
    /// The places where it is tried.
    #[sea_orm(column_type = "JsonBinary")]
    pub sites: TextList,
    /// How it is told whether it worked.
    #[sea_orm(column_type = "JsonBinary")]
    pub measures: TextList,
    /// How many people take part.
    pub participant_count: Option<i32>,
    /// Its first day.
    pub starts_on: Option<Date>,
    /// Its last day.
    pub ends_on: Option<Date>,
    /// When its last day is over, where it is not concluded or cancelled, and nobody has told its community of it.
    pub report_due_at: Option<DateTimeUtc>,
    /// Where it stands.
    pub state: PilotState,
    /// What it came to; some when it is concluded, and only then.
    pub outcome: Option<PilotOutcome>,
    /// What was found, Markdown; some when it is concluded, and only then.
    #[sea_orm(column_type = "Text", nullable)]
    pub findings: Option<String>,
    /// When it was planned.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
