//! Global ids: `TypeIDs` such as `resource_01h455vb4pex5vsknk084sn02q`, which carry the type of what they name.

use async_graphql::ID;
use service::error::{Error, Fault, FaultCode, Result};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

macro_rules! node_types {
    ($($name:ident = $prefix:literal),+ $(,)?) => {
        /// The types that have global ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NodeType {
            $(
                #[doc = concat!("Ids that begin with `", $prefix, "_`.")]
                $name,
            )+
        }

        impl NodeType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the schema.
            #[must_use]
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What the ids of the type begin with.
            #[must_use]
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$name => $prefix),+ }
            }
        }
    };
}

node_types! {
    Activity = "activity",
    Adoption = "adoption",
    ApiToken = "api_token",
    BoundaryShare = "boundary_share",
    Collection = "collection",
    Community = "community",
    DefiningStatement = "defining_statement",
    Discussion = "discussion",
    Domain = "domain",
    ExperienceReport = "experience_report",
    Flag = "flag",
    Goal = "goal",
    Innovation = "innovation",
    LearningQuestion = "learning_question",
    Membership = "membership",
    Notification = "notification",
    Operation = "operation",
    Organization = "organization",
    Pilot = "pilot",
    Post = "post",
    Practice = "practice",
    Resource = "resource",
    Review = "review",
    Revision = "revision",
    SavedSearch = "saved_search",
    User = "user",
    ValueStory = "value_story",
    Webhook = "webhook",
    WebhookDelivery = "webhook_delivery",
}

/// The global id of a row.
#[must_use]
pub fn encode(node_type: NodeType, id: Uuid) -> ID {
    ID(service::typed_id::encode(node_type.prefix(), id))
}

/// What is wrong with an id, as a sentence.
fn parse(text: &str) -> Result<(NodeType, Uuid), String> {
    // No id is longer; what is longer is not worth parsing or quoting.
    if text.len() > 64 {
        return Err("This is no id: it is too long. Use an id as the API answered it.".into());
    }
    let parsed: TypeSafeId<DynamicType> = text
        .parse()
        .map_err(|_| "This is no id. Use an id as the API answered it.".to_owned())?;
    let prefix = parsed.type_prefix();
    NodeType::ALL
        .iter()
        .copied()
        .find(|node_type| node_type.prefix() == prefix)
        .map(|node_type| (node_type, parsed.uuid()))
        .ok_or_else(|| "This id is of no type that is known here.".to_owned())
}

fn parse_as(text: &str, expected: NodeType) -> Result<Uuid, String> {
    let (node_type, id) = parse(text)?;
    if node_type == expected {
        Ok(id)
    } else {
        Err(format!(
            "This is the id of a {}; the id of a {} is needed here.",
            words(node_type),
            words(expected)
        ))
    }
}

fn parse_as_one_of(text: &str, expected: &[NodeType]) -> Result<(NodeType, Uuid), String> {
    let (node_type, id) = parse(text)?;
    if expected.contains(&node_type) {
        return Ok((node_type, id));
    }
    let expected: Vec<String> = expected.iter().map(|one| words(*one)).collect();
    Err(format!(
        "This is the id of a {}; the id of a {} is needed here.",
        words(node_type),
        expected.join(" or a ")
    ))
}

fn words(node_type: NodeType) -> String {
    node_type.prefix().replace('_', " ")
}

/// Reads an id of any type from an argument of a query.
pub fn decode_any(argument: &'static str, id: &ID) -> Result<(NodeType, Uuid)> {
    parse(id).map_err(|message| Error::BadArgument { argument, message })
}

/// Reads an id of one type from an argument of a query.
pub fn decode(argument: &'static str, id: &ID, expected: NodeType) -> Result<Uuid> {
    parse_as(id, expected).map_err(|message| Error::BadArgument { argument, message })
}

/// Reads an id of one of some types from an argument of a query.
pub fn decode_one_of(argument: &'static str, id: &ID, expected: &[NodeType]) -> Result<Uuid> {
    parse_as_one_of(id, expected)
        .map(|(_, id)| id)
        .map_err(|message| Error::BadArgument { argument, message })
}

/// Reads a list of ids of one type from an argument of a query.
pub fn decode_list(
    argument: &'static str,
    ids: Option<&Vec<ID>>,
    expected: NodeType,
) -> Result<Vec<Uuid>> {
    ids.into_iter()
        .flatten()
        .map(|id| decode(argument, id, expected))
        .collect()
}

/// What a lookup goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The id of a row.
    Id(Uuid),
    /// A unique readable name: a slug or a handle.
    Name(String),
}

/// Reads the arguments of a lookup that goes by id or by a readable name: just one of the two.
pub fn decode_key(
    id: Option<&ID>,
    node_type: NodeType,
    argument: &'static str,
    name: Option<String>,
) -> Result<Key> {
    let message = match (id, name) {
        (Some(id), None) => return decode("id", id, node_type).map(Key::Id),
        (None, Some(name)) => return Ok(Key::Name(name)),
        (None, None) => format!("Give `id` or `{argument}`."),
        (Some(_), Some(_)) => format!("Give `id` or `{argument}`, not both."),
    };
    Err(Error::BadArgument { argument, message })
}

/// Reads the scalars of a mutation's arguments.
///
/// What cannot be read is remembered, and a value that nothing has stands in for it: so the service finds all other
/// faults of the input in the same call, and [`Decoder::merge`] says at the same path what was really wrong.
#[derive(Debug, Default)]
pub struct Decoder {
    faults: Vec<Fault>,
}

impl Decoder {
    /// Reads an input that other mutations take as `input` under another argument.
    pub fn under<T>(&mut self, argument: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.faults.len();
        let value = read(self);
        for fault in self.faults.iter_mut().skip(before) {
            if let Some(first) = fault.field.first_mut() {
                argument.clone_into(first);
            }
        }
        value
    }

    /// Reads an id at a path.
    pub fn id(&mut self, path: &[&str], id: &ID, expected: NodeType) -> Uuid {
        parse_as(id, expected).unwrap_or_else(|message| {
            self.faults
                .push(Fault::new(FaultCode::Invalid, path, message));
            Uuid::nil()
        })
    }

    /// Reads an id of one of some types at a path.
    pub fn id_of(&mut self, path: &[&str], id: &ID, expected: &[NodeType]) -> Uuid {
        let read = self.typed_id(path, id, expected);
        read.map_or_else(Uuid::nil, |(_, id)| id)
    }

    /// The same with the type that the id has; none where it could not be read, which is noted.
    pub fn typed_id(
        &mut self,
        path: &[&str],
        id: &ID,
        expected: &[NodeType],
    ) -> Option<(NodeType, Uuid)> {
        parse_as_one_of(id, expected)
            .map_err(|message| {
                self.faults
                    .push(Fault::new(FaultCode::Invalid, path, message));
            })
            .ok()
    }

    /// Reads a list of ids at a path. Ids that cannot be read stay apart from each other, so that each keeps its place.
    pub fn id_list(&mut self, path: &[&str], ids: &[ID], expected: NodeType) -> Vec<Uuid> {
        ids.iter()
            .enumerate()
            .map(|(place, id)| {
                parse_as(id, expected).unwrap_or_else(|message| {
                    let place_text = place.to_string();
                    self.faults.push(Fault::new(
                        FaultCode::Invalid,
                        &[path, &[place_text.as_str()]].concat(),
                        message,
                    ));
                    Uuid::from_u128(place as u128)
                })
            })
            .collect()
    }

    /// The same of ids that stand in the field `id` of each entry of a list.
    pub fn entry_ids(&mut self, path: &[&str], ids: &[ID], expected: &[NodeType]) -> Vec<Uuid> {
        let read = ids.iter().enumerate();
        read.map(|(place, id)| {
            let text = place.to_string();
            let path = [path, &[text.as_str(), "id"]].concat();
            let read = self.typed_id(&path, id, expected);
            read.map_or_else(|| Uuid::from_u128(place as u128), |(_, id)| id)
        })
        .collect()
    }

    /// Reads a time at a path.
    pub fn time(&mut self, path: &[&str], text: &str) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::parse_from_rfc3339(text).map_or_else(
            |_| {
                let message = "This is no RFC 3339 time with offset, such as 2026-11-23T09:30:00Z.";
                self.faults
                    .push(Fault::new(FaultCode::Invalid, path, message));
                chrono::DateTime::UNIX_EPOCH
            },
            |time| time.to_utc(),
        )
    }

    /// Reads a list of ids, each of one of some types, at a path.
    pub fn id_list_of(&mut self, path: &[&str], ids: &[ID], expected: &[NodeType]) -> Vec<Uuid> {
        let read = ids.iter().enumerate();
        read.map(|(place, id)| {
            let place = place.to_string();
            self.id_of(&[path, &[place.as_str()]].concat(), id, expected)
        })
        .collect()
    }

    /// Reads a calendar date at a path.
    pub fn date(&mut self, path: &[&str], text: &str) -> chrono::NaiveDate {
        chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap_or_else(|_| {
            let message = "This is no ISO 8601 calendar date, such as 2026-11-23.";
            self.faults
                .push(Fault::new(FaultCode::Invalid, path, message));
            chrono::NaiveDate::default()
        })
    }

    /// What could not be read, where the service is to know of it.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Joins what could not be read with what the service answered.
    pub fn merge<T>(self, outcome: Result<T>) -> Result<T> {
        if self.faults.is_empty() {
            return outcome;
        }
        match outcome {
            Ok(_) => Err(Error::Refused(self.faults)),
            Err(Error::Refused(found)) => {
                let mut faults = self.faults;
                for fault in found {
                    if !faults.iter().any(|known| known.field == fault.field) {
                        faults.push(fault);
                    }
                }
                Err(Error::Refused(faults))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_way_of_being_wrong_has_its_own_message() {
        let user = encode(NodeType::User, Uuid::now_v7());
        let wrong_type = parse_as(&user, NodeType::Resource).unwrap_err();
        assert!(
            wrong_type.contains("user") && wrong_type.contains("resource"),
            "{wrong_type}"
        );
        let wrong_shape = parse_as("resource-1", NodeType::Resource).unwrap_err();
        let unknown = parse_as("cat_01h455vb4pex5vsknk084sn02q", NodeType::Resource).unwrap_err();
        assert_ne!(wrong_shape, unknown);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_the_other_faults() {
        let mut decoder = Decoder::default();
        decoder.id(
            &["input", "communityId"],
            &ID::from("x"),
            NodeType::Community,
        );
        let outcome: Result<()> = Err(Error::Refused(vec![
            Fault::new(FaultCode::NotFound, &["input", "communityId"], "not there"),
            Fault::new(FaultCode::Required, &["input", "title"], "empty"),
        ]));
        let Err(Error::Refused(faults)) = decoder.merge(outcome) else {
            panic!("it is refused")
        };
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].code, FaultCode::Invalid);
        assert_eq!(faults[1].code, FaultCode::Required);
    }

    proptest! {
        #[test]
        fn every_id_survives_its_text(bits in any::<u128>(), which in 0..NodeType::ALL.len()) {
            let node_type = NodeType::ALL[which];
            let id = Uuid::from_u128(bits);
            prop_assert_eq!(parse(&encode(node_type, id)).unwrap(), (node_type, id));
        }

        #[test]
        fn any_text_is_an_id_or_refused(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }
    }
}
