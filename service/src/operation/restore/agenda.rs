//! What belongs to a community as a whole: what it says of itself, what it wants to reach and to learn.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::{defining_statement, endorsement, goal, learning_question};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, Scene};
use crate::community::belonging::has_open_text;
use crate::error::Result;
use crate::link::End;
use crate::operation::line::{Fields, decode, prefix};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// A thing that all see who see its community whole.
fn told_to_readers(of: End, home: Uuid, around: &Around) -> Vec<PendingChange> {
    let community = around.communities.get(&home);
    let told =
        community.map(|community| created(of, Some(home), audience::of_community_whole(community)));
    told.into_iter().collect()
}

/// The document of a community holds what it says of itself.
fn text_changed(unit: &mut WriteUnit, around: &Around, homes: &BTreeSet<Uuid>, field: &str) {
    let communities = homes.iter().filter_map(|id| around.communities.get(id));
    for community in communities.filter(|community| has_open_text(community)) {
        let audience = audience::of_community_about(community);
        unit.record(PendingChange {
            entity_type: EntityType::Community,
            entity_id: community.id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields: vec![field.to_owned()],
            audience_before: Some(audience.clone()),
            audience_after: Some(audience),
        });
    }
}

impl Restored for defining_statement::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, prefix(EntityType::DefiningStatement), &[])?;
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn prepare<'a>(
        _unit: &'a WriteUnit,
        _around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        // What takes whose place is stated again at the end, when both are here.
        for line in lines {
            line.row.supersedes_id = None;
            line.row.superseded_by_id = None;
        }
        async { Ok(()) }.boxed()
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::DefiningStatement, line.row.id);
        told_to_readers(of, line.row.community_id, around)
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let homes = lines.iter().map(|line| line.row.community_id).collect();
        text_changed(unit, around, &homes, "statements");
        async { Ok(()) }.boxed()
    }
}

impl Restored for endorsement::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, "endorsement", &[])?, ()))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::DefiningStatement, line.row.statement_id))
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }
}

impl Restored for goal::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        Ok((decode::<Self>(fields, prefix(EntityType::Goal), &[])?, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::Goal, line.row.id);
        let home = line.row.community_id;
        if line.row.membership_id.is_none() {
            return told_to_readers(of, home, around);
        }
        let community = around.communities.get(&home);
        let told =
            community.map(|community| created(of, Some(home), audience::of_members(community)));
        told.into_iter().collect()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let group = lines.iter().filter(|line| line.row.membership_id.is_none());
        let homes = group.map(|line| line.row.community_id).collect();
        text_changed(unit, around, &homes, "goals");
        async { Ok(()) }.boxed()
    }
}

impl Restored for learning_question::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, prefix(EntityType::LearningQuestion), &[])?;
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::LearningQuestion, line.row.id);
        told_to_readers(of, line.row.community_id, around)
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let homes = lines.iter().map(|line| line.row.community_id).collect();
        text_changed(unit, around, &homes, "learningAgenda");
        async { Ok(()) }.boxed()
    }
}
