//! Lineage in the schema: what came of what.

mod mutations;
mod queries;

use async_graphql::{Context, Enum, Result, SimpleObject};
use service::link::{self, End, LineageRequest};

pub use mutations::LinkMutation;
pub use queries::LinkQuery;

use super::errors::IntoGraphql;
use super::node::{self, Node, node_type};
use super::request::{store, viewer};
use super::scalars::DateTime;

/// How one thing relates to another, read from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::link::LinkRelation")]
pub enum LineageRelation {
    /// Was made in an activity.
    MadeIn,
    /// Was made from another item.
    MadeFrom,
    /// Answers a question.
    Answers,
    /// Is evidence for something.
    EvidenceFor,
    /// Takes the place of another.
    Supersedes,
    /// Was adapted from another item.
    AdaptedFrom,
    /// Is the adoption of an item.
    Adopted,
    /// Was captured from a discussion.
    CapturedFrom,
    /// An innovation that became an item: the arrow points to what came later.
    PromotedTo,
    /// A community that split off another.
    SplitFrom,
    /// A community that became part of another: the arrow points to what came later.
    MergedInto,
    /// An item that came from another community, when that was split or merged.
    CameFrom,
    /// Refers to an item: a practice to the resources that it uses, a discussion to what it is about.
    References,
    /// Says in another language what an item of the same type says.
    TranslationOf,
    /// Is a part of an item.
    PartOf,
    /// Needs an item.
    Requires,
}

/// Which way the graph of relations is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::link::LineageDirection")]
pub enum LineageDirection {
    /// To what it came from, or rests on.
    Origins,
    /// To what came of it.
    Descendants,
    /// Both, each by itself: what else came of an origin is not among it.
    Both,
}

/// One relation of the graph around something.
#[derive(Clone, Debug, SimpleObject)]
pub struct LineageLink {
    /// What the relation starts from.
    from: Node,
    /// How they relate.
    relation: LineageRelation,
    /// What the relation leads to.
    to: Node,
    /// How many relations away it is, from 1.
    depth: i32,
    /// When the relation was stated.
    at: DateTime,
}

/// How much of the graph is asked for.
#[must_use]
pub fn lineage_request(
    direction: Option<LineageDirection>,
    depth: Option<i32>,
    first: Option<i32>,
) -> LineageRequest {
    LineageRequest {
        direction: direction.map(Into::into).unwrap_or_default(),
        depth: depth.map(i64::from),
        first: first.map(i64::from),
    }
}

/// The relations around something, as far as the viewer may see what they lead to.
pub async fn lineage(
    context: &Context<'_>,
    root: End,
    request: LineageRequest,
) -> Result<Vec<LineageLink>> {
    let traced = link::lineage(store(context)?, &viewer(context)?, root, request)
        .await
        .graphql()?;
    let ends = traced.iter().flat_map(|link| [link.from, link.to]);
    let ids: Vec<_> = ends
        .map(|(entity_type, id)| (node_type(entity_type), id))
        .collect();
    let nodes = node::load(context, &ids).await?;
    let mut nodes = nodes.into_iter();
    let mut links = Vec::with_capacity(traced.len());
    for link in traced {
        // What is gone since takes its relations along.
        if let (Some(Some(from)), Some(Some(to))) = (nodes.next(), nodes.next()) {
            links.push(LineageLink {
                from,
                relation: link.relation.into(),
                to,
                depth: link.depth,
                at: link.at.into(),
            });
        }
    }
    Ok(links)
}
