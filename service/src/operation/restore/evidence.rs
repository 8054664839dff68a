//! What shows that items work: pilots, adoptions, and what was told of them.

use std::collections::BTreeSet;

use entity::change::EntityType;
use entity::pilot::PilotState;
use entity::{adoption, experience_report, pilot};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, Scene};
use super::parts::is_of_its_type;
use crate::error::Result;
use crate::evidence::recount;
use crate::link::End;
use crate::operation::line::{Fields, decode, prefix};
use crate::policy::audience;
use crate::resource::RATINGS;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;

/// The item is here, and where the line says.
fn is_at(subject: End, community: Uuid, around: &Around) -> Result<(), String> {
    is_of_its_type(subject, around)?;
    match around.home(subject) {
        Some(home) if home == community => Ok(()),
        _ => Err("`communityId` is not the community of what it is about.".into()),
    }
}

impl Restored for pilot::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, prefix(EntityType::Pilot), &[])?;
        let concluded = row.state == PilotState::Concluded;
        if concluded != row.outcome.is_some() || concluded != row.findings.is_some() {
            return Err(
                "A pilot has `outcome` and `findings` when it is concluded, and only then.".into(),
            );
        }
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((line.row.subject_type, line.row.subject_id))
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        let row = &line.row;
        is_at((row.subject_type, row.subject_id), row.community_id, around)
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let subject = (line.row.subject_type, line.row.subject_id);
        let told = around.at_home(subject).map(|(community, item, authors)| {
            let audience = audience::of_item(community, item, authors);
            created(
                (EntityType::Pilot, line.row.id),
                Some(community.id),
                audience,
            )
        });
        told.into_iter().collect()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let subjects = lines.iter();
        let subjects = subjects.map(|line| (line.row.subject_type, line.row.subject_id));
        count(unit, around, subjects.collect(), "pilots").boxed()
    }
}

/// Counts the evidence of items anew, and says that they changed.
async fn count(
    unit: &mut WriteUnit,
    around: &Around,
    subjects: BTreeSet<End>,
    field: &str,
) -> Result<()> {
    for subject in &subjects {
        if let Some(change) = around.item_changed(*subject, &[field]) {
            unit.record(change);
        }
    }
    let ids: Vec<Uuid> = subjects.into_iter().map(|(_, id)| id).collect();
    recount(unit, &ids).await
}

impl Restored for adoption::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let mut row = decode::<Self>(fields, prefix(EntityType::Adoption), &[])?;
        row.setting_key = fold(&row.setting);
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((line.row.subject_type, line.row.subject_id))
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        let row = &line.row;
        is_at((row.subject_type, row.subject_id), row.community_id, around)
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let row = &line.row;
        let subject = around.at_home((row.subject_type, row.subject_id));
        let told = subject.map(|(community, item, authors)| {
            let audience = audience::of_adoption(community, item, authors, row.adopter_id);
            created((EntityType::Adoption, row.id), Some(community.id), audience)
        });
        told.into_iter().collect()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let subjects = lines.iter();
        let subjects = subjects.map(|line| (line.row.subject_type, line.row.subject_id));
        count(unit, around, subjects.collect(), "adoptions").boxed()
    }
}

impl Restored for experience_report::Entity {
    type Parts = ();

    fn read(fields: &mut Fields) -> Result<(Self::Model, ()), String> {
        let row = decode::<Self>(fields, prefix(EntityType::ExperienceReport), &[])?;
        if row.anonymous && (row.author_id.is_some() || row.created_at.is_some()) {
            return Err("An anonymous report says neither who wrote it nor when.".into());
        }
        if row
            .rating
            .is_some_and(|rating| !RATINGS.contains(&rating.into()))
        {
            return Err("`rating` must be from 1 to 5.".into());
        }
        Ok((row, ()))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((line.row.subject_type, line.row.subject_id))
    }

    fn ends(line: &Line<Self>) -> Vec<End> {
        vec![(line.row.about_type, line.row.about_id)]
    }

    fn check(line: &Line<Self>, around: &Around) -> Result<(), String> {
        let row = &line.row;
        if around.home((row.about_type, row.about_id)).is_none() {
            return Err("What it tells of is not here.".into());
        }
        is_at((row.subject_type, row.subject_id), row.community_id, around)
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let row = &line.row;
        let subject = around.at_home((row.subject_type, row.subject_id));
        let told = subject.map(|(community, item, authors)| {
            let audience = audience::of_report(community, item, authors, row);
            let of = (EntityType::ExperienceReport, row.id);
            created(of, Some(community.id), audience)
        });
        told.into_iter().collect()
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        let subjects = lines.iter();
        let subjects = subjects.map(|line| (line.row.subject_type, line.row.subject_id));
        count(unit, around, subjects.collect(), "reports").boxed()
    }
}
