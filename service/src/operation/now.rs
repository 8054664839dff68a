//! The same work for somebody who waits for it: the command line's imports and exports, without a row.

use std::sync::Arc;

use entity::community;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::export::{Exported, Plan, Target, export};
use super::import::{For, Job, Source, Tally, drive};
use super::rights::{active_user, signed_in};
use super::run::open;
use super::watch::{ToTheEnd, Told};
use crate::error::{Error, FaultCode, Result};
use crate::policy::operation as policy;
use crate::store::Store;
use crate::user::by_handle;
use crate::viewer::{Scope, Viewer};

/// An import that is waited for.
#[derive(Clone, Debug)]
pub struct Importing {
    /// The file.
    pub source: Source,
    /// The community that it goes to; none for all that a restore brings back.
    pub community: Option<Uuid>,
    /// Whether to keep ids, authors and history, as administrators may.
    pub restore: bool,
}

/// Somebody with all the rights that they have, by their handle.
pub async fn viewer_by_handle(store: &Store, handle: &str) -> Result<Viewer> {
    let absent = || {
        let message = format!("There is no account in use with the handle {handle}.");
        Error::fault(FaultCode::NotFound, &["as"], message)
    };
    let found = by_handle(store, &Viewer::anonymous(), handle).await?;
    let id = found.ok_or_else(absent)?.id;
    let user = active_user(store, id).await?.ok_or_else(absent)?;
    signed_in(store, user, Scope::ALL.to_vec(), None).await
}

/// The community with that slug, whoever may see it: for the operator.
pub async fn community_with_slug(store: &Store, slug: &str) -> Result<Option<Uuid>> {
    Ok(community::Entity::find()
        .select_only()
        .column(community::Column::Id)
        .filter(community::Column::Slug.eq(slug))
        .into_tuple()
        .one(store.reader())
        .await?)
}

/// Imports a file, and tells how far it is. What was imported stays when a later line fails.
pub async fn import_now(
    store: &Store,
    viewer: &Viewer,
    import: Importing,
    told: Told<'_>,
) -> Result<Tally> {
    if import.restore {
        policy::restore(viewer).require(&["restore"], "import")?;
    }
    let opened = open(import.source, import.restore, 0).await?;
    let (found, reader) =
        opened.map_err(|message| Error::fault(FaultCode::Invalid, &[], message))?;
    let passed_over = found.passed_over();
    let job = Arc::new(Job {
        community: import.community,
        restore: import.restore,
        operation: None,
        scan: found,
    });
    let of = For::Caller {
        viewer: viewer.clone(),
        told,
    };
    let mut tally = drive(store, reader, job, &of, 0).await?.unwrap_or_default();
    for message in passed_over {
        tally.failed += 1;
        tally.errors.push(super::LineError {
            line: None,
            message,
        });
    }
    Ok(tally)
}

/// Writes an export, and tells how far it is.
pub async fn export_now(
    store: &Store,
    plan: &Plan,
    target: Target,
    told: Told<'_>,
) -> Result<Exported> {
    let mut watch = ToTheEnd(told);
    export(store, plan, target, &mut watch)
        .await?
        .ok_or_else(|| Error::internal("an export ended early"))
}
