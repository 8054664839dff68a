//! The reading rules for whatever a row names by type and id: what is followed, what a notification is about.

use entity::change::EntityType;
use entity::item::ItemType;
use entity::user::UserStatus;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use uuid::Uuid;

use super::filter::{
    Reader, communities_readable_by, items_readable_by, memberships_readable_by, of_community,
};

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
            .add(self.of(EntityType::Domain, self.row("domain", there())))
            .add(self.of(EntityType::User, self.row("user", there().add(not_erased))))
    }
}
