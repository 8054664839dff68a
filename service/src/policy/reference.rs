//! The reading rules for whatever a row names by type and id: what is followed, what a notification is about, what is
//! related to something.

use entity::change::EntityType;
use entity::item::ItemType;
use entity::user::UserStatus;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use uuid::Uuid;

use super::adoption;
use super::boundary_share::readable_by as shares_readable_by;
use super::experience_report;
use super::filter::{
    Reader, communities_readable_by, items_readable_by, memberships_readable_by, of_community,
    of_own_communities, of_whole_communities, readable_items, visible_communities,
};
use super::pilot::{of_items_readable_by, of_readable_items};
use super::value_story::{readable as readable_stories, readable_by as stories_readable_by};
use super::webhook::readable_by as own_webhooks;
use crate::viewer::Viewer;

/// The type and the id of a thing, as two columns of a row name it or as they are.
#[derive(Clone, Debug)]
pub struct Reference {
    entity_type: SimpleExpr,
    id: SimpleExpr,
}

impl Reference {
    /// What two columns of a table name.
    #[must_use]
    pub fn named_by(
        table: &'static str,
        type_column: &'static str,
        id_column: &'static str,
    ) -> Self {
        Self {
            entity_type: Expr::col((table, type_column)),
            id: Expr::col((table, id_column)),
        }
    }

    /// One thing.
    #[must_use]
    pub fn to(entity_type: EntityType, id: Uuid) -> Self {
        Self {
            entity_type: Expr::value(entity_type.as_str()),
            id: Expr::value(id),
        }
    }

    fn is(&self, entity_type: EntityType) -> SimpleExpr {
        self.entity_type.clone().eq(entity_type.as_str())
    }

    /// The row of a table that is meant, under a condition.
    fn row(&self, table: &'static str, condition: Condition) -> SelectStatement {
        Query::select()
            .expr(Expr::value(1))
            .from(table)
            .and_where(Expr::col((table, "id")).eq(self.id.clone()))
            .cond_where(condition)
            .take()
    }

    fn of(&self, entity_type: EntityType, select: SelectStatement) -> Condition {
        Condition::all()
            .add(self.is(entity_type))
            .add(Expr::exists(select))
    }

    /// A select that answers a row where the thing is there and the reader may read it.
    #[must_use]
    pub fn select_readable_by(&self, reader: &Reader) -> SelectStatement {
        Query::select()
            .expr(Expr::value(1))
            .cond_where(self.readable_by(reader))
            .take()
    }

    /// The condition that the thing is there, and that the reader may read it: the whole of a community, not only what
    /// it is about. Things of other types than these are nobody's to follow or to be told of.
    #[must_use]
    pub fn readable_by(&self, reader: &Reader) -> Condition {
        let item_types = ItemType::ALL.iter().map(|item_type| item_type.as_str());
        let mut item = self.row("item", items_readable_by(reader));
        item.and_where(Expr::col(("item", "item_type")).eq(self.entity_type.clone()));
        let mut discussion = Query::select();
        discussion
            .expr(Expr::value(1))
            .from("item")
            .and_where(Expr::col(("item", "id")).equals(("post", "discussion_id")))
            .cond_where(items_readable_by(reader));
        let post = Condition::all().add(Expr::exists(discussion));
        let pilot = of_items_readable_by(reader, "pilot", "subject_id");
        let statement = of_community("defining_statement", communities_readable_by(reader));
        let there = Condition::all;
        let not_erased = Expr::col(("user", "status")).ne(UserStatus::Erased.as_str());
        Condition::any()
            .add(
                Condition::all()
                    .add(self.entity_type.clone().is_in(item_types))
                    .add(Expr::exists(item)),
            )
            .add(self.of(EntityType::Post, self.row("post", post)))
            .add(self.of(EntityType::Pilot, self.row("pilot", pilot)))
            .add(self.of(
                EntityType::ExperienceReport,
                self.row("experience_report", experience_report::readable_by(reader)),
            ))
            .add(self.of(
                EntityType::Adoption,
                self.row("adoption", adoption::readable_by(reader)),
            ))
            .add(self.of(
                EntityType::Community,
                self.row("community", communities_readable_by(reader)),
            ))
            .add(self.of(
                EntityType::Membership,
                self.row("membership", memberships_readable_by(reader)),
            ))
            .add(self.of(
                EntityType::DefiningStatement,
                self.row("defining_statement", there().add(statement)),
            ))
            .add(self.of(
                EntityType::ValueStory,
                self.row("value_story", stories_readable_by(reader)),
            ))
            .add(self.of(
                EntityType::BoundaryShare,
                self.row("boundary_share", shares_readable_by(reader)),
            ))
            .add(self.of(
                EntityType::Webhook,
                self.row("webhook", own_webhooks(reader)),
            ))
            .add(self.of(EntityType::Domain, self.row("domain", there())))
            .add(self.of(EntityType::User, self.row("user", there().add(not_erased))))
    }

    /// The condition that the thing is there, and that the viewer may see it as one end of a relation: of a community
    /// what it is about. There are relations of things of these types only.
    #[must_use]
    pub fn shown_to(&self, viewer: &Viewer) -> Condition {
        let item_types = ItemType::ALL.iter().map(|item_type| item_type.as_str());
        let group_goal = Expr::col(("goal", "membership_id")).is_null();
        let goal = of_whole_communities(viewer, "goal").add(
            Condition::any()
                .add(group_goal)
                .add_option(of_own_communities(viewer, "goal")),
        );
        let pilot = of_readable_items(viewer, "pilot", "subject_id");
        let whole = |table: &'static str| self.row(table, of_whole_communities(viewer, table));
        Condition::any()
            .add(
                Condition::all()
                    .add(self.entity_type.clone().is_in(item_types))
                    .add(Expr::exists(self.row("item", readable_items(viewer)))),
            )
            .add(self.of(
                EntityType::Community,
                self.row("community", visible_communities(viewer)),
            ))
            .add(self.of(EntityType::DefiningStatement, whole("defining_statement")))
            .add(self.of(EntityType::LearningQuestion, whole("learning_question")))
            .add(self.of(EntityType::Goal, self.row("goal", goal)))
            .add(self.of(EntityType::Pilot, self.row("pilot", pilot)))
            .add(self.of(
                EntityType::ValueStory,
                self.row("value_story", readable_stories(viewer)),
            ))
            .add(self.of(
                EntityType::Adoption,
                self.row("adoption", adoption::readable(viewer)),
            ))
    }
}
