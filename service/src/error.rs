//! The one error type of the service, and the one place where the database's refusals are sorted.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use serde::{Deserialize, Serialize};

/// The result of every service function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a service function did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller can mend this: all faults of the input at once. Nothing was written.
    #[error("refused: {0:?}")]
    Refused(Vec<Fault>),
    /// An argument of a query that is no valid value, such as a broken cursor.
    #[error("argument {argument}: {message}")]
    BadArgument {
        /// The name of the argument.
        argument: &'static str,
        /// A full sentence.
        message: String,
    },
    /// Changes after a position were asked for that are no longer kept.
    #[error("the changes after this position are no longer kept; they are after {kept_after}")]
    PositionExpired {
        /// The changes after this position are kept.
        kept_after: i64,
    },
    /// The operation needs a signed-in user.
    #[error("sign-in needed")]
    Unauthenticated,
    /// The token lacks the scope.
    #[error("the token lacks the scope {0}")]
    ScopeMissing(&'static str),
    /// Too many attempts; the seconds after which to try again.
    #[error("too many attempts, retry after {retry_after_seconds} s")]
    RateLimited {
        /// Whole seconds.
        retry_after_seconds: u64,
    },
    /// The service cannot answer now, but may soon; the reason is a full sentence that a client may see.
    #[error("{0}")]
    Unavailable(String),
    /// A defect or a broken environment; the text is for the log only.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A single fault.
    #[must_use]
    pub fn fault(code: FaultCode, field: &[&str], message: impl Into<String>) -> Self {
        Self::Refused(vec![Fault::new(code, field, message)])
    }

    /// What was asked for does not exist, or the viewer may not know that it does.
    #[must_use]
    pub fn not_found(field: &[&str], what: &str) -> Self {
        Self::fault(
            FaultCode::NotFound,
            field,
            format!("There is no {what} with this id that you may see."),
        )
    }

    /// The viewer sees the object but may not do this.
    #[must_use]
    pub fn forbidden(field: &[&str], message: impl Into<String>) -> Self {
        Self::fault(FaultCode::Forbidden, field, message)
    }

    /// Somebody else changed the object meanwhile.
    #[must_use]
    pub fn conflict(current_revision: i32) -> Self {
        let mut fault = Fault::new(
            FaultCode::Conflict,
            &["expectedRevision"],
            format!(
                "The object was changed meanwhile: its revision is {current_revision}. Read it again, then retry."
            ),
        );
        fault.current_revision = Some(current_revision);
        Self::Refused(vec![fault])
    }

    /// A transition that is not open, with the guards that hold it back.
    #[must_use]
    pub fn invalid_transition(
        field: &[&str],
        message: impl Into<String>,
        blocked_by: Vec<Blocker>,
    ) -> Self {
        let mut fault = Fault::new(FaultCode::InvalidTransition, field, message);
        fault.blocked_by = blocked_by;
        Self::Refused(vec![fault])
    }

    /// A step that the present state does not lead to.
    #[must_use]
    pub fn not_from_here(field: &[&str], message: impl Into<String>) -> Self {
        let message = message.into();
        let blocker = Blocker::new(BlockerCode::NotFromHere, message.clone());
        Self::invalid_transition(field, message, vec![blocker])
    }

    /// The same faults, where those at the path `from` are about another argument.
    #[must_use]
    pub(crate) fn at(self, from: &[&str], to: &[&str]) -> Self {
        match self {
            Self::Refused(mut faults) => {
                for fault in faults.iter_mut().filter(|fault| fault.field == from) {
                    fault.field = to.iter().map(|&part| part.to_owned()).collect();
                }
                Self::Refused(faults)
            }
            other => other,
        }
    }

    /// The same faults, where those under the argument `from` are under another one.
    #[must_use]
    pub(crate) fn under(self, from: &str, to: &str) -> Self {
        match self {
            Self::Refused(mut faults) => {
                for fault in &mut faults {
                    match fault.field.first_mut() {
                        Some(first) if first == from => to.clone_into(first),
                        _ => {}
                    }
                }
                Self::Refused(faults)
            }
            other => other,
        }
    }

    /// An internal error, from anything that can be shown in the log.
    #[must_use]
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: FaultCode,
    /// A full sentence for a person.
    pub message: String,
    /// The path from the mutation's arguments, for example `input`, `tags`, `3`; empty when it is about no one argument.
    pub field: Vec<String>,
    /// With [`FaultCode::Conflict`]: the revision that is there now.
    pub current_revision: Option<i32>,
    /// With [`FaultCode::InvalidTransition`]: what stands in the way.
    pub blocked_by: Vec<Blocker>,
}

impl Fault {
    /// A fault at a path.
    #[must_use]
    pub fn new(code: FaultCode, field: &[&str], message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: field.iter().map(|&part| part.to_owned()).collect(),
            current_revision: None,
            blocked_by: Vec::new(),
        }
    }
}

/// The kinds of fault, as the schema's `UserErrorCode` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultCode {
    /// A value is missing.
    Required,
    /// A value is malformed or not one of those allowed.
    Invalid,
    /// A text or list is too long.
    TooLong,
    /// A text is too short.
    TooShort,
    /// A number is too small or too large.
    OutOfRange,
    /// Somebody else has this unique value.
    Taken,
    /// What an id names does not exist for the viewer.
    NotFound,
    /// The viewer may not do this.
    Forbidden,
    /// The object was changed meanwhile.
    Conflict,
    /// The object's state does not allow this step.
    InvalidTransition,
    /// A stated bound is reached.
    LimitReached,
    /// E-mail address or password, or token, is wrong.
    InvalidCredentials,
    /// Other objects point at this one.
    BlockedByReferences,
}

/// A guard that holds a transition back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Which guard.
    pub code: BlockerCode,
    /// A full sentence for a person.
    pub message: String,
}

/// The guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockerCode {
    /// The present state does not lead there.
    NotFromHere,
    /// The learning is not written down.
    LearningMissing,
    /// The community would be left without a facilitator.
    LastFacilitator,
    /// The viewer may not do this.
    NotAllowed,
    /// No reviewer has approved the revision.
    ReviewMissing,
    /// Fewer reviewers than needed have approved the revision.
    QuorumMissing,
    /// Nobody reviews their own work.
    OwnWork,
    /// There is a newer revision.
    OlderRevision,
    /// Nobody keeps it.
    StewardMissing,
    /// It is filed under no domain.
    DomainMissing,
    /// Its licence is not stated.
    LicenceMissing,
    /// No date of the next review is set.
    ReviewDateMissing,
    /// No pilot was planned or concluded, as the step asks for.
    PilotMissing,
    /// No evidence from use.
    EvidenceMissing,
    /// Nothing takes its place.
    SuccessorMissing,
    /// Nothing was made from it.
    PromotedItemMissing,
    /// Something else that the step asks for is unmet.
    CriterionUnmet,
    /// Nobody has told how it went.
    ReportMissing,
}

impl Blocker {
    /// A guard with what it asks for, as a full sentence.
    #[must_use]
    pub fn new(code: BlockerCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// The unique constraints that a caller can run into, by table and column, with the input field that is at fault.
const UNIQUE: &[(&str, &str, &[&str], &str)] = &[
    (
        "organization",
        "slug",
        &["input", "slug"],
        "Another organization has this slug.",
    ),
    (
        "domain",
        "slug",
        &["input", "slug"],
        "Another domain has this slug.",
    ),
    (
        "community",
        "slug",
        &["input", "slug"],
        "Another community has this slug.",
    ),
    (
        "user",
        "handle_key",
        &["input", "handle"],
        "Somebody else has this handle.",
    ),
    (
        "user",
        "email_key",
        &["input", "email"],
        "There is an account with this e-mail address; sign in instead.",
    ),
];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => {
                for (table, column, field, message) in UNIQUE {
                    if text.contains(&format!("{table}.{column}"))
                        || text.contains(&format!("{table}_{column}_key"))
                    {
                        return Self::fault(FaultCode::Taken, field, *message);
                    }
                }
                // Another unique constraint: two writers made the same row at once, and one of them won.
                return Self::Unavailable(
                    "Another request changed the same thing at the same time; try again.".into(),
                );
            }
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
                return Self::fault(
                    FaultCode::BlockedByReferences,
                    &[],
                    "Something that this refers to was removed, or something still refers to this.",
                );
            }
            _ => {}
        }
        let text = error.to_string();
        if text.contains("deadlock detected") {
            return Self::Unavailable(
                "Another request changed the same things at the same time; try again.".into(),
            );
        }
        if matches!(
            error,
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) | DbErr::Exec(RuntimeErr::Internal(_))
        ) || text.contains("database is locked")
        {
            return Self::Unavailable(
                "The database does not answer in time; try again shortly.".into(),
            );
        }
        if text.contains("database or disk is full") || text.contains("No space left on device") {
            return Self::Unavailable(
                "The server's storage is full; reading goes on, writing waits for space.".into(),
            );
        }
        Self::Internal(text)
    }
}
