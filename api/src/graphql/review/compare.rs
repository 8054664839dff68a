//! Comparing two revisions of an item in the schema.

use async_graphql::{Context, ID, Json, Object, Result, SimpleObject};
use serde_json::Value;
use service::item::revision_by_number;
use service::review::compare;

use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::decode_one_of;
use crate::graphql::item::{REVISED_TYPES, Revision};
use crate::graphql::request::{store, viewer};

/// What differs between two revisions, field by field.
#[derive(Clone, Debug, SimpleObject)]
pub struct RevisionDiff {
    /// The one revision.
    from: Revision,
    /// The other.
    to: Revision,
    /// The fields that differ, title and body first.
    changes: Vec<FieldDiff>,
}

/// A field that differs between two revisions.
#[derive(Clone, Debug, SimpleObject)]
pub struct FieldDiff {
    /// Its name.
    field: String,
    /// Its value in the one revision; null where it is empty.
    before: Option<Json<Value>>,
    /// Its value in the other; null where it is empty.
    after: Option<Json<Value>>,
    /// For texts: a unified diff, line by line. Null for anything else.
    unified: Option<String>,
}

impl From<service::review::FieldDiff> for FieldDiff {
    fn from(diff: service::review::FieldDiff) -> Self {
        let given = |value: Value| (!value.is_null()).then_some(Json(value));
        Self {
            field: diff.field,
            before: given(diff.before),
            after: given(diff.after),
            unified: diff.unified,
        }
    }
}

/// Queries of revisions.
#[derive(Debug, Default)]
pub struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// What differs between any two revisions of an item; null when there is no such item, or when you may not see one
    /// of the revisions.
    async fn compare_revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice, an innovation or a collection.")] id: ID,
        #[graphql(desc = "The number of the one revision.")] from: i32,
        #[graphql(desc = "The number of the other.")] to: i32,
    ) -> Result<Option<RevisionDiff>> {
        let id = decode_one_of("id", &id, REVISED_TYPES).graphql()?;
        let (store, viewer) = (store(context)?, viewer(context)?);
        let before = revision_by_number(store, &viewer, id, from)
            .await
            .graphql()?;
        let after = revision_by_number(store, &viewer, id, to).await.graphql()?;
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(None);
        };
        let (from, to) = (Revision::from(before), Revision::from(after));
        let (before, after) = (from.fields(context).await?, to.fields(context).await?);
        let changes = compare(before, after).await.graphql()?;
        Ok(Some(RevisionDiff {
            from,
            to,
            changes: changes.into_iter().map(FieldDiff::from).collect(),
        }))
    }
}
