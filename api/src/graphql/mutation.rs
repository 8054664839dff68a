//! What all mutations share: reading three-state inputs, and settling a service's answer into a payload.

use async_graphql::{Context, MaybeUndefined, Result};
use service::error::Error;
use service::idempotency::note_refusal;
use service::store::Written;
use service::validation::Patch;

use super::errors::{UserError, to_graphql};
use super::ids::Decoder;
use super::request;
use super::scalars::Position;

/// A field of an update: absent, null and a value are three things.
pub fn patch<T>(field: MaybeUndefined<T>) -> Patch<T> {
    match field {
        MaybeUndefined::Undefined => Patch::Absent,
        MaybeUndefined::Null => Patch::Null,
        MaybeUndefined::Value(value) => Patch::Value(value),
    }
}

/// A field of a create: null is as good as absent.
pub fn given<T>(field: Option<T>) -> Patch<T> {
    field.map_or(Patch::Absent, Patch::Value)
}

/// Changes the value of a patch.
pub fn map<T, U>(patch: Patch<T>, change: impl FnOnce(T) -> U) -> Patch<U> {
    match patch {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(value) => Patch::Value(change(value)),
    }
}

/// What a payload is made of.
#[derive(Debug)]
pub struct Settled<T> {
    /// What was written; none when the input was refused.
    pub value: Option<T>,
    /// The place of the write in the change log.
    pub position: Option<Position>,
    /// Why the input was refused.
    pub user_errors: Vec<UserError>,
}

/// Settles the outcome of a command: what the caller can mend goes into the payload, anything else is a top-level error.
pub fn settle<T>(
    context: &Context<'_>,
    decoder: Decoder,
    outcome: service::error::Result<Written<T>>,
) -> Result<Settled<T>> {
    Ok(match sort(decoder, outcome)? {
        Ok(written) => {
            request::forget_loaded(context)?;
            Settled {
                value: Some(written.value),
                position: Some(Position::from(written.position)),
                user_errors: Vec::new(),
            }
        }
        Err(user_errors) => Settled {
            value: None,
            position: None,
            user_errors,
        },
    })
}

/// Sorts the outcome of a command: a value, or what the caller can mend; anything else is a top-level error.
pub fn sort<T>(
    decoder: Decoder,
    outcome: service::error::Result<T>,
) -> Result<std::result::Result<T, Vec<UserError>>> {
    match decoder.merge(outcome) {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Refused(faults)) => {
            note_refusal(&faults);
            Ok(Err(faults.into_iter().map(UserError::from).collect()))
        }
        Err(error) => Err(to_graphql(&error)),
    }
}

/// Declares the payload of a mutation: the changed object, the position of the write, and why it was refused.
macro_rules! payload {
    ($payload:ident, $field:ident: $object:ty, $what:literal) => {
        #[doc = concat!("The outcome of a mutation of ", $what, ".")]
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $payload {
            #[doc = concat!("The ", $what, " as it is now; null when the input was refused.")]
            $field: Option<$object>,
            /// Why the input was refused; empty when it was not. Nothing was written then.
            user_errors: Vec<$crate::graphql::errors::UserError>,
            /// The place of this write in the change log. Send it as `X-Repertoire-Position` to make the next request,
            /// a search too, wait until it can see this write.
            position: Option<$crate::graphql::scalars::Position>,
        }

        impl<T: Into<$object>> From<$crate::graphql::mutation::Settled<T>> for $payload {
            fn from(settled: $crate::graphql::mutation::Settled<T>) -> Self {
                Self {
                    $field: settled.value.map(Into::into),
                    user_errors: settled.user_errors,
                    position: settled.position,
                }
            }
        }
    };
}

pub(crate) use payload;

/// The outcome of a mutation that has nothing to show.
#[derive(Clone, Debug, async_graphql::SimpleObject)]
pub struct DonePayload {
    /// Why it was refused; empty when it was not. Nothing was written then.
    pub user_errors: Vec<UserError>,
}

impl DonePayload {
    /// The payload for what was settled.
    #[must_use]
    pub fn new<T>(settled: Settled<T>) -> Self {
        Self {
            user_errors: settled.user_errors,
        }
    }
}

/// The outcome of a deletion.
#[derive(Clone, Debug, async_graphql::SimpleObject)]
pub struct DeletePayload {
    /// The id of what was deleted; null when the deletion was refused.
    pub deleted_id: Option<async_graphql::ID>,
    /// Why the deletion was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
    /// The place of this write in the change log.
    pub position: Option<Position>,
}

impl DeletePayload {
    /// The payload for a settled deletion.
    #[must_use]
    pub fn new(settled: Settled<async_graphql::ID>) -> Self {
        Self {
            deleted_id: settled.value,
            user_errors: settled.user_errors,
            position: settled.position,
        }
    }
}
