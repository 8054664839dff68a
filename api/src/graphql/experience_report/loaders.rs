//! What is asked of many reports at once.

use std::collections::HashMap;

use service::error::Result;
use service::experience_report::by_ids;
use uuid::Uuid;

use super::ExperienceReport;
use crate::graphql::loaders::{Question, Source};

/// A report that the viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReportById(pub Uuid);

impl Question for ReportById {
    type Answer = ExperienceReport;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
