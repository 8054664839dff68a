//! What each write shows a retry of: the things that it answers, by their ids. The compiler asks for a line here when a
//! write answers something new.

use entity::{
    adoption, api_token, boundary_share, community, defining_statement, domain, experience_report,
    flag, goal, learning_question, mail, membership, operation, organization, pilot, post,
    saved_search, user, value_story, webhook, webhook_delivery,
};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{CreatedApiToken, Invited};
use crate::error::Error;
use crate::experience_report::Told;
use crate::item::{ItemState, Listed};
use crate::operation::{Started, Tally as Imported};
use crate::store::{Outcome, Shown};
use crate::sync::{SyncOutcome, SyncReport};
use crate::webhook::{Tally, WithSecret};

/// Things that are shown by the ids of their rows.
macro_rules! things {
    ($($row:ty => $table:literal),+ $(,)?) => {
        $(impl Outcome for $row {
            fn show(&self, shown: &mut Shown) {
                shown.node($table, self.id);
            }
        })+
    };
}

things! {
    adoption::Model => "adoption",
    api_token::Model => "api_token",
    boundary_share::Model => "boundary_share",
    community::Model => "community",
    defining_statement::Model => "defining_statement",
    domain::Model => "domain",
    flag::Model => "flag",
    goal::Model => "goal",
    learning_question::Model => "learning_question",
    membership::Model => "membership",
    operation::Model => "operation",
    organization::Model => "organization",
    pilot::Model => "pilot",
    post::Model => "post",
    saved_search::Model => "saved_search",
    user::Model => "user",
    value_story::Model => "value_story",
    webhook::Model => "webhook",
    webhook_delivery::Model => "webhook_delivery",
}

/// What shows nothing: what a write answers to the server alone.
macro_rules! nothing {
    ($($answer:ty),+ $(,)?) => {
        $(impl Outcome for $answer {
            fn show(&self, _: &mut Shown) {}
        })+
    };
}

nothing!(
    (),
    bool,
    i32,
    i64,
    u64,
    usize,
    String,
    mail::Model,
    Tally,
    Imported
);

/// What was deleted.
impl Outcome for Uuid {
    fn show(&self, shown: &mut Shown) {
        shown.deleted(*self);
    }
}

impl Outcome for ItemState {
    fn show(&self, shown: &mut Shown) {
        shown.node(&self.item.item_type.as_str().to_lowercase(), self.item.id);
    }
}

impl<D> Outcome for Listed<D> {
    fn show(&self, shown: &mut Shown) {
        shown.node(&self.item.item_type.as_str().to_lowercase(), self.item.id);
    }
}

/// Nothing is kept by which it could be found out afterwards when an anonymous report was given.
impl Outcome for experience_report::Model {
    fn show(&self, shown: &mut Shown) {
        if !self.anonymous {
            shown.node("experience_report", self.id);
        }
    }
}

impl Outcome for Told {
    fn show(&self, shown: &mut Shown) {
        self.report.show(shown);
    }
}

impl Outcome for CreatedApiToken {
    fn show(&self, shown: &mut Shown) {
        self.api_token.show(shown);
    }
}

impl Outcome for Invited {
    fn show(&self, shown: &mut Shown) {
        shown.detail("expiresAt", json!(self.expires_at));
    }
}

impl Outcome for Started {
    fn show(&self, shown: &mut Shown) {
        self.operation.show(shown);
    }
}

impl Outcome for WithSecret {
    fn show(&self, shown: &mut Shown) {
        self.webhook.show(shown);
    }
}

/// Its results name many things, each with what became of it; a retry is answered from what is noted here.
impl Outcome for SyncReport {
    fn show(&self, shown: &mut Shown) {
        if !self.dry_run {
            // What was refused may be a resource that the caller may not even see.
            let done = self.results.iter();
            let done = done.filter(|result| result.outcome != SyncOutcome::Failed);
            for id in done.filter_map(|result| result.resource_id) {
                shown.node("resource", id);
            }
        }
        shown.detail("sync", json!(self));
    }
}

impl<T: Outcome> Outcome for Option<T> {
    fn show(&self, shown: &mut Shown) {
        if let Some(value) = self {
            value.show(shown);
        }
    }
}

impl<T: Outcome> Outcome for Vec<T> {
    fn show(&self, shown: &mut Shown) {
        for value in self {
            value.show(shown);
        }
    }
}

impl<T: Outcome> Outcome for Result<T, Error> {
    fn show(&self, shown: &mut Shown) {
        if let Ok(value) = self {
            value.show(shown);
        }
    }
}

impl<A: Outcome, B: Outcome> Outcome for (A, B) {
    fn show(&self, shown: &mut Shown) {
        self.0.show(shown);
        self.1.show(shown);
    }
}
