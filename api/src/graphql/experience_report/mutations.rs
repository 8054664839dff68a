//! Mutations of experience reports.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use service::auth::Secret;
use service::experience_report::{self, ABOUT_TYPES, TellExperience, Told};

use super::{Consent, ExperienceReport};
use crate::graphql::errors::UserError;
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, Settled, settle};
use crate::graphql::node::read_end;
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::{Position, Url};

/// A report to be given.
#[derive(Clone, Debug, InputObject)]
pub struct ExperienceReportInput {
    /// What it is about: a pilot.
    pub about_id: ID,
    /// What it tells, Markdown, at most 20,000 characters.
    pub text: String,
    /// Where a recording is: your video, say.
    pub media_url: Option<Url>,
    /// How good it was, from 1 to 5.
    pub rating: Option<i32>,
    /// Whether you would use it again.
    pub would_reuse: Option<bool>,
    /// Who may read it. It can be narrowed later, and never widened.
    pub consent: Consent,
    /// True if nobody is to know who wrote it. It is read then when the day is over; keep the secret that is answered.
    pub anonymous: Option<bool>,
}

impl ExperienceReportInput {
    fn read(self, decoder: &mut Decoder) -> TellExperience {
        TellExperience {
            about: read_end(decoder, &["input", "aboutId"], &self.about_id, &ABOUT_TYPES),
            text: self.text,
            media_url: self.media_url.map(|url| url.0),
            rating: self.rating.map(i64::from),
            would_reuse: self.would_reuse,
            consent: self.consent.into(),
            anonymous: self.anonymous.unwrap_or(false),
        }
    }
}

/// The outcome of a mutation of an experience report.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExperienceReportPayload {
    /// The report as it is now; null when the input was refused.
    report: Option<ExperienceReport>,
    /// For a new anonymous report, shown once: with it the report can be narrowed or withdrawn. Nobody can find it again.
    secret: Option<String>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    user_errors: Vec<UserError>,
    /// The place of this write in the change log. An anonymous report has none of its own: it comes when the day is over.
    position: Option<Position>,
}

impl ExperienceReportPayload {
    fn told(settled: Settled<Told>) -> Self {
        let (report, secret) = match settled.value {
            Some(told) => (Some(told.report.into()), told.secret),
            None => (None, None),
        };
        Self {
            report,
            secret: secret.map(Secret::into_inner),
            user_errors: settled.user_errors,
            position: settled.position,
        }
    }
}

/// Mutations of experience reports.
#[derive(Debug, Default)]
pub struct ReportMutation;

#[Object]
impl ReportMutation {
    /// Tells how it went with a pilot that is not cancelled; for whoever is signed in and may see it. A named report can be
    /// read at once. An anonymous one is in no answer and no count until the day, by UTC, is over; how many somebody gives
    /// nobody can count.
    async fn add_experience_report(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The report.")] input: ExperienceReportInput,
    ) -> Result<Option<ExperienceReportPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = experience_report::tell(store(context)?, &viewer(context)?, input).await;
        let settled = settle(context, decoder, outcome)?;
        Ok(Some(ExperienceReportPayload::told(settled)))
    }

    /// Narrows who may read a report, from PUBLIC to MEMBERS or AUTHORS, or from MEMBERS to AUTHORS; at once and everywhere.
    /// For its author; an anonymous one is narrowed with its secret, by whoever has it, signed in or not.
    async fn narrow_consent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the report.")] id: ID,
        #[graphql(desc = "Who may read it from now on.")] consent: Consent,
        #[graphql(desc = "The secret of an anonymous report; none for any other.")] secret: Option<
            String,
        >,
    ) -> Result<Option<ExperienceReportPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::ExperienceReport);
        let secret = secret.map(Secret::from);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = experience_report::narrow(store, &viewer, id, consent.into(), secret).await;
        let outcome = outcome.map(|written| {
            written.map(|report| Told {
                report,
                secret: None,
            })
        });
        let settled = settle(context, decoder, outcome)?;
        Ok(Some(ExperienceReportPayload::told(settled)))
    }

    /// Withdraws a report for good. For its author, and for facilitators of the community who may read it; an anonymous one
    /// also with its secret, by whoever has it, signed in or not.
    async fn withdraw_experience_report(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the report.")] id: ID,
        #[graphql(desc = "The secret of an anonymous report; none for any other.")] secret: Option<
            String,
        >,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::ExperienceReport);
        let secret = secret.map(Secret::from);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = experience_report::withdraw(store, &viewer, id, secret).await;
        let outcome =
            outcome.map(|written| written.map(|id| encode(NodeType::ExperienceReport, id)));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}
