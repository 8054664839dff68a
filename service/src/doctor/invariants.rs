//! What must hold of the rows whatever happened: counted in the database, for `repertoire doctor --deep`.

use sea_orm::{ConnectionTrait, Statement};

use super::Finding;
use crate::error::Result;
use crate::store::Store;

/// A rule, and how many rows break it.
pub(super) struct Invariant {
    pub(super) holds: &'static str,
    broken: &'static str,
    count: &'static str,
    /// Whether something that is no defect can break it, too.
    explicable: bool,
}

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        holds: "Positions of the change log have no gaps, and the head is at the newest.",
        broken: "positions are missing from the change log",
        count: "SELECT ABS((SELECT position - kept_after FROM change_head WHERE id = 1) - (SELECT COUNT(*) FROM change))
                + ABS((SELECT position FROM change_head WHERE id = 1)
                    - (SELECT COALESCE(MAX(position), (SELECT kept_after FROM change_head WHERE id = 1)) FROM change))",
        explicable: false,
    },
    Invariant {
        holds: "Every row has a change as far back as these are kept, and the newest says that it is there.",
        broken: "items, communities, domains or people lack a change, or the newest one says that they were deleted",
        count: "SELECT COUNT(*) FROM (
                    SELECT id FROM item UNION ALL SELECT id FROM community
                    UNION ALL SELECT id FROM domain UNION ALL SELECT id FROM \"user\"
                ) AS present
                WHERE COALESCE((
                    SELECT operation FROM change WHERE entity_id = present.id ORDER BY position DESC LIMIT 1
                ), (SELECT CASE WHEN kept_after > 0 THEN 'CREATED' ELSE 'DELETED' END FROM change_head WHERE id = 1)) = 'DELETED'",
        explicable: false,
    },
    Invariant {
        holds: "Nothing that was deleted is there.",
        broken: "tombstones stand for rows that are there",
        count: "SELECT COUNT(*) FROM tombstone WHERE entity_id IN (
                    SELECT id FROM item UNION ALL SELECT id FROM community UNION ALL SELECT id FROM domain
                )",
        explicable: false,
    },
    Invariant {
        holds: "Revisions are numbered without gaps, and the newest is the item's, or waits to be.",
        broken: "items whose revisions have gaps, or whose newest revision is not theirs",
        count: "SELECT COUNT(*) FROM item WHERE COALESCE(pending_revision, revision) <> (
                    SELECT COUNT(*) FROM revision WHERE item_id = item.id
                ) OR COALESCE(pending_revision, revision) <> (
                    SELECT COALESCE(MAX(number), 0) FROM revision WHERE item_id = item.id
                )",
        explicable: false,
    },
    Invariant {
        holds: "Supporters are counted right.",
        broken: "innovations whose number of supporters is wrong",
        count: "SELECT COUNT(*) FROM innovation WHERE supporter_count <> (
                    SELECT COUNT(*) FROM support WHERE innovation_id = innovation.id
                )",
        explicable: false,
    },
    Invariant {
        holds: "Posts are counted right.",
        broken: "discussions whose number of posts is wrong",
        count: "SELECT COUNT(*) FROM discussion WHERE post_count <> (
                    SELECT COUNT(*) FROM post WHERE discussion_id = discussion.id
                )",
        explicable: false,
    },
    Invariant {
        holds: "Discussions and posts are where their items are.",
        broken: "discussions or posts are filed under another community than their items",
        count: "SELECT (
                    SELECT COUNT(*) FROM discussion JOIN item ON item.id = discussion.id
                    WHERE discussion.community_id <> item.community_id
                ) + (
                    SELECT COUNT(*) FROM post JOIN item ON item.id = post.discussion_id
                    WHERE post.community_id <> item.community_id
                )",
        explicable: false,
    },
    Invariant {
        holds: "Discussions have the time of their items where everybody sees them, and none elsewhere.",
        broken: "discussions have another time than their items, or have one although not everybody sees them",
        count: "SELECT COUNT(*) FROM discussion JOIN item ON item.id = discussion.id
                WHERE discussion.shown_at IS DISTINCT FROM CASE WHEN item.visibility = 'COMMUNITY' THEN item.created_at END",
        explicable: false,
    },
    Invariant {
        holds: "Ratings are counted right.",
        broken: "resources whose ratings are counted wrong",
        count: "SELECT COUNT(*) FROM resource WHERE rating_count <> (
                    SELECT COUNT(*) FROM rating WHERE resource_id = resource.id
                ) OR rating_sum <> (
                    SELECT COALESCE(SUM(rating), 0) FROM rating WHERE resource_id = resource.id
                )",
        explicable: false,
    },
    Invariant {
        holds: "External references are where their resources are.",
        broken: "external references are filed under another community than their resources",
        count: "SELECT COUNT(*) FROM external_reference JOIN item ON item.id = external_reference.resource_id
                WHERE external_reference.community_id <> item.community_id",
        explicable: false,
    },
    Invariant {
        holds: "Adoptions and pilots are where what they are of is.",
        broken: "adoptions or pilots are filed under another community than their subjects",
        count: "SELECT (
                    SELECT COUNT(*) FROM adoption JOIN item ON item.id = adoption.subject_id
                    WHERE adoption.community_id <> item.community_id
                ) + (
                    SELECT COUNT(*) FROM pilot JOIN item ON item.id = pilot.subject_id
                    WHERE pilot.community_id <> item.community_id
                )",
        explicable: false,
    },
    Invariant {
        holds: "Evidence is counted right.",
        broken: "items whose evidence is counted wrong",
        count: "SELECT COUNT(*) FROM item LEFT JOIN evidence ON evidence.item_id = item.id
                WHERE COALESCE(concluded, 0) <> (
                    SELECT COUNT(*) FROM pilot WHERE subject_id = item.id AND state = 'CONCLUDED'
                ) OR COALESCE(reports, 0) <> (
                    SELECT COUNT(*) FROM experience_report WHERE subject_id = item.id AND consent = 'PUBLIC'
                ) OR COALESCE(adoptions, 0) <> (
                    SELECT COUNT(*) FROM adoption WHERE subject_id = item.id AND state IN ('IN_USE', 'CONFIRMED')
                )",
        explicable: false,
    },
    Invariant {
        holds: "Pilots and experience reports are where what they try out is.",
        broken: "pilots or experience reports are filed under another community than their items",
        count: "SELECT COUNT(*) FROM (
                    SELECT community_id, subject_id FROM pilot
                    UNION ALL SELECT community_id, subject_id FROM experience_report
                    UNION ALL SELECT community_id, subject_id FROM held_report
                ) AS tried JOIN item ON item.id = tried.subject_id
                WHERE tried.community_id <> item.community_id",
        explicable: false,
    },
    Invariant {
        holds: "A pilot has an outcome and findings when it is concluded, and only then.",
        broken: "pilots are concluded without an outcome or findings, or have them without being concluded",
        count: "SELECT COUNT(*) FROM pilot WHERE (state = 'CONCLUDED') <> (outcome IS NOT NULL)
                OR (state = 'CONCLUDED') <> (findings IS NOT NULL)",
        explicable: false,
    },
    Invariant {
        holds: "An anonymous report says neither who wrote it nor when.",
        broken: "anonymous reports say who wrote them, or when",
        count: "SELECT COUNT(*) FROM experience_report
                WHERE anonymous AND (author_id IS NOT NULL OR created_at IS NOT NULL)",
        explicable: false,
    },
    Invariant {
        holds: "A discussion is resolved by an accepted post, and no other has one.",
        broken: "discussions are resolved without an accepted post, or have one without being resolved",
        count: "SELECT COUNT(*) FROM discussion WHERE (state = 'RESOLVED') <> (accepted_post_id IS NOT NULL)",
        explicable: false,
    },
    Invariant {
        holds: "No domain is broader than itself.",
        broken: "domains stand above themselves",
        count: "SELECT (
                    SELECT COUNT(*) FROM domain_ancestor WHERE domain_id = ancestor_id AND distance > 0
                ) + (
                    WITH RECURSIVE broader (id, parent_id) AS (
                        SELECT id, parent_id FROM domain WHERE parent_id IS NOT NULL
                        UNION SELECT broader.id, domain.parent_id FROM broader
                        JOIN domain ON domain.id = broader.parent_id WHERE domain.parent_id IS NOT NULL
                    ) SELECT COUNT(*) FROM broader WHERE parent_id = id
                )",
        explicable: false,
    },
    Invariant {
        holds: "No community is part of itself.",
        broken: "communities are part of themselves",
        count: "WITH RECURSIVE whole (id, parent_id) AS (
                    SELECT id, parent_id FROM community WHERE parent_id IS NOT NULL
                    UNION SELECT whole.id, community.parent_id FROM whole
                    JOIN community ON community.id = whole.parent_id WHERE community.parent_id IS NOT NULL
                ) SELECT COUNT(*) FROM whole WHERE parent_id = id",
        explicable: false,
    },
    Invariant {
        holds: "No session has two refresh tokens that can be used.",
        broken: "sessions have more than one refresh token that can be used",
        count: "SELECT COUNT(*) FROM (
                    SELECT session_id FROM refresh_token
                    JOIN session ON session.id = refresh_token.session_id
                    WHERE used_at IS NULL AND session.revoked_at IS NULL
                    GROUP BY session_id HAVING COUNT(*) > 1
                ) AS twice",
        explicable: false,
    },
    Invariant {
        holds: "Every active community has an active facilitator.",
        broken: "active communities have no active facilitator",
        count: "SELECT COUNT(*) FROM community WHERE status = 'ACTIVE' AND NOT EXISTS (
                    SELECT 1 FROM membership WHERE community_id = community.id
                    AND state = 'ACTIVE' AND role = 'FACILITATOR'
                )",
        explicable: true,
    },
];

/// Checks every invariant. Each reads whole tables.
#[crate::boxed]
pub async fn check_invariants(store: &Store) -> Vec<Finding> {
    check_all(store.reader()).await
}

/// A finding for each invariant, in their order.
pub(super) async fn check_all(connection: &impl ConnectionTrait) -> Vec<Finding> {
    let mut findings = Vec::with_capacity(INVARIANTS.len());
    for invariant in INVARIANTS {
        let name = "invariant";
        findings.push(match count(connection, invariant.count).await {
            Ok(0) => Finding::well(name, invariant.holds),
            Ok(count) if invariant.explicable => Finding::doubtful(
                name,
                format!("{count} {}.", invariant.broken),
                "An administrator can name one.",
            ),
            Ok(count) => Finding::broken(
                name,
                format!("{count} {}.", invariant.broken),
                "This is a defect: keep a copy of the database, and report it with the version and this line.",
            ),
            Err(error) => Finding::broken(
                name,
                format!("\"{}\" cannot be checked: {error}.", invariant.holds),
                "See what is said of the database and its migrations.",
            ),
        });
    }
    findings
}

async fn count(connection: &impl ConnectionTrait, question: &str) -> Result<i64> {
    let statement = Statement::from_string(
        connection.get_database_backend(),
        format!("SELECT CAST(({question}) AS BIGINT) AS answer"),
    );
    Ok(match connection.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "answer")?,
        None => 0,
    })
}
