//! What an export holds: everything, for the operator, or what somebody may see, as conditions of its statements.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::item::readable_revisions;
use crate::policy::filter::{
    of_own_communities, of_whole_communities, readable_items, readable_memberships,
    whole_communities,
};
use crate::policy::reference::Reference;
use crate::policy::{adoption, boundary_share, community, experience_report, pilot, value_story};
use crate::viewer::Viewer;

/// What an export holds.
#[derive(Clone, Debug)]
pub enum Sight {
    /// Everything: for the operator, who has the database itself.
    Whole,
    /// What the viewer may see.
    Of(Viewer),
}

/// A condition; none where everything meets it.
pub(super) type Rule = Option<Condition>;

impl Sight {
    /// Whether everything is seen.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    /// Who sees it; none where everything is seen.
    pub(super) fn viewer(&self) -> Option<&Viewer> {
        match self {
            Self::Whole => None,
            Self::Of(viewer) => Some(viewer),
        }
    }

    fn rule(&self, condition: impl FnOnce(&Viewer) -> Condition) -> Rule {
        self.viewer().map(condition)
    }

    /// Whether what only active members of a community see is seen.
    pub(super) fn as_member(&self, of: Uuid) -> bool {
        self.viewer()
            .is_none_or(|viewer| community::read_as_member(viewer, of))
    }

    /// On `community`: those that are seen whole. Of others there is no more than what they are about.
    pub(super) fn communities(&self) -> Rule {
        self.rule(whole_communities)
    }

    pub(super) fn memberships(&self) -> Rule {
        self.rule(readable_memberships)
    }

    /// On a table of what belongs to a community as a whole.
    pub(super) fn of_communities(&self, table: &'static str) -> Rule {
        self.rule(|viewer| of_whole_communities(viewer, table))
    }

    pub(super) fn goals(&self) -> Rule {
        self.rule(|viewer| {
            let group = Expr::col(("goal", "membership_id")).is_null();
            of_whole_communities(viewer, "goal").add(
                Condition::any()
                    .add(group)
                    .add_option(of_own_communities(viewer, "goal")),
            )
        })
    }

    pub(super) fn items(&self) -> Rule {
        self.rule(readable_items)
    }

    pub(super) fn revisions(&self) -> Rule {
        self.rule(readable_revisions)
    }

    pub(super) fn reviews(&self) -> Rule {
        self.rule(|viewer| {
            let revision = Query::select()
                .expr(Expr::value(1))
                .from("revision")
                .and_where(Expr::col(("revision", "id")).equals(("review", "revision_id")))
                .cond_where(readable_revisions(viewer))
                .take();
            Condition::all().add(Expr::exists(revision))
        })
    }

    /// On a table whose column names an item.
    pub(super) fn of_items(&self, table: &'static str, column: &'static str) -> Rule {
        self.rule(|viewer| pilot::of_readable_items(viewer, table, column))
    }

    pub(super) fn adoptions(&self) -> Rule {
        self.rule(adoption::readable)
    }

    pub(super) fn reports(&self) -> Rule {
        self.rule(experience_report::readable)
    }

    pub(super) fn stories(&self) -> Rule {
        self.rule(value_story::readable)
    }

    pub(super) fn shares(&self) -> Rule {
        self.rule(boundary_share::readable)
    }

    /// On a table whose columns name a thing as one end of a relation.
    pub(super) fn ends(
        &self,
        table: &'static str,
        type_column: &'static str,
        id_column: &'static str,
    ) -> Rule {
        self.rule(|viewer| {
            let end = Reference::named_by(table, type_column, id_column);
            end.shown_to(viewer)
        })
    }
}
