//! The change feed in the schema.

mod types;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use service::change::feed::{self, FeedRequest};
use service::error::Error;

use super::errors::IntoGraphql;
use super::ids::{NodeType, decode, encode};
use super::node::{self, Node, node_type};
use super::plain::{Plain, plain_enums, plain_fields};
use super::request::{store, viewer};
use super::scalars::{DateTime, Position};

/// What a change is to you.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::change::feed::ChangeOperation")]
pub enum ChangeOperation {
    /// It was made, or came into your sight.
    Created,
    /// It was changed in your sight.
    Updated,
    /// It was deleted, or left your sight.
    Deleted,
}

/// How far a change reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::change::feed::ChangeScope")]
pub enum ChangeScope {
    /// The one object that `nodeId` names.
    Node,
    /// Everything of `communityId` came into or left your sight, or went to another community: drop what you hold of it,
    /// with what it offers to other communities, and read anew what you see of it.
    Community,
}

plain_enums!(ChangeOperation, ChangeScope);

/// A change, as far as you may know of it.
#[derive(Clone, Debug)]
pub struct Change {
    change: feed::Change,
}

/// A change, as far as you may know of it.
#[Object]
impl Change {
    /// How far it reaches.
    async fn scope(&self) -> ChangeScope {
        self.change.scope.into()
    }

    /// Its place in the change log: above that of each change before it.
    async fn position(&self) -> Position {
        self.change.position.into()
    }

    /// What it is to you. By what you see now: of something that you no longer see, older changes are told as well. With
    /// the scope COMMUNITY, DELETED means that you see nothing of the community any more.
    async fn operation(&self) -> ChangeOperation {
        self.change.operation.into()
    }

    /// Global id of what was changed; with the scope COMMUNITY, of the community.
    async fn node_id(&self) -> ID {
        encode(node_type(self.change.entity_type), self.change.entity_id)
    }

    /// The object as it is now; null when it is deleted, or you no longer see it.
    async fn node(&self, context: &Context<'_>) -> Result<Option<Node>> {
        if self.change.operation == feed::ChangeOperation::Deleted {
            return Ok(None);
        }
        let of = node_type(self.change.entity_type);
        node::find(context, of, self.change.entity_id).await
    }

    /// The name of its type in this schema, such as `Resource`.
    async fn type_name(&self) -> &str {
        types::name(self.change.entity_type)
    }

    /// Names of the fields that changed, as this schema has them; empty where all of it is new or gone.
    async fn fields(&self) -> &[String] {
        &self.change.fields
    }

    /// Global id of the community that it belongs to; null for what belongs to none, such as a user or a domain.
    async fn community_id(&self) -> Option<ID> {
        let id = self.change.community_id?;
        Some(encode(NodeType::Community, id))
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        self.change.at.into()
    }
}

plain_fields!(Change {
    "scope" => scope,
    "position" => position,
    "operation" => operation,
    "nodeId" => node_id,
    "typeName" => type_name,
    "fields" => fields,
    "communityId" => community_id,
    "at" => at,
});

/// Changes, and where to go on.
#[derive(Clone, Debug, SimpleObject)]
pub struct ChangePage {
    /// The changes, oldest first.
    pub changes: Vec<Plain<Change>>,
    /// Pass as `after` next time, also when there were no changes: everything up to here was looked at.
    pub next_position: Position,
    /// Whether the log goes on after `nextPosition`; ask again at once then.
    pub has_more: bool,
}

/// Queries of the change feed.
#[derive(Debug, Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Everything that changed after a position and that you may see, oldest first, without gaps. A copy of what you see,
    /// read after a position was asked for by `serverInfo`, is kept equal to what the server has by the changes after that
    /// position. Null when you may not see the community that is asked for.
    ///
    /// A position belongs to one database (`serverInfo.databaseId`), and the copy to what one caller sees: take a new
    /// snapshot when you ask as somebody else, or by a token that is good for another community.
    async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Start after this position: the `nextPosition` of the page before, or that of a snapshot. From the oldest change that is kept if not given. The error POSITION_EXPIRED says that the changes after it are no longer kept."
        )]
        after: Option<Position>,
        #[graphql(desc = "How many changes; 100 if not given, at most 1,000.")] first: Option<i32>,
        #[graphql(
            desc = "Only of objects of these types, by their names in this schema, such as `Resource`; an empty list restricts nothing. Changes with the scope COMMUNITY come in any case, since they may concern objects of any type."
        )]
        types: Option<Vec<String>>,
        #[graphql(desc = "Only of what belongs to this community, and of itself.")]
        community_id: Option<ID>,
    ) -> Result<Option<ChangePage>> {
        let request = FeedRequest {
            after: after.map(|after| read_position(&after)).transpose()?,
            first: first.map(i64::from),
            types: types::named(&types.unwrap_or_default()).graphql()?,
            community: community_id
                .map(|id| decode("communityId", &id, NodeType::Community))
                .transpose()
                .graphql()?,
        };
        let page = feed::page(store(context)?, &viewer(context)?, &request)
            .await
            .graphql()?;
        Ok(page.map(|page| ChangePage {
            changes: page
                .changes
                .into_iter()
                .map(|change| Plain(Change { change }))
                .collect(),
            next_position: page.next.into(),
            has_more: page.has_more,
        }))
    }
}

fn read_position(position: &Position) -> Result<i64> {
    Position::number(&position.0)
        .ok_or_else(|| Error::BadArgument {
            argument: "after",
            message: "This is no position. Use one as the API answered it.".into(),
        })
        .graphql()
}
