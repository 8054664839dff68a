//! The fields of items that are published, and with it reviewed and kept by stewards, written once.

use async_graphql::{Context, Result};
use service::entity::item;
use service::item::publication_steps;
use service::policy::item::ItemFacts;

use super::loaders::{AuthorsOf, DomainsOf};
use crate::graphql::community;
use crate::graphql::item::{Lifecycle, TransitionOption};
use crate::graphql::request::{ask, viewer};
use crate::graphql::review::loaders::{ApproversOf, MakerOf};

/// The steps of the publication of an item that lead on from where it stands.
pub async fn publication_options(
    context: &Context<'_>,
    item: &item::Model,
) -> Result<Vec<TransitionOption>> {
    let community = community::required(context, item.community_id).await?;
    let authors = ask(context, AuthorsOf(item.id)).await?.unwrap_or_default();
    let domains = ask(context, DomainsOf(item.id)).await?.unwrap_or_default();
    let approvers = ask(context, ApproversOf(item.id))
        .await?
        .unwrap_or_default();
    let facts = ItemFacts {
        community: community.row(),
        item,
        authors: &authors,
    };
    let maker = ask(context, MakerOf(item.id)).await?;
    let steps = publication_steps(&viewer(context)?, facts, &domains, &approvers, maker);
    Ok(steps
        .into_iter()
        .map(|(to, blockers)| TransitionOption::new(Lifecycle::Status, to.as_str(), blockers))
        .collect())
}

/// Declares the object type of an item that is published: [`super::item_object`] with what review adds.
/// `without_body` is for a type that has no Markdown body.
macro_rules! reviewed_object {
    (@ [$($mode:ident)?] $(#[$meta:meta])* $object:ident, $details:ty, $variant:ident { $($own:tt)* }) => {
        $crate::graphql::item::item_object! {
            $($mode)? $(#[$meta])*
            $object, $details, $variant {
                $($own)*

                /// Who keeps it.
                pub async fn steward(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<$crate::graphql::user::User>> {
                    match self.item.steward_id {
                        Some(id) => $crate::graphql::user::one(context, id).await,
                        None => Ok(None),
                    }
                }

                /// When it is to be reviewed next.
                pub async fn review_due_at(&self) -> Option<$crate::graphql::scalars::DateTime> {
                    self.item.review_due_at.map(Into::into)
                }

                /// What was said of its revisions that you may see, newest first.
                pub async fn reviews(
                    &self,
                    context: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
                    #[graphql(desc = "Start after this cursor.")] after: Option<String>,
                ) -> async_graphql::Result<$crate::graphql::review::ReviewConnection> {
                    let request = $crate::graphql::connection::page_request(first, after, None, None);
                    $crate::graphql::review::ReviewConnection::of(context, self.item.id, &request).await
                }

                /// The revision that waits for its review, for those who may see it; readers are shown `revision`
                /// meanwhile.
                pub async fn pending_revision(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<$crate::graphql::item::Revision>> {
                    let waits = self.item.pending_revision.is_some()
                        || self.item.status == Some(service::entity::item::PublicationStatus::InReview);
                    if !waits {
                        return Ok(None);
                    }
                    let question = $crate::graphql::review::loaders::PendingRevisionOf(self.item.id);
                    $crate::graphql::request::ask(context, question).await
                }
            }
        }
    };
    (without_body $($rest:tt)*) => {
        $crate::graphql::item::reviewed_object! { @ [without_body] $($rest)* }
    };
    ($($rest:tt)*) => {
        $crate::graphql::item::reviewed_object! { @ [] $($rest)* }
    };
}

pub(crate) use reviewed_object;
