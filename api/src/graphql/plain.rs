//! Objects whose fields are mostly known without waiting. async-graphql makes each field a boxed future of its own, as
//! large as that of the object's largest field; for a field that copies a text this costs many times the copy. Where
//! an object stands as [`Plain`], its fields that are known at once are answered in place, all others in the usual way.
//!
//! Which fields these are [`plain_fields`] lists; they are answered by their resolvers, so that there is one truth.

use std::borrow::Cow;

use async_graphql::async_trait::async_trait;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{
    Context, ContextSelectionSet, ID, Name, OutputType, Positioned, Result, ServerResult, Value,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

/// An object, the fields of which that are known without waiting are answered in place.
#[derive(Clone, Debug)]
pub struct Plain<T>(pub T);

impl<T> From<T> for Plain<T> {
    fn from(object: T) -> Self {
        Self(object)
    }
}

/// What an object answers at once.
pub trait PlainFields {
    /// The value of a field that takes no arguments; none where it is to be resolved in the usual way.
    fn plain(&self, field: &str, context: &Context<'_>) -> Option<Value>;
}

impl<T: PlainFields> PlainFields for &T {
    fn plain(&self, field: &str, context: &Context<'_>) -> Option<Value> {
        T::plain(self, field, context)
    }
}

/// Names the fields of an object that need no waiting, each with its resolver.
macro_rules! plain_fields {
    ($object:ty { $($field:literal => $resolver:ident),+ $(,)? }) => {
        impl $crate::graphql::plain::PlainFields for $object {
            fn plain(
                &self,
                field: &str,
                context: &async_graphql::Context<'_>,
            ) -> Option<async_graphql::Value> {
                match field {
                    $($field => $crate::graphql::plain::now(self.$resolver(context)),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use plain_fields;

/// The value that a resolver answers without waiting.
pub fn now<T: PlainValue>(resolver: impl Future<Output = T>) -> Option<Value> {
    resolver.now_or_never()?.value()
}

/// What becomes a value as it is.
pub trait PlainValue {
    /// The value; none for an error, which the usual way reports.
    fn value(self) -> Option<Value>;
}

impl PlainValue for &str {
    fn value(self) -> Option<Value> {
        Some(Value::String(self.to_owned()))
    }
}

impl PlainValue for &String {
    fn value(self) -> Option<Value> {
        Some(Value::String(self.clone()))
    }
}

impl PlainValue for String {
    fn value(self) -> Option<Value> {
        Some(Value::String(self))
    }
}

impl PlainValue for Cow<'_, str> {
    fn value(self) -> Option<Value> {
        Some(Value::String(self.into_owned()))
    }
}

impl PlainValue for ID {
    fn value(self) -> Option<Value> {
        Some(Value::String(self.0))
    }
}

impl PlainValue for i32 {
    fn value(self) -> Option<Value> {
        Some(Value::Number(self.into()))
    }
}

impl PlainValue for bool {
    fn value(self) -> Option<Value> {
        Some(Value::Boolean(self))
    }
}

impl PlainValue for &[String] {
    fn value(self) -> Option<Value> {
        let texts = self.iter().map(|text| Value::String(text.clone()));
        Some(Value::List(texts.collect()))
    }
}

impl<T: PlainValue> PlainValue for Vec<T> {
    fn value(self) -> Option<Value> {
        let values = self.into_iter().map(PlainValue::value);
        Some(Value::List(values.collect::<Option<_>>()?))
    }
}

impl<T: PlainValue> PlainValue for Option<T> {
    fn value(self) -> Option<Value> {
        self.map_or(Some(Value::Null), PlainValue::value)
    }
}

impl<T: PlainValue> PlainValue for Result<T> {
    fn value(self) -> Option<Value> {
        self.ok()?.value()
    }
}

/// Names enums of the schema whose values are plain.
macro_rules! plain_enums {
    ($($enumeration:ty),+ $(,)?) => {
        $(impl $crate::graphql::plain::PlainValue for $enumeration {
            fn value(self) -> Option<async_graphql::Value> {
                Some(async_graphql::InputType::to_value(&self))
            }
        })+
    };
}

pub(crate) use plain_enums;

impl<T: ContainerType + PlainFields> Plain<T> {
    /// Answers a selection of fields alone; none where it has fragments, or directives.
    async fn resolve_fields(&self, context: &ContextSelectionSet<'_>) -> Option<Value> {
        let selections = &context.item.node.items;
        let mut values = IndexMap::with_capacity(selections.len());
        let mut waiting = Vec::new();
        for selection in selections {
            let Selection::Field(field) = &selection.node else {
                return None;
            };
            if !field.node.directives.is_empty() {
                return None;
            }
            if let Some(value) = self.plain(field, context) {
                values.insert(key_of(field), value);
            } else {
                // Its place is kept, so that the answer has the order of the selection.
                values.entry(key_of(field)).or_insert(Value::Null);
                waiting.push(field);
            }
        }
        let contexts: Vec<_> = waiting
            .iter()
            .map(|field| context.with_field(field))
            .collect();
        let resolving = contexts.iter().map(|context| self.0.resolve_field(context));
        Some(join(context, values, &waiting, resolving.collect()).await)
    }

    fn plain(&self, field: &Positioned<Field>, context: &ContextSelectionSet<'_>) -> Option<Value> {
        let name = field.node.name.node.as_str();
        if name == "__typename" {
            return Some(Value::String(self.0.introspection_type_name().into_owned()));
        }
        if !field.node.arguments.is_empty() {
            return None;
        }
        self.0.plain(name, &context.with_field(field))
    }
}

/// Adds the values of the fields that had to be waited for to those that were known.
async fn join(
    context: &ContextSelectionSet<'_>,
    mut values: IndexMap<Name, Value>,
    waiting: &[&Positioned<Field>],
    resolving: Vec<BoxFuture<'_, ServerResult<Option<Value>>>>,
) -> Value {
    for (field, resolved) in waiting.iter().zip(join_all(resolving).await) {
        let key = &field.node.response_key().node;
        match resolved {
            // A key that is selected twice has its parts merged.
            Ok(value) => {
                if let Some(known) = values.get_mut(key) {
                    merge(known, value.unwrap_or_default());
                }
            }
            Err(error) => {
                values.shift_remove(key);
                context.add_error(error);
            }
        }
    }
    if values.is_empty() {
        Value::Null
    } else {
        Value::Object(values)
    }
}

fn key_of(field: &Positioned<Field>) -> Name {
    field.node.response_key().node.clone()
}

/// Puts a value where none is yet, or its parts to those that are there.
pub fn merge(known: &mut Value, value: Value) {
    match (known, value) {
        (known @ Value::Null, value) => *known = value,
        (Value::Object(known), Value::Object(parts)) => {
            for (key, part) in parts {
                merge(known.entry(key).or_insert(Value::Null), part);
            }
        }
        (Value::List(known), Value::List(parts)) => {
            for (known, part) in known.iter_mut().zip(parts) {
                merge(known, part);
            }
        }
        _ => {}
    }
}

#[async_trait]
impl<T: ContainerType + PlainFields> OutputType for Plain<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(value) = self.resolve_fields(context).await {
            return Ok(value);
        }
        self.0.resolve(context, field).await
    }
}
