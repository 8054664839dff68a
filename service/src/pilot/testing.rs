//! What the tests of pilots and of reports share: a community in which something is tried out.

use entity::community::{self, CommunityVisibility};
use entity::item::ItemVisibility;
use entity::membership::MembershipRole;
use entity::pilot::{PilotOutcome, PilotState};
use entity::resource::ResourceKind;
use uuid::Uuid;

use super::*;
use crate::error::{Error, Fault, FaultCode};
use crate::item::ItemContent;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// A community in which somebody made a resource, and somebody else tries it out.
pub(crate) struct School {
    _directory: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) community: community::Model,
    pub(crate) author: Viewer,
    pub(crate) planner: Viewer,
    pub(crate) member: Viewer,
    pub(crate) steward: Viewer,
    pub(crate) facilitator: Viewer,
    pub(crate) stranger: Viewer,
}

impl School {
    pub(crate) async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "teachers", visibility).await;
        let member =
            async |handle: &str, role| testing::member(&store, community.id, handle, role).await;
        Self {
            author: member("ada", MembershipRole::Member).await,
            planner: member("ben", MembershipRole::Member).await,
            member: member("cleo", MembershipRole::Member).await,
            steward: member("stella", MembershipRole::Steward).await,
            facilitator: member("fay", MembershipRole::Facilitator).await,
            stranger: testing::person(&store, "eve").await,
            _directory: directory,
            store,
            community,
        }
    }

    pub(crate) async fn resource(&self, publish: bool, visibility: ItemVisibility) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Tactile cards".to_owned()),
                visibility: Patch::Value(visibility),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::LessonPlan),
                ..ResourceContent::default()
            },
            publish,
        };
        let made = crate::resource::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    pub(crate) async fn try_plan(&self, viewer: &Viewer, subject: Uuid) -> Result<Pilot, Error> {
        let input = PlanPilot {
            subject_id: subject,
            content: PilotContent {
                question: Patch::Value("Do the cards help?".to_owned()),
                setting: Patch::Value("Two classes".to_owned()),
                ..PilotContent::default()
            },
        };
        Ok(plan(&self.store, viewer, input).await?.value)
    }

    pub(crate) async fn pilot(&self) -> Pilot {
        let subject = self.resource(true, ItemVisibility::Community).await;
        self.try_plan(&self.planner, subject).await.unwrap()
    }

    pub(crate) async fn go(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to: PilotState,
    ) -> Result<Pilot, Error> {
        let concludes = to == PilotState::Concluded;
        let step = Step {
            to,
            outcome: concludes.then_some(PilotOutcome::Worked),
            findings: concludes.then(|| "They help.".to_owned()),
            reason: Some("So it is.".to_owned()),
        };
        Ok(set_state(&self.store, viewer, id, step).await?.value)
    }
}

/// Why something was refused.
pub(crate) fn faults<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Fault> {
    match result {
        Err(Error::Refused(faults)) => faults,
        other => panic!("should have been refused: {other:?}"),
    }
}

/// Why something was refused first.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> FaultCode {
    faults(result)[0].code
}
