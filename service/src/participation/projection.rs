//! The projection of the change log that keeps participation.

use entity::change;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{acts, recount};
use crate::error::Result;
use crate::projection::Projection;
use crate::store::WriteUnit;

/// Keeps what members did, and how much they take part.
#[derive(Clone, Copy, Debug)]
pub struct ParticipationProjection;

impl Projection for ParticipationProjection {
    fn name(&self) -> &'static str {
        "participation"
    }

    fn apply<'a>(
        &'a self,
        unit: &'a mut WriteUnit,
        rows: &'a [change::Model],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let touched = acts::take(unit, rows).await?;
            let touched: Vec<_> = touched.into_iter().collect();
            recount::recount(unit, &touched, unit.now().date_naive()).await
        }
        .boxed()
    }
}
