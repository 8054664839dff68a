//! Variables against the types that an operation declares for them. The library looks at a variable only where an
//! argument uses it; a request error has to be found before execution.

use async_graphql::parser::types::{BaseType, Type, VariableDefinition};
use async_graphql::{Name, Pos, Positioned, ServerError, Value, Variables};

use super::error::coded;
use super::schema::{SchemaIndex, TypeInfo};
use crate::graphql::codes;

/// All faults, at most `most` of them. Custom scalars accept any value here; the field that takes it judges.
pub(super) fn check(
    definitions: &[Positioned<VariableDefinition>],
    variables: &Variables,
    schema: &SchemaIndex,
    most: usize,
) -> Vec<ServerError> {
    let mut checker = Checker {
        schema,
        faults: Vec::new(),
        most,
        path: Vec::new(),
        at: Pos::default(),
    };
    for definition in definitions {
        let name = &definition.node.name.node;
        let ty = &definition.node.var_type.node;
        checker.at = definition.pos;
        checker.path.push(Segment::Name(name));
        match variables.get(name) {
            Some(value) => checker.value(value, ty),
            None if ty.nullable || definition.node.default_value.is_some() => {}
            None => checker.fault(&format!(
                "a value of type \"{}\" is required",
                shorten(&ty.to_string())
            )),
        }
        checker.path.pop();
    }
    checker.faults
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

struct Checker<'a> {
    schema: &'a SchemaIndex,
    faults: Vec<ServerError>,
    most: usize,
    path: Vec<Segment<'a>>,
    at: Pos,
}

impl<'a> Checker<'a> {
    fn fault(&mut self, what: &str) {
        if self.faults.len() >= self.most {
            return;
        }
        let mut path = String::new();
        for (index, segment) in self.path.iter().enumerate() {
            match segment {
                Segment::Name(name) => {
                    path.push_str(if index == 0 { "$" } else { "." });
                    path.push_str(&shorten(name));
                }
                Segment::Index(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        let path = shorten(&path);
        let mut error = coded(
            codes::BAD_USER_INPUT,
            format!("The variable {path} is not valid: {what}."),
            Some(self.at),
        );
        if let Some(extensions) = &mut error.extensions {
            extensions.set("variable", path);
        }
        self.faults.push(error);
    }

    /// Recurses as deep as the value nests, which the JSON reader bounds.
    fn value(&mut self, value: &'a Value, ty: &Type) {
        if self.faults.len() >= self.most {
            return;
        }
        match (value, &ty.base) {
            (Value::Null, _) if ty.nullable => {}
            (Value::Null, _) => self.fault(&format!(
                "null is not allowed for type \"{}\"",
                shorten(&ty.to_string())
            )),
            (Value::List(items), BaseType::List(item_type)) => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Segment::Index(index));
                    self.value(item, item_type);
                    self.path.pop();
                }
            }
            // One item stands for a list of one.
            (_, BaseType::List(item_type)) => self.value(value, item_type),
            (_, BaseType::Named(name)) => self.named(value, name),
        }
    }

    fn named(&mut self, value: &'a Value, name: &Name) {
        let schema = self.schema;
        let expect = |checker: &mut Self, fits: bool| {
            if !fits {
                checker.fault(&format!(
                    "expected \"{}\", found {}",
                    shorten(name),
                    kind(value)
                ));
            }
        };
        match schema.get(name) {
            Some(TypeInfo::Scalar) => {
                let fits = match name.as_str() {
                    "Int" => matches!(value, Value::Number(number) if is_int(number)),
                    "Float" => matches!(value, Value::Number(_)),
                    "String" => matches!(value, Value::String(_)),
                    "Boolean" => matches!(value, Value::Boolean(_)),
                    "ID" => match value {
                        Value::String(_) => true,
                        Value::Number(number) => number.is_i64() || number.is_u64(),
                        _ => false,
                    },
                    _ => true,
                };
                expect(self, fits);
            }
            Some(TypeInfo::Enum(values)) => match value {
                Value::String(text) => {
                    if !values.contains(text.as_str()) {
                        self.fault(&format!(
                            "\"{}\" is no value of \"{}\"",
                            shorten(text),
                            shorten(name)
                        ));
                    }
                }
                _ => expect(self, false),
            },
            Some(TypeInfo::Input { fields, one_of }) => {
                let Value::Object(given) = value else {
                    return expect(self, false);
                };
                for (key, item) in given {
                    self.path.push(Segment::Name(key));
                    match fields.get(key) {
                        Some(field) => self.value(item, &field.ty),
                        None => self.fault(&format!("\"{}\" has no such field", shorten(name))),
                    }
                    self.path.pop();
                }
                let mut missing: Vec<_> = fields
                    .iter()
                    .filter(|(key, field)| field.required && !given.contains_key(*key))
                    .collect();
                missing.sort_by_key(|(key, _)| *key);
                for (key, field) in missing {
                    self.path.push(Segment::Name(key_of(schema, name, key)));
                    self.fault(&format!("a value of type \"{}\" is required", field.ty));
                    self.path.pop();
                }
                if *one_of && (given.len() != 1 || given.values().any(|item| *item == Value::Null))
                {
                    self.fault(&format!(
                        "\"{}\" takes exactly one field, not null",
                        shorten(name)
                    ));
                }
            }
            // Validation says that the type is unknown, or no input type.
            Some(TypeInfo::Object(_) | TypeInfo::Interface(_) | TypeInfo::Union) | None => {}
        }
    }
}

/// The schema's own copy of a field name, which lives as long as the checker.
fn key_of<'a>(schema: &'a SchemaIndex, name: &str, key: &str) -> &'a str {
    match schema.get(name) {
        Some(TypeInfo::Input { fields, .. }) => fields
            .get_key_value(key)
            .map_or("", |(key, _)| key.as_str()),
        _ => "",
    }
}

fn is_int(number: &async_graphql::Number) -> bool {
    number
        .as_i64()
        .is_some_and(|number| i32::try_from(number).is_ok())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) | Value::Enum(_) => "a string",
        Value::Boolean(_) => "a boolean",
        Value::Binary(_) => "bytes",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What the caller wrote, fit for a message: bounded, and without control characters.
fn shorten(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(60)
        .filter(|character| !character.is_control())
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
