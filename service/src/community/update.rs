//! Changing what a community says of itself, and its rules.

use entity::community::{self, Cadence, CommunityVisibility, JoinPolicy, MeetingMode, Sector};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use super::checks;
use super::commands::{DESCRIPTION, TAKEN, WHAT, record_update};
use super::lists::Lists;
use crate::change::differing;
use crate::domain::{Owner, hold_tree};
use crate::error::{Error, FaultCode, Result};
use crate::membership::{Hold, refresh, standing};
use crate::policy;
use crate::store::{Store, WriteUnit, Written};
use crate::text::fold;
use crate::validation::{Faults, Patch, SUMMARY, TITLE};
use crate::viewer::{Scope, Viewer};

/// What is to change about a community; null empties a list.
#[derive(Clone, Debug, Default)]
pub struct UpdateCommunity {
    /// Its name.
    pub name: Patch<String>,
    /// What it is for.
    pub purpose: Patch<String>,
    /// Its slug; the old one goes on leading here.
    pub slug: Patch<String>,
    /// Markdown.
    pub description: Patch<String>,
    /// Who may see it, and with it everything that is as visible as the community.
    pub visibility: Patch<CommunityVisibility>,
    /// How one becomes a member.
    pub join_policy: Patch<JoinPolicy>,
    /// How it meets.
    pub meeting_mode: Patch<MeetingMode>,
    /// How often it means to meet.
    pub cadence: Patch<Cadence>,
    /// Its sector.
    pub sector: Patch<Sector>,
    /// BCP 47 tags.
    pub languages: Patch<Vec<String>>,
    /// What it cares about.
    pub domain_ids: Patch<Vec<Uuid>>,
    /// Organizations that sponsor it.
    pub sponsor_ids: Patch<Vec<Uuid>>,
    /// The community that it is part of; the viewer facilitates it.
    pub parent_id: Patch<Uuid>,
    /// The revision that the client saw.
    pub expected_revision: Option<i32>,
}

/// Changes a community, by its facilitators.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateCommunity,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            update_in(unit, viewer, id, input).boxed()
        })
        .await
}

async fn update_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    input: UpdateCommunity,
) -> Result<community::Model> {
    let moving = input.parent_id != Patch::Absent;
    if moving {
        hold_tree(unit, Owner::Community).await?;
    }
    let (viewer, found) = standing(unit, &viewer, id, Hold::Exclusive).await?;
    let old = found.ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    policy::community::update(&viewer, &old).require(&["id"], WHAT)?;
    let old_lists = Lists::read(unit, id).await?;

    let mut faults = Faults::default();
    if input
        .expected_revision
        .is_some_and(|expected| expected != old.revision)
    {
        faults.absorb(Err::<(), _>(Error::conflict(old.revision)))?;
    }
    let new_lists = patched_lists(unit, &old_lists, &input, &mut faults).await?;
    let mut new = patched(&old, input, &mut faults);
    if new.parent_id != old.parent_id
        && let Some(parent) = new.parent_id
    {
        let in_parent = refresh(unit, &viewer, &[parent]).await?;
        checks::parent(unit, &mut faults, &in_parent, Some(id), parent).await?;
    }
    if new.slug != old.slug && Owner::Community.is_taken(unit, &new.slug, id).await? {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;

    let fields = changed((&old, &old_lists), (&new, &new_lists));
    if fields.is_empty() {
        return Ok(old);
    }
    new.revision += 1;
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    new_lists.write(unit, id, &old_lists).await?;
    if new.slug != old.slug {
        Owner::Community.claim(unit, &new.slug).await?;
        Owner::Community.redirect(unit, &old.slug, id).await?;
    }
    record_update(unit, &old, &new, fields);
    Ok(new)
}

async fn patched_lists(
    unit: &WriteUnit,
    old: &Lists,
    input: &UpdateCommunity,
    faults: &mut Faults,
) -> Result<Lists> {
    let mut new = old.clone();
    match &input.languages {
        Patch::Absent => {}
        Patch::Null => new.languages.clear(),
        Patch::Value(list) => {
            new.languages = faults.language_list(&["input", "languages"], list);
        }
    }
    match &input.domain_ids {
        Patch::Absent => {}
        Patch::Null => new.domains.clear(),
        Patch::Value(list) => new.domains = checks::domains(unit, faults, list).await?,
    }
    match &input.sponsor_ids {
        Patch::Absent => {}
        Patch::Null => new.sponsors.clear(),
        Patch::Value(list) => new.sponsors = checks::sponsors(unit, faults, list).await?,
    }
    Ok(new)
}

fn patched(
    old: &community::Model,
    input: UpdateCommunity,
    faults: &mut Faults,
) -> community::Model {
    let mut new = old.clone();
    if let Some(name) = input.name.required(faults, &["input", "name"]) {
        new.name = faults.text(&["input", "name"], &name, TITLE);
        new.name_key = fold(&new.name);
    }
    if let Some(purpose) = input.purpose.required(faults, &["input", "purpose"]) {
        new.purpose = faults.text(&["input", "purpose"], &purpose, SUMMARY);
    }
    if let Some(slug) = input.slug.required(faults, &["input", "slug"]) {
        new.slug = faults.slug(&["input", "slug"], &slug);
    }
    new.description = faults
        .text_patch(&["input", "description"], input.description, DESCRIPTION)
        .or_keep(new.description);
    if let Some(visibility) = input.visibility.required(faults, &["input", "visibility"]) {
        new.visibility = visibility;
    }
    if let Some(policy) = input.join_policy.required(faults, &["input", "joinPolicy"]) {
        new.join_policy = policy;
    }
    new.meeting_mode = input.meeting_mode.or_keep(new.meeting_mode);
    new.cadence = input.cadence.or_keep(new.cadence);
    new.sector = input.sector.or_keep(new.sector);
    new.parent_id = input.parent_id.or_keep(new.parent_id);
    new
}

fn changed(
    (old, old_lists): (&community::Model, &Lists),
    (new, new_lists): (&community::Model, &Lists),
) -> Vec<String> {
    differing(&[
        ("name", old.name != new.name),
        ("purpose", old.purpose != new.purpose),
        ("slug", old.slug != new.slug),
        ("description", old.description != new.description),
        ("visibility", old.visibility != new.visibility),
        ("joinPolicy", old.join_policy != new.join_policy),
        ("meetingMode", old.meeting_mode != new.meeting_mode),
        ("cadence", old.cadence != new.cadence),
        ("sector", old.sector != new.sector),
        ("parent", old.parent_id != new.parent_id),
        ("languages", old_lists.languages != new_lists.languages),
        ("domains", old_lists.domains != new_lists.domains),
        ("sponsors", old_lists.sponsors != new_lists.sponsors),
    ])
}
