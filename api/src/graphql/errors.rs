//! The service's errors in the schema: what a caller can mend becomes `userErrors`, everything else a top-level error
//! with a code.

use std::time::Duration;

use async_graphql::{Enum, ErrorExtensions, SimpleObject};
use service::error::{self, Error, Fault};

use super::codes::{self, RetryAfter};

/// A top-level error of the API, made of an error of the service.
#[must_use]
pub fn to_graphql(error: &Error) -> async_graphql::Error {
    let (code, message) = match error {
        Error::BadArgument { argument, message } => {
            return async_graphql::Error::new(format!("Argument `{argument}`: {message}"))
                .extend_with(|_, extensions| {
                    extensions.set("code", codes::BAD_USER_INPUT);
                    extensions.set("argument", *argument);
                });
        }
        Error::PositionExpired { kept_after } => {
            return async_graphql::Error::new(
                "The changes after this position are no longer kept: take a new snapshot, and go on from its position.",
            )
            .extend_with(|_, extensions| {
                extensions.set("code", codes::POSITION_EXPIRED);
                extensions.set("argument", "after");
                extensions.set("keptAfter", kept_after.to_string());
            });
        }
        Error::Unauthenticated => (
            codes::UNAUTHENTICATED,
            "Sign in first: this needs a signed-in user.".to_owned(),
        ),
        Error::ScopeMissing(scope) => (
            codes::FORBIDDEN,
            format!("The token lacks the scope {scope}."),
        ),
        Error::RateLimited {
            retry_after_seconds,
        } => {
            let retry_after = RetryAfter(Duration::from_secs(*retry_after_seconds));
            return async_graphql::Error::new_with_source(retry_after).extend_with(
                |_, extensions| {
                    extensions.set("code", codes::RATE_LIMITED);
                    extensions.set("retryAfter", *retry_after_seconds);
                },
            );
        }
        Error::Unavailable(message) => (codes::SERVICE_UNAVAILABLE, message.clone()),
        // A refusal reaches this only from a query, where it says which argument is wrong.
        Error::Refused(faults) => {
            let messages: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
            (codes::BAD_USER_INPUT, messages.join(" "))
        }
        Error::Internal(message) => (codes::INTERNAL_SERVER_ERROR, message.clone()),
    };
    async_graphql::Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Turns a service result into a resolver's.
pub trait IntoGraphql<T> {
    /// The value, or the error with its code.
    fn graphql(self) -> async_graphql::Result<T>;
}

impl<T> IntoGraphql<T> for error::Result<T> {
    fn graphql(self) -> async_graphql::Result<T> {
        self.map_err(|error| to_graphql(&error))
    }
}

/// Why an input was refused. Nothing was written.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// What kind of fault it is, for programs.
    pub code: UserErrorCode,
    /// A full sentence for a person: what is wrong and what to do.
    pub message: String,
    /// The path from the mutation's arguments, list places as digits, for example `input`, `tags`, `3`; empty when it
    /// is about no one argument.
    pub field: Vec<String>,
    /// With CONFLICT: the revision that is there now.
    pub current_revision: Option<i32>,
    /// With INVALID_TRANSITION: what stands in the way.
    pub blocked_by: Vec<Blocker>,
}

/// A guard that holds a transition back.
#[derive(Clone, Debug, SimpleObject)]
pub struct Blocker {
    /// Which guard, for programs.
    pub code: BlockerCode,
    /// A full sentence for a person.
    pub message: String,
}

/// The guards of transitions. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::error::BlockerCode")]
pub enum BlockerCode {
    /// The present state does not lead there.
    NotFromHere,
    /// What was learned is not written down.
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
    /// There is a newer revision: review that one.
    OlderRevision,
    /// Nobody keeps it: a steward names someone with `setSteward`.
    StewardMissing,
    /// It is filed under no domain.
    DomainMissing,
    /// Its licence is not stated.
    LicenceMissing,
    /// No date of the next review is set: a steward sets one with `setSteward` or `renewReview`.
    ReviewDateMissing,
    /// The pilot that the step asks for is missing: one that is planned, one that is concluded, or one that worked.
    PilotMissing,
    /// The evidence from use that the kind of the community asks for is missing.
    EvidenceMissing,
    /// Nothing takes its place: name it in `supersededById`.
    SuccessorMissing,
    /// Nothing was made from it: `promoteInnovation` makes a practice or a resource of it.
    PromotedItemMissing,
    /// Something else that the step asks for is unmet; the message says what.
    CriterionUnmet,
    /// Nobody has told how it went: a pilot is concluded with at least one experience report.
    ReportMissing,
}

/// The kinds of fault that a caller can mend. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::error::FaultCode")]
pub enum UserErrorCode {
    /// A value is missing.
    Required,
    /// A value is malformed, or none of those allowed.
    Invalid,
    /// A text or a list is too long.
    TooLong,
    /// A text is too short.
    TooShort,
    /// A number is too small or too large.
    OutOfRange,
    /// Somebody or something else has this unique value.
    Taken,
    /// What an id names does not exist, or you may not see it.
    NotFound,
    /// You may not do this.
    Forbidden,
    /// The object was changed meanwhile; `currentRevision` is the revision that is there now.
    Conflict,
    /// The object's state does not allow this step; `blockedBy` says why.
    InvalidTransition,
    /// A stated bound is reached.
    LimitReached,
    /// E-mail address or password, or a token, is wrong.
    InvalidCredentials,
    /// Other objects refer to this one.
    BlockedByReferences,
}

impl From<Fault> for UserError {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code.into(),
            message: fault.message,
            field: fault.field,
            current_revision: fault.current_revision,
            blocked_by: fault.blocked_by.into_iter().map(Blocker::from).collect(),
        }
    }
}

impl From<error::Blocker> for Blocker {
    fn from(blocker: error::Blocker) -> Self {
        Self {
            code: blocker.code.into(),
            message: blocker.message,
        }
    }
}
