//! Resources by their numbers, written and kept for the floor.

use anyhow::{Context, anyhow};
use futures_util::FutureExt;
use service::entity::item::ItemVisibility;
use service::entity::resource::ResourceKind;
use service::item::{Details, ItemContent, ItemState};
use service::resource::{self, CreateResource, ResourceContent};
use service::store::Store;
use service::validation::Patch;
use uuid::Uuid;

use super::Seed;
use crate::dump::{DumpedResource, Named, global_id};
use crate::numbers::Numbers;

impl Seed<'_> {
    /// The inputs of some resources, by their numbers.
    pub(crate) fn inputs(&self, numbers: std::ops::Range<usize>) -> Vec<CreateResource> {
        numbers.filter_map(|number| self.input(number)).collect()
    }

    fn input(&self, number: usize) -> Option<CreateResource> {
        let text = self.corpus.text(number);
        let mut numbers = Numbers::new(number as u64 + 7_777_777);
        let place = self.places.get(numbers.ranked(self.places.len()))?;
        let mut authors = vec![*numbers.pick(&place.members)?];
        if numbers.percent(30) {
            authors.extend(
                numbers
                    .pick(&place.members)
                    .filter(|other| **other != authors[0]),
            );
        }
        let mut domains: Vec<Uuid> = Vec::new();
        for _ in 0..=numbers.below(2) {
            let domain = *self.domains.get(numbers.ranked(self.domains.len()))?;
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        let visibility = match numbers.below(100) {
            0..92 => ItemVisibility::Community,
            92..97 => ItemVisibility::Members,
            97..99 => ItemVisibility::Stewards,
            _ => ItemVisibility::Authors,
        };
        Some(CreateResource {
            community_id: place.id,
            content: ItemContent {
                title: Patch::Value(text.title),
                body: Patch::Value(text.body),
                licence: Patch::Value(text.licence.to_owned()),
                language: Patch::Value(text.language.to_owned()),
                author_ids: Patch::Value(authors),
                tags: Patch::Value(text.tags),
                domain_ids: Patch::Value(domains),
                visibility: Patch::Value(visibility),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: ResourceKind::parse(text.kind).map_or(Patch::Absent, Patch::Value),
                description: text.description.map_or(Patch::Absent, Patch::Value),
                ..ResourceContent::default()
            },
            publish: numbers.percent(97),
        })
    }

    /// Writes resources in one unit of work. A refusal is an error: what is measured must be written.
    pub(crate) async fn write(
        &mut self,
        store: &Store,
        inputs: Vec<CreateResource>,
    ) -> anyhow::Result<Vec<ItemState>> {
        let importer = self.importer.clone();
        let written = store
            .write(importer.user_id(), move |unit| {
                async move { resource::create_many(unit, &importer, inputs).await }.boxed()
            })
            .await?;
        self.world.position = written.position;
        self.world.resources += written.value.len();
        let refused = |error| anyhow!("a resource was refused: {error:?}");
        written
            .value
            .into_iter()
            .map(|made| made.map_err(refused))
            .collect()
    }

    /// What the floor needs of a resource.
    pub(crate) fn dumped(&self, state: ItemState) -> anyhow::Result<DumpedResource> {
        let named =
            |list: &[(Uuid, Named)], id: &Uuid| list.iter().position(|entry| entry.0 == *id);
        let places = |list: &[(Uuid, Named)], ids: &[Uuid]| -> Option<Vec<usize>> {
            ids.iter().map(|id| named(list, id)).collect()
        };
        let description = match state.details {
            Details::Resource(row) => row.description,
            _ => None,
        };
        let item = state.item;
        let community = self
            .places
            .iter()
            .position(|place| place.id == item.community_id);
        Ok(DumpedResource {
            row: item.id,
            id: global_id("resource", item.id)?,
            title: item.title,
            description,
            body: state.body.unwrap_or_default(),
            kind: item.kind.unwrap_or_default(),
            licence: item.licence,
            language: item.language,
            tags: state.tags,
            revision: item.revision,
            visibility: item.visibility,
            published: item.published,
            created_at: item.created_at,
            updated_at: item.updated_at,
            community: community.context("its community is known")?,
            domains: places(&self.world.domains, &state.domains)
                .context("its domains are known")?,
            authors: places(&self.world.users, &state.authors).context("its authors are known")?,
        })
    }
}
