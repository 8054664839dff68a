//! Checks of inputs: all faults are collected with their paths before the first is answered.

mod lists;
mod numbers;
#[cfg(test)]
mod tests;
mod texts;

use crate::error::{Error, Fault, FaultCode, Result};

pub use lists::{
    MAX_AUTHORS, MAX_DOMAINS, MAX_ENTRIES, MAX_LABELS, MAX_LANGUAGES, MAX_LINKS,
    MAX_PRACTICE_RESOURCES, MAX_REFERENCES, MAX_SPONSORS, MAX_STEPS, MAX_TAGS,
};
pub use numbers::YEARS;
pub use texts::{BODY, SUMMARY, TAG, TITLE, TextRule};

/// A field of an update: left alone, emptied, or given a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The client did not name the field.
    #[default]
    Absent,
    /// The client gave null.
    Null,
    /// The client gave a value.
    Value(T),
}

impl<T> Patch<T> {
    /// The new value of an optional field.
    pub fn or_keep(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Absent => old,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The value, for a field that may be left alone but not emptied: null is a fault.
    pub fn required(self, faults: &mut Faults, path: &[&str]) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Null => {
                faults.add(
                    FaultCode::Required,
                    path,
                    "This field cannot be emptied; leave it out to keep it.",
                );
                None
            }
            Self::Value(value) => Some(value),
        }
    }

    /// The value when there is one.
    pub fn value(&self) -> Option<&T> {
        if let Self::Value(value) = self {
            Some(value)
        } else {
            None
        }
    }
}

/// The faults found so far in one input.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, code: FaultCode, path: &[&str], message: impl Into<String>) {
        self.0.push(Fault::new(code, path, message));
    }

    /// Notes all faults of a refusal; any other error is answered at once.
    pub fn absorb<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Refused(faults)) => {
                self.0.extend(faults);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes a fault that is made already.
    pub fn absorb_fault(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Notes what was found elsewhere.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses when anything was found.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(self.0))
        }
    }
}
