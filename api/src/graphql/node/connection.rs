//! Lists of objects of any type.

use async_graphql::{Context, ID, Result};
use chrono::{DateTime, Utc};
use service::entity::change::EntityType;
use service::link::{self, End};
use service::paging::{Page, PageRequest};
use uuid::Uuid;

use super::{Node, find};
use crate::graphql::connection::{Total, connection, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::request::{store, viewer};

connection!(NodeConnection, NodeEdge, Node, "objects of several types");

/// The type of node that an entity is.
#[must_use]
pub fn node_type(entity_type: EntityType) -> NodeType {
    match entity_type {
        EntityType::User => NodeType::User,
        EntityType::Organization => NodeType::Organization,
        EntityType::Domain => NodeType::Domain,
        EntityType::Community => NodeType::Community,
        EntityType::Membership => NodeType::Membership,
        EntityType::Resource => NodeType::Resource,
        EntityType::Practice => NodeType::Practice,
        EntityType::Innovation => NodeType::Innovation,
        EntityType::ApiToken => NodeType::ApiToken,
        EntityType::Webhook => NodeType::Webhook,
        EntityType::Activity => NodeType::Activity,
        EntityType::Adoption => NodeType::Adoption,
        EntityType::Discussion => NodeType::Discussion,
        EntityType::Collection => NodeType::Collection,
        EntityType::ValueStory => NodeType::ValueStory,
        EntityType::BoundaryShare => NodeType::BoundaryShare,
        EntityType::Post => NodeType::Post,
        EntityType::DefiningStatement => NodeType::DefiningStatement,
        EntityType::Goal => NodeType::Goal,
        EntityType::LearningQuestion => NodeType::LearningQuestion,
        EntityType::Review => NodeType::Review,
        EntityType::Flag => NodeType::Flag,
        EntityType::Pilot => NodeType::Pilot,
        EntityType::ExperienceReport => NodeType::ExperienceReport,
    }
}

/// The entity that a type of node is; none for what is part of something else or private to the viewer.
#[must_use]
pub fn entity_type(of: NodeType) -> Option<EntityType> {
    let mut all = EntityType::ALL.iter().copied();
    all.find(|entity_type| node_type(*entity_type) == of)
}

/// Reads the id of something of one of some types, with its type. What cannot be read is noted, and stands for nothing.
pub fn read_end(decoder: &mut Decoder, path: &[&str], id: &ID, expected: &[EntityType]) -> End {
    let types: Vec<NodeType> = expected.iter().copied().map(node_type).collect();
    let read = decoder.typed_id(path, id, &types);
    read.and_then(|(found, id)| {
        let mut expected = expected.iter().copied();
        let entity_type = expected.find(|entity_type| node_type(*entity_type) == found)?;
        Some((entity_type, id))
    })
    .unwrap_or((EntityType::Community, Uuid::nil()))
}

/// Loads objects, as far as the viewer may see them; those of one type are loaded together.
pub async fn load(context: &Context<'_>, ids: &[(NodeType, Uuid)]) -> Result<Vec<Option<Node>>> {
    futures_util::future::try_join_all(
        ids.iter()
            .map(|(node_type, id)| find(context, *node_type, *id)),
    )
    .await
}

impl NodeConnection {
    /// The objects of a page that was filtered for the viewer in SQL. One that is gone meanwhile is left out.
    pub async fn of(
        context: &Context<'_>,
        page: Page<(NodeType, Uuid)>,
        total: Total,
    ) -> Result<Self> {
        let ids: Vec<(NodeType, Uuid)> = page.rows.iter().map(|(_, id)| *id).collect();
        let nodes = load(context, &ids).await?;
        let rows = page.rows.into_iter().zip(nodes);
        let page = Page {
            rows: rows
                .filter_map(|((cursor, _), node)| Some((cursor, node?)))
                .collect(),
            has_next: page.has_next,
            has_previous: page.has_previous,
        };
        Ok(Self::new(page, total))
    }

    /// What was made in an activity, or in one occurrence of it, as far as the viewer may see it.
    pub async fn made_in(
        context: &Context<'_>,
        activity: Uuid,
        occurrence: Option<DateTime<Utc>>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            link::page_of_outputs(&store, &viewer, activity, occurrence, request)
                .await
                .graphql()?
                .map(|(entity_type, id)| (node_type(entity_type), id))
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { link::output_count(&store, &viewer, activity, occurrence).await })
        });
        Self::of(context, page, total).await
    }
}
