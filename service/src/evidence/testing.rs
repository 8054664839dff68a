//! What the tests of evidence, practices and innovations share: pilots that were run, and adoptions that were confirmed.

use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::change::EntityType;
use entity::experience_report::Consent;
use entity::pilot::{PilotOutcome, PilotState};
use uuid::Uuid;

use crate::adoption::{Adoption, ReportAdoption};
use crate::experience_report::{TellExperience, tell};
use crate::link::End;
use crate::pilot::testing::School;
use crate::pilot::{Pilot, Step, set_state};
use crate::viewer::Viewer;

impl School {
    /// A pilot of something that runs, with a report.
    pub(crate) async fn running(&self, subject: Uuid, consent: Consent) -> Pilot {
        let people = [&self.planner, &self.member];
        self.running_by(people, subject, consent).await
    }

    /// The same, planned by one of the people and told of by the other.
    async fn running_by(
        &self,
        [planner, teller]: [&Viewer; 2],
        subject: Uuid,
        consent: Consent,
    ) -> Pilot {
        let pilot = self.try_plan(planner, subject).await.unwrap();
        let pilot = self
            .go(planner, pilot.id, PilotState::Running)
            .await
            .unwrap();
        let input = TellExperience {
            about: (EntityType::Pilot, pilot.id),
            text: "It went like this.".to_owned(),
            media_url: None,
            rating: None,
            would_reuse: None,
            consent,
            anonymous: false,
        };
        tell(&self.store, teller, input).await.unwrap();
        pilot
    }

    /// A pilot of something that was run, and came to this.
    pub(crate) async fn concluded(&self, subject: Uuid, outcome: PilotOutcome) -> Pilot {
        let people = [&self.planner, &self.member];
        self.concluded_by(people, subject, outcome).await
    }

    /// The same, planned by one of the people and told of by the other.
    pub(crate) async fn concluded_by(
        &self,
        people: [&Viewer; 2],
        subject: Uuid,
        outcome: PilotOutcome,
    ) -> Pilot {
        let pilot = self.running_by(people, subject, Consent::Members).await;
        let step = Step {
            to: PilotState::Concluded,
            outcome: Some(outcome),
            findings: Some("So it went.".to_owned()),
            reason: None,
        };
        set_state(&self.store, people[0], pilot.id, step)
            .await
            .unwrap()
            .value
    }

    /// An adoption of something in a setting.
    pub(crate) async fn adopted(
        &self,
        viewer: &Viewer,
        subject: End,
        setting: &str,
        state: AdoptionState,
        outcome: Option<AdoptionOutcome>,
    ) -> Adoption {
        let input = ReportAdoption {
            subject,
            setting: setting.to_owned(),
            organization_id: None,
            adaptation: None,
            state,
            outcome,
            story: None,
        };
        crate::adoption::report(&self.store, viewer, input)
            .await
            .unwrap()
            .value
    }

    /// Three adoptions from two settings that were confirmed.
    pub(crate) async fn confirmed(&self, subject: End) -> Vec<Adoption> {
        let mut adopted = Vec::new();
        for (viewer, setting) in [
            (&self.member, "Elm School"),
            (&self.planner, "elm school"),
            (&self.stranger, "Oak School"),
        ] {
            let state = AdoptionState::Confirmed;
            adopted.push(self.adopted(viewer, subject, setting, state, None).await);
        }
        adopted
    }
}
