use chrono::TimeDelta;
use entity::change::{self, EntityType, Operation};
use entity::community::CommunityVisibility;
use entity::experience_report::Consent::{self, Authors, Members, Public};
use entity::item::ItemVisibility;
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::*;
use crate::auth::Secret;
use crate::deadline::run_due;
use crate::error::{BlockerCode, Error, FaultCode};
use crate::paging::PageRequest;
use crate::pilot::Pilot;
use crate::pilot::testing::{School, code, faults};
use crate::search::{SearchIndex, SearchQuery, search};
use crate::store::Written;
use crate::testing;
use crate::viewer::Viewer;

mod holding;
mod taking_back;
mod telling;

fn input(pilot: &Pilot, consent: Consent, anonymous: bool) -> TellExperience {
    TellExperience {
        about: (EntityType::Pilot, pilot.id),
        text: "The cards helped my pupils.".to_owned(),
        media_url: Some("https://example.org/video".to_owned()),
        rating: Some(4),
        would_reuse: Some(true),
        consent,
        anonymous,
    }
}

impl School {
    async fn told(
        &self,
        viewer: &Viewer,
        pilot: &Pilot,
        consent: Consent,
        anonymous: bool,
    ) -> Written<Told> {
        let input = input(pilot, consent, anonymous);
        tell(&self.store, viewer, input).await.unwrap()
    }

    async fn sees(&self, viewer: &Viewer, report: Uuid) -> bool {
        let found = by_ids(&self.store, viewer, &[report]).await.unwrap();
        found.contains_key(&report)
    }

    async fn listed(&self, viewer: &Viewer, pilot: &Pilot) -> Vec<Uuid> {
        let scope = ReportScope::About(pilot.id);
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let listed = page(&self.store, viewer, scope, &request).await.unwrap();
        let counted = count(&self.store, viewer, scope).await.unwrap();
        assert_eq!(counted, listed.rows.len() as u64);
        listed.rows.into_iter().map(|(_, row)| row.id).collect()
    }

    /// Turns the clock to the next day, and does what is due.
    async fn next_day(&self) {
        self.store.clock().advance(TimeDelta::days(1));
        run_due(&self.store).await.unwrap();
    }

    async fn changes(&self) -> Vec<change::Model> {
        testing::changes(&self.store, EntityType::ExperienceReport).await
    }

    async fn narrowed(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to: Consent,
        secret: Option<&Secret>,
    ) -> Result<ExperienceReport, Error> {
        let written = narrow(&self.store, viewer, id, to, secret.cloned()).await?;
        Ok(written.value)
    }

    async fn found(&self, index: &SearchIndex, viewer: &Viewer) -> Vec<Uuid> {
        let query = SearchQuery {
            query: "\"helped my pupils\"".to_owned(),
            ..SearchQuery::default()
        };
        let found = search(&self.store, index, viewer, query).await.unwrap();
        assert_eq!(found.total, found.hits.len() as u64);
        found.hits.into_iter().map(|hit| hit.id).collect()
    }
}
