//! Fixtures of what shows that something works: pilots that are run, reports and adoptions.

use serde_json::{Value, json};

use crate::Client;
use crate::app::merge;

impl Client {
    /// Plans a pilot of something, and answers its id.
    pub async fn plan_pilot(&self, subject: &Value, more: Value) -> Value {
        let mut input =
            json!({ "subjectId": subject, "question": "Does it help?", "setting": "Two classes" });
        merge(&mut input, more);
        let plan = "mutation($input: PlanPilotInput!) { planPilot(input: $input) {
            pilot { id } userErrors { code field message } } }";
        self.mutate(plan, json!({ "input": input })).await["pilot"]["id"].clone()
    }

    /// Moves a pilot to another state; CONCLUDED with an outcome.
    pub async fn set_pilot_state(
        &self,
        pilot: &Value,
        state: &str,
        outcome: Option<&str>,
    ) -> Value {
        let set = "mutation($id: ID!, $state: PilotState!, $outcome: PilotOutcome, $findings: String, $reason: String) {
            setPilotState(id: $id, state: $state, outcome: $outcome, findings: $findings, reason: $reason) {
                pilot { state outcome } position userErrors { code field message blockedBy { code } } } }";
        let findings = outcome.map(|_| "So it went.");
        let reason = (state == "CANCELLED").then_some("There was no time.");
        let variables = json!({
            "id": pilot, "state": state, "outcome": outcome, "findings": findings, "reason": reason,
        });
        self.mutate(set, variables).await
    }

    /// Tells how something went, and answers the payload with `report { id }`, `secret` and `position`.
    pub async fn tell(&self, about: &Value, consent: &str, more: Value) -> Value {
        let mut input = json!({ "aboutId": about, "text": "It went well.", "consent": consent });
        merge(&mut input, more);
        let tell = "mutation($input: ExperienceReportInput!) { addExperienceReport(input: $input) {
            report { id } secret position userErrors { code field message } } }";
        self.mutate(tell, json!({ "input": input })).await
    }

    /// Plans a pilot of something, runs it, has somebody tell of it, and concludes it; answers the payload.
    pub async fn run_pilot(&self, subject: &Value, teller: &Self, outcome: &str) -> Value {
        let pilot = self.plan_pilot(subject, json!({})).await;
        self.set_pilot_state(&pilot, "RUNNING", None).await;
        teller.tell(&pilot, "MEMBERS", json!({})).await;
        self.set_pilot_state(&pilot, "CONCLUDED", Some(outcome))
            .await
    }

    /// Reports an adoption of something in a setting, and answers the payload with `adoption { id }` and `position`.
    pub async fn adopt(&self, subject: &Value, setting: &str, state: &str) -> Value {
        let input = json!({ "subjectId": subject, "setting": setting, "state": state });
        let report = "mutation($input: AdoptionInput!) { reportAdoption(input: $input) {
            adoption { id } position userErrors { code field message } } }";
        self.mutate(report, json!({ "input": input })).await
    }
}
