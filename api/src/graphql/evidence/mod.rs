//! What shows that items work, in the schema.

pub mod loaders;

use async_graphql::{Context, Enum, Object, Result};
use service::evidence::Counts;
use service::experience_report::ReportScope;
use service::item::ListScope;
use service::pilot::PilotScope;
use uuid::Uuid;

use super::adoption::AdoptionConnection;
use super::connection::page_request;
use super::experience_report::ExperienceReportConnection;
use super::pilot::PilotConnection;
use super::request::ask;
use super::resource::{self, ResourceConnection};
use loaders::EvidenceOf;

/// How much shows that something works, in rising order. Only what everybody sees who sees the item counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::evidence::EvidenceLevel")]
pub enum EvidenceLevel {
    /// Nothing does.
    None,
    /// Somebody uses it: an adoption is `IN_USE` or CONFIRMED. Or a report for everybody tells of it.
    Reported,
    /// A pilot of it was concluded.
    Piloted,
    /// Three adoptions from two settings were confirmed, and did not make things worse.
    Confirmed,
}

/// The evidence level of an item that the viewer was shown.
pub async fn level(context: &Context<'_>, item: Uuid) -> Result<EvidenceLevel> {
    let found = ask(context, EvidenceOf(item)).await?;
    Ok(found.map_or(EvidenceLevel::None, |row| row.level.into()))
}

/// What was counted of an item that the viewer was shown.
pub async fn counts(context: &Context<'_>, item: Uuid) -> Result<Counts> {
    let found = ask(context, EvidenceOf(item)).await?;
    Ok(found.map(Counts::from).unwrap_or_default())
}

/// What shows that a practice works: the whole chain, as far as you may see it.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    item: Uuid,
}

impl Evidence {
    /// Of a practice that the viewer was shown.
    #[must_use]
    pub const fn of(item: Uuid) -> Self {
        Self { item }
    }
}

/// What shows that a practice works: the whole chain, as far as you may see it.
#[Object]
impl Evidence {
    /// What all of it comes to.
    async fn level(&self, context: &Context<'_>) -> Result<EvidenceLevel> {
        level(context, self.item).await
    }

    /// The pilots of it, newest first.
    async fn pilots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<PilotConnection> {
        let request = page_request(first, after, None, None);
        PilotConnection::of(context, PilotScope::Subject(self.item), None, &request).await
    }

    /// What was told of its pilots and adoptions, as far as you may read it; in no particular order.
    async fn reports(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<ExperienceReportConnection> {
        let request = page_request(first, after, None, None);
        ExperienceReportConnection::of(context, ReportScope::Subject(self.item), &request).await
    }

    /// What people took back to their own practice of it, newest first.
    async fn adoptions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<AdoptionConnection> {
        let request = page_request(first, after, None, None);
        AdoptionConnection::of_subject(context, self.item, &request).await
    }

    /// The resources that it uses.
    async fn resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<ResourceConnection> {
        let request = page_request(first, after, None, None);
        resource::page(context, None, None, ListScope::UsedBy(self.item), &request).await
    }
}
