//! A community in the schema, joined of three parts.

mod about;
mod life;
mod repertoire;

use std::future::{Future, ready};
use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Result, Value};
use service::community::about_only;
use service::entity::community;

use about::CommunityAbout;
use life::CommunityLife;
use repertoire::CommunityRepertoire;

use crate::graphql::ids::{NodeType, encode};
use crate::graphql::plain::PlainFields;
use crate::graphql::request::viewer;

/// A community of practice: people who share a concern and build a repertoire together. Of a PRIVATE community, others
/// than members see only what it is about: fields that may be null are null then, and lists are empty.
#[derive(Clone, Debug, MergedObject)]
pub struct Community(CommunityAbout, CommunityLife, CommunityRepertoire);

impl Community {
    /// The row, for the policy.
    #[must_use]
    pub fn row(&self) -> &community::Model {
        &self.0.row
    }

    /// Its global id, for the interface of all that has one.
    pub fn id(&self, _: &Context<'_>) -> impl Future<Output = Result<ID>> + use<> {
        ready(Ok(encode(NodeType::Community, self.row().id)))
    }
}

/// The row, for those who see more of the community than what it is about.
fn whole<'a>(
    context: &Context<'_>,
    row: &'a Arc<community::Model>,
) -> Result<Option<&'a Arc<community::Model>>> {
    Ok((!about_only(&viewer(context)?, row)).then_some(row))
}

impl From<community::Model> for Community {
    fn from(row: community::Model) -> Self {
        Arc::new(row).into()
    }
}

impl From<Arc<community::Model>> for Community {
    fn from(row: Arc<community::Model>) -> Self {
        Self(
            CommunityAbout {
                row: Arc::clone(&row),
            },
            CommunityLife {
                row: Arc::clone(&row),
            },
            CommunityRepertoire { row },
        )
    }
}

impl PlainFields for Community {
    fn plain(&self, field: &str, context: &Context<'_>) -> Option<Value> {
        self.0.plain(field, context)
    }
}
