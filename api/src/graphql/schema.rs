//! The schema: every feature's queries and mutations, joined part by part.

use async_graphql::{
    EmptySubscription, MergedObject, Request, Response, Schema, SchemaBuilder, ValidationMode,
};
use service::rounds::in_rounds;

use super::activity::{ActivityMutation, ActivityQuery};
use super::adoption::AdoptionMutation;
use super::auth::{ApiTokenMutation, EmailMutation, InvitationMutation, SessionMutation};
use super::boundary_share::ShareMutation;
use super::change::ChangeQuery;
use super::collection::{CollectionMutation, CollectionQuery};
use super::community::{CommunityMutation, CommunityQuery};
use super::defining_statement::StatementMutation;
use super::discussion::{DiscussionMutation, DiscussionQuery, PostMutation};
use super::domain::{DomainMutation, DomainQuery};
use super::experience_report::ReportMutation;
use super::expertise::ExpertiseMutation;
use super::external_reference::ExternalReferenceQuery;
use super::flag::FlagMutation;
use super::follow::{FollowMutation, FollowQuery};
use super::goal::GoalMutation;
use super::idempotency::{IdempotencyQuery, Idempotent};
use super::innovation::{InnovationMutation, InnovationQuery};
use super::item::ItemMutation;
use super::learning_question::LearningQuestionMutation;
use super::link::{LinkMutation, LinkQuery};
use super::membership::{MemberMutation, MembershipMutation};
use super::node::NodeQuery;
use super::notification::{NotificationMutation, NotificationQuery};
use super::operation::{OperationMutation, OperationQuery};
use super::organization::{OrganizationMutation, OrganizationQuery};
use super::pilot::{PilotMutation, PilotQuery};
use super::practice::{PracticeMutation, PracticeQuery};
use super::resource::{ResourceMutation, ResourceQuery};
use super::review::{ReviewMutation, ReviewQuery};
use super::saved_search::{SavedSearchMutation, SavedSearchQuery};
use super::scalars::{ByteCount, Date};
use super::search::{SearchMutation, SearchQuery};
use super::server_info::ServerQuery;
use super::sync::SyncMutation;
use super::user::{UserMutation, UserQuery};
use super::value_story::StoryMutation;
use super::webhook::{WebhookMutation, WebhookQuery};
use super::work_queue::WorkQuery;
use crate::app::App;

/// What can be asked. Everything is answered as you may see it: what you may not see is absent, from totals too.
// async-graphql asks the parts of an object for a field in turn, beginning with the last one, and each goes through a
// future of its own: here and in the parts, what is asked for most comes last.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Query")]
pub struct Query(
    IdempotencyQuery,
    ChangeQuery,
    ServerQuery,
    PeopleQuery,
    NodeQuery,
    CommunitiesQuery,
    SearchQuery,
    RepertoireQuery,
);

/// Queries of people, where they come from, and what concerns them.
#[derive(Debug, Default, MergedObject)]
pub struct PeopleQuery(
    OperationQuery,
    WebhookQuery,
    OrganizationQuery,
    FollowQuery,
    SavedSearchQuery,
    NotificationQuery,
    UserQuery,
);

/// Queries of communities and what they care about.
#[derive(Debug, Default, MergedObject)]
pub struct CommunitiesQuery(DomainQuery, WorkQuery, CommunityQuery);

/// Queries of the shared repertoire.
#[derive(Debug, Default, MergedObject)]
pub struct RepertoireQuery(
    ExternalReferenceQuery,
    ReviewQuery,
    LinkQuery,
    PilotQuery,
    CollectionQuery,
    ActivityQuery,
    InnovationQuery,
    PracticeQuery,
    DiscussionQuery,
    ResourceQuery,
);

/// What can be changed. What you can mend in an input is answered in `userErrors`, all faults at once, and nothing is
/// written then. With the header `Idempotency-Key` a request that is sent again within 24 hours runs nothing again and is
/// answered as before: the same ids, position and user errors, things as they are now (null when they are gone), and null
/// for what is shown once, such as tokens and secrets.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(PeopleMutation, CommunitiesMutation, RepertoireMutation);

/// Mutations of people: their sessions, addresses, tokens and profiles, where they come from, and what concerns them.
#[derive(Debug, Default, MergedObject)]
pub struct PeopleMutation(
    SessionMutation,
    EmailMutation,
    InvitationMutation,
    ApiTokenMutation,
    UserMutation,
    OrganizationMutation,
    ExpertiseMutation,
    FollowMutation,
    NotificationMutation,
    SavedSearchMutation,
    WebhookMutation,
    SearchMutation,
);

/// Mutations of communities, their members, what they care about, and what is wrong in them.
#[derive(Debug, Default, MergedObject)]
pub struct CommunitiesMutation(
    DomainMutation,
    CommunityMutation,
    MembershipMutation,
    MemberMutation,
    StatementMutation,
    GoalMutation,
    LearningQuestionMutation,
    StoryMutation,
    FlagMutation,
);

/// Mutations of the shared repertoire.
#[derive(Debug, Default, MergedObject)]
pub struct RepertoireMutation(
    ItemMutation,
    LinkMutation,
    ReviewMutation,
    ResourceMutation,
    PracticeMutation,
    InnovationMutation,
    ActivityMutation,
    DiscussionMutation,
    CollectionMutation,
    ShareMutation,
    PostMutation,
    EvidenceMutation,
    PilotMutation,
    ReportMutation,
    SyncMutation,
    OperationMutation,
);

/// Mutations of what shows that something works.
#[derive(Debug, Default, MergedObject)]
pub struct EvidenceMutation(AdoptionMutation);

/// The schema of the API.
pub type ApiSchema = Schema<Query, Idempotent<Mutation>, EmptySubscription>;

/// Builds the schema. Requests bring a [`super::request::RequestState`] along.
#[must_use]
pub fn schema(app: App) -> ApiSchema {
    builder().data(app).finish()
}

/// Executes the documents of the API, and validates each of them until it was found to fit the schema: that takes as
/// long as answering a small question. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    validating: ApiSchema,
    trusting: ApiSchema,
}

impl Executor {
    /// Executes by a schema, and by another one like it that trusts its documents.
    #[must_use]
    pub fn new(schema: ApiSchema, app: App) -> Self {
        let trusting = builder().validation_mode(ValidationMode::Fast).data(app);
        Self {
            validating: schema,
            trusting: trusting.finish(),
        }
    }

    /// The schema in the definition language.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.validating.sdl()
    }

    /// Executes a request, whose document is known to fit the schema or is validated first.
    pub async fn execute(&self, request: Request, is_valid: bool) -> Response {
        let schema = if is_valid {
            &self.trusting
        } else {
            &self.validating
        };
        in_rounds(schema.execute(request)).await
    }
}

/// The schema in the definition language, as it is published.
#[must_use]
pub fn sdl() -> String {
    builder().finish().sdl()
}

fn builder() -> SchemaBuilder<Query, Idempotent<Mutation>, EmptySubscription> {
    Schema::build(Query::default(), Idempotent::default(), EmptySubscription)
        .register_output_type::<Date>()
        .register_output_type::<ByteCount>()
        .register_output_type::<super::item::Item>()
        .register_output_type::<super::node::Node>()
}

#[cfg(test)]
mod tests;
