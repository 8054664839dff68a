//! Experience reports: somebody who was there tells how it went.
//!
//! An anonymous report is anonymous to everybody. Nothing that stays says who wrote it, or at what time: it has a random
//! id, neither author nor time, and no actor in the change log, and until its day is over it is held back from every
//! answer, count and guard, so that nobody sees it come. Those of a day come together, in the order of their ids. The one
//! way back to it is a secret that is shown once and of which a hash is kept.

mod about;
mod held;
mod narrow;
mod queries;
mod tell;
#[cfg(test)]
mod tests;

pub use about::ABOUT_TYPES;
pub use held::{next_release, release};
pub use narrow::{narrow, withdraw};
pub use queries::{ReportScope, by_ids, count, page};
pub use tell::{MOST_BY_ONE, MOST_ON_ONE, TellExperience, Told, tell};

use entity::change::{EntityType, Operation};
use entity::experience_report::{self, Consent};
use entity::held_report;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::item::gate::Opened;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// An experience report.
pub type ExperienceReport = experience_report::Model;

/// The change row of a report. `before` is who could read it until now, where it was there.
fn record(
    unit: &mut WriteUnit,
    subject: &Opened,
    report: &ExperienceReport,
    operation: Operation,
    before: Option<Consent>,
) {
    let seen_with = |consent: Consent| {
        let report = ExperienceReport {
            consent,
            ..report.clone()
        };
        let state = &subject.state;
        audience::of_report(&subject.community, &state.item, &state.authors, &report)
    };
    let narrowed = operation == Operation::Updated;
    unit.record(PendingChange {
        entity_type: EntityType::ExperienceReport,
        entity_id: report.id,
        operation,
        community_id: Some(report.community_id),
        fields: narrowed.then(|| "consent".to_owned()).into_iter().collect(),
        audience_before: before.map(seen_with),
        audience_after: (operation != Operation::Deleted).then(|| seen_with(report.consent)),
    });
}

/// Forgets what was told of something that is taken back.
pub(crate) async fn forget(unit: &mut WriteUnit, subject: &Opened, about: Uuid) -> Result<()> {
    let told = experience_report::Entity::find()
        .filter(experience_report::Column::AboutId.eq(about))
        .all(unit.db())
        .await?;
    experience_report::Entity::delete_many()
        .filter(experience_report::Column::AboutId.eq(about))
        .exec(unit.db())
        .await?;
    held_report::Entity::delete_many()
        .filter(held_report::Column::AboutId.eq(about))
        .exec(unit.db())
        .await?;
    for report in told {
        let before = Some(report.consent);
        record(unit, subject, &report, Operation::Deleted, before);
    }
    Ok(())
}

/// The report that one which is held back becomes.
fn told(held: held_report::Model) -> ExperienceReport {
    ExperienceReport {
        id: held.id,
        about_type: held.about_type,
        about_id: held.about_id,
        owner_id: held.owner_id,
        subject_type: held.subject_type,
        subject_id: held.subject_id,
        community_id: held.community_id,
        author_id: None,
        anonymous: true,
        secret_hash: Some(held.secret_hash),
        text: held.text,
        media_url: held.media_url,
        rating: held.rating,
        would_reuse: held.would_reuse,
        consent: held.consent,
        created_at: None,
    }
}
