//! What the owner of a webhook sees of a change, by the rules of the change feed.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::change::{self, EntityType, Operation};
use entity::{TextList, community, webhook};
use uuid::Uuid;

use crate::change::feed::{ChangeScope, Row, told};
use crate::link::End;
use crate::policy::audience;
use crate::policy::community::{Access, access};
use crate::viewer::{SignedIn, Viewer};

/// Whether the change was of one of these fields.
pub(super) fn changes_any(row: &change::Model, names: &[&str]) -> bool {
    let mut fields = row.fields.0.iter();
    fields.any(|field| names.contains(&field.as_str()))
}

/// A change as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// What was changed.
    pub(super) thing: End,
    /// To whom it comes into sight it is created, from whose sight it goes it is deleted.
    pub(super) operation: Operation,
    /// Whether it stands for all of the community.
    pub(super) whole_community: bool,
    /// The names of the fields.
    pub(super) fields: TextList,
    /// The audience tokens by which it is seen, or was.
    pub(super) tokens: TextList,
}

/// Whom a webhook stands for: its owner, within the community that it is for. So a webhook is never told more than a
/// token for that community would show.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) viewer: Viewer,
    pub(super) tokens: BTreeSet<String>,
}

impl Owner {
    pub(super) fn of(person: &SignedIn, webhook: &webhook::Model) -> Self {
        let viewer = Viewer::signed_in(SignedIn {
            only_community: webhook.community_id,
            ..person.clone()
        });
        let tokens = audience::of_viewer(&viewer);
        Self { viewer, tokens }
    }

    /// Those of the communities of which the owner may see at least what they are about.
    pub(super) fn in_sight(&self, communities: &HashMap<Uuid, community::Model>) -> HashSet<Uuid> {
        let seen = communities
            .values()
            .filter(|community| access(&self.viewer, community) > Access::None);
        seen.map(|community| community.id).collect()
    }

    fn meets(&self, audience: Option<&TextList>) -> Vec<String> {
        let tokens = audience.iter().flat_map(|audience| &audience.0);
        tokens
            .filter(|token| self.tokens.contains(*token))
            .cloned()
            .collect()
    }

    /// The change of the thing itself as the owner sees it; none where it is out of sight before and after.
    pub(super) fn sees(&self, row: &change::Model) -> Option<Seen> {
        let before = self.meets(row.audience_before.as_ref());
        let after = self.meets(row.audience_after.as_ref());
        let (operation, tokens) = match (before.is_empty(), after.is_empty()) {
            (true, true) => return None,
            (true, false) => (Operation::Created, after),
            (false, false) => (Operation::Updated, after),
            (false, true) => (Operation::Deleted, before),
        };
        Some(Seen {
            thing: (row.entity_type, row.entity_id),
            operation,
            whole_community: false,
            fields: row.fields.clone(),
            tokens: TextList(tokens),
        })
    }

    /// The change as the change feed tells it to the owner, who sees the communities that are `in_sight`.
    pub(super) fn is_told(&self, row: &change::Model, in_sight: &HashSet<Uuid>) -> Option<Seen> {
        let before = self.meets(row.audience_before.as_ref());
        let after = self.meets(row.audience_after.as_ref());
        let asked = Row {
            position: row.position,
            entity_type: row.entity_type,
            entity_id: row.entity_id,
            community_id: row.community_id,
            fields: row.fields.0.clone(),
            at: row.at,
            seen_before: !before.is_empty(),
            seen_after: !after.is_empty(),
        };
        let change = told(&self.viewer, in_sight, asked)?;
        Some(Seen {
            thing: (change.entity_type, change.entity_id),
            operation: change.operation,
            whole_community: change.scope == ChangeScope::Community,
            fields: TextList(change.fields),
            tokens: TextList(if after.is_empty() { before } else { after }),
        })
    }
}

/// Whether a change may show or hide a community to the one person whose membership it is of.
pub(super) fn is_standing(row: &change::Model) -> bool {
    row.entity_type == EntityType::Membership
}
