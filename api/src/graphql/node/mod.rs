//! Looking up any object by its global id.

mod connection;

use super::item;
use async_graphql::{Context, ID, Interface, Object, Result};
use uuid::Uuid;

use super::activity::Activity;
use super::adoption::{Adoption, loaders::AdoptionById};
use super::auth::{ApiToken, loaders::ApiTokenById};
use super::boundary_share::{BoundaryShare, loaders::BoundaryShareById};
use super::collection::Collection;
use super::community::{Community, loaders::CommunityById};
use super::defining_statement::{DefiningStatement, loaders::StatementById};
use super::discussion::{Discussion, Post, loaders::PostById};
use super::domain::{Domain, loaders::DomainById};
use super::errors::IntoGraphql;
use super::experience_report::{ExperienceReport, loaders::ReportById};
use super::flag::{Flag, loaders::FlagById};
use super::goal::{Goal, loaders::GoalById};
use super::ids::{NodeType, decode_any};
use super::innovation::Innovation;
use super::item::Revision;
use super::learning_question::{LearningQuestion, loaders::LearningQuestionById};
use super::membership::{Membership, loaders::MembershipById};
use super::notification::{Notification, loaders::NotificationById};
use super::operation::{Operation, loaders::OperationById};
use super::organization::{Organization, loaders::OrganizationById};
use super::pilot::{Pilot, loaders::PilotById};
use super::practice::Practice;
use super::request::ask;
use super::resource::Resource;
use super::review::{Review, loaders::ReviewById};
use super::saved_search::{SavedSearch, loaders::SavedSearchById};
use super::user::{User, loaders::UserById};
use super::value_story::{ValueStory, loaders::ValueStoryById};
use super::webhook::{
    Webhook, WebhookDelivery,
    loaders::{DeliveryById, WebhookById},
};

pub use connection::{NodeConnection, NodeEdge, entity_type, load, node_type, read_end};

/// Something with a global id.
#[derive(Clone, Debug, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Global id: opaque, and good for `node`."
))]
pub enum Node {
    /// An activity.
    Activity(Activity),
    /// An adoption.
    Adoption(Adoption),
    /// An API token.
    ApiToken(ApiToken),
    /// An item that one community offers to another.
    BoundaryShare(BoundaryShare),
    /// A collection.
    Collection(Collection),
    /// A community.
    Community(Community),
    /// A defining statement.
    DefiningStatement(DefiningStatement),
    /// A discussion.
    Discussion(Discussion),
    /// A domain.
    Domain(Domain),
    /// An experience report.
    ExperienceReport(ExperienceReport),
    /// A flag.
    Flag(Flag),
    /// A goal.
    Goal(Goal),
    /// An innovation.
    Innovation(Innovation),
    /// A question of a learning agenda.
    LearningQuestion(LearningQuestion),
    /// A membership.
    Membership(Membership),
    /// A notification.
    Notification(Notification),
    /// An operation.
    Operation(Operation),
    /// An organization.
    Organization(Organization),
    /// A pilot.
    Pilot(Pilot),
    /// A post of a discussion.
    Post(Post),
    /// A practice.
    Practice(Practice),
    /// A resource.
    Resource(Resource),
    /// A review.
    Review(Review),
    /// A revision of an item.
    Revision(Revision),
    /// A saved search.
    SavedSearch(SavedSearch),
    /// A user.
    User(User),
    /// A value story.
    ValueStory(ValueStory),
    /// A webhook.
    Webhook(Webhook),
    /// A delivery of a webhook.
    WebhookDelivery(WebhookDelivery),
}

/// Most ids of one `nodes`.
const MOST_IDS: usize = 100;

/// Lookups by global id.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// An object by its global id; null when there is none that you may see.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A global id of any type.")] id: ID,
    ) -> Result<Option<Node>> {
        let (node_type, id) = decode_any("id", &id).graphql()?;
        find(context, node_type, id).await
    }

    /// Objects by their global ids, in the order of the ids; null in the place of each that you may not see.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most 100 global ids of any types.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST_IDS {
            let message = format!(
                "At most {MOST_IDS} ids can be looked up at once, and {} are given.",
                ids.len()
            );
            return Err(service::error::Error::BadArgument {
                argument: "ids",
                message,
            })
            .graphql();
        }
        let ids: Vec<(NodeType, Uuid)> = ids
            .iter()
            .map(|id| decode_any("ids", id))
            .collect::<service::error::Result<_>>()
            .graphql()?;
        futures_util::future::try_join_all(
            ids.into_iter()
                .map(|(node_type, id)| find(context, node_type, id)),
        )
        .await
    }
}

/// An object, as far as the viewer may see it; what is asked for together is loaded together.
pub async fn find(context: &Context<'_>, node_type: NodeType, id: Uuid) -> Result<Option<Node>> {
    Ok(match node_type {
        NodeType::Adoption => ask(context, AdoptionById(id)).await?.map(Node::Adoption),
        NodeType::ApiToken => ask(context, ApiTokenById(id)).await?.map(Node::ApiToken),
        NodeType::Community => ask(context, CommunityById(id))
            .await?
            .map(|row| Node::Community(row.into())),
        NodeType::Domain => ask(context, DomainById(id))
            .await?
            .map(|row| Node::Domain(row.into())),
        NodeType::DefiningStatement => ask(context, StatementById(id))
            .await?
            .map(Node::DefiningStatement),
        NodeType::ExperienceReport => ask(context, ReportById(id))
            .await?
            .map(Node::ExperienceReport),
        NodeType::Flag => ask(context, FlagById(id)).await?.map(Node::Flag),
        NodeType::Goal => ask(context, GoalById(id)).await?.map(Node::Goal),
        NodeType::LearningQuestion => ask(context, LearningQuestionById(id))
            .await?
            .map(Node::LearningQuestion),
        NodeType::Membership => ask(context, MembershipById(id))
            .await?
            .map(Node::Membership),
        NodeType::Notification => ask(context, NotificationById(id))
            .await?
            .map(Node::Notification),
        NodeType::Operation => ask(context, OperationById(id)).await?.map(Node::Operation),
        NodeType::Organization => ask(context, OrganizationById(id))
            .await?
            .map(|row| Node::Organization(row.into())),
        NodeType::User => ask(context, UserById(id))
            .await?
            .map(|row| Node::User(row.into())),
        NodeType::Resource => ask(context, item::loaders::ResourceById(id))
            .await?
            .map(Node::Resource),
        NodeType::Practice => ask(context, item::loaders::PracticeById(id))
            .await?
            .map(Node::Practice),
        NodeType::Innovation => ask(context, item::loaders::InnovationById(id))
            .await?
            .map(Node::Innovation),
        NodeType::Activity => ask(context, item::loaders::ActivityById(id))
            .await?
            .map(Node::Activity),
        NodeType::Discussion => ask(context, item::loaders::DiscussionById(id))
            .await?
            .map(Node::Discussion),
        NodeType::ValueStory => ask(context, ValueStoryById(id))
            .await?
            .map(Node::ValueStory),
        NodeType::Webhook => ask(context, WebhookById(id)).await?.map(Node::Webhook),
        NodeType::WebhookDelivery => ask(context, DeliveryById(id))
            .await?
            .map(Node::WebhookDelivery),
        NodeType::BoundaryShare => ask(context, BoundaryShareById(id))
            .await?
            .map(Node::BoundaryShare),
        NodeType::Collection => ask(context, item::loaders::CollectionById(id))
            .await?
            .map(Node::Collection),
        NodeType::Pilot => ask(context, PilotById(id)).await?.map(Node::Pilot),
        NodeType::Post => ask(context, PostById(id)).await?.map(Node::Post),
        NodeType::Review => ask(context, ReviewById(id)).await?.map(Node::Review),
        NodeType::SavedSearch => ask(context, SavedSearchById(id))
            .await?
            .map(Node::SavedSearch),
        NodeType::Revision => ask(context, item::loaders::RevisionById(id))
            .await?
            .map(Node::Revision),
    })
}
