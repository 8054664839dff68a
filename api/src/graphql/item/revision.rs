//! Revisions in the schema.

use async_graphql::{Context, ID, Json, Object, Result};
use serde_json::{Map, Value, json};
use service::entity::{item, revision};
use service::item::{page_of_revisions, revision_count};
use service::paging::PageRequest;
use uuid::Uuid;

use super::PublicationStatus;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::node;
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
    /// Every editable field by its name, ids as the schema has them. Of what it refers to, what the viewer may not see is
    /// left out, with what is said of it.
    pub async fn fields(&self, context: &Context<'_>) -> Result<Map<String, Value>> {
        let mut content = match &self.row.content {
            Value::Object(content) => content.clone(),
            _ => Map::new(),
        };
        for (name, node_type) in [
            ("authorIds", NodeType::User),
            ("domainIds", NodeType::Domain),
        ] {
            if let Some(Value::Array(ids)) = content.get_mut(name) {
                for id in ids {
                    if let Some(row) = id.as_str().and_then(|text| Uuid::try_parse(text).ok()) {
                        *id = Value::String(encode(node_type, row).to_string());
                    }
                }
            }
        }
        if let Some(Value::Array(ids)) = content.remove("resourceIds") {
            let resources = ids.into_iter().map(|id| {
                let resource = json!({ "type": "RESOURCE", "id": id });
                (resource, json!({}))
            });
            let shown = shown(context, resources.collect()).await?;
            let ids = shown.into_iter().map(|(id, _)| id);
            content.insert("resourceIds".into(), ids.collect());
        }
        if let Some(about) = content.remove("aboutId") {
            let shown = shown(context, vec![(about, json!({}))]).await?;
            let id = shown.into_iter().next().map(|(id, _)| id);
            content.insert("aboutId".into(), id.unwrap_or_default());
        }
        if let Some(Value::Array(entries)) = content.remove("entries") {
            let entries = entries.into_iter().map(|entry| {
                let note = entry.get("note").cloned().unwrap_or_default();
                (entry, note)
            });
            let shown = shown(context, entries.collect()).await?;
            let entries = shown.into_iter();
            let entries = entries.map(|(id, note)| json!({ "id": id, "note": note }));
            content.insert("entries".into(), entries.collect());
        }
        content.insert("title".into(), Value::String(self.row.title.clone()));
        content.insert(
            "body".into(),
            self.row.body.clone().map_or(Value::Null, Value::String),
        );
        Ok(content)
    }
}

/// The ids of those of some things, each given by its type and row and with what is said of it, that the viewer may see.
async fn shown(context: &Context<'_>, things: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>> {
    let mut named = Vec::with_capacity(things.len());
    for (thing, said) in things {
        let text = |name: &str| thing.get(name).and_then(Value::as_str);
        let mut types = NodeType::ALL.iter().copied();
        let node_type = types
            .find(|one| text("type").is_some_and(|name| name.eq_ignore_ascii_case(one.prefix())));
        let row = text("id").and_then(|text| Uuid::try_parse(text).ok());
        named.extend(node_type.zip(row).map(|id| (id, said)));
    }
    let ids: Vec<(NodeType, Uuid)> = named.iter().map(|(id, _)| *id).collect();
    let nodes = node::load(context, &ids).await?;
    let there = named.into_iter().zip(nodes);
    Ok(there
        .filter(|(_, node)| node.is_some())
        .map(|(((node_type, row), said), _)| {
            (Value::String(encode(node_type, row).to_string()), said)
        })
        .collect())
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

    /// Every editable field by its name. What it refers to is left out where you may not see it.
    async fn content(&self, context: &Context<'_>) -> Result<Json<Value>> {
        Ok(Json(Value::Object(self.fields(context).await?)))
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
