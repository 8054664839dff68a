//! What the content says of how its resources belong together: the parts of a series, as a collection in their order, and
//! what says in another language what another resource says.

use std::collections::{BTreeMap, HashMap};

use entity::item::{self, ItemType, ItemVisibility};
use entity::link::LinkRelation;
use futures_util::future::try_join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::content::ResourceLine;
use super::items::{Ids, Input, NewItem};
use super::people::{People, STEWARD};
use crate::collection::{CollectionContent, CreateCollection, NewEntry};
use crate::error::{Error, Result};
use crate::item::ItemContent;
use crate::link::{ItemLink, link_items};
use crate::store::Store;
use crate::validation::Patch;

/// How many relations are stated side by side.
const AT_ONCE: usize = 50;

/// A part of a series.
#[derive(Clone, Debug)]
struct Part {
    /// Its place: the position that the source gives, or the number that its title begins with.
    place: i64,
    title: String,
}

/// A series of resources.
#[derive(Clone, Debug)]
struct Series {
    title: String,
    community: String,
    domains: Vec<String>,
    language: String,
    licence: String,
    attribution: String,
    parts: Vec<Part>,
}

/// What the resources of the content have to do with each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Together {
    series: Vec<Series>,
    /// The resources by the name that the content has for them: the community's slug, and the title.
    named: HashMap<String, (String, String)>,
    relations: Vec<(String, LinkRelation, String)>,
}

impl Together {
    pub(super) fn of(lines: &[ResourceLine]) -> Self {
        let mut together = Self::default();
        let mut series: BTreeMap<(&str, &str), Series> = BTreeMap::new();
        for line in lines {
            let item = &line.item;
            let name = (item.community.clone(), item.title.clone());
            together.named.insert(item.external_id.clone(), name);
            for relation in &line.relations {
                let (from, to) = (item.external_id.clone(), relation.target.clone());
                together.relations.push((from, relation.relation, to));
            }
            let Some(title) = line.series.as_deref() else {
                continue;
            };
            let known = series.entry((&item.community, title));
            let known = known.or_insert_with(|| Series {
                title: title.to_owned(),
                community: item.community.clone(),
                domains: item.domains.clone(),
                language: item.language.clone(),
                licence: item.licence.clone(),
                attribution: item.attribution.clone(),
                parts: Vec::new(),
            });
            known.parts.push(Part {
                place: line.position.map_or_else(|| number(&item.title), i64::from),
                title: item.title.clone(),
            });
        }
        together.series = series
            .into_values()
            .filter(|series| series.parts.len() > 1)
            .collect();
        for series in &mut together.series {
            series.parts.sort_by_key(|part| part.place);
        }
        together
    }

    /// How many collections and relations it makes.
    pub(super) fn len(&self) -> usize {
        self.series.len() + self.relations.len()
    }

    /// The collections, once the resources are there.
    pub(super) async fn collections(&self, store: &Store, ids: &Ids) -> Result<Vec<NewItem>> {
        let resources = resources(store).await?;
        self.series
            .iter()
            .map(|series| series.collection(&resources, ids))
            .collect()
    }

    /// States the relations, once the resources are there.
    pub(super) async fn relate(&self, store: &Store, people: &People, ids: &Ids) -> Result<()> {
        let resources = resources(store).await?;
        let resource = |name: &str| {
            let (community, title) = self.named.get(name).ok_or_else(|| absent(name))?;
            let key = (ids.community(community)?, title.clone());
            resources.get(&key).copied().ok_or_else(|| absent(name))
        };
        let viewer = people.get(STEWARD)?;
        for relations in self.relations.chunks(AT_ONCE) {
            // Writes that wait together share a commit.
            let mut stating = Vec::with_capacity(relations.len());
            for (from, relation, to) in relations {
                let link = ItemLink {
                    from: resource(from)?,
                    relation: *relation,
                    to: resource(to)?,
                };
                stating.push(link_items(store, viewer, link));
            }
            try_join_all(stating).await?;
        }
        Ok(())
    }

    /// How many relations it states.
    pub(super) fn relation_count(&self) -> usize {
        self.relations.len()
    }
}

impl Series {
    fn collection(&self, resources: &HashMap<Key, Uuid>, ids: &Ids) -> Result<NewItem> {
        let community_id = ids.community(&self.community)?;
        let entry = |part: &Part| {
            let key = (community_id, part.title.clone());
            let id = *resources.get(&key).ok_or_else(|| absent(&part.title))?;
            Ok(NewEntry { id, note: None })
        };
        let domains: Vec<&str> = self.domains.iter().map(String::as_str).collect();
        let description = if self.language == "fr" {
            "Les parties, dans l’ordre de leur source."
        } else {
            "The parts, in the order of their source."
        };
        Ok(NewItem {
            author: STEWARD,
            title: self.title.clone(),
            community_id,
            input: Input::Collection(CreateCollection {
                community_id,
                content: ItemContent {
                    title: Patch::Value(self.title.clone()),
                    licence: Patch::Value(self.licence.clone()),
                    attribution: Patch::Value(self.attribution.clone()),
                    language: Patch::Value(self.language.clone()),
                    domain_ids: Patch::Value(ids.domains(&domains)?),
                    ..ItemContent::default()
                },
                collection: CollectionContent {
                    description: Patch::Value(description.to_owned()),
                    entries: Some(self.parts.iter().map(entry).collect::<Result<_>>()?),
                    ..CollectionContent::default()
                },
                publish: false,
            }),
            publish: true,
            visibility: ItemVisibility::Community,
            advance: None,
        })
    }
}

type Key = (Uuid, String);

/// The resources by community and title.
async fn resources(store: &Store) -> Result<HashMap<Key, Uuid>> {
    let rows = item::Entity::find()
        .select_only()
        .columns([
            item::Column::CommunityId,
            item::Column::Title,
            item::Column::Id,
        ])
        .filter(item::Column::ItemType.eq(ItemType::Resource))
        .into_tuple::<(Uuid, String, Uuid)>()
        .all(store.reader())
        .await?;
    let keyed = rows
        .into_iter()
        .map(|(community, title, id)| ((community, title), id));
    Ok(keyed.collect())
}

/// The number that a title begins with; 0 without one, which keeps the order of the content.
fn number(title: &str) -> i64 {
    let end = title
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(title.len());
    title
        .get(..end)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn absent(name: &str) -> Error {
    Error::internal(format!("the demonstration has no resource {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::content;

    #[test]
    fn series_and_translations_are_what_the_content_says() {
        let together = Together::of(&content::resources().unwrap());
        assert_eq!(together.series.len(), 20, "one of the 21 has a single part");
        assert_eq!(together.relations.len(), 35);
        let playbook = together
            .series
            .iter()
            .find(|series| series.title == "Digital playbook")
            .unwrap();
        let places: Vec<i64> = playbook.parts.iter().map(|part| part.place).collect();
        // What says what the whole is has no number, and comes first.
        assert_eq!(places, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]);
        for (from, _, to) in &together.relations {
            assert!(together.named.contains_key(from) && together.named.contains_key(to));
        }
    }
}
