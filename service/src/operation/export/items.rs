//! Items with their revisions, reviews, ratings, posts and whatever else belongs to each of them.

use std::collections::{HashMap, HashSet};

use entity::change::EntityType;
use entity::item::{self, ItemType};
use entity::{
    activity, adoption, attendance, collection, discussion, experience_report, innovation,
    occurrence, pilot, post, practice, rating, resource, review, revision, support,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Exporter;
use super::pager::Pager;
use crate::error::Result;
use crate::item::{Details, ItemState, complete, entity_type};
use crate::operation::line::{Fields, id_text, prefix, references, to_line};
use crate::policy::discussion::read_hidden;
use crate::policy::item::{ItemFacts, read_drafts};

/// What an item refers to comes before it: practices use resources.
const ORDER: [ItemType; 6] = [
    ItemType::Activity,
    ItemType::Resource,
    ItemType::Practice,
    ItemType::Innovation,
    ItemType::Discussion,
    ItemType::Collection,
];

impl Exporter<'_> {
    fn items_of(&self, of: Option<ItemType>) -> Select<item::Entity> {
        let mut select = item::Entity::find();
        if let Some(of) = of {
            select = select.filter(item::Column::ItemType.eq(of));
        }
        if let Some(only) = self.community {
            select = select.filter(item::Column::CommunityId.eq(only));
        }
        if let Some(rule) = self.sight.items() {
            select = select.filter(rule);
        }
        select
    }

    pub(super) async fn count_items(&self) -> Result<u64> {
        Ok(self.items_of(None).count(self.snapshot).await?)
    }

    pub(super) async fn count_resources(&self) -> Result<u64> {
        let resources = self.items_of(Some(ItemType::Resource));
        Ok(resources.count(self.snapshot).await?)
    }

    /// The pages of the items of a type, oldest first.
    pub(super) fn pages_of(&self, of: ItemType) -> Pager<item::Entity> {
        use item::Column;
        let mut scope = sea_orm::Condition::all().add(Column::ItemType.eq(of));
        if let Some(only) = self.community {
            scope = scope.add(Column::CommunityId.eq(only));
        }
        Pager::new(
            &[Column::CreatedAt, Column::Id],
            [Some(scope), self.sight.items()],
        )
    }

    /// Writes the items; false where the export is to end.
    pub(super) async fn items(&mut self) -> Result<bool> {
        for of in ORDER {
            let mut pager = self.pages_of(of);
            loop {
                let rows = pager.next(self.snapshot).await?;
                if rows.is_empty() {
                    break;
                }
                let order: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
                let homes: Vec<Uuid> = rows.iter().map(|row| row.community_id).collect();
                self.load_homes(homes.iter().copied()).await?;
                let states = complete(self.snapshot, rows).await?;
                let lines = self.item_lines(of, states).await?;
                self.emit(prefix(entity_type(of)), lines).await?;
                self.parts(of, &order, &homes).await?;
                if !self.step(order.len()).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn item_lines(&self, of: ItemType, states: Vec<ItemState>) -> Result<Vec<Fields>> {
        let referred = states.iter().flat_map(|state| state.details.references());
        let shown = self
            .shown_items(referred.map(|(_, id)| id).collect())
            .await?;
        let ids: Vec<Uuid> = states.iter().map(|state| state.item.id).collect();
        let mut named = self.users_named(&ids).await?;
        let mut external = if of == ItemType::Resource {
            self.external_references(&ids).await?
        } else {
            HashMap::new()
        };
        let mut lines = Vec::with_capacity(states.len());
        for state in states {
            let named = named.remove(&state.item.id);
            let references = external.remove(&state.item.id);
            let mut fields = self.item_line(state, shown.as_ref())?;
            if let Some(references) = references {
                fields.insert("externalReferences".into(), references.into());
            }
            fields.extend(named.into_iter().flatten());
            lines.push(fields);
        }
        Ok(lines)
    }

    fn item_line(&self, state: ItemState, shown: Option<&HashSet<Uuid>>) -> Result<Fields> {
        let own = prefix(entity_type(state.item.item_type));
        let ItemState {
            mut item,
            body,
            authors,
            domains,
            tags,
            details,
        } = state;
        if !self.sees_drafts(&item, &authors) {
            item.pending_revision = None;
            item.pending_status = None;
        }
        let member = self.sight.as_member(item.community_id);
        let mut fields = Fields::new();
        self.encode::<item::Entity>(item, own, &mut fields)?;
        self.details(details, own, member, shown, &mut fields)?;
        if let Some(body) = body {
            fields.insert("body".into(), body.into());
        }
        let ids = |of: EntityType, ids: Vec<Uuid>| -> Value {
            ids.into_iter().map(|id| id_text(of, id)).collect()
        };
        fields.insert("authorIds".into(), ids(EntityType::User, authors));
        fields.insert("domainIds".into(), ids(EntityType::Domain, domains));
        fields.insert("tags".into(), tags.into());
        Ok(fields)
    }

    fn sees_drafts(&self, item: &item::Model, authors: &[Uuid]) -> bool {
        let Some(viewer) = self.sight.viewer() else {
            return true;
        };
        self.homes.get(&item.community_id).is_some_and(|community| {
            let facts = ItemFacts {
                community,
                item,
                authors,
            };
            read_drafts(viewer, facts)
        })
    }

    /// What only the type of the item has.
    fn details(
        &self,
        details: Details,
        own: &'static str,
        member: bool,
        shown: Option<&HashSet<Uuid>>,
        fields: &mut Fields,
    ) -> Result<()> {
        let is_shown = |id: &Uuid| shown.is_none_or(|shown| shown.contains(id));
        match details {
            Details::Resource(row) => self.encode::<resource::Entity>(row, own, fields),
            Details::Practice(row, resources) => {
                self.encode::<practice::Entity>(row, own, fields)?;
                let resources = resources.into_iter().filter(is_shown);
                let ids = resources.map(|id| id_text(EntityType::Resource, id));
                fields.insert("resourceIds".into(), ids.collect());
                Ok(())
            }
            Details::Innovation(row) => self.encode::<innovation::Entity>(row, own, fields),
            Details::Activity(mut row) => {
                row.join_url = row.join_url.filter(|_| member);
                self.encode::<activity::Entity>(row, own, fields)
            }
            Details::Discussion(mut row) => {
                row.about_id = row.about_id.filter(is_shown);
                row.about_type = row.about_type.filter(|_| row.about_id.is_some());
                self.encode::<discussion::Entity>(row, own, fields)
            }
            Details::Collection(row, entries) => {
                self.encode::<collection::Entity>(row, own, fields)?;
                let entries = entries.into_iter().filter(|entry| is_shown(&entry.item.1));
                let entries = entries.map(|entry| {
                    let id = id_text(entry.item.0, entry.item.1);
                    json!({ "id": id, "note": entry.note })
                });
                fields.insert("entries".into(), entries.collect());
                Ok(())
            }
        }
    }

    /// Those of some items that are seen; none where all are.
    pub(super) async fn shown_items(&self, ids: Vec<Uuid>) -> Result<Option<HashSet<Uuid>>> {
        let Some(rule) = self.sight.items() else {
            return Ok(None);
        };
        let mut shown = HashSet::new();
        for ids in ids.chunks(1_000) {
            let found: Vec<Uuid> = item::Entity::find()
                .select_only()
                .column(item::Column::Id)
                .filter(item::Column::Id.is_in(ids.iter().copied()))
                .filter(rule.clone())
                .into_tuple()
                .all(self.snapshot)
                .await?;
            shown.extend(found);
        }
        Ok(Some(shown))
    }

    /// What belongs to items of one type.
    async fn parts(&mut self, of: ItemType, ids: &[Uuid], homes: &[Uuid]) -> Result<()> {
        self.revisions(of, ids).await?;
        let reviewed = Pager::<review::Entity>::new(
            &[review::Column::ItemId, review::Column::Id],
            [self.sight.reviews()],
        )
        .of(review::Column::ItemId, ids);
        self.plain(reviewed, prefix(EntityType::Review)).await?;
        // The steps of an innovation are told; those of the others only show in what they are now.
        if of == ItemType::Innovation || self.sight.is_whole() {
            self.transitions(entity_type(of), ids).await?;
        }
        match of {
            ItemType::Resource => {
                let key = [rating::Column::ResourceId, rating::Column::UserId];
                let rated = Pager::<rating::Entity>::new(&key, []).of(key[0], ids);
                self.plain(rated, "rating").await?;
                self.evidence(ids).await
            }
            ItemType::Practice => self.evidence(ids).await,
            ItemType::Innovation => {
                // Who supports it is counted, and shown to nobody.
                if self.sight.is_whole() {
                    let key = [support::Column::InnovationId, support::Column::UserId];
                    let supported = Pager::<support::Entity>::new(&key, []).of(key[0], ids);
                    self.plain(supported, "support").await?;
                }
                self.evidence(ids).await
            }
            ItemType::Activity => self.occurrences(ids, homes).await,
            ItemType::Discussion => self.posts(ids).await,
            ItemType::Collection => Ok(()),
        }
    }

    async fn revisions(&mut self, of: ItemType, ids: &[Uuid]) -> Result<()> {
        use revision::Column;
        let mut pager = Pager::<revision::Entity>::new(
            &[Column::ItemId, Column::Number],
            [self.sight.revisions()],
        )
        .of(Column::ItemId, ids);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let referred = rows.iter().flat_map(|row| references(&row.content));
            let shown = self.shown_items(referred.collect()).await?;
            let mut lines = Vec::with_capacity(rows.len());
            for mut row in rows {
                let item = id_text(entity_type(of), row.item_id);
                let content = to_line(std::mem::take(&mut row.content), shown.as_ref());
                let mut fields = Fields::new();
                self.encode::<revision::Entity>(row, "revision", &mut fields)?;
                fields.insert("itemId".into(), item);
                fields.insert("content".into(), content);
                lines.push(fields);
            }
            self.emit("revision", lines).await?;
        }
    }

    async fn occurrences(&mut self, ids: &[Uuid], homes: &[Uuid]) -> Result<()> {
        use occurrence::Column;
        let key = [Column::ActivityId, Column::RecurrenceId];
        let pager = Pager::<occurrence::Entity>::new(&key, []).of(key[0], ids);
        self.plain(pager, "occurrence").await?;
        let told: Vec<Uuid> = ids
            .iter()
            .zip(homes)
            .filter(|(_, home)| self.sight.as_member(**home))
            .map(|(id, _)| *id)
            .collect();
        let key = [
            attendance::Column::ActivityId,
            attendance::Column::RecurrenceId,
            attendance::Column::UserId,
        ];
        let pager = Pager::<attendance::Entity>::new(&key, []).of(key[0], &told);
        self.plain(pager, "attendance").await
    }

    async fn posts(&mut self, ids: &[Uuid]) -> Result<()> {
        use post::Column;
        let mut pager =
            Pager::<post::Entity>::new(&[Column::DiscussionId, Column::Path, Column::Id], [])
                .of(Column::DiscussionId, ids);
        loop {
            let mut rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut concealed = HashSet::new();
            if let Some(viewer) = self.sight.viewer() {
                for row in rows.iter_mut().filter(|row| row.hidden) {
                    row.hidden_by = None;
                    if !read_hidden(viewer, row.community_id, row.author_id) {
                        row.hidden_reason = None;
                        concealed.insert(row.id);
                    }
                }
            }
            let mut lines = Vec::with_capacity(rows.len());
            for row in rows {
                let concealed = concealed.contains(&row.id);
                let mut fields = Fields::new();
                self.encode::<post::Entity>(row, prefix(EntityType::Post), &mut fields)?;
                if concealed {
                    fields.remove("body");
                }
                lines.push(fields);
            }
            self.emit(prefix(EntityType::Post), lines).await?;
        }
    }

    /// Pilots, adoptions, and what was told of them.
    async fn evidence(&mut self, ids: &[Uuid]) -> Result<()> {
        let mut pager =
            Pager::<pilot::Entity>::new(&[pilot::Column::SubjectId, pilot::Column::Id], [])
                .of(pilot::Column::SubjectId, ids);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                break;
            }
            let pilots: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let own = prefix(EntityType::Pilot);
            let lines = self.encode_all::<pilot::Entity>(rows, own)?;
            self.emit(own, lines).await?;
            self.transitions(EntityType::Pilot, &pilots).await?;
        }
        let adopted = Pager::<adoption::Entity>::new(
            &[adoption::Column::SubjectId, adoption::Column::Id],
            [self.sight.adoptions()],
        )
        .of(adoption::Column::SubjectId, ids);
        self.plain(adopted, prefix(EntityType::Adoption)).await?;
        let told = Pager::<experience_report::Entity>::new(
            &[
                experience_report::Column::SubjectId,
                experience_report::Column::Id,
            ],
            [self.sight.reports()],
        )
        .of(experience_report::Column::SubjectId, ids);
        self.plain(told, prefix(EntityType::ExperienceReport)).await
    }
}
