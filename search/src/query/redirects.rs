//! Slugs that a query names, and where those lead that something had before.

use std::collections::{BTreeSet, HashMap};

use super::ast::{Ast, Atom};
use super::parse;

/// The slugs that a query names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slugs {
    /// By `domain:`.
    pub domains: BTreeSet<String>,
    /// By `in:`.
    pub communities: BTreeSet<String>,
}

impl Slugs {
    /// Those of a query, folded as documents are compared with them; some dozens at most.
    #[must_use]
    pub fn named_in(query: &str) -> Self {
        let mut slugs = Self::default();
        let clauses = parse(query).clauses.into_iter();
        for atom in clauses.flat_map(|clause| clause.alternatives) {
            match atom {
                Atom::Domain(slug) => {
                    slugs.domains.insert(slug);
                }
                Atom::In(named) => slugs.communities.extend(named),
                _ => {}
            }
        }
        slugs
    }
}

/// The slugs that things have now, by one that they had before. Documents have the new ones, or still the old ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redirects {
    /// Of domains.
    pub domains: HashMap<String, String>,
    /// Of communities.
    pub communities: HashMap<String, String>,
}

impl Redirects {
    /// Adds to each slug that a query names the one that it leads to.
    pub(super) fn follow(&self, ast: &mut Ast) {
        for clause in &mut ast.clauses {
            let mut others = Vec::new();
            for atom in &mut clause.alternatives {
                match atom {
                    Atom::Domain(slug) => {
                        others.extend(self.domains.get(slug).cloned().map(Atom::Domain));
                    }
                    // One atom still: several of them are alternatives, however many slugs each has.
                    Atom::In(slugs) => {
                        let named = slugs.iter();
                        let found: Vec<String> = named
                            .filter_map(|slug| self.communities.get(slug).cloned())
                            .collect();
                        slugs.extend(found);
                    }
                    _ => {}
                }
            }
            clause.alternatives.extend(others);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_found_wherever_they_stand() {
        let slugs = Slugs::named_in("maths domain:Algebra -in:shelf word OR in:\"cellar\" domain:");
        assert_eq!(slugs.domains, BTreeSet::from(["algebra".to_owned()]));
        let communities = ["cellar", "shelf"].map(str::to_owned);
        assert_eq!(slugs.communities, BTreeSet::from(communities));
        assert_eq!(Slugs::named_in("domain in shelf"), Slugs::default());
    }
}
