//! Where the slugs lead that queries name and that domains and communities had before: what is merged or gets another
//! slug goes on being found by the old one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ::search::{Redirects, Slugs};
use entity::{community, domain};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::domain::Owner;
use crate::error::Result;
use crate::policy::audience;
use crate::store::Store;
use crate::viewer::Viewer;

/// So many slugs are looked up at once.
const CHUNK: usize = 1_000;

/// The former slugs that some queries name, and what they lead to.
#[derive(Debug, Default)]
pub(crate) struct FormerSlugs {
    /// The domains' slugs now.
    domains: HashMap<String, String>,
    communities: HashMap<String, Renamed>,
}

/// A community that has another slug now.
#[derive(Debug)]
struct Renamed {
    slug: String,
    /// Those who may know of it.
    audience: BTreeSet<String>,
}

impl FormerSlugs {
    /// Those that these queries name: two statements for the domains of all, two for the communities, and none where
    /// none are named.
    pub(crate) async fn named_in(store: &Store, queries: &[&str]) -> Result<Self> {
        let (mut domains, mut communities) = (BTreeSet::new(), BTreeSet::new());
        for query in queries {
            let named = Slugs::named_in(query);
            domains.extend(named.domains);
            communities.extend(named.communities);
        }
        let mut found = Self::default();
        let domains: Vec<String> = domains.into_iter().collect();
        for slugs in domains.chunks(CHUNK) {
            found.add_domains(store, slugs).await?;
        }
        let communities: Vec<String> = communities.into_iter().collect();
        for slugs in communities.chunks(CHUNK) {
            found.add_communities(store, slugs).await?;
        }
        Ok(found)
    }

    async fn add_domains(&mut self, store: &Store, slugs: &[String]) -> Result<()> {
        let former = Owner::Domain.formerly(store.reader(), slugs).await?;
        if former.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Uuid, String)> = domain::Entity::find()
            .select_only()
            .columns([domain::Column::Id, domain::Column::Slug])
            .filter(domain::Column::Id.is_in(former.iter().map(|(_, id)| *id)))
            .into_tuple()
            .all(store.reader())
            .await?;
        let now: HashMap<Uuid, String> = rows.into_iter().collect();
        for (slug, id) in former {
            if let Some(now) = now.get(&id) {
                self.domains.insert(slug, now.clone());
            }
        }
        Ok(())
    }

    async fn add_communities(&mut self, store: &Store, slugs: &[String]) -> Result<()> {
        let former = Owner::Community.formerly(store.reader(), slugs).await?;
        if former.is_empty() {
            return Ok(());
        }
        let rows = community::Entity::find()
            .filter(community::Column::Id.is_in(former.iter().map(|(_, id)| *id)))
            .all(store.reader())
            .await?;
        let now: HashMap<Uuid, community::Model> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        for (slug, id) in former {
            if let Some(row) = now.get(&id) {
                let renamed = Renamed {
                    slug: row.slug.clone(),
                    audience: audience::of_community_about(row),
                };
                self.communities.insert(slug, renamed);
            }
        }
        Ok(())
    }

    /// Where the slugs of one of the queries lead for whoever holds these tokens. What a community was called is for
    /// those alone who may know of it.
    pub(crate) fn redirects(&self, query: &str, tokens: &BTreeSet<String>) -> Arc<Redirects> {
        let mut redirects = Redirects::default();
        if self.domains.is_empty() && self.communities.is_empty() {
            return Arc::new(redirects);
        }
        let named = Slugs::named_in(query);
        for slug in named.domains {
            if let Some(now) = self.domains.get(&slug) {
                redirects.domains.insert(slug, now.clone());
            }
        }
        for slug in named.communities {
            if let Some(renamed) = self.communities.get(&slug)
                && !renamed.audience.is_disjoint(tokens)
            {
                redirects.communities.insert(slug, renamed.slug.clone());
            }
        }
        Arc::new(redirects)
    }
}

/// Where the slugs lead that a viewer's query names.
pub(super) async fn redirects(
    store: &Store,
    viewer: &Viewer,
    query: &str,
) -> Result<Arc<Redirects>> {
    let former = FormerSlugs::named_in(store, &[query]).await?;
    Ok(former.redirects(query, &audience::of_viewer(viewer)))
}

#[cfg(test)]
mod tests {
    use entity::community::CommunityVisibility;

    use super::*;
    use crate::community::{UpdateCommunity, update};
    use crate::search::testing::Library;
    use crate::validation::Patch;

    #[tokio::test]
    async fn what_a_community_was_called_is_told_to_nobody_who_may_not_know_of_it() {
        let library = Library::new(CommunityVisibility::Unlisted).await;
        let (store, ada) = (&library.store, &library.ada);
        let paper = library.publish("Paper").await;
        let before = library.community.slug.clone();
        let input = UpdateCommunity {
            slug: Patch::Value("cellar".to_owned()),
            ..UpdateCommunity::default()
        };
        update(store, ada, library.community.id, input)
            .await
            .unwrap();
        library.follow().await;

        let query = format!("kind:resource in:{before}");
        let led = async |viewer: &Viewer| {
            let redirects = redirects(store, viewer, &query).await.unwrap();
            redirects.communities.clone()
        };
        let expected = HashMap::from([(before.clone(), "cellar".to_owned())]);
        assert_eq!(led(ada).await, expected);
        assert_eq!(led(&library.stranger).await, HashMap::new());
        assert_eq!(library.found(ada, &query).await, [paper]);
    }

    #[tokio::test]
    async fn what_is_no_slug_of_before_leads_nowhere() {
        let library = Library::new(CommunityVisibility::Public).await;
        let query = format!(
            "in:{} in:\"no slug\" in:\"\0\" domain:nothing",
            library.community.slug
        );
        let led = redirects(&library.store, &library.ada, &query).await;
        assert_eq!(*led.unwrap(), Redirects::default());
    }
}
