//! The fields of items that people try out and take back to their own practice, written once.

/// Declares the object type of an item that can be tried: another macro's object, with what shows how it went and where
/// it was made.
macro_rules! tried_object {
    ($base:ident: $(#[$meta:meta])* $object:ident, $details:ty, $variant:ident { $($own:tt)* }) => {
        $crate::graphql::item::$base! {
            $(#[$meta])*
            $object, $details, $variant {
                $($own)*

                /// The pilots of it, the last planned first.
                pub async fn pilots(
                    &self,
                    context: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
                    #[graphql(desc = "Start after this cursor.")] after: Option<String>,
                ) -> async_graphql::Result<$crate::graphql::pilot::PilotConnection> {
                    let request = $crate::graphql::connection::page_request(first, after, None, None);
                    let scope = service::pilot::PilotScope::Subject(self.item.id);
                    $crate::graphql::pilot::PilotConnection::of(context, scope, None, &request).await
                }

                /// What people took back to their own practice of it, newest first.
                pub async fn adoptions(
                    &self,
                    context: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
                    #[graphql(desc = "Start after this cursor.")] after: Option<String>,
                ) -> async_graphql::Result<$crate::graphql::adoption::AdoptionConnection> {
                    let request = $crate::graphql::connection::page_request(first, after, None, None);
                    $crate::graphql::adoption::AdoptionConnection::of_subject(context, self.item.id, &request).await
                }

                /// The activity that it was made in; null where it says none, and where you may not see the activity.
                pub async fn made_in(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<$crate::graphql::activity::Activity>> {
                    let found = $crate::graphql::activity::made_in(context, self.item.id).await?;
                    Ok(found.map(|(activity, _)| activity))
                }

                /// The recurrenceId of the occurrence that it was made in.
                pub async fn made_in_occurrence(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<$crate::graphql::scalars::DateTime>> {
                    let found = $crate::graphql::activity::made_in(context, self.item.id).await?;
                    Ok(found.and_then(|(_, occurrence)| occurrence).map(Into::into))
                }
            }
        }
    };
}

pub(crate) use tried_object;
