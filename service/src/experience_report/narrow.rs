//! Taking back what one gave: narrowing who may read a report, and withdrawing it.
//!
//! By name, whoever wrote it does so. Of an anonymous one nobody is known: whoever has its secret does so, signed in or
//! not, and no row says who that was.

use entity::change::Operation;
use entity::experience_report::{self, Consent};
use entity::held_report;
use futures_util::FutureExt;
use sea_orm::{EntityTrait, QuerySelect};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{ExperienceReport, record, told};
use crate::auth::{Secret, digest};
use crate::error::{Error, FaultCode, Result};
use crate::evidence;
use crate::item::gate::{self, Opened};
use crate::item::insert::replace_row;
use crate::policy::Decision;
use crate::policy::experience_report as policy;
use crate::policy::item::ItemFacts;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

const ID: &[&str] = &["id"];
const SECRET: &[&str] = &["secret"];
const NOUN: &str = "experience report";

/// A report that may be taken back.
struct Found {
    subject: Opened,
    report: ExperienceReport,
    /// The row, where it is held back yet.
    held: Option<held_report::Model>,
}

/// Whether the policy lets the viewer take back a report without a secret.
type Decide = fn(&Viewer, ItemFacts<'_>, &ExperienceReport) -> Decision;

/// Narrows who may read a report. With the consent that it has nothing changes; nobody widens it.
#[crate::boxed]
pub async fn narrow(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: Consent,
    secret: Option<Secret>,
) -> Result<Written<ExperienceReport>> {
    let acting = acting(viewer, secret.as_ref())?;
    let viewer = viewer.clone();
    store
        .write(acting, move |unit| {
            async move {
                let found = open(unit, &viewer, id, secret, policy::narrow).await?;
                let mut report = found.report;
                let from = report.consent;
                if to == from {
                    return Ok(report);
                }
                if to > from {
                    return Err(widened(from));
                }
                report.consent = to;
                if let Some(mut held) = found.held {
                    held.consent = to;
                    replace_row(unit, held).await?;
                } else {
                    replace_row(unit, report.clone()).await?;
                    record(
                        unit,
                        &found.subject,
                        &report,
                        Operation::Updated,
                        Some(from),
                    );
                    evidence::recount(unit, &[report.subject_id]).await?;
                }
                Ok(report)
            }
            .boxed()
        })
        .await
}

/// Withdraws a report: it is gone for good.
#[crate::boxed]
pub async fn withdraw(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    secret: Option<Secret>,
) -> Result<Written<Uuid>> {
    let acting = acting(viewer, secret.as_ref())?;
    let viewer = viewer.clone();
    store
        .write(acting, move |unit| {
            async move {
                let found = open(unit, &viewer, id, secret, policy::withdraw).await?;
                if found.held.is_some() {
                    held_report::Entity::delete_by_id(id)
                        .exec(unit.db())
                        .await?;
                    return Ok(id);
                }
                experience_report::Entity::delete_by_id(id)
                    .exec(unit.db())
                    .await?;
                let report = found.report;
                let before = Some(report.consent);
                record(unit, &found.subject, &report, Operation::Deleted, before);
                evidence::recount(unit, &[report.subject_id]).await?;
                Ok(id)
            }
            .boxed()
        })
        .await
}

/// Who acts by name. Whoever comes with a secret does not, and need not be signed in.
fn acting(viewer: &Viewer, secret: Option<&Secret>) -> Result<Option<Uuid>> {
    match secret {
        Some(_) => Ok(None),
        None => viewer.require(Scope::Write).map(Some),
    }
}

fn widened(from: Consent) -> Error {
    let message = format!(
        "Consent can be narrowed, not widened: this report is for {} now. Give another report to tell more people.",
        from.as_str()
    );
    Error::not_from_here(&["consent"], message)
}

/// Opens a report for whoever may take it back: by its secret, or as the policy says.
async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    secret: Option<Secret>,
    decide: Decide,
) -> Result<Found> {
    let absent = || Error::not_found(ID, NOUN);
    let (report, _) = find(unit, id, false).await?.ok_or_else(absent)?;
    // What was told of is held before the report, as when it is told.
    let subject = match gate::open(unit, viewer, None, report.subject_id, allow).await {
        Err(Error::Refused(_)) => return Err(absent()),
        other => other?,
    };
    let (report, held) = find(unit, id, true).await?.ok_or_else(absent)?;
    let readable = held.is_none() && policy::read(&subject.viewer, subject.facts(), &report);
    match (&report.secret_hash, secret) {
        (Some(hash), Some(secret)) => {
            let given = digest(secret.expose());
            if !bool::from(given.as_bytes().ct_eq(hash.as_bytes())) {
                return Err(if readable { wrong() } else { absent() });
            }
        }
        (None, Some(_)) if readable => {
            let message = "Only an anonymous report has a secret; leave it out.";
            return Err(Error::fault(FaultCode::Invalid, SECRET, message));
        }
        (None, Some(_)) => return Err(absent()),
        (_, None) if held.is_some() => return Err(absent()),
        (_, None) => decide(&subject.viewer, subject.facts(), &report).require(ID, NOUN)?,
    }
    Ok(Found {
        subject,
        report,
        held,
    })
}

/// Who may act is asked of the report, not of what it tells of.
fn allow(_: &Viewer, _: ItemFacts<'_>) -> Decision {
    Decision::Allow
}

fn wrong() -> Error {
    let message = "This is not the secret of this report.";
    Error::fault(FaultCode::InvalidCredentials, SECRET, message)
}

async fn find(
    unit: &WriteUnit,
    id: Uuid,
    hold: bool,
) -> Result<Option<(ExperienceReport, Option<held_report::Model>)>> {
    let mut select = experience_report::Entity::find_by_id(id);
    let mut select_held = held_report::Entity::find_by_id(id);
    if hold {
        select = select.lock_exclusive();
        select_held = select_held.lock_exclusive();
    }
    if let Some(row) = select.one(unit.db()).await? {
        return Ok(Some((row, None)));
    }
    let held = select_held.one(unit.db()).await?;
    Ok(held.map(|row| (told(row.clone()), Some(row))))
}
