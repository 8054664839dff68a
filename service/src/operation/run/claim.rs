//! Taking what can be worked on.

use chrono::{DateTime, Utc};
use entity::operation::{self, OperationKind, OperationState};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::operation::step::LEASE;
use crate::operation::{Operation, Operations};

/// What can be worked on now: what is queued, and what a process left in the middle.
fn due(now: DateTime<Utc>, place: Uuid) -> Condition {
    use operation::Column;
    let queued = Condition::all()
        .add(Column::State.eq(OperationState::Queued))
        .add(
            Condition::any()
                .add(Column::Kind.eq(OperationKind::Export))
                .add(Column::UploadedAt.is_not_null()),
        );
    let left = Condition::all()
        .add(Column::State.eq(OperationState::Running))
        .add(Column::LeaseUntil.lte(now));
    Condition::all()
        .add(Column::FinishedAt.is_null())
        .add(Condition::any().add(queued).add(left))
        .add(
            Condition::any()
                .add(Column::Kind.eq(OperationKind::Export))
                .add(Column::Place.eq(place)),
        )
}

/// Takes the oldest operation that can be worked on, for this process alone; none of those who are `busy`.
pub(super) async fn claim(operations: &Operations, busy: &[Uuid]) -> Result<Option<Operation>> {
    let (store, place) = (operations.store(), operations.files().place());
    let of_others =
        (!busy.is_empty()).then(|| operation::Column::UserId.is_not_in(busy.iter().copied()));
    let found = operation::Entity::find()
        .filter(due(store.clock().now(), place).add_option(of_others))
        .order_by_asc(operation::Column::Id)
        .limit(1)
        .one(store.reader())
        .await?;
    let Some(mut row) = found else {
        return Ok(None);
    };
    let process = operations.process();
    let written = store
        .write(None, move |unit| {
            async move {
                use operation::Column;
                let until = unit.now() + LEASE;
                let claimed = operation::Entity::update_many()
                    .filter(Column::Id.eq(row.id))
                    // Whoever took it meanwhile changed one of these.
                    .filter(due(unit.now(), place))
                    .col_expr(Column::State, Expr::value(OperationState::Running.as_str()))
                    .col_expr(Column::LeaseOwner, Expr::value(Some(process)))
                    .col_expr(Column::LeaseUntil, Expr::value(Some(until)))
                    .exec(unit.db())
                    .await?;
                row.state = OperationState::Running;
                row.lease_owner = Some(process);
                row.lease_until = Some(until);
                Ok((claimed.rows_affected == 1).then_some(row))
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}
