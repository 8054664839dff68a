//! Those whom something is addressed to: whom a text names, whose words were answered, who is invited.

use entity::change::{self, EntityType, Operation};
use entity::membership::MembershipState;
use entity::notification::NotificationReason;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType};

use super::{changed_thing, changes_any, of_change, positions, tell_by, way};
use crate::error::Result;
use crate::store::WriteUnit;

/// Whom the text of a discussion or a post names since this change.
pub(super) async fn tell_mentioned(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let texts = positions(rows, |row| {
        matches!(row.entity_type, EntityType::Discussion | EntityType::Post)
            && match row.operation {
                Operation::Created => true,
                Operation::Updated => changes_any(row, &["body", "visibility"]),
                Operation::Deleted => false,
            }
    });
    if texts.is_empty() {
        return Ok(());
    }
    let mut named = way(&texts, ("mention", "user_id"), changed_thing());
    // Who was named before keeps the time of that.
    named.inner_join(
        "mention",
        Expr::col(("mention", "source_id"))
            .equals(("change", "entity_id"))
            .and(Expr::col(("mention", "at")).equals(("change", "at"))),
    );
    tell_by(unit, NotificationReason::Mentioned, [named]).await
}

/// Of a new post in a discussion: who began it, whose post it answers, and who follows it.
pub(super) async fn tell_answered(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let posts = positions(rows, |row| {
        row.entity_type == EntityType::Post && row.operation == Operation::Created
    });
    if posts.is_empty() {
        return Ok(());
    }
    let to = |user: (&'static str, &'static str)| {
        let discussion = (
            Expr::value(EntityType::Discussion.as_str()),
            Expr::col(("post", "discussion_id")),
        );
        let mut select = way(&posts, user, discussion);
        select
            .inner_join("post", of_change("entity_id").equals(("post", "id")))
            .and_where(Expr::col(("post", "hidden")).eq(false));
        select
    };
    let mut asker = to(("item_author", "user_id"));
    asker.inner_join(
        "item_author",
        Expr::col(("item_author", "item_id")).equals(("post", "discussion_id")),
    );
    let mut answered = to(("parent", "author_id"));
    answered
        .join_as(
            JoinType::InnerJoin,
            "post",
            "parent",
            Expr::col(("parent", "id")).equals(("post", "parent_id")),
        )
        .and_where(Expr::col(("parent", "author_id")).is_not_null());
    let mut followers = to(("follow", "user_id"));
    followers.inner_join(
        "follow",
        Expr::col(("follow", "target_id")).equals(("post", "discussion_id")),
    );
    let ways = [asker, answered, followers];
    tell_by(unit, NotificationReason::Replied, ways).await
}

/// Of a report: who planned the pilot that it is about, and the authors of what was tried. Of an anonymous one they are
/// told when it can be read, and by nobody's act.
pub(super) async fn tell_reported(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let reports = positions(rows, |row| {
        row.entity_type == EntityType::ExperienceReport && row.operation == Operation::Created
    });
    if reports.is_empty() {
        return Ok(());
    }
    let report = |column: &'static str| Expr::col(("experience_report", column));
    let to = |user: (&'static str, &'static str)| {
        let about = (report("about_type"), report("about_id"));
        let mut select = way(&reports, user, about);
        select.inner_join(
            "experience_report",
            of_change("entity_id").equals(("experience_report", "id")),
        );
        select
    };
    let mut owner = to(("experience_report", "owner_id"));
    owner.and_where(report("owner_id").is_not_null());
    let mut authors = to(("item_author", "user_id"));
    authors.inner_join(
        "item_author",
        Expr::col(("item_author", "item_id")).equals(("experience_report", "subject_id")),
    );
    tell_by(unit, NotificationReason::Replied, [owner, authors]).await
}

/// Who is invited to a community, and whose request to join it was decided.
pub(super) async fn tell_invited(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let steps = positions(rows, |row| {
        row.entity_type == EntityType::Membership
            && (row.operation == Operation::Created || changes_any(row, &["state"]))
    });
    if steps.is_empty() {
        return Ok(());
    }
    let state = || Expr::col(("membership", "state"));
    let decided = [
        MembershipState::Active.as_str(),
        MembershipState::Rejected.as_str(),
    ];
    let mut members = way(&steps, ("membership", "user_id"), changed_thing());
    members
        .inner_join(
            "membership",
            of_change("entity_id").equals(("membership", "id")),
        )
        .cond_where(
            Condition::any()
                .add(state().eq(MembershipState::Invited.as_str()))
                .add(
                    // Whoever is active by somebody else's step had asked to be.
                    Condition::all()
                        .add(state().is_in(decided))
                        .add(of_change("operation").eq(Operation::Updated.as_str()))
                        .add(of_change("actor_id").is_not_null()),
                ),
        );
    tell_by(unit, NotificationReason::Invited, [members]).await
}
