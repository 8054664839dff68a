mod course;
mod reporting;
mod withdrawal;

use entity::community::{self, CommunityVisibility};
use entity::item::ItemVisibility;
use entity::membership::MembershipRole;
use entity::resource::ResourceKind;
use uuid::Uuid;

use super::*;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::item::ItemContent;
use crate::link::End;
use crate::paging::PageRequest;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::{Store, Written};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// A community with something that others take back to their practice.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    facilitator: Viewer,
    author: Viewer,
    stranger: Viewer,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "givers", visibility).await;
        let member =
            async |handle: &str, role| testing::member(&store, community.id, handle, role).await;
        Self {
            facilitator: member("fay", MembershipRole::Facilitator).await,
            author: member("ada", MembershipRole::Member).await,
            stranger: testing::person(&store, "eve").await,
            _directory: directory,
            store,
            community,
        }
    }

    async fn resource(&self, publish: bool, visibility: ItemVisibility) -> End {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Story dice".to_owned()),
                visibility: Patch::Value(visibility),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Tool),
                ..ResourceContent::default()
            },
            publish,
        };
        let made = crate::resource::create(&self.store, &self.author, input).await;
        (EntityType::Resource, made.unwrap().value.item.id)
    }

    async fn published(&self) -> End {
        self.resource(true, ItemVisibility::Community).await
    }

    async fn report(
        &self,
        viewer: &Viewer,
        subject: End,
        state: AdoptionState,
    ) -> Result<Written<Adoption>> {
        report(&self.store, viewer, input(subject, state)).await
    }

    async fn go_on(
        &self,
        viewer: &Viewer,
        adoption: &Adoption,
        state: AdoptionState,
    ) -> Result<Written<Adoption>> {
        let input = UpdateAdoption {
            state: Some(state),
            ..UpdateAdoption::default()
        };
        update(&self.store, viewer, adoption.id, input).await
    }

    async fn listed(&self, viewer: &Viewer, subject: End) -> Vec<Uuid> {
        let request = PageRequest::default();
        let page = page_of_subject(&self.store, viewer, subject.1, &request).await;
        let listed: Vec<Uuid> = page.unwrap().rows.iter().map(|row| row.1.id).collect();
        let counted = count_of_subject(&self.store, viewer, subject.1).await;
        assert_eq!(counted.unwrap(), listed.len() as u64);
        listed
    }
}

fn input(subject: End, state: AdoptionState) -> ReportAdoption {
    ReportAdoption {
        subject,
        setting: "Grade 3, Élm School".to_owned(),
        organization_id: None,
        adaptation: Some("Bigger dice.".to_owned()),
        state,
        outcome: None,
        story: None,
    }
}

fn faults<T: std::fmt::Debug>(result: Result<T>) -> Vec<Fault> {
    match result {
        Err(Error::Refused(faults)) => faults,
        other => panic!("should have been refused: {other:?}"),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> (FaultCode, String) {
    let faults = faults(result);
    assert_eq!(faults.len(), 1, "{faults:?}");
    (faults[0].code, faults[0].field.join("."))
}
