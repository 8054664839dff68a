//! Work queues in the schema.

mod queries;

use std::sync::Arc;

use async_graphql::{Context, Enum, Result, SimpleObject};
use service::entity::community;
use service::paging::{Page, PageRequest};
use service::work_queue;

pub use queries::WorkQuery;

use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::node::{self, Node, node_type};
use super::request::{store, viewer};
use super::scalars::DateTime;

/// Why something awaits you.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::community::kind::WorkReason")]
pub enum WorkReason {
    /// A help request or a problem of somebody else that nobody has answered. `dueAt` follows from the community's
    /// `firstAnswerTargetHours`.
    Unanswered,
    /// The same, about a domain or a tag that you are known to know about; of the 500 newest in the community.
    MatchesExpertise,
    /// A resource or a practice of others that waits for a review that you may make and have not made.
    AwaitingReview,
    /// Something published whose `reviewDueAt` has passed; for stewards and facilitators.
    ReviewOverdue,
    /// Something published that nobody keeps, where the kind asks for a steward; for stewards and facilitators.
    WithoutSteward,
    /// A published practice that is RECOMMENDED, and that nobody uses: no adoption of it is `IN_USE` or CONFIRMED. For
    /// stewards and facilitators of a `BEST_PRACTICE` community.
    NotAdopted,
    /// A pilot that is PLANNED or RUNNING although its last day has passed, and of which nobody told its community. For
    /// stewards and facilitators, who planned it, and the authors of what is tried.
    PilotWithoutReport,
    /// Something that is likely the same as something else; for stewards and facilitators.
    LikelyDuplicate,
    /// An innovation that waits for somebody to move it on, park it or give it up: an IDEA, or one that has been in its
    /// stage for longer than the community's `stageAgeLimitDays`. For stewards and facilitators, and its authors.
    Undecided,
    /// Somebody who asks to join; for facilitators.
    MembershipRequest,
    /// A report that waits for a decision; for stewards and facilitators.
    Flag,
}

/// Something that awaits you. One object may do so for more than one reason.
#[derive(Clone, Debug, SimpleObject)]
pub struct WorkItem {
    /// Why it awaits you.
    reason: WorkReason,
    /// What awaits you: an item, a pilot, a membership that is asked for, or a flag.
    node: Node,
    /// Since when it waits.
    since: DateTime,
    /// By when it should be done; null where the community sets no such time.
    due_at: Option<DateTime>,
}

connection!(WorkItemConnection, WorkItemEdge, WorkItem, "work items");

impl WorkItemConnection {
    /// What awaits the viewer in these communities.
    pub async fn of(
        context: &Context<'_>,
        communities: Vec<Arc<community::Model>>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            let page = work_queue::page(&store, &viewer, &communities, request).await;
            with_nodes(context, page.graphql()?).await?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            let communities = communities.clone();
            Box::pin(async move { work_queue::count(&store, &viewer, &communities).await })
        });
        Ok(Self::new(page, total))
    }
}

/// The page with the objects themselves. One that is gone meanwhile is left out.
async fn with_nodes(
    context: &Context<'_>,
    page: Page<work_queue::WorkItem>,
) -> Result<Page<WorkItem>> {
    let ids: Vec<_> = page
        .rows
        .iter()
        .map(|(_, item)| (node_type(item.node.0), item.node.1))
        .collect();
    let nodes = node::load(context, &ids).await?;
    let rows = page.rows.into_iter().zip(nodes);
    Ok(Page {
        rows: rows
            .filter_map(|((cursor, item), node)| {
                let item = WorkItem {
                    reason: item.reason.into(),
                    node: node?,
                    since: item.since.into(),
                    due_at: item.due_at.map(Into::into),
                };
                Some((cursor, item))
            })
            .collect(),
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}
