//! Revisions in the schema.

use async_graphql::{Context, ID, Json, Object, Result};
use serde_json::{Map, Value};
use service::entity::{item, revision};
use service::item::{page_of_revisions, revision_count};
use service::paging::PageRequest;
use uuid::Uuid;

use super::PublicationStatus;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// An immutable state of an item's content.
#[derive(Clone, Debug)]
pub struct Revision {
    row: revision::Model,
}

impl From<revision::Model> for Revision {
    fn from(row: revision::Model) -> Self {
        Self { row }
    }
}

impl Revision {
    /// Every editable field by its name, ids as the schema has them.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        let mut content = match &self.row.content {
            Value::Object(content) => content.clone(),
            _ => Map::new(),
        };
        for (name, node_type) in [
            ("authorIds", NodeType::User),
            ("domainIds", NodeType::Domain),
            ("resourceIds", NodeType::Resource),
        ] {
            if let Some(Value::Array(ids)) = content.get_mut(name) {
                for id in ids {
                    if let Some(row) = id.as_str().and_then(|text| Uuid::try_parse(text).ok()) {
                        *id = Value::String(encode(node_type, row).to_string());
                    }
                }
            }
        }
        if let Some(Value::Object(about)) = content.get("aboutId") {
            let named = |name: &str| about.get(name).and_then(Value::as_str);
            let node_type = NodeType::ALL.iter().copied().find(|one| {
                named("type").is_some_and(|name| name.eq_ignore_ascii_case(one.prefix()))
            });
            let row = named("id").and_then(|text| Uuid::try_parse(text).ok());
            let id = node_type
                .zip(row)
                .map(|(node_type, row)| encode(node_type, row).to_string());
            content.insert("aboutId".into(), id.map_or(Value::Null, Value::String));
        }
        content.insert("title".into(), Value::String(self.row.title.clone()));
        content.insert(
            "body".into(),
            self.row.body.clone().map_or(Value::Null, Value::String),
        );
        content
    }
}

/// An immutable state of an item's content.
#[Object]
impl Revision {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Revision, self.row.id)
    }

    /// Counts from 1 in each item.
    async fn number(&self) -> i32 {
        self.row.number
    }

    /// Where this revision stands: PUBLISHED once readers were shown it.
    async fn state(&self) -> PublicationStatus {
        self.row.state.into()
    }

    /// The title at that time.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The Markdown body at that time.
    async fn body(&self) -> Option<&str> {
        self.row.body.as_deref()
    }

    /// Every editable field by its name.
    async fn content(&self) -> Json<Value> {
        Json(Value::Object(self.fields()))
    }

    /// Who made it; null where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// What the change was about, in its author's words.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    RevisionConnection,
    RevisionEdge,
    Revision,
    "revisions of an item"
);

impl RevisionConnection {
    /// The revisions of an item that the viewer sees.
    pub async fn of(
        context: &Context<'_>,
        item: &item::Model,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer, id) = (store(context)?.clone(), viewer(context)?, item.id);
        let page = page_of_revisions(&store, &viewer, id, request)
            .await
            .graphql()?;
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { revision_count(&store, &viewer, id).await })
        });
        Ok(Self::new(page.map(Revision::from), total))
    }
}
