//! Where a post stands in the reply tree: a path that sorts by bytes as the tree is read, each post before its answers.

use entity::post;

/// The deepest level of replies. Posts that answer the discussion itself are on level 1.
pub const DEEPEST: i32 = 4;

/// The path of a post by its number in the discussion, and the path of what it answers.
pub(super) fn path(parent: Option<&post::Model>, number: i32) -> String {
    let above = parent.map_or("", |parent| parent.path.as_str());
    format!("{above}{number:08}")
}

/// The level of a post by what it answers.
pub(super) fn depth(parent: Option<&post::Model>) -> i32 {
    parent.map_or(1, |parent| parent.depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn post(parent: Option<&post::Model>, number: i32) -> post::Model {
        let at = chrono::DateTime::UNIX_EPOCH;
        post::Model {
            id: Uuid::now_v7(),
            discussion_id: Uuid::nil(),
            community_id: Uuid::nil(),
            parent_id: parent.map(|parent| parent.id),
            number,
            depth: depth(parent),
            path: path(parent, number),
            author_id: None,
            body: String::new(),
            hidden: false,
            hidden_by: None,
            hidden_reason: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn answers_come_after_what_they_answer_and_before_what_was_said_later() {
        let first = post(None, 1);
        let second = post(None, 2);
        let answer = post(Some(&first), 3);
        let late_answer = post(Some(&first), 1_000);
        let deeper = post(Some(&answer), 12);
        let mut posts = [&second, &late_answer, &deeper, &answer, &first];
        posts.sort_by(|one, other| one.path.cmp(&other.path));
        let order: Vec<i32> = posts.iter().map(|post| post.number).collect();
        assert_eq!(order, [1, 3, 12, 1_000, 2]);
        assert_eq!((first.depth, answer.depth, deeper.depth), (1, 2, 3));
    }
}
