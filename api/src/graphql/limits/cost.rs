//! The cost of an operation as an expression in its page sizes: compiled once per document, evaluated per request.

use async_graphql::{Name, Value, Variables};

/// A page size: literal, or a variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Literal(u64),
    Variable {
        /// Index into the document's page variables.
        index: usize,
        maximum: u64,
        /// Where the variable has no value.
        default: u64,
    },
}

/// A sum of a constant and of what depends on variables or on fragments. All arithmetic saturates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sum {
    constant: u64,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Times(Page, Sum),
    /// The part of a fragment that is not multiplied by the page around it.
    FragmentBase(usize),
    /// The part of a fragment that is.
    FragmentPerItem(usize),
    /// The dearest of alternatives of which only one can come true: fragments on different object types.
    Greatest(Vec<Sum>),
}

/// What evaluation needs beside the expression.
pub(super) struct Environment {
    pub(super) variables: Vec<Option<i64>>,
    /// Costs of the document's fragments, in their order: base and per item.
    pub(super) fragments: Vec<(u64, u64)>,
}

impl Environment {
    fn page(&self, page: Page) -> u64 {
        match page {
            Page::Literal(size) => size,
            Page::Variable {
                index,
                maximum,
                default,
            } => match self.variables.get(index).copied().flatten() {
                Some(size) => u64::try_from(size).unwrap_or(0).min(maximum),
                None => default.min(maximum),
            },
        }
    }
}

impl Sum {
    pub(super) fn constant(value: u64) -> Self {
        Self {
            constant: value,
            terms: Vec::new(),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.constant == 0 && self.terms.is_empty()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.constant = self.constant.saturating_add(other.constant);
        self.terms.extend(other.terms);
    }

    /// Stands for this sum, which is a fragment's, by a term that looks its value up.
    fn by_reference(&self, term: Term) -> Self {
        if self.terms.is_empty() {
            self.clone()
        } else {
            Self {
                constant: 0,
                terms: vec![term],
            }
        }
    }

    pub(super) fn times(self, page: Page) -> Self {
        match page {
            Page::Literal(size) if self.terms.is_empty() => {
                Self::constant(self.constant.saturating_mul(size))
            }
            _ if self.is_zero() => self,
            _ => Self {
                constant: 0,
                terms: vec![Term::Times(page, self)],
            },
        }
    }

    pub(super) fn greatest(mut alternatives: Vec<Self>) -> Self {
        if alternatives
            .iter()
            .all(|alternative| alternative.terms.is_empty())
        {
            let greatest = alternatives
                .iter()
                .map(|alternative| alternative.constant)
                .max();
            return Self::constant(greatest.unwrap_or(0));
        }
        match alternatives.len() {
            1 => alternatives.remove(0),
            _ => Self {
                constant: 0,
                terms: vec![Term::Greatest(alternatives)],
            },
        }
    }

    /// The points, in time linear in the document's length.
    pub(super) fn evaluate(&self, environment: &Environment) -> u64 {
        self.terms.iter().fold(self.constant, |sum, term| {
            let fragment = |index: &usize| {
                environment
                    .fragments
                    .get(*index)
                    .copied()
                    .unwrap_or_default()
            };
            sum.saturating_add(match term {
                Term::Times(page, inner) => environment
                    .page(*page)
                    .saturating_mul(inner.evaluate(environment)),
                Term::FragmentBase(index) => fragment(index).0,
                Term::FragmentPerItem(index) => fragment(index).1,
                Term::Greatest(alternatives) => alternatives
                    .iter()
                    .map(|alternative| alternative.evaluate(environment))
                    .max()
                    .unwrap_or(0),
            })
        })
    }
}

/// The cost of a selection set: as such, and how much more for every item of the connection that it selects from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) base: Sum,
    pub(super) per_item: Sum,
}

impl Cost {
    pub(super) fn add(&mut self, other: Self) {
        self.base.add(other.base);
        self.per_item.add(other.per_item);
    }

    /// This cost, which is a fragment's, where the fragment is spread.
    pub(super) fn of_fragment(&self, index: usize) -> Self {
        Self {
            base: self.base.by_reference(Term::FragmentBase(index)),
            per_item: self.per_item.by_reference(Term::FragmentPerItem(index)),
        }
    }

    /// The whole cost when the connection has a page of this size.
    pub(super) fn with_page(self, page: Page) -> Sum {
        let mut sum = self.base;
        sum.add(self.per_item.times(page));
        sum
    }

    pub(super) fn greatest(alternatives: Vec<Self>) -> Self {
        let (base, per_item) = alternatives
            .into_iter()
            .map(|cost| (cost.base, cost.per_item))
            .unzip();
        Self {
            base: Sum::greatest(base),
            per_item: Sum::greatest(per_item),
        }
    }
}

/// The whole number that a request gives a variable, if any.
pub(super) fn whole_number(variables: &Variables, name: &Name) -> Option<i64> {
    match variables.get(name) {
        Some(Value::Number(number)) => number.as_i64().or(Some(i64::MAX)),
        _ => None,
    }
}
