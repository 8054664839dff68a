//! The schema: every feature's queries and mutations, joined part by part.

use async_graphql::{EmptySubscription, MergedObject, Schema};

use super::innovation::{InnovationMutation, InnovationQuery};
use super::item::ItemMutation;
use super::node::NodeQuery;
use super::practice::{PracticeMutation, PracticeQuery};
use super::resource::{ResourceMutation, ResourceQuery};
use super::scalars::{ByteCount, Date};

/// What can be asked. Everything is answered as you may see it: what you may not see is absent, from totals too.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Query")]
pub struct Query(NodeQuery, RepertoireQuery);

/// Queries of the shared repertoire.
#[derive(Debug, Default, MergedObject)]
pub struct RepertoireQuery(ResourceQuery, PracticeQuery, InnovationQuery);

/// What can be changed. What you can mend in an input is answered in `userErrors`, all faults at once, and nothing is
/// written then.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(RepertoireMutation);

/// Mutations of the shared repertoire.
#[derive(Debug, Default, MergedObject)]
pub struct RepertoireMutation(
    ItemMutation,
    ResourceMutation,
    PracticeMutation,
    InnovationMutation,
);

/// The schema of the API.
pub type ApiSchema = Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Requests bring a [`super::request::RequestState`] along.
#[must_use]
pub fn schema() -> ApiSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<Date>()
        .register_output_type::<ByteCount>()
        .register_output_type::<super::item::Item>()
        .register_output_type::<super::node::Node>()
        .finish()
}
