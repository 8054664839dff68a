//! Histories in the schema: the steps of something from state to state, with who, why and when.

/// Declares the type of one step, its connection and its edge.
///
/// `one` and `many` say what the steps are of; `from` and `to` describe the two states, which are read from the names that
/// `stored` has; `read` names the service's functions for a page of them and for their number.
macro_rules! history {
    (
        $step:ident, $connection:ident, $edge:ident,
        $state:ty, stored: $stored:ty,
        one: $one:literal, many: $many:literal,
        from: $from:literal, to: $to:literal,
        read: $page:path, $count:path $(,)?
    ) => {
        #[doc = $one]
        #[derive(Clone, Debug)]
        pub struct $step {
            row: service::transition::Transition,
        }

        #[doc = $one]
        #[async_graphql::Object]
        impl $step {
            #[doc = $from]
            async fn from(&self) -> Option<$state> {
                let from = self.row.from_state.as_deref();
                from.and_then(<$stored>::parse).map(Into::into)
            }

            #[doc = $to]
            async fn to(&self) -> async_graphql::Result<$state> {
                let to = self.row.to_state.as_str();
                let known = <$stored>::parse(to).map(Into::into);
                known.ok_or_else(|| async_graphql::Error::new(format!("unknown state {to}")))
            }

            /// Who took it; null where that is not known any more.
            async fn actor(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Option<$crate::graphql::user::User>> {
                match self.row.actor_id {
                    Some(id) => $crate::graphql::user::one(context, id).await,
                    None => Ok(None),
                }
            }

            /// Why.
            async fn reason(&self) -> Option<&str> {
                self.row.reason.as_deref()
            }

            /// When.
            async fn at(&self) -> $crate::graphql::scalars::DateTime {
                self.row.at.into()
            }
        }

        $crate::graphql::connection::connection!($connection, $edge, $step, $many);

        impl $connection {
            /// The steps of something that the viewer was shown.
            pub async fn of(
                context: &async_graphql::Context<'_>,
                id: uuid::Uuid,
                request: &service::paging::PageRequest,
            ) -> async_graphql::Result<Self> {
                use $crate::graphql::errors::IntoGraphql;
                let store = $crate::graphql::request::store(context)?.clone();
                let page = $page(&store, id, request).await.graphql()?;
                let total = $crate::graphql::connection::Total::by(move || {
                    let store = store.clone();
                    Box::pin(async move { $count(&store, id).await })
                });
                Ok(Self::new(page.map(|row| $step { row }), total))
            }
        }
    };
}

pub(crate) use history;
