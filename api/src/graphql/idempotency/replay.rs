//! A payload that is answered again: what was recorded, and the things that it showed as they are now.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, InlineFragment, Selection, SelectionSet, TypeCondition};
use async_graphql::registry::{MetaField, MetaType, MetaTypeName, Registry};
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{
    Context, ContextSelectionSet, Error, ID, Name, OutputType, Positioned, Result, ServerError,
    ServerResult, Value,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use service::idempotency::Recorded;

use super::{REPLAYED, node_of};
use crate::graphql::community::loaders::CommunityById;
use crate::graphql::community::{CommunityKind, SetCommunityKindPayload};
use crate::graphql::errors::UserError;
use crate::graphql::ids::NodeType;
use crate::graphql::node::find;
use crate::graphql::plain::merge;
use crate::graphql::request::ask;
use crate::graphql::scalars::Position;
use crate::graphql::sync::SyncResourcesPayload;

/// What a field of a payload is answered from when its mutation is not run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Why the input was refused, as it was said.
    UserErrors,
    /// The place of the write.
    Position,
    /// A thing, as its caller may see it now; null when it is gone.
    Thing,
    /// The id of what was deleted or revoked, which the mutation names as `id`.
    Named,
    /// What is shown once: null.
    Secret,
    /// What the write noted beside.
    Detail,
    /// What the guards of a community's kind would not let be published.
    Conflicts,
    /// What became of what another system listed.
    Synchronized,
}

/// How a field of a payload is answered again. None for one that nobody has thought of: a test finds it.
pub(super) fn again(registry: &Registry, payload: &str, field: &MetaField) -> Option<Again> {
    let is_thing = |name: &str| {
        let is_node = |name: &str| {
            let interfaces = registry.implements.get(name);
            interfaces.is_some_and(|interfaces| interfaces.contains("Node"))
        };
        let possible = registry.types.get(name).and_then(MetaType::possible_types);
        is_node(name) || possible.is_some_and(|types| types.iter().all(|name| is_node(name)))
    };
    Some(match (payload, field.name.as_str(), field.ty.as_str()) {
        ("SyncResourcesPayload", "results" | "counts" | "position", _) => Again::Synchronized,
        (_, "userErrors", "[UserError!]!") => Again::UserErrors,
        (_, "position", "Position") => Again::Position,
        (_, "deletedId" | "revokedId", "ID") => Again::Named,
        (_, "secret" | "invitationToken" | "accessToken" | "refreshToken", "String")
        | ("StartImportPayload", "uploadUrl", "URL")
        | (_, "accessTokenExpiresAt", "DateTime") => Again::Secret,
        ("InviteUserPayload", "expiresAt", "DateTime") => Again::Detail,
        ("SetCommunityKindPayload", "conflicts", _) => Again::Conflicts,
        (_, _, name) if is_thing(name) => Again::Thing,
        _ => return None,
    })
}

/// The payload of a mutation, by its name.
pub(super) fn payload_of<'a>(registry: &'a Registry, mutation: &str) -> Option<&'a MetaType> {
    let root = registry.types.get(registry.mutation_type.as_ref()?)?;
    let declared = &root.field_by_name(mutation)?.ty;
    registry
        .types
        .get(MetaTypeName::concrete_typename(declared))
}

/// Answers a mutation's field by what is recorded.
pub(super) async fn answer(root: &Context<'_>, recorded: &Recorded) -> ServerResult<Option<Value>> {
    root.insert_http_header(REPLAYED, "true");
    let mutation = root.item.node.name.node.as_str();
    let payload = payload_of(&root.schema_env.registry, mutation)
        .ok_or_else(|| place(root, unknown(mutation)))?;
    let replay = Replay {
        root,
        payload,
        recorded,
    };
    let set = root.with_selection_set(&root.item.node.selection_set);
    let mut fields = Vec::new();
    flatten(&set, set.item, payload.name(), &mut fields);
    let resolving = fields.iter().map(|field| {
        let (set, replay) = (&set, &replay);
        async move { replay.field(&set.with_field(field)).await }
    });
    let mut values = IndexMap::new();
    for (field, resolved) in fields.iter().zip(join_all(resolving).await) {
        let value = resolved.unwrap_or_else(|error| {
            set.add_error(error);
            Value::Null
        });
        let key = field.node.response_key().node.clone();
        // A key that is selected twice has its parts merged.
        merge(values.entry(key).or_insert(Value::Null), value);
    }
    Ok(Some(Value::Object(values)))
}

/// The selected fields of a payload, those of fragments too.
fn flatten<'a>(
    context: &ContextSelectionSet<'a>,
    set: &'a Positioned<SelectionSet>,
    payload: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
) {
    for selection in &set.node.items {
        match &selection.node {
            Selection::Field(field) => fields.push(field),
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.is_none_or(|condition| condition.node.on.node == payload) {
                    flatten(context, &fragment.node.selection_set, payload, fields);
                }
            }
            Selection::FragmentSpread(spread) => {
                let fragments = &context.query_env.fragments;
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node)
                    && fragment.node.type_condition.node.on.node == payload
                {
                    flatten(context, &fragment.node.selection_set, payload, fields);
                }
            }
        }
    }
}

struct Replay<'a> {
    root: &'a Context<'a>,
    payload: &'a MetaType,
    recorded: &'a Recorded,
}

impl Replay<'_> {
    async fn field(&self, context: &Context<'_>) -> ServerResult<Value> {
        let (field, recorded) = (context.item, self.recorded);
        let name = field.node.name.node.as_str();
        if name == "__typename" {
            return Ok(Value::String(self.payload.name().to_owned()));
        }
        let registry = &context.schema_env.registry;
        let declared = self
            .payload
            .field_by_name(name)
            .ok_or_else(|| place(context, unknown(name)))?;
        let how = again(registry, self.payload.name(), declared)
            .ok_or_else(|| place(context, unknown(name)))?;
        let set = context.with_selection_set(&field.node.selection_set);
        match how {
            Again::UserErrors => {
                let faults = recorded.faults.iter().cloned();
                let errors: Vec<UserError> = faults.map(UserError::from).collect();
                let resolving: BoxFuture<'_, _> = errors.resolve(&set, field).boxed();
                resolving.await
            }
            Again::Position => {
                let position = recorded.position.map(Position::from);
                Ok(position.map_or(Value::Null, |position| Value::String(position.0)))
            }
            Again::Named if recorded.faults.is_empty() => {
                let (_, ID(id)) = self.root.param_value::<ID>("id", None)?;
                Ok(Value::String(id))
            }
            Again::Named | Again::Secret => Ok(Value::Null),
            Again::Detail => {
                let detail = recorded.details.get(name).cloned();
                let value = detail.map(Value::from_json).transpose();
                value
                    .map(Option::unwrap_or_default)
                    .map_err(|error| place(context, error.into()))
            }
            Again::Thing => self.thing(context, &declared.ty).await,
            Again::Conflicts => self.conflicts(context).await,
            Again::Synchronized => {
                let payload = SyncResourcesPayload::again(recorded);
                let payload = payload.map_err(|error| place(context, error.into()))?;
                let resolving: BoxFuture<'_, _> = payload.resolve_field(context).boxed();
                Ok(resolving.await?.unwrap_or_default())
            }
        }
    }

    /// The thing of a declared type that the payload showed.
    async fn thing(&self, context: &Context<'_>, declared: &str) -> ServerResult<Value> {
        let declared = context.schema_env.registry.types.get(declared);
        let shown = self.recorded.nodes.iter().filter_map(node_of);
        let mut fitting = shown.filter(|(node_type, _)| {
            declared.is_some_and(|declared| declared.is_possible_type(node_type.type_name()))
        });
        let Some((node_type, id)) = fitting.next() else {
            return Ok(Value::Null);
        };
        let finding: BoxFuture<'_, _> = find(context, node_type, id).boxed();
        let Some(found) = finding.await.map_err(|error| place(context, error))? else {
            return Ok(Value::Null);
        };
        let selected = of_type(node_type.type_name(), &context.item.node.selection_set);
        let set = context.with_selection_set(&selected);
        let resolving: BoxFuture<'_, _> = found.resolve(&set, context.item).boxed();
        resolving.await
    }

    async fn conflicts(&self, context: &Context<'_>) -> ServerResult<Value> {
        let mut shown = self.recorded.nodes.iter().filter_map(node_of);
        let community = match shown.find(|(node_type, _)| *node_type == NodeType::Community) {
            Some((_, id)) => {
                let found: Result<_> = ask(context, CommunityById(id)).await;
                found.map_err(|error| place(context, error))?
            }
            None => None,
        };
        let (_, kind) = self.root.param_value::<CommunityKind>("kind", None)?;
        let payload = SetCommunityKindPayload::again(community, kind.into());
        let resolving: BoxFuture<'_, _> = payload.resolve_field(context).boxed();
        Ok(resolving.await?.unwrap_or_default())
    }
}

/// A selection as one of a concrete type: an interface answers its own fields alone.
fn of_type(name: &str, set: &Positioned<SelectionSet>) -> Positioned<SelectionSet> {
    let on = Positioned::new(Name::new(name), set.pos);
    let fragment = InlineFragment {
        type_condition: Some(Positioned::new(TypeCondition { on }, set.pos)),
        directives: Vec::new(),
        selection_set: set.clone(),
    };
    let fragment = Selection::InlineFragment(Positioned::new(fragment, set.pos));
    let items = vec![Positioned::new(fragment, set.pos)];
    Positioned::new(SelectionSet { items }, set.pos)
}

fn unknown(name: &str) -> Error {
    Error::new(format!("a retry does not know how to answer {name}"))
}

fn place(context: &Context<'_>, error: Error) -> ServerError {
    context.set_error_path(error.into_server_error(context.item.pos))
}
