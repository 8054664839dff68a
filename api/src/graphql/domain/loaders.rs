//! What is asked of many domains at once.

use std::collections::HashMap;
use std::sync::Arc;

use service::entity::domain;
use service::error::Result;
use uuid::Uuid;

use super::Domain;
use crate::graphql::loaders::{Question, Source};

/// A domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainById(pub Uuid);

impl Question for DomainById {
    type Answer = Arc<domain::Model>;

    const KEPT: bool = true;

    fn kept(source: &Source, key: &Self) -> Option<Option<Self::Answer>> {
        service::domain::kept(&source.store, key.0).map(Some)
    }

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::domain::by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (Self(id), row)).collect())
    }
}

/// The broader domains of a domain, the broadest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub Uuid);

impl Question for AncestorsOf {
    type Answer = Vec<Domain>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::domain::ancestors(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(Domain::from).collect()))
            .collect())
    }
}

/// The domains that are related to a domain, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RelatedTo(pub Uuid);

impl Question for RelatedTo {
    type Answer = Vec<Domain>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::domain::related(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(Domain::from).collect()))
            .collect())
    }
}
