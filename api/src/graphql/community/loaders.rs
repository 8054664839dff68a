//! What is asked of many communities at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use service::community::{Finding, findings_of, history_of};
use service::entity::community;
use service::entity::community::CommunityStage;
use service::error::Result;
use service::evolution::{Kin, kin_of};
use uuid::Uuid;

use super::Community;
use super::stage::StageChange;
use crate::graphql::domain::Domain;
use crate::graphql::loaders::{Question, Source};
use crate::graphql::organization::Organization;

/// A community of which the viewer may see at least what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommunityById(pub Uuid);

impl Question for CommunityById {
    type Answer = Arc<community::Model>;

    const KEPT: bool = true;

    fn kept(source: &Source, key: &Self) -> Option<Option<Self::Answer>> {
        service::community::kept(&source.store, &source.viewer, key.0)
    }

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::community::by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (Self(id), row)).collect())
    }
}

/// The domains of a community, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainsOf(pub Uuid);

impl Question for DomainsOf {
    type Answer = Vec<Domain>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::community::domains_of(&source.store, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(Domain::from).collect()))
            .collect())
    }
}

/// The sponsors of a community, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SponsorsOf(pub Uuid);

impl Question for SponsorsOf {
    type Answer = Vec<Organization>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::community::sponsors_of(&source.store, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(Organization::from).collect()))
            .collect())
    }
}

/// The languages of a community, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LanguagesOf(pub Uuid);

impl Question for LanguagesOf {
    type Answer = Vec<String>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::community::languages_of(&source.store, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (Self(id), rows))
            .collect())
    }
}

/// Whether a community has what a stage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FindingsOf(pub Uuid, pub CommunityStage);

impl Question for FindingsOf {
    type Answer = Vec<Finding>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let now = source.store.clock().now();
        let found = findings_of(source.store.reader(), now, &asked).await?;
        Ok(found
            .into_iter()
            .map(|((id, stage), findings)| (Self(id, stage), findings))
            .collect())
    }
}

/// The steps of a community from stage to stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StageHistoryOf(pub Uuid);

impl Question for StageHistoryOf {
    type Answer = Vec<StageChange>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = history_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(StageChange::from).collect()))
            .collect())
    }
}

/// The communities that are kin to a community or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KinOf(pub Kin, pub Uuid);

impl Question for KinOf {
    type Answer = Vec<Community>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let mut asked: BTreeMap<Kin, Vec<Uuid>> = BTreeMap::new();
        for KinOf(kin, id) in keys {
            asked.entry(kin).or_default().push(id);
        }
        let mut answers = HashMap::new();
        for (kin, ids) in asked {
            let found = kin_of(&source.store, &source.viewer, kin, &ids).await?;
            answers.extend(found.into_iter().map(|(id, rows)| {
                let communities = rows.into_iter().map(Community::from);
                (Self(kin, id), communities.collect())
            }));
        }
        Ok(answers)
    }
}
