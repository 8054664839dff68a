//! What all items of the shared repertoire have in the schema: the interface, the shared fields, their loaders.

mod enums;
mod input;
pub mod lifecycle;
mod list;
pub mod loaders;
mod object;
mod reviewed;
mod revision;
mod transition_option;
mod tried;

use async_graphql::{Context, ID, Interface, Object, Result};
use service::entity::item::ItemType;
use service::item::ItemState;
use uuid::Uuid;

pub use enums::{Action, ItemVisibility, OrderDirection, PublicationStatus};
pub use input::{
    DateTimeRange, ItemFields, decode_range, languages, negated, nested, read_origin, read_range,
    values,
};
pub(crate) use input::{changed_item_fields, item_order, new_item_fields};
pub use list::{list, selected, selected_of_page};
pub(crate) use object::{item_object, plain_item_fields};
pub use reviewed::publication_options;
pub(crate) use reviewed::reviewed_object;
pub use revision::{Revision, RevisionConnection};
pub use transition_option::{Lifecycle, TransitionOption};
pub(crate) use tried::tried_object;

use super::activity::Activity;
use super::collection::Collection;
use super::community::Community;
use super::discussion::Discussion;
use super::domain::Domain;
use super::ids::{Decoder, NodeType};
use super::innovation::Innovation;
use super::list::List;
use super::mutation::{payload, settle};
use super::plain::Plain;
use super::practice::Practice;
use super::request::{ask, store, viewer};
use super::resource::Resource;
use super::scalars::{DateTime, Locale};
use super::user::User;

/// Something in the shared repertoire of a community: what resources, practices, innovations, activities, discussions
/// and collections have in common.
#[derive(Clone, Debug, Interface)]
#[expect(
    clippy::duplicated_attributes,
    reason = "fields of one type are described alike"
)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Global id."),
    field(name = "title", ty = "&str", desc = "Its title, one line."),
    field(
        name = "community",
        ty = "Plain<Community>",
        desc = "The community that it belongs to."
    ),
    field(
        name = "domains",
        ty = "List<Plain<Domain>>",
        desc = "What it is about; at most 10."
    ),
    field(
        name = "tags",
        ty = "Vec<String>",
        desc = "Tags as written; at most 30."
    ),
    field(
        name = "language",
        ty = "Option<Locale>",
        desc = "The language that it is written in."
    ),
    field(
        name = "authors",
        ty = "List<Plain<User>>",
        desc = "Users who are its authors; at most 50."
    ),
    field(
        name = "visibility",
        ty = "ItemVisibility",
        desc = "Who may see it, within those who may see its community."
    ),
    field(
        name = "revision",
        ty = "i32",
        desc = "Number of the revision that you are shown. Send it as `expectedRevision` when you change the item."
    ),
    field(
        name = "viewer_can",
        ty = "Vec<Action>",
        desc = "What you may do with it now."
    ),
    field(name = "viewer_follows", ty = "bool", desc = "Whether you follow it."),
    field(
        name = "licence",
        ty = "Option<&str>",
        desc = "SPDX or Creative Commons identifier, or the address of the licence."
    ),
    field(
        name = "attribution",
        ty = "Option<&str>",
        desc = "How to name the source; show it with the item."
    ),
    field(
        name = "bylines",
        ty = "&[String]",
        desc = "Names of authors who are no users here."
    ),
    field(name = "created_at", ty = "DateTime", desc = "When it was made."),
    field(
        name = "updated_at",
        ty = "DateTime",
        desc = "When it was last changed."
    )
)]
pub enum Item {
    /// A resource.
    Resource(Resource),
    /// A practice.
    Practice(Practice),
    /// An innovation.
    Innovation(Innovation),
    /// An activity.
    Activity(Activity),
    /// A discussion.
    Discussion(Discussion),
    /// A collection.
    Collection(Collection),
}

impl From<ItemState> for Item {
    fn from(state: ItemState) -> Self {
        match state.item.item_type {
            ItemType::Resource => Self::Resource(state.into()),
            ItemType::Practice => Self::Practice(state.into()),
            ItemType::Innovation => Self::Innovation(state.into()),
            ItemType::Activity => Self::Activity(state.into()),
            ItemType::Discussion => Self::Discussion(state.into()),
            ItemType::Collection => Self::Collection(state.into()),
        }
    }
}

/// An item of a type, as far as the viewer may see it; what is asked for together is loaded together.
pub async fn one(context: &Context<'_>, item_type: ItemType, id: Uuid) -> Result<Option<Item>> {
    Ok(match item_type {
        ItemType::Resource => ask(context, loaders::ResourceById(id))
            .await?
            .map(Item::Resource),
        ItemType::Practice => ask(context, loaders::PracticeById(id))
            .await?
            .map(Item::Practice),
        ItemType::Innovation => ask(context, loaders::InnovationById(id))
            .await?
            .map(Item::Innovation),
        ItemType::Activity => ask(context, loaders::ActivityById(id))
            .await?
            .map(Item::Activity),
        ItemType::Discussion => ask(context, loaders::DiscussionById(id))
            .await?
            .map(Item::Discussion),
        ItemType::Collection => ask(context, loaders::CollectionById(id))
            .await?
            .map(Item::Collection),
    })
}

/// The types of node that are items.
pub const ITEM_TYPES: &[NodeType] = &[
    NodeType::Activity,
    NodeType::Collection,
    NodeType::Discussion,
    NodeType::Innovation,
    NodeType::Practice,
    NodeType::Resource,
];

/// The types of node that are published, and with it reviewed and kept.
pub const PUBLISHED_TYPES: &[NodeType] =
    &[NodeType::Resource, NodeType::Practice, NodeType::Collection];

/// The types of node whose revisions are compared and restored.
pub const REVISED_TYPES: &[NodeType] = &[
    NodeType::Resource,
    NodeType::Practice,
    NodeType::Innovation,
    NodeType::Collection,
];

payload!(ItemPayload, item: Item, "item");

/// Mutations of items of every type.
#[derive(Debug, Default)]
pub struct ItemMutation;

#[Object]
impl ItemMutation {
    /// Brings an archived item back; for stewards and facilitators of its community.
    async fn restore_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice or a collection.")] id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id_of(&["id"], &id, PUBLISHED_TYPES);
        let outcome = service::item::restore(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
