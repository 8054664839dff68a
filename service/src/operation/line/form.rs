//! How the columns of tables stand in lines: by which name, as which kind of id, or not at all.

/// How a column stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// As the id of something whose ids begin so.
    Id(&'static str),
    /// As the id of something whose type another column holds.
    TypedBy(&'static str),
    /// Not by itself: an id says it.
    Type,
    /// Only where everything is written down.
    Inner,
    /// Not at all.
    Left,
}

/// How a column of a table stands in a line. `own` is what the ids of the rows begin with.
pub(super) fn form(table: &str, column: &str, own: &'static str) -> Form {
    if column == "id" {
        Form::Id(own)
    } else if is_left(table, column) {
        Form::Left
    } else if is_inner(table, column) {
        Form::Inner
    } else if let Some(form) = typed(table, column) {
        form
    } else {
        id_of(table, column).map_or(Form::Plain, Form::Id)
    }
}

/// Made of other columns or other rows, private, or said by the line in another way.
fn is_left(table: &str, column: &str) -> bool {
    matches!(
        (table, column),
        (_, "title_key" | "name_key" | "handle_key" | "setting_key")
            | ("item", "item_type" | "unadopted_since")
            | ("pilot", "report_due_at")
            | ("attendance", "reminded_at")
            | ("discussion", "community_id")
            | ("revision", "item_id")
            | ("transition", "entity_id")
            | (
                "user",
                "email"
                    | "email_key"
                    | "platform_role"
                    | "status"
                    | "is_demo"
                    | "email_verified_at"
                    | "notification_email"
                    | "updated_at"
            )
    )
}

/// What no reader is shown, and moves with everything all the same.
fn is_inner(table: &str, column: &str) -> bool {
    matches!(
        (table, column),
        (
            "item",
            "waiting_since" | "reminded_at" | "review_reminder_at" | "compared_revision"
        ) | ("experience_report", "secret_hash")
            | ("membership", "invited_by")
            | ("link", "actor_id")
            | (
                "external_reference",
                "sent_hash" | "synced_revision" | "archived_at"
            )
    )
}

/// Ids of things of several types.
fn typed(table: &str, column: &str) -> Option<Form> {
    Some(match (table, column) {
        (_, "subject_type" | "about_type" | "from_type" | "to_type")
        | ("review" | "boundary_share", "item_type") => Form::Type,
        (_, "subject_id") => Form::TypedBy("subject_type"),
        (_, "about_id") => Form::TypedBy("about_type"),
        (_, "from_id") => Form::TypedBy("from_type"),
        (_, "to_id") => Form::TypedBy("to_type"),
        ("review" | "boundary_share", "item_id") | ("boundary_share", "adaptation_id") => {
            Form::TypedBy("item_type")
        }
        _ => return None,
    })
}

/// What the ids of a column begin with, where it holds ids of one type.
pub(super) fn id_of(table: &str, column: &str) -> Option<&'static str> {
    Some(match (table, column) {
        (
            _,
            "user_id" | "author_id" | "planner_id" | "adopter_id" | "broker_id" | "actor_id"
            | "steward_id" | "invited_by" | "hidden_by" | "owner_id",
        ) => "user",
        (_, "community_id" | "from_community_id" | "to_community_id")
        | ("community", "parent_id") => "community",
        ("domain", "parent_id") => "domain",
        ("post", "parent_id") | (_, "accepted_post_id") => "post",
        (_, "organization_id") => "organization",
        (_, "membership_id") => "membership",
        (_, "discussion_id") => "discussion",
        (_, "revision_id") => "revision",
        (_, "resource_id") => "resource",
        (_, "innovation_id") => "innovation",
        (_, "activity_id") => "activity",
        (_, "statement_id" | "supersedes_id" | "superseded_by_id") => "defining_statement",
        _ => return None,
    })
}

/// The name of a column in lines: that of its field in the schema.
pub(super) fn field_name(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    let mut capital = false;
    for letter in column.chars() {
        match letter {
            '_' => capital = true,
            letter if capital => {
                name.push(letter.to_ascii_uppercase());
                capital = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_of_the_schema_and_ids_their_types() {
        assert_eq!(field_name("time_required_minutes"), "timeRequiredMinutes");
        assert_eq!(field_name("id"), "id");
        for (table, column, expected) in [
            ("item", "id", Form::Id("resource")),
            ("item", "title", Form::Plain),
            ("item", "title_key", Form::Left),
            ("item", "waiting_since", Form::Inner),
            ("user", "email", Form::Left),
            ("user", "status", Form::Left),
            ("pilot", "subject_id", Form::TypedBy("subject_type")),
            ("pilot", "subject_type", Form::Type),
            ("pilot", "status", Form::Plain),
            ("community", "parent_id", Form::Id("community")),
            ("post", "parent_id", Form::Id("post")),
            ("review", "item_id", Form::TypedBy("item_type")),
            ("experience_report", "secret_hash", Form::Inner),
        ] {
            assert_eq!(
                form(table, column, "resource"),
                expected,
                "{table}.{column}"
            );
        }
    }
}
