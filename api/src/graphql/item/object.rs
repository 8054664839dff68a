//! The fields that every type of item has, written once.

/// Declares the object type of an item: the shared fields, and those of its own. `without_body` leaves out the Markdown
/// body and the address, for a type that has texts of its own in their place.
macro_rules! item_object {
    (without_body $(#[$meta:meta])* $object:ident, $details:ty, $variant:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $object {
            pub(crate) item: std::sync::Arc<service::entity::item::Model>,
            pub(crate) details: std::sync::Arc<$details>,
            pub(crate) edges: std::sync::Arc<service::item::Edges>,
        }

        impl From<service::item::Listed<$details>> for $object {
            fn from(listed: service::item::Listed<$details>) -> Self {
                Self {
                    item: std::sync::Arc::new(listed.item),
                    details: std::sync::Arc::new(listed.details),
                    edges: std::sync::Arc::new(listed.edges),
                }
            }
        }

        impl $object {
            async fn author_ids(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<std::borrow::Cow<'_, [uuid::Uuid]>> {
                if let Some(authors) = &self.edges.authors {
                    return Ok(authors.into());
                }
                let key = $crate::graphql::item::loaders::AuthorsOf(self.item.id);
                let authors = $crate::graphql::request::ask(context, key).await?;
                Ok(authors.unwrap_or_default().into())
            }
        }

        $(#[$meta])*
        #[async_graphql::Object]
        impl $object {
            /// Global id.
            pub async fn id(&self) -> async_graphql::ID {
                $crate::graphql::ids::encode($crate::graphql::ids::NodeType::$variant, self.item.id)
            }

            /// Its title, one line.
            pub async fn title(&self) -> &str {
                &self.item.title
            }

            /// SPDX or Creative Commons identifier, or the address of the licence.
            pub async fn licence(&self) -> Option<&str> {
                self.item.licence.as_deref()
            }

            /// How to name the source; show it with the item.
            pub async fn attribution(&self) -> Option<&str> {
                self.item.attribution.as_deref()
            }

            /// Names of authors who are no users here.
            pub async fn bylines(&self) -> &[String] {
                &self.item.bylines.0
            }

            /// The community that it belongs to.
            pub async fn community(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<$crate::graphql::plain::Plain<$crate::graphql::community::Community>> {
                let community = $crate::graphql::community::required(context, self.item.community_id).await;
                Ok(community?.into())
            }

            /// The communities that it came from, when they were split or merged, the latest first, as far as you may know
            /// of them; at most 50.
            pub async fn came_from(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Vec<$crate::graphql::community::Community>> {
                let kin = service::evolution::Kin::CameFrom;
                $crate::graphql::community::kin(context, kin, self.item.id).await
            }

            /// The graph of relations around it, the nearest first: what it came from, and what came of it. What you may not
            /// see ends its branch.
            pub async fn lineage(
                &self,
                context: &async_graphql::Context<'_>,
                #[graphql(desc = "Which way; BOTH if not given.")] direction: Option<$crate::graphql::link::LineageDirection>,
                #[graphql(desc = "How many relations away, from 1 to 10; 5 if not given.")] depth: Option<i32>,
                #[graphql(desc = "How many relations, at most 500; 100 if not given.")] first: Option<i32>,
            ) -> async_graphql::Result<Vec<$crate::graphql::link::LineageLink>> {
                let root = (service::entity::change::EntityType::$variant, self.item.id);
                let request = $crate::graphql::link::lineage_request(direction, depth, first);
                $crate::graphql::link::lineage(context, root, request).await
            }

            /// What it is about; at most 10.
            pub async fn domains(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<$crate::graphql::list::List<$crate::graphql::plain::Plain<$crate::graphql::domain::Domain>>> {
                let domains = if let Some(domains) = &self.edges.domains {
                    $crate::graphql::domain::many(context, domains).await?
                } else {
                    let key = $crate::graphql::item::loaders::DomainsOf(self.item.id);
                    let ids = $crate::graphql::request::ask(context, key).await?;
                    $crate::graphql::domain::many(context, &ids.unwrap_or_default()).await?
                };
                Ok(domains.into_iter().map(Into::into).collect())
            }

            /// Tags as written; at most 30.
            pub async fn tags(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Vec<String>> {
                if let Some(tags) = &self.edges.tags {
                    return Ok(tags.clone());
                }
                let key = $crate::graphql::item::loaders::TagsOf(self.item.id);
                let tags = $crate::graphql::request::ask(context, key).await?;
                Ok(tags.unwrap_or_default())
            }

            /// The language that it is written in.
            pub async fn language(&self) -> Option<$crate::graphql::scalars::Locale> {
                self.item.language.clone().map($crate::graphql::scalars::Locale)
            }

            /// Users who are its authors; at most 50.
            pub async fn authors(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<$crate::graphql::list::List<$crate::graphql::plain::Plain<$crate::graphql::user::User>>> {
                let ids = self.author_ids(context).await?;
                let authors = $crate::graphql::user::many(context, &ids).await?;
                Ok(authors.into_iter().map(Into::into).collect())
            }

            /// Who may see it, within those who may see its community.
            pub async fn visibility(&self) -> $crate::graphql::item::ItemVisibility {
                self.item.visibility.into()
            }

            /// Number of the revision that you are shown. Send it as `expectedRevision` when you change the item.
            pub async fn revision(&self) -> i32 {
                self.item.revision
            }

            /// Its revisions, newest first. Drafts are for authors, reviewers and above.
            pub async fn revisions(
                &self,
                context: &async_graphql::Context<'_>,
                #[graphql(desc = "How many from the start, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Start after this cursor.")] after: Option<String>,
                #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
                #[graphql(desc = "End before this cursor.")] before: Option<String>,
            ) -> async_graphql::Result<$crate::graphql::item::RevisionConnection> {
                let request = $crate::graphql::connection::page_request(first, after, last, before);
                $crate::graphql::item::RevisionConnection::of(context, &self.item, &request).await
            }

            /// What you may do with it now.
            pub async fn viewer_can(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Vec<$crate::graphql::item::Action>> {
                let community = $crate::graphql::community::required(context, self.item.community_id).await?;
                let authors = self.author_ids(context).await?;
                let facts = service::policy::item::ItemFacts {
                    community: community.row(),
                    item: &self.item,
                    authors: &authors,
                };
                let viewer = $crate::graphql::request::viewer(context)?;
                let mut actions = service::policy::item::actions(&viewer, facts);
                if actions.contains(&service::policy::Action::Review) {
                    let maker = $crate::graphql::review::loaders::MakerOf(self.item.id);
                    if $crate::graphql::request::ask(context, maker).await? == viewer.user_id() {
                        actions = service::policy::item::of_maker(actions);
                    }
                }
                Ok(actions.into_iter().map(Into::into).collect())
            }

            /// Whether you follow it.
            pub async fn viewer_follows(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<bool> {
                $crate::graphql::follow::viewer_follows(context, self.item.id).await
            }

            /// When it was made.
            pub async fn created_at(&self) -> $crate::graphql::scalars::DateTime {
                self.item.created_at.into()
            }

            /// When it was last changed, published, archived or moved to another stage.
            pub async fn updated_at(&self) -> $crate::graphql::scalars::DateTime {
                self.item.updated_at.into()
            }

            $($own)*
        }
    };
    ($(#[$meta:meta])* $object:ident, $details:ty, $variant:ident { $($own:tt)* }) => {
        impl $object {
            async fn text(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Option<std::borrow::Cow<'_, str>>> {
                if let Some(body) = &self.edges.body {
                    return Ok(body.as_deref().map(Into::into));
                }
                let key = $crate::graphql::item::loaders::BodyOf(self.item.id);
                let body = $crate::graphql::request::ask(context, key).await?;
                Ok(body.map(Into::into))
            }
        }

        $crate::graphql::item::item_object! {
            without_body $(#[$meta])* $object, $details, $variant {
                /// The whole text, Markdown. See `bodyHtml` for something to show.
                pub async fn body(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<std::borrow::Cow<'_, str>>> {
                    self.text(context).await
                }

                /// Sanitized HTML of the Markdown body: safe to put into a page.
                pub async fn body_html(
                    &self,
                    context: &async_graphql::Context<'_>,
                ) -> async_graphql::Result<Option<String>> {
                    let body = self.text(context).await?;
                    Ok(body.map(|body| service::text::markdown_to_html(&body)))
                }

                /// Where it is on the web.
                pub async fn url(&self) -> Option<$crate::graphql::scalars::Url> {
                    self.item.url.clone().map($crate::graphql::scalars::Url)
                }

                $($own)*
            }
        }
    };
}

/// Names the fields of a type of item that need no waiting: the shared ones, and those of its own.
macro_rules! plain_item_fields {
    ($object:ty { $($field:literal => $resolver:ident),* $(,)? }) => {
        $crate::graphql::plain::plain_fields!($object {
            "id" => id,
            "title" => title,
            "licence" => licence,
            "attribution" => attribution,
            "bylines" => bylines,
            "tags" => tags,
            "language" => language,
            "visibility" => visibility,
            "revision" => revision,
            "createdAt" => created_at,
            "updatedAt" => updated_at,
            $($field => $resolver,)*
        });
    };
}

pub(crate) use item_object;
pub(crate) use plain_item_fields;
