//! What must hold, on a database in which there is something of everything; and what is found when it is damaged.

use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, TransactionTrait};
use tempfile::TempDir;

use super::super::invariants::{INVARIANTS, check_all};
use super::super::{State, check_index, check_invariants};
use crate::auth::{PasswordCost, Passwords};
use crate::change::{Losses, reindex};
use crate::search::IndexSettings;
use crate::search::document::Source;
use crate::store::Store;
use crate::{demo, testing};

const MOVE_PILOTS: &str = "UPDATE pilot SET community_id = (
            SELECT id FROM community WHERE id <> pilot.community_id LIMIT 1)";

/// How each invariant can be broken: how its sentence begins, and what is run. Whatever a count adds up is damaged by
/// itself.
const DAMAGES: &[(&str, &[&str])] = &[
    (
        "Positions",
        &["UPDATE change_head SET position = position + 1"],
    ),
    (
        "Positions",
        &["DELETE FROM change WHERE position = (SELECT MAX(position) - 1 FROM change)"],
    ),
    (
        "Every row",
        &["UPDATE change SET operation = 'DELETED' WHERE entity_type = 'USER'"],
    ),
    (
        "Every row",
        &["DELETE FROM change WHERE entity_type = 'COMMUNITY'"],
    ),
    (
        "Nothing that was deleted",
        &[
            "INSERT INTO tombstone (entity_id, entity_type, position, deleted_at)
            SELECT id, 'DOMAIN', 1, created_at FROM domain",
        ],
    ),
    (
        "Revisions",
        &["UPDATE item SET revision = revision + 1 WHERE pending_revision IS NULL"],
    ),
    (
        "Revisions",
        &["UPDATE revision SET number = number + 1000"],
    ),
    ("Revisions", &["DELETE FROM revision WHERE number = 1"]),
    (
        "Supporters",
        &["UPDATE innovation SET supporter_count = supporter_count + 1"],
    ),
    (
        "Posts are counted",
        &["UPDATE discussion SET post_count = post_count + 1"],
    ),
    (
        "Discussions and posts",
        &[
            "UPDATE discussion SET community_id = (
            SELECT id FROM community WHERE id <> discussion.community_id LIMIT 1)",
        ],
    ),
    (
        "Discussions and posts",
        &[
            "UPDATE post SET community_id = (
            SELECT id FROM community WHERE id <> post.community_id LIMIT 1)",
        ],
    ),
    (
        "Discussions have the time",
        &["UPDATE discussion SET shown_at = NULL"],
    ),
    (
        "Ratings",
        &["UPDATE resource SET rating_count = rating_count + 1"],
    ),
    (
        "Ratings",
        &["UPDATE resource SET rating_sum = rating_sum + 1"],
    ),
    (
        "External references",
        &[
            "INSERT INTO external_reference (community_id, system, external_id, resource_id, place)
            SELECT (SELECT id FROM community WHERE id <> item.community_id LIMIT 1), 'moodle', item.title, item.id, 0
            FROM item JOIN resource ON resource.id = item.id LIMIT 1",
        ],
    ),
    (
        "Adoptions and pilots",
        &[
            "UPDATE adoption SET community_id = (
            SELECT id FROM community WHERE id <> adoption.community_id LIMIT 1)",
        ],
    ),
    ("Adoptions and pilots", &[MOVE_PILOTS]),
    ("Evidence", &["UPDATE evidence SET concluded = concluded + 1"]),
    ("Evidence", &["UPDATE evidence SET reports = reports + 1"]),
    ("Evidence", &["UPDATE evidence SET adoptions = adoptions + 1"]),
    ("Evidence", &["DELETE FROM evidence"]),
    ("Pilots and experience reports", &[MOVE_PILOTS]),
    (
        "Pilots and experience reports",
        &[
            "UPDATE experience_report SET community_id = (
            SELECT id FROM community WHERE id <> experience_report.community_id LIMIT 1)",
        ],
    ),
    (
        "Pilots and experience reports",
        &[
            "INSERT INTO held_report (id, about_type, about_id, subject_type, subject_id, community_id, text, consent,
                secret_hash, held_until)
            SELECT id, about_type, about_id, subject_type, subject_id,
                (SELECT id FROM community WHERE id <> experience_report.community_id LIMIT 1), text, consent,
                'hash', '2026-01-01'
            FROM experience_report",
        ],
    ),
    (
        "A pilot has",
        &["UPDATE pilot SET outcome = NULL WHERE state = 'CONCLUDED'"],
    ),
    (
        "A pilot has",
        &["UPDATE pilot SET findings = NULL WHERE state = 'CONCLUDED'"],
    ),
    (
        "A pilot has",
        &["UPDATE pilot SET state = 'RUNNING' WHERE state = 'CONCLUDED'"],
    ),
    (
        "An anonymous report",
        &[
            "UPDATE experience_report SET anonymous = TRUE, created_at = NULL WHERE author_id IS NOT NULL",
        ],
    ),
    (
        "An anonymous report",
        &[
            "UPDATE experience_report SET anonymous = TRUE, author_id = NULL WHERE created_at IS NOT NULL",
        ],
    ),
    (
        "A discussion is resolved",
        &["UPDATE discussion SET accepted_post_id = NULL WHERE state = 'RESOLVED'"],
    ),
    (
        "A discussion is resolved",
        &["UPDATE discussion SET state = 'RESOLVED' WHERE accepted_post_id IS NULL"],
    ),
    (
        "No domain",
        &["UPDATE domain_ancestor SET distance = 1 WHERE distance = 0"],
    ),
    (
        "No domain",
        &["UPDATE domain SET parent_id = id WHERE parent_id IS NULL"],
    ),
    (
        "No domain",
        &[
            "UPDATE domain SET parent_id = (
            SELECT narrower.id FROM domain AS narrower WHERE narrower.parent_id = domain.id LIMIT 1)
            WHERE parent_id IS NULL",
        ],
    ),
    ("No community", &["UPDATE community SET parent_id = id"]),
    (
        "No community",
        // The first is part of the second, and all others of the first.
        &[
            "UPDATE community SET parent_id = (
            SELECT other.id FROM community AS other WHERE other.id <> community.id ORDER BY other.id LIMIT 1)",
        ],
    ),
    (
        "No session",
        &[
            "INSERT INTO session (id, user_id, created_at, expires_at)
            SELECT id, id, created_at, created_at FROM \"user\"",
            "INSERT INTO refresh_token (id, session_id, hash, created_at)
            SELECT community.id, session.id, community.slug, session.created_at FROM community, session
            WHERE session.user_id = (SELECT id FROM \"user\" ORDER BY id LIMIT 1)",
        ],
    ),
    (
        "Every active community",
        &["UPDATE membership SET state = 'LEFT'"],
    ),
];

async fn demonstration() -> (TempDir, Store) {
    let (directory, store) = testing::store().await;
    let passwords = Passwords::new(PasswordCost::for_tests(), 2).unwrap();
    let loaded = demo::load(&store, &passwords, false, &|_| {})
        .await
        .unwrap();
    assert!(matches!(loaded, demo::Outcome::Loaded { .. }));
    (directory, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_invariant_is_found() {
    let (_directory, store) = demonstration().await;
    for finding in check_invariants(&store).await {
        assert_eq!(finding.state, State::Well, "{finding:?}");
    }
    for invariant in INVARIANTS {
        let rule = invariant.holds;
        let damaged = DAMAGES.iter().any(|(begin, _)| rule.starts_with(*begin));
        assert!(damaged, "nothing here breaks the invariant: {rule}");
    }
    for (begin, statements) in DAMAGES {
        let place = INVARIANTS
            .iter()
            .position(|invariant| invariant.holds.starts_with(*begin))
            .unwrap_or_else(|| panic!("no invariant begins with {begin}"));
        let transaction = store.migration_connection().begin().await.unwrap();
        for statement in *statements {
            let done = transaction.execute_unprepared(statement).await.unwrap();
            assert!(
                done.rows_affected() > 0,
                "this damages nothing: {statement}"
            );
        }
        let finding = check_all(&transaction).await.swap_remove(place);
        transaction.rollback().await.unwrap();
        assert!(
            finding.state != State::Well
                && finding.remedy.is_some()
                && !finding.message.contains("cannot be checked"),
            "{statements:?}: {finding:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_everything_is_sound_and_one_that_lacks_something_is_not() {
    let (directory, store) = demonstration().await;
    for source in Source::ALL {
        let ids = Query::select().column("id").from(source.table()).take();
        let rows = store.count(ids).await.unwrap();
        assert!(rows > 0, "the demonstration has nothing of {source:?}");
    }
    let path = directory.path().join("index");
    let look = || check_index(&store, &path, IndexSettings::default(), true);
    reindex(
        &store,
        &path,
        IndexSettings::default(),
        Losses::Refuse,
        |_| {},
    )
    .await
    .unwrap();
    let sound = look().await;
    assert_eq!(sound.state, State::Well, "{sound:?}");

    // Rows go, and the log says nothing of it.
    let gone = "DELETE FROM experience_report";
    let done = store.migration_connection().execute_unprepared(gone).await;
    assert!(done.unwrap().rows_affected() > 0);
    let unsound = look().await;
    assert_eq!(unsound.state, State::Broken);
    assert!(
        unsound.message.contains("and not in the database"),
        "{unsound:?}"
    );
}
