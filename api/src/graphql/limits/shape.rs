//! The size of an operation after its fragments are expanded, counted without expanding them.

use async_graphql::{Pos, ServerError};

use super::Limits;
use super::error::Exceeded;

/// Counts saturate: a fragment bomb of 2^80 fields is a number like another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Nested fields.
    pub(super) depth: u64,
    /// Nested selection sets, those of fragments included.
    pub(super) nesting: u64,
    /// Fields, spreads and inline fragments.
    pub(super) selections: u64,
    pub(super) aliases: u64,
    pub(super) directives: u64,
    /// Fields beside each other at the top.
    pub(super) root_fields: u64,
    /// Points of introspection.
    pub(super) introspection: u64,
}

impl Shape {
    /// A spread of a fragment that does not exist.
    pub(super) fn leaf() -> Self {
        Self {
            selections: 1,
            ..Self::default()
        }
    }

    /// Adds what stands beside this in the same selection set.
    pub(super) fn add(&mut self, other: &Self) {
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
        self.introspection = self.introspection.saturating_add(other.introspection);
    }

    /// Makes the content of a fragment or inline fragment into its spread.
    pub(super) fn enclose_in_fragment(&mut self) {
        self.nesting = self.nesting.saturating_add(1);
        self.selections = self.selections.saturating_add(1);
    }

    /// Makes the content of a field into the field.
    pub(super) fn enclose_in_field(&mut self, has_alias: bool, has_selections: bool) {
        self.depth = self.depth.saturating_add(1);
        self.nesting = self.nesting.saturating_add(u64::from(has_selections));
        self.selections = self.selections.saturating_add(1);
        self.aliases = self.aliases.saturating_add(u64::from(has_alias));
        self.root_fields = 1;
    }
}

/// Refuses what passes a limit. Every operation of the document counts, as the library walks all of them, and so do
/// all definitions together, as it compares the fields of each on its own.
pub(super) fn check(
    operations: &[(Pos, Shape)],
    definitions: &Shape,
    limits: &Limits,
) -> Result<(), Vec<ServerError>> {
    for (at, shape) in operations {
        let faults = exceeded(*at, shape, limits);
        if !faults.is_empty() {
            return Err(faults);
        }
    }
    let maximum = (limits.fields as u64).saturating_mul(8);
    if definitions.selections > maximum {
        let fault = Exceeded {
            limit: "definitions",
            subject: "The number of selections in all operations and fragments, each expanded on its own,",
            maximum,
            actual: definitions.selections,
            remedy: "Split the document.",
            at: None,
        };
        return Err(vec![fault.into()]);
    }
    Ok(())
}

fn exceeded(at: Pos, shape: &Shape, limits: &Limits) -> Vec<ServerError> {
    let rules = [
        (
            "depth",
            "The depth of the operation",
            limits.depth,
            shape.depth,
            "Ask for nested objects in a second request.",
        ),
        (
            "nesting",
            "The nesting of selection sets and fragments in the operation",
            limits.nesting,
            shape.nesting,
            "Nest fragments less.",
        ),
        (
            "fields",
            "The number of selections in the operation, fragments expanded,",
            limits.fields,
            shape.selections,
            "Select less, or split the operation.",
        ),
        (
            "aliases",
            "The number of aliases in the operation, fragments expanded,",
            limits.aliases,
            shape.aliases,
            "Ask for many objects by a list, such as `nodes(ids:)`.",
        ),
        (
            "rootFields",
            "The number of root fields in the operation",
            limits.root_fields,
            shape.root_fields,
            "Split the operation.",
        ),
        (
            "directives",
            "The number of directives in the operation, fragments expanded,",
            limits.directives,
            shape.directives,
            "Use fewer of them.",
        ),
    ];
    rules
        .into_iter()
        .filter(|(_, _, maximum, actual, _)| *actual > *maximum as u64)
        .map(|(limit, subject, maximum, actual, remedy)| {
            Exceeded {
                limit,
                subject,
                maximum: maximum as u64,
                actual,
                remedy,
                at: Some(at),
            }
            .into()
        })
        .collect()
}
