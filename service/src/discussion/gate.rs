//! The way in for every change of a discussion and its posts: a few statements, whatever is in it.

use entity::change::{EntityType, Operation};
use entity::discussion;
use entity::{community, item, post};
use sea_orm::{EntityTrait, QuerySelect};
use std::collections::BTreeSet;
use uuid::Uuid;

use super::Discussion;
use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::item::{Listed, authors_of, gate::check_home, insert::replace_row, lock, waiting};
use crate::membership::{self, Hold};
use crate::policy::audience;
use crate::policy::item::ItemFacts;
use crate::store::{PendingChange, WriteUnit};
use crate::viewer::Viewer;

/// A discussion that is held for a change, with the actor's present standing. The policy was not asked yet.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) viewer: Viewer,
    pub(super) community: community::Model,
    pub(super) discussion: Discussion,
    pub(super) authors: Vec<Uuid>,
}

/// What an argument names: where it stands, and what it is in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) field: &'a [&'a str],
    pub(super) what: &'static str,
}

pub(super) const DISCUSSION: Named<'static> = Named {
    field: &["id"],
    what: "discussion",
};
pub(super) const POST: Named<'static> = Named {
    field: &["id"],
    what: "post",
};

impl Named<'_> {
    pub(super) fn absent(self) -> Error {
        Error::not_found(self.field, self.what)
    }
}

/// Opens a discussion for a change.
pub(super) async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    named: Named<'_>,
) -> Result<Opened> {
    let community = discussion::Entity::find_by_id(id)
        .select_only()
        .column(discussion::Column::CommunityId)
        .into_tuple::<Uuid>()
        .one(unit.db())
        .await?
        .unwrap_or_default();
    opened(unit, viewer, community, id, named).await
}

/// Opens the discussion of a post for a change. One that does not exist costs about the same statements.
pub(super) async fn open_post(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
) -> Result<(Opened, post::Model)> {
    let found = post::Entity::find_by_id(id).one(unit.db()).await?;
    let (community, discussion) = found
        .as_ref()
        .map_or((id, id), |post| (post.community_id, post.discussion_id));
    let opened = opened(unit, viewer, community, discussion, POST).await?;
    // It may have been changed before its discussion was held.
    let post = post::Entity::find_by_id(id).one(unit.db()).await?;
    Ok((opened, post.ok_or_else(|| POST.absent())?))
}

async fn opened(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    id: Uuid,
    named: Named<'_>,
) -> Result<Opened> {
    // The community is held before the item: what changes a community goes the same way.
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let community = community.ok_or_else(|| named.absent())?;
    let discussion = lock::<discussion::Entity>(unit, id)
        .await?
        .ok_or_else(|| named.absent())?;
    check_home(discussion.item.community_id, &community)?;
    let authors = authors_of(unit.db(), &[id]).await?;
    Ok(Opened {
        viewer,
        community,
        discussion,
        authors: authors.into_values().next().unwrap_or_default(),
    })
}

impl Opened {
    /// What the policy looks at.
    pub(super) fn facts(&self) -> ItemFacts<'_> {
        ItemFacts {
            community: &self.community,
            item: &self.discussion.item,
            authors: &self.authors,
        }
    }

    /// Who sees the discussion and its posts.
    pub(super) fn audience(&self) -> BTreeSet<String> {
        audience::of_item(&self.community, &self.discussion.item, &self.authors)
    }

    /// Writes the discussion's own row as it is here now, and its change row with the names of what was changed. The
    /// item is written where the discussion begins to wait for an answer, or no longer does.
    pub(super) async fn save(&mut self, unit: &mut WriteUnit, fields: &[&str]) -> Result<()> {
        if self.mark_waiting(unit) {
            replace_row(unit, self.discussion.item.clone()).await?;
        }
        self.write_details(unit, fields).await
    }

    fn mark_waiting(&mut self, unit: &WriteUnit) -> bool {
        let Listed { item, details, .. } = &mut self.discussion;
        waiting::mark(item, |_| waiting::for_answer(details), unit.now())
    }

    async fn write_details(&self, unit: &mut WriteUnit, fields: &[&str]) -> Result<()> {
        replace_row(unit, self.discussion.details.clone()).await?;
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        unit.record(row_changed(
            &self.discussion.item,
            Operation::Updated,
            fields,
            self.audience(),
        ));
        Ok(())
    }

    /// The same for a step in the discussion's life, which stamps the item too.
    pub(super) async fn save_step(&mut self, unit: &mut WriteUnit, fields: &[&str]) -> Result<()> {
        let item: &mut item::Model = &mut self.discussion.item;
        item.updated_at = unit.now();
        self.discussion.details.last_activity_at = unit.now();
        self.mark_waiting(unit);
        replace_row(unit, self.discussion.item.clone()).await?;
        self.write_details(unit, fields).await
    }

    /// The change row of a post.
    pub(super) fn post_changed(
        &self,
        post: &post::Model,
        operation: Operation,
        fields: &[&str],
    ) -> PendingChange {
        let audience = self.audience();
        PendingChange {
            entity_type: EntityType::Post,
            entity_id: post.id,
            operation,
            community_id: Some(self.community.id),
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            audience_before: (operation != Operation::Created).then(|| audience.clone()),
            audience_after: (operation != Operation::Deleted).then_some(audience),
        }
    }
}
