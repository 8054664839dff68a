//! The parts of a community that becomes part of another one.

use entity::community;
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::community::{levels, record_update};
use crate::domain;
use crate::error::Result;
use crate::store::WriteUnit;

/// The field of a community that says what it is part of.
pub(super) const PARENT: &str = "parent";

/// Most communities above a community.
pub(super) const DEEPEST: usize = domain::DEEPEST.unsigned_abs() as usize;

/// The parts of a community that becomes part of another one.
#[derive(Debug)]
pub(super) struct Parts {
    /// Those that become parts of the other community.
    coming: Vec<community::Model>,
    /// The one that is the other community, or that this is below: as a part of the other it would close a ring, so it
    /// takes the place of the community that goes.
    instead: Option<community::Model>,
    /// How many communities the other one has above it in the end.
    above: usize,
}

impl Parts {
    /// Reads and holds the parts of a community. The tree of communities is held.
    pub(super) async fn of(
        unit: &WriteUnit,
        from: &community::Model,
        into: &community::Model,
    ) -> Result<Self> {
        let mut above = ancestors(unit, into).await?;
        let found = community::Entity::find()
            .filter(community::Column::ParentId.eq(from.id))
            .order_by_asc(community::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(unit.db())
            .await?;
        let (instead, coming): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|part| part.id == into.id || above.contains(&part.id));
        above.retain(|id| *id != from.id);
        Ok(Self {
            coming,
            instead: instead.into_iter().next(),
            above: above.len(),
        })
    }

    /// Whether a community would have more others above it than it may.
    pub(super) async fn come_too_deep(&self, unit: &WriteUnit) -> Result<bool> {
        let coming = self.coming.iter().map(|part| part.id).collect();
        let levels = levels(unit, coming).await?.unsigned_abs() as usize;
        Ok(levels > 0 && self.above + levels > DEEPEST)
    }

    /// Makes them parts of the other community, and answers that as it is then.
    pub(super) async fn go(
        self,
        unit: &mut WriteUnit,
        from: &community::Model,
        into: &community::Model,
    ) -> Result<community::Model> {
        let mut after = into.clone();
        if let Some(old) = self.instead {
            let new = part_of(unit, &old, from.parent_id);
            write(unit, from, Some(old.id), from.parent_id).await?;
            if old.id == into.id {
                after = new;
            } else {
                record_update(unit, &old, &new, vec![PARENT.to_owned()]);
            }
        }
        if !self.coming.is_empty() {
            write(unit, from, None, Some(into.id)).await?;
        }
        for old in self.coming {
            let new = part_of(unit, &old, Some(into.id));
            record_update(unit, &old, &new, vec![PARENT.to_owned()]);
        }
        Ok(after)
    }
}

/// The community as it is when it is part of another one.
fn part_of(unit: &WriteUnit, old: &community::Model, parent: Option<Uuid>) -> community::Model {
    community::Model {
        parent_id: parent,
        revision: old.revision + 1,
        updated_at: unit.now(),
        ..old.clone()
    }
}

/// Writes the same of one part of a community, or of all that are left.
async fn write(
    unit: &WriteUnit,
    from: &community::Model,
    only: Option<Uuid>,
    parent: Option<Uuid>,
) -> Result<()> {
    use community::Column;
    let mut update = community::Entity::update_many()
        .col_expr(Column::ParentId, Expr::value(parent))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(unit.now()))
        .filter(Column::ParentId.eq(from.id));
    if let Some(only) = only {
        update = update.filter(Column::Id.eq(only));
    }
    update.exec(unit.db()).await?;
    Ok(())
}

/// What a community is part of, and what that is, and so on.
async fn ancestors(unit: &WriteUnit, of: &community::Model) -> Result<Vec<Uuid>> {
    let mut above = Vec::new();
    let mut next = of.parent_id;
    while let Some(id) = next.filter(|_| above.len() <= DEEPEST) {
        above.push(id);
        let found = community::Entity::find_by_id(id).one(unit.db()).await?;
        next = found.and_then(|row| row.parent_id);
    }
    Ok(above)
}
