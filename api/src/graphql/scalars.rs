//! The scalars of the schema. As inputs they accept any text: what is wrong with it is said by the service, as a user
//! error at its path, together with everything else that is wrong.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{SecondsFormat, Utc};

macro_rules! text_scalar {
    ($(#[$meta:meta])* $name:ident, $graphql:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        #[Scalar(name = $graphql)]
        $(#[$meta])*
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl super::plain::PlainValue for $name {
            fn value(self) -> Option<Value> {
                Some(Value::String(self.0))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

text_scalar!(
    /// RFC 3339 date and time with offset, answered in UTC, for example `2026-11-23T09:30:00Z`.
    DateTime, "DateTime"
);
text_scalar!(
    /// ISO 8601 calendar date, for example `2026-11-23`.
    Date, "Date"
);
text_scalar!(
    /// Absolute http or https URL.
    Url, "URL"
);
text_scalar!(
    /// BCP 47 language tag, for example `en` or `fr-CA`.
    Locale, "Locale"
);
text_scalar!(
    /// Opaque place in the change log. Later positions include all earlier changes.
    Position, "Position"
);
text_scalar!(
    /// A number of bytes, whole, beyond the range of Int.
    ByteCount, "ByteCount"
);

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(time: chrono::DateTime<Utc>) -> Self {
        Self(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl DateTime {
    /// Reads a time from an argument of a query.
    pub fn read(&self, argument: &'static str) -> service::error::Result<chrono::DateTime<Utc>> {
        chrono::DateTime::parse_from_rfc3339(&self.0)
            .map(|time| time.to_utc())
            .map_err(|_| service::error::Error::BadArgument {
                argument,
                message: "This is no RFC 3339 time with offset, such as 2026-11-23T09:30:00Z."
                    .into(),
            })
    }
}

impl From<chrono::NaiveDate> for Date {
    fn from(date: chrono::NaiveDate) -> Self {
        Self(date.format("%Y-%m-%d").to_string())
    }
}

impl From<i64> for Position {
    fn from(position: i64) -> Self {
        Self(position.to_string())
    }
}

impl Position {
    /// The place as a number; none when this is no position.
    #[must_use]
    pub fn number(text: &str) -> Option<i64> {
        text.parse().ok().filter(|position| *position >= 0)
    }
}
