//! Telling how it went.

use chrono::Days;
use entity::change::Operation;
use entity::experience_report::{self, Consent};
use entity::held_report;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::about::{self, About, FIELD};
use super::{ExperienceReport, record, told};
use crate::auth::{REPORT_SECRET_PREFIX, Secret, digest, generate};
use crate::error::{Error, FaultCode, Result};
use crate::evidence;
use crate::item::entity_type;
use crate::item::insert::insert_many;
use crate::link::End;
use crate::policy::pilot as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, TextRule};
use crate::viewer::{Scope, Viewer};

/// What is told: Markdown that must say something.
const TEXT: TextRule = TextRule {
    min: 1,
    max: 20_000,
    multiline: true,
};
/// Most reports of one thing.
pub const MOST_ON_ONE: u64 = 1_000;
/// Most reports that one person gives of one thing by name; nobody can count what is anonymous.
pub const MOST_BY_ONE: u64 = 20;

/// A report to be given.
#[derive(Clone, Debug)]
pub struct TellExperience {
    /// What it is about.
    pub about: End,
    /// What it tells.
    pub text: String,
    /// Where a recording is.
    pub media_url: Option<String>,
    /// How good it was, from 1 to 5.
    pub rating: Option<i64>,
    /// Whether one would use it again.
    pub would_reuse: Option<bool>,
    /// Who may read it.
    pub consent: Consent,
    /// Whether nobody is to know who wrote it.
    pub anonymous: bool,
}

/// A report that was given.
#[derive(Clone, Debug)]
pub struct Told {
    /// The report.
    pub report: ExperienceReport,
    /// With it an anonymous report can be narrowed or withdrawn. It is shown this once.
    pub secret: Option<Secret>,
}

/// Tells how it went with something that the viewer may read.
#[crate::boxed]
pub async fn tell(store: &Store, viewer: &Viewer, input: TellExperience) -> Result<Written<Told>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    // Whoever tells something anonymously acts in no row.
    let acting = (!input.anonymous).then_some(actor);
    store
        .write(acting, move |unit| {
            async move { tell_in(unit, &viewer, actor, input).await }.boxed()
        })
        .await
}

async fn tell_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    actor: Uuid,
    input: TellExperience,
) -> Result<Told> {
    let mut faults = Faults::default();
    let said = if input.text.trim().is_empty() {
        ""
    } else {
        &input.text
    };
    let text = faults.text(&["input", "text"], said, TEXT);
    let media_url = input
        .media_url
        .map(|url| faults.url(&["input", "mediaUrl"], &url));
    let rating = faults.number(&["input", "rating"], input.rating, 1..=5);
    let author = (!input.anonymous).then_some(actor);
    let opened = open(unit, viewer, author, input.about).await;
    let about = faults.absorb(opened)?;
    faults.check()?;
    let About { subject, owner, .. } = about.ok_or_else(|| Error::not_found(FIELD, "pilot"))?;
    let mut report = ExperienceReport {
        id: Uuid::new_v4(),
        about_type: input.about.0,
        about_id: input.about.1,
        owner_id: owner,
        subject_type: entity_type(subject.state.item.item_type),
        subject_id: subject.state.item.id,
        community_id: subject.community.id,
        author_id: author,
        anonymous: input.anonymous,
        secret_hash: None,
        text,
        media_url,
        rating,
        would_reuse: input.would_reuse,
        consent: input.consent,
        created_at: author.map(|_| unit.now()),
    };
    if !input.anonymous {
        insert_many(unit, vec![report.clone().into_active_model()]).await?;
        record(unit, &subject, &report, Operation::Created, None);
        evidence::recount(unit, &[report.subject_id]).await?;
        return Ok(Told {
            report,
            secret: None,
        });
    }
    let secret = generate(REPORT_SECRET_PREFIX);
    let held = hold(unit, report, digest(secret.expose()))?;
    insert_many(unit, vec![held.clone().into_active_model()]).await?;
    report = told(held);
    Ok(Told {
        report,
        secret: Some(secret),
    })
}

/// What can be told of still, by this viewer.
async fn open(
    unit: &WriteUnit,
    viewer: &Viewer,
    author: Option<Uuid>,
    about: End,
) -> Result<About> {
    let opened = about::open(unit, viewer, about).await?;
    policy::report(&opened.subject.viewer, opened.subject.facts()).require(FIELD, "pilot")?;
    if let Some(error) = opened.closed {
        return Err(error);
    }
    let told =
        || experience_report::Entity::find().filter(experience_report::Column::AboutId.eq(about.1));
    let held = held_report::Entity::find().filter(held_report::Column::AboutId.eq(about.1));
    if told().count(unit.db()).await? + held.count(unit.db()).await? >= MOST_ON_ONE {
        let message = format!("At most {MOST_ON_ONE} reports can be given of this.");
        return Err(Error::fault(FaultCode::LimitReached, FIELD, message));
    }
    if let Some(author) = author {
        let own = told().filter(experience_report::Column::AuthorId.eq(author));
        if own.count(unit.db()).await? >= MOST_BY_ONE {
            let message = format!("You can give at most {MOST_BY_ONE} reports of this.");
            return Err(Error::fault(FaultCode::LimitReached, FIELD, message));
        }
    }
    Ok(opened)
}

/// Holds an anonymous report back until its day is over.
fn hold(
    unit: &WriteUnit,
    report: ExperienceReport,
    secret_hash: String,
) -> Result<held_report::Model> {
    let today = unit.now().date_naive();
    let held_until = today
        .checked_add_days(Days::new(1))
        .ok_or_else(|| Error::internal("there is no day after this"))?;
    Ok(held_report::Model {
        id: report.id,
        about_type: report.about_type,
        about_id: report.about_id,
        owner_id: report.owner_id,
        subject_type: report.subject_type,
        subject_id: report.subject_id,
        community_id: report.community_id,
        secret_hash,
        text: report.text,
        media_url: report.media_url,
        rating: report.rating,
        would_reuse: report.would_reuse,
        consent: report.consent,
        held_until,
    })
}
