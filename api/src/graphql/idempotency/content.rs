//! By what a request is known to be the same again.

use async_graphql::Request;

/// The document, the name of the operation and the variables, as a text that is the same for the same. In which order the
/// fields of variables come makes no difference.
///
/// # Errors
///
/// When the variables cannot be written as JSON.
pub fn content(request: &Request) -> serde_json::Result<String> {
    // An object of serde_json is ordered by its keys.
    let variables = serde_json::to_value(&request.variables)?;
    serde_json::to_string(&(&request.query, &request.operation_name, variables))
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn of(query: &str, name: Option<&str>, variables: Value) -> String {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        request.operation_name = name.map(str::to_owned);
        content(&request).unwrap()
    }

    #[test]
    fn whatever_differs_makes_a_difference() {
        let all = [
            of("mutation { a }", None, json!({})),
            of("mutation { a } ", None, json!({})),
            of("mutation { a }", Some("a"), json!({})),
            of("mutation { a }", None, json!({ "x": null })),
            of("mutation { a }", None, json!({ "x": 1 })),
            of("mutation { a }", None, json!({ "x": "1" })),
            of("mutation { a }", None, json!({ "x": [1, 2] })),
            of("mutation { a }", None, json!({ "x": [2, 1] })),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    proptest! {
        #[test]
        fn the_order_of_fields_makes_none(
            fields in prop::collection::vec(("[a-z]{1,8}", any::<i32>()), 1..8).prop_shuffle(),
            nested in any::<bool>(),
        ) {
            let object = |fields: &[(String, i32)]| {
                let fields = fields.iter().map(|(name, value)| (name.clone(), json!(value)));
                Value::Object(fields.collect::<Map<_, _>>())
            };
            let distinct: std::collections::BTreeMap<_, _> = fields.iter().cloned().collect();
            let sorted: Vec<_> = distinct.into_iter().collect();
            let shuffled: Vec<_> = sorted.iter().rev().cloned().collect();
            let wrap = |value: Value| if nested { json!({ "input": [value] }) } else { value };
            prop_assert_eq!(
                of("mutation { a }", None, wrap(object(&sorted))),
                of("mutation { a }", None, wrap(object(&shuffled)))
            );
        }
    }
}
