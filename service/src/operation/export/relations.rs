//! What leads from thing to thing, after all of them: value stories, shares, relations.

use entity::change::EntityType;
use entity::item::ItemType;
use entity::{
    boundary_share, collection_entry, community, defining_statement, discussion, link,
    value_reference, value_step, value_story,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Exporter;
use super::pager::Pager;
use super::sight::Rule;
use crate::error::Result;
use crate::item::grouped;
use crate::operation::line::{Fields, REFERENCE, id_text, prefix};

impl Exporter<'_> {
    /// The things of the community that is written, or of all.
    fn in_scope(&self, column: impl ColumnTrait) -> Rule {
        self.community
            .map(|only| Condition::all().add(column.eq(only)))
    }

    /// Value stories; false where the export is to end.
    pub(super) async fn stories(&mut self) -> Result<bool> {
        use value_story::Column;
        let mut pager = Pager::<value_story::Entity>::new(
            &[Column::Id],
            [self.in_scope(Column::CommunityId), self.sight.stories()],
        );
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(true);
            }
            let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let mut referred = self.story_references(&ids).await?;
            let steps = value_step::Entity::find()
                .filter(value_step::Column::StoryId.is_in(ids.iter().copied()))
                .order_by_asc(value_step::Column::Place)
                .all(self.snapshot)
                .await?;
            let mut steps = grouped(steps.into_iter().map(|step| {
                let to = referred.remove(&(step.story_id, step.place));
                let line = json!({
                    "cycle": step.cycle, "text": step.text, "referenceIds": to.unwrap_or_default(),
                });
                (step.story_id, line)
            }));
            let own = prefix(EntityType::ValueStory);
            let mut lines = Vec::with_capacity(rows.len());
            for row in rows {
                let steps = steps.remove(&row.id).unwrap_or_default();
                let mut fields = Fields::new();
                self.encode::<value_story::Entity>(row, own, &mut fields)?;
                fields.insert("steps".into(), steps.into());
                lines.push(fields);
            }
            self.emit(own, lines).await?;
            if !self.step(0).await? {
                return Ok(false);
            }
        }
    }

    /// What the steps of stories point at, in order, by story and step.
    async fn story_references(
        &self,
        ids: &[Uuid],
    ) -> Result<std::collections::HashMap<(Uuid, i32), Vec<Value>>> {
        use value_reference::Column;
        let mut select = value_reference::Entity::find()
            .filter(Column::StoryId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Place);
        let shown = self
            .sight
            .ends("value_reference", "entity_type", "entity_id");
        if let Some(rule) = shown {
            select = select.filter(rule);
        }
        let rows = select.all(self.snapshot).await?;
        Ok(grouped(rows.into_iter().map(|row| {
            let id = id_text(row.entity_type, row.entity_id);
            ((row.story_id, row.step), id)
        })))
    }

    /// What leads from thing to thing; false where the export is to end.
    pub(super) async fn relations(&mut self) -> Result<bool> {
        self.shares().await?;
        self.links().await?;
        self.later_references().await?;
        self.step(0).await
    }

    async fn shares(&mut self) -> Result<()> {
        use boundary_share::Column;
        let sides = self.community.map(|only| {
            Condition::any()
                .add(Column::FromCommunityId.eq(only))
                .add(Column::ToCommunityId.eq(only))
        });
        let mut pager =
            Pager::<boundary_share::Entity>::new(&[Column::Id], [sides, self.sight.shares()]);
        loop {
            let mut rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            // Sharing opens nothing: the items are seen by their own rules.
            let items = rows.iter().map(|row| row.item_id);
            let items = items.chain(rows.iter().filter_map(|row| row.adaptation_id));
            let shown = self.shown_items(items.collect()).await?;
            if let Some(shown) = shown {
                rows.retain(|row| shown.contains(&row.item_id));
                for row in &mut rows {
                    row.adaptation_id = row.adaptation_id.filter(|id| shown.contains(id));
                }
            }
            let own = prefix(EntityType::BoundaryShare);
            let lines = self.encode_all::<boundary_share::Entity>(rows, own)?;
            self.emit(own, lines).await?;
        }
    }

    async fn links(&mut self) -> Result<()> {
        use link::Column;
        let pager = Pager::<link::Entity>::new(
            &[Column::FromId, Column::Relation, Column::ToId],
            [
                self.community.map(from_community),
                self.sight.ends("link", "from_type", "from_id"),
                self.sight.ends("link", "to_type", "to_id"),
            ],
        );
        self.plain(pager, "link").await
    }

    /// References between things of one type are stated again at the end: what they lead to may have come later than what
    /// they start from.
    async fn later_references(&mut self) -> Result<()> {
        let of = EntityType::Community;
        let parents = Some(Condition::all().add(community::Column::ParentId.is_not_null()));
        let mut pager = Pager::<community::Entity>::new(
            &[community::Column::Id],
            [
                parents,
                self.in_scope(community::Column::Id),
                self.sight.communities(),
            ],
        );
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                break;
            }
            let parents = rows.iter().filter_map(|row| row.parent_id).collect();
            let seen = self.seen_communities(parents).await?;
            let stated = rows.iter().filter_map(|row| {
                let parent = row.parent_id.filter(|parent| seen.contains(parent))?;
                Some(reference((of, row.id), "parentId", (of, parent)))
            });
            let lines = stated.collect();
            self.emit(REFERENCE, lines).await?;
        }
        self.later_statements().await?;
        self.later_discussions().await?;
        self.later_entries().await
    }

    async fn later_statements(&mut self) -> Result<()> {
        use defining_statement::Column;
        let of = EntityType::DefiningStatement;
        let related = Condition::any()
            .add(Column::SupersedesId.is_not_null())
            .add(Column::SupersededById.is_not_null());
        let mut pager = Pager::<defining_statement::Entity>::new(
            &[Column::Id],
            [
                Some(related),
                self.in_scope(Column::CommunityId),
                self.sight.of_communities("defining_statement"),
            ],
        );
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let stated = rows.iter().flat_map(|row| {
                [
                    ("supersedesId", row.supersedes_id),
                    ("supersededById", row.superseded_by_id),
                ]
                .into_iter()
                .filter_map(|(field, to)| Some(reference((of, row.id), field, (of, to?))))
            });
            let lines = stated.collect();
            self.emit(REFERENCE, lines).await?;
        }
    }

    async fn later_discussions(&mut self) -> Result<()> {
        use discussion::Column;
        let of = EntityType::Discussion;
        let later = [EntityType::Discussion, EntityType::Collection];
        let about = Condition::all().add(Column::AboutType.is_in(later));
        let mut pager = Pager::<discussion::Entity>::new(
            &[Column::Id],
            [
                Some(about),
                self.in_scope(Column::CommunityId),
                self.sight.of_items("discussion", "id"),
                self.sight.of_items("discussion", "about_id"),
            ],
        );
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let stated = rows.iter().filter_map(|row| {
                let about = row.about_type.zip(row.about_id)?;
                Some(reference((of, row.id), "aboutId", about))
            });
            let lines = stated.collect();
            self.emit(REFERENCE, lines).await?;
        }
    }

    /// Collections within collections.
    async fn later_entries(&mut self) -> Result<()> {
        use collection_entry::Column;
        let of = EntityType::Collection;
        let mut pages = self.pages_of(ItemType::Collection);
        loop {
            let rows = pages.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let ids = rows.iter().map(|row| row.id);
            let mut select = collection_entry::Entity::find()
                .filter(Column::CollectionId.is_in(ids))
                .order_by_asc(Column::CollectionId)
                .order_by_asc(Column::Place);
            if let Some(rule) = self.sight.of_items("collection_entry", "item_id") {
                select = select.filter(rule);
            }
            let mut lines = Vec::new();
            let (mut last, mut place) = (Uuid::nil(), 0);
            for entry in select.all(self.snapshot).await? {
                // As they are counted by who sees them.
                place = if entry.collection_id == last {
                    place + 1
                } else {
                    0
                };
                last = entry.collection_id;
                if entry.item_type == of {
                    let mut fields = reference((of, last), "entries", (of, entry.item_id));
                    fields.insert("place".into(), place.into());
                    fields.insert("note".into(), entry.note.into());
                    lines.push(fields);
                }
            }
            self.emit(REFERENCE, lines).await?;
        }
    }
}

fn reference(from: (EntityType, Uuid), field: &str, to: (EntityType, Uuid)) -> Fields {
    let mut fields = Fields::new();
    fields.insert("fromId".into(), id_text(from.0, from.1));
    fields.insert("field".into(), field.into());
    fields.insert("toId".into(), id_text(to.0, to.1));
    fields
}

/// On `link`: those that start from something of a community, or from the community itself.
fn from_community(only: Uuid) -> Condition {
    const TABLES: [&str; 7] = [
        "item",
        "defining_statement",
        "learning_question",
        "goal",
        "pilot",
        "adoption",
        "value_story",
    ];
    let mut any = Condition::any().add(link::Column::FromId.eq(only));
    for table in TABLES {
        let there = Query::select()
            .expr(Expr::value(1))
            .from(table)
            .and_where(Expr::col((table, "id")).equals(("link", "from_id")))
            .and_where(Expr::col((table, "community_id")).eq(only))
            .take();
        any = any.add(Expr::exists(there));
    }
    any
}
