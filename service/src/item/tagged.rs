//! Pages of the items that carry one of some tags, in the order of their last change. An index has the items of each tag
//! in that order, so that a page costs the same however many carry the tag.

#[cfg(test)]
mod tests;

use entity::item::{self, ItemType};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, SelectTwo,
};
use uuid::Uuid;

use super::queries::select_by_id;
use super::{ItemFilter, ItemKind, List, ListScope, TimeRange};
use crate::error::Result;
use crate::paging::{Keyset, Window};
use crate::policy::filter::readable_items;
use crate::viewer::Viewer;

/// Most stretches of the index that one page is read from: each is an arm of the statement, with all its conditions.
const MOST: usize = 8;

/// What stands together in the index: the items of a tag, of one community or of all.
type Stretch<'a> = (&'a str, Option<Uuid>);

/// A list of items that carry one of some tags.
pub(super) struct Tagged {
    tags: Vec<String>,
    /// Each apart; none for all together.
    communities: Vec<Option<Uuid>>,
    updated_at: TimeRange,
    /// What else is asked of the items.
    rest: ItemFilter,
    keyset: Keyset,
}

impl Tagged {
    /// The list, if it asks for few tags and has the order of the index.
    pub(super) fn of(list: &List<'_>) -> Option<Self> {
        let List {
            filter,
            scope,
            keyset,
        } = *list;
        let in_order = keyset.table == "item" && keyset.column == Some("updated_at");
        // As given, so that a list that is too long is refused with the rest of the filter.
        if !in_order || filter.tags.len() > MOST {
            return None;
        }
        let tags: Vec<String> = filter.tag_keys().into_iter().collect();
        if tags.is_empty() {
            return None;
        }
        let mut rest = ItemFilter {
            tags: Vec::new(),
            updated_at: TimeRange::default(),
            ..filter.clone()
        };
        let mut named = filter.community_ids.clone();
        named.sort_unstable();
        named.dedup();
        let communities = match scope {
            ListScope::Community(id) => vec![Some(id)],
            ListScope::Everything if named.is_empty() || named.len() * tags.len() > MOST => {
                vec![None]
            }
            ListScope::Everything => {
                rest.community_ids.clear();
                named.into_iter().map(Some).collect()
            }
            ListScope::UsedBy(_) => return None,
        };
        Some(Self {
            tags,
            communities,
            updated_at: filter.updated_at,
            rest,
            keyset,
        })
    }

    /// The rows of a page, of those that the viewer may read.
    pub(super) fn select<K: ItemKind>(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<SelectTwo<item::Entity, K>> {
        let rest = self.rest.condition(K::ITEM_TYPE)?;
        let stretches = self.stretches();
        if let [stretch] = stretches.as_slice() {
            let mut select = select_by_id::<K>(readable_items(viewer), rest);
            let query = QueryTrait::query(&mut select);
            self.walk(query, K::ITEM_TYPE, *stretch, window);
            return Ok(select);
        }
        // The first of each stretch hold the first of all; an item with several of the tags is in each of theirs.
        let mut arms = stretches.into_iter().map(|stretch| {
            let mut first = item::Entity::find()
                .join(JoinType::InnerJoin, K::relation())
                .select_only()
                .column(item::Column::Id)
                .filter(readable_items(viewer))
                .filter(rest.clone());
            self.walk(QueryTrait::query(&mut first), K::ITEM_TYPE, stretch, window);
            Query::select()
                .column(("first", "id"))
                .from_subquery(first.into_query(), "first")
                .take()
        });
        let mut firsts = arms.next().unwrap_or_default();
        for arm in arms {
            firsts.union(UnionType::All, arm);
        }
        let ids = Condition::all().add(item::Column::Id.in_subquery(firsts));
        let mut select = select_by_id::<K>(Condition::all(), ids);
        window.apply(QueryTrait::query(&mut select), &self.keyset);
        Ok(select)
    }

    fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut stretches = Vec::with_capacity(self.tags.len() * self.communities.len());
        for tag in &self.tags {
            stretches.extend(self.communities.iter().map(|id| (tag.as_str(), *id)));
        }
        stretches
    }

    /// Restricts a select of items to a stretch of the index, and orders it as that is.
    fn walk(
        &self,
        query: &mut SelectStatement,
        item_type: ItemType,
        (tag, community): Stretch<'_>,
        window: &Window,
    ) {
        let column = |name: &'static str| Expr::col(("item_tag", name));
        query
            .inner_join("item_tag", column("item_id").equals(("item", "id")))
            .and_where(column("tag_key").eq(tag))
            .and_where(column("item_type").eq(item_type.as_str()));
        if let Some(community) = community {
            query.and_where(column("community_id").eq(community));
        }
        if let Some(from) = self.updated_at.from {
            query.and_where(column("updated_at").gte(from));
        }
        if let Some(to) = self.updated_at.to {
            query.and_where(column("updated_at").lt(to));
        }
        let keyset = Keyset {
            table: "item_tag",
            id_column: "item_id",
            ..self.keyset
        };
        window.apply(query, &keyset);
    }
}
