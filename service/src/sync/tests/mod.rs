mod conflicts;
mod outcomes;
mod publication;
mod rights;
mod runs;

use entity::community::{self, CommunityVisibility};
use entity::item::PublicationStatus;
use entity::resource::ResourceKind;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use super::*;
use crate::external_reference::{ExternalReference, of_resources};
use crate::item::{self, ItemState, load_many};
use crate::pilot::testing::School;
use crate::resource::UpdateResource;
use crate::viewer::Viewer;

/// A resource as the other system has it.
fn item(external_id: &str, title: &str) -> SyncItem {
    SyncItem {
        external_id: external_id.to_owned(),
        publish: true,
        content: ItemContent {
            title: Patch::Value(title.to_owned()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        ..SyncItem::default()
    }
}

/// So many of them, from a number on.
fn items(numbers: std::ops::Range<usize>) -> Vec<SyncItem> {
    numbers
        .map(|number| item(&format!("id-{number:04}"), &format!("Lesson {number}")))
        .collect()
}

/// A school that is synchronized with an LMS.
struct Synced {
    school: School,
}

impl Synced {
    async fn new() -> Self {
        let school = School::new(CommunityVisibility::Public).await;
        Self { school }
    }

    /// The same where what is published is asked for more.
    async fn of(change: impl FnOnce(&mut community::ActiveModel)) -> Self {
        let mut school = School::new(CommunityVisibility::Public).await;
        let mut row = school.community.clone().into_active_model();
        change(&mut row);
        let row = row.update(school.store.migration_connection()).await;
        school.community = row.unwrap();
        Self { school }
    }

    fn call(&self, items: Vec<SyncItem>) -> SyncResources {
        SyncResources {
            community_id: self.school.community.id,
            system: "moodle".to_owned(),
            items,
            ..SyncResources::default()
        }
    }

    async fn try_call(&self, viewer: &Viewer, call: SyncResources) -> Result<Written<SyncReport>> {
        sync_resources(&self.school.store, viewer, call).await
    }

    /// What became of each item, as a steward lists them.
    async fn results(&self, items: Vec<SyncItem>) -> Vec<SyncResult> {
        self.results_as(&self.school.steward, items).await
    }

    async fn results_as(&self, viewer: &Viewer, items: Vec<SyncItem>) -> Vec<SyncResult> {
        let written = self.try_call(viewer, self.call(items)).await.unwrap();
        written.value.results
    }

    async fn outcomes(&self, items: Vec<SyncItem>) -> Vec<SyncOutcome> {
        let results = self.results(items).await;
        results.iter().map(|result| result.outcome).collect()
    }

    /// What became of one item.
    async fn one(&self, item: SyncItem) -> SyncResult {
        self.results(vec![item]).await.remove(0)
    }

    async fn in_run(&self, run: &str, items: Vec<SyncItem>) -> Written<SyncReport> {
        let call = SyncResources {
            run: Some(run.to_owned()),
            ..self.call(items)
        };
        self.try_call(&self.school.steward, call).await.unwrap()
    }

    fn end(&self, run: &str, limit: Option<f64>) -> FinishSync {
        FinishSync {
            community_id: self.school.community.id,
            system: "moodle".to_owned(),
            run: run.to_owned(),
            delete_limit: limit,
            dry_run: false,
        }
    }

    async fn try_finish(&self, input: FinishSync) -> Result<Written<SyncReport>> {
        finish_sync(&self.school.store, &self.school.steward, input).await
    }

    async fn state(&self, id: Uuid) -> ItemState {
        let states = load_many(self.school.store.reader(), &[id]).await;
        states.unwrap().remove(0)
    }

    async fn status(&self, id: Uuid) -> Option<PublicationStatus> {
        self.state(id).await.item.status
    }

    async fn reference(&self, id: Uuid) -> ExternalReference {
        let found = of_resources(&self.school.store, &[id]).await.unwrap();
        found[&id][0].clone()
    }

    /// Somebody here changes the title.
    async fn edit(&self, id: Uuid, title: &str) {
        let input = UpdateResource {
            content: ItemContent {
                title: Patch::Value(title.to_owned()),
                ..ItemContent::default()
            },
            ..UpdateResource::default()
        };
        let steward = &self.school.steward;
        crate::resource::update(&self.school.store, steward, id, input, None)
            .await
            .unwrap();
    }

    async fn archive(&self, id: Uuid) {
        let (store, steward) = (&self.school.store, &self.school.steward);
        item::archive(store, steward, entity::item::ItemType::Resource, id, None)
            .await
            .unwrap();
    }

    async fn rule(&self, rule: SyncConflictRule) -> Written<community::Model> {
        let community = self.school.community.id;
        let viewer = &self.school.facilitator;
        let system = "moodle".to_owned();
        set_policy(&self.school.store, viewer, community, system, rule)
            .await
            .unwrap()
    }

    async fn position(&self) -> i64 {
        self.school.store.position().await.unwrap()
    }
}

/// Codes and paths of the faults of a result.
fn told(result: &SyncResult) -> Vec<(FaultCode, String)> {
    let faults = result.faults.iter();
    faults
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect()
}

fn said(code: FaultCode, path: &str) -> (FaultCode, String) {
    (code, path.to_owned())
}
