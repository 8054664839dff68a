//! What a query asks for without text, and what it excludes.

use tantivy::query::{Occur, Query};

use super::parts::Clauses;
use crate::index::Snapshot;
use crate::query::ast::{Ast, Atom};
use crate::query::maker::{Maker, filter_atom, union};
use crate::schema::Fields;

/// A query that was read, and the index that it is asked of.
pub(super) struct Filters<'a> {
    pub(super) fields: &'a Fields,
    pub(super) snapshot: &'a Snapshot,
    pub(super) text: &'a str,
    pub(super) ast: &'a Ast,
}

impl Filters<'_> {
    /// Exclusions, and what is decided without text. Of fields that have one value, several values are alternatives.
    pub(super) fn clauses(&self) -> Clauses {
        let mut clauses: Clauses = Vec::new();
        let mut one_of: [Vec<Box<dyn Query>>; 3] = Default::default();
        for clause in &self.ast.clauses {
            let queries = || {
                clause
                    .alternatives
                    .iter()
                    .map(|atom| self.atom_of_any_analysis(atom))
            };
            if clause.excluded {
                clauses.extend(queries().map(|query| (Occur::MustNot, query)));
                continue;
            }
            match clause.alternatives.as_slice() {
                [Atom::Kind(_)] => one_of[0].extend(queries()),
                [Atom::In(_)] => one_of[1].extend(queries()),
                [Atom::Language(_)] => one_of[2].extend(queries()),
                atoms if atoms.iter().any(Atom::is_text) => {}
                _ => clauses.push((Occur::Must, union(queries().collect()))),
            }
        }
        clauses.extend(
            one_of
                .into_iter()
                .filter(|values| !values.is_empty())
                .map(|values| (Occur::Must, union(values))),
        );
        clauses
    }

    fn atom_of_any_analysis(&self, atom: &Atom) -> Box<dyn Query> {
        if !atom.is_text() {
            return filter_atom(self.fields, atom);
        }
        let makers = self
            .snapshot
            .analyses
            .iter()
            .map(|analysis| Maker::new(self.fields, *analysis));
        union(makers.map(|maker| maker.atom(self.text, atom)).collect())
    }
}
