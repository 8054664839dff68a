//! Making, archiving and restoring communities.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::community::{
    self, Cadence, CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility, JoinPolicy,
    MeetingMode, Sector,
};
use entity::transition;
use futures_util::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::checks;
use super::lists::Lists;
use super::stages::begin_history;
use crate::domain::{Owner, Slug, hold_tree};
use crate::error::{Error, FaultCode, Result};
use crate::membership::{self, Hold, refresh, standing};
use crate::policy::{self, audience};
use crate::store::{PendingChange, SPLIT_FROM, Store, WriteUnit, Written};
use crate::text::fold;
use crate::transition::transition_row;
use crate::validation::{BODY, Faults, SUMMARY, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

pub(super) const WHAT: &str = "community";
pub(super) const TAKEN: &str = "Another community has this slug.";
/// A community's description: shorter than an item's body, since lists of communities carry it.
pub(super) const DESCRIPTION: TextRule = TextRule {
    max: 50_000,
    ..BODY
};

/// What a new community is made of.
#[derive(Clone, Debug)]
pub struct CreateCommunity {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Which of the four kinds it is.
    pub kind: CommunityKind,
    /// Its slug; made of the name when absent.
    pub slug: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// Who may see it; PUBLIC when absent.
    pub visibility: Option<CommunityVisibility>,
    /// How one becomes a member; OPEN when absent.
    pub join_policy: Option<JoinPolicy>,
    /// How it meets.
    pub meeting_mode: Option<MeetingMode>,
    /// How often it means to meet.
    pub cadence: Option<Cadence>,
    /// Its sector.
    pub sector: Option<Sector>,
    /// BCP 47 tags.
    pub languages: Vec<String>,
    /// What it cares about.
    pub domain_ids: Vec<Uuid>,
    /// Organizations that sponsor it.
    pub sponsor_ids: Vec<Uuid>,
    /// The community that it is part of; the viewer facilitates it.
    pub parent_id: Option<Uuid>,
}

impl CreateCommunity {
    /// A community of which only what is required is said.
    #[must_use]
    pub fn new(name: impl Into<String>, purpose: impl Into<String>, kind: CommunityKind) -> Self {
        Self {
            name: name.into(),
            purpose: purpose.into(),
            kind,
            slug: None,
            description: None,
            visibility: None,
            join_policy: None,
            meeting_mode: None,
            cadence: None,
            sector: None,
            languages: Vec::new(),
            domain_ids: Vec::new(),
            sponsor_ids: Vec::new(),
            parent_id: None,
        }
    }
}

/// Makes a community; the viewer becomes its facilitator.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateCommunity,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    if viewer.only_community().is_some() {
        return Err(Error::forbidden(
            &[],
            "This token is good for one community only and cannot make another.",
        ));
    }
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            create_in(unit, viewer, actor, input).boxed()
        })
        .await
}

/// Closes a community for writing; it stays readable and searchable.
#[crate::boxed]
pub async fn archive(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Written<community::Model>> {
    set_status(store, viewer, id, CommunityStatus::Archived).await
}

/// Opens an archived community again.
#[crate::boxed]
pub async fn restore(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Written<community::Model>> {
    set_status(store, viewer, id, CommunityStatus::Active).await
}

async fn create_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    founder: Uuid,
    input: CreateCommunity,
) -> Result<community::Model> {
    let parent: Vec<Uuid> = input.parent_id.into_iter().collect();
    let viewer = refresh(unit, &viewer, &parent).await?;
    let mut faults = Faults::default();
    let name = faults.text(&["input", "name"], &input.name, TITLE);
    let slug = match &input.slug {
        Some(slug) => Slug::Given(faults.slug(&["input", "slug"], slug)),
        None => Slug::Derived,
    };
    let mut row = community::Model {
        id: Uuid::now_v7(),
        slug: String::new(),
        name_key: fold(&name),
        name,
        purpose: faults.text(&["input", "purpose"], &input.purpose, SUMMARY),
        description: faults.optional_text(
            &["input", "description"],
            input.description.as_deref(),
            DESCRIPTION,
        ),
        kind: input.kind,
        stage: CommunityStage::Potential,
        status: CommunityStatus::Active,
        visibility: input.visibility.unwrap_or(CommunityVisibility::Public),
        join_policy: input.join_policy.unwrap_or(JoinPolicy::Open),
        meeting_mode: input.meeting_mode,
        cadence: input.cadence,
        sector: input.sector,
        parent_id: input.parent_id,
        resource_review: None,
        practice_quorum: None,
        statement_quorum: None,
        first_answer_target_hours: None,
        review_interval_days: None,
        stage_age_limit_days: None,
        stage_labels: None,
        revision: 1,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    let lists = Lists {
        languages: faults.language_list(&["input", "languages"], &input.languages),
        domains: checks::domains(unit, &mut faults, &input.domain_ids).await?,
        sponsors: checks::sponsors(unit, &mut faults, &input.sponsor_ids).await?,
    };
    if let Some(parent) = input.parent_id {
        hold_tree(unit, Owner::Community).await?;
        checks::parent(unit, &mut faults, &viewer, None, parent).await?;
    }
    if let Slug::Given(slug) = &slug
        && Owner::Community.is_taken(unit, slug, row.id).await?
    {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;
    write_new(unit, &mut row, &slug, &lists, Vec::new()).await?;
    begin_history(unit, row.id, row.stage, None).await?;
    membership::found(unit, &row, founder).await?;
    Ok(row)
}

/// Makes a community out of a part of one, of another name but otherwise like that one: of the same kind, with the same rules, visibility and
/// lists; part of no other. It has no members yet.
pub(crate) async fn found_like(
    unit: &mut WriteUnit,
    like: &community::Model,
    name: String,
    purpose: String,
    stage: CommunityStage,
) -> Result<community::Model> {
    let mut row = community::Model {
        id: Uuid::now_v7(),
        slug: String::new(),
        name_key: fold(&name),
        name,
        purpose,
        description: None,
        stage,
        status: CommunityStatus::Active,
        parent_id: None,
        revision: 1,
        created_at: unit.now(),
        updated_at: unit.now(),
        ..like.clone()
    };
    let lists = Lists::read(unit, like.id).await?;
    let fields = vec![SPLIT_FROM.to_owned()];
    write_new(unit, &mut row, &Slug::Derived, &lists, fields).await?;
    Ok(row)
}

async fn write_new(
    unit: &mut WriteUnit,
    row: &mut community::Model,
    slug: &Slug,
    lists: &Lists,
    fields: Vec<String>,
) -> Result<()> {
    insert(unit, row, slug).await?;
    lists.write(unit, row.id, &Lists::default()).await?;
    unit.record(PendingChange {
        entity_type: EntityType::Community,
        entity_id: row.id,
        operation: Operation::Created,
        community_id: Some(row.id),
        fields,
        audience_before: None,
        audience_after: Some(audience::of_community_about(row)),
    });
    Ok(())
}

async fn insert(unit: &WriteUnit, row: &mut community::Model, slug: &Slug) -> Result<()> {
    for attempt in slug.attempts() {
        row.slug = slug
            .choose(unit, Owner::Community, &row.name, *attempt)
            .await?;
        let inserted = community::Entity::insert(row.clone().into_active_model())
            .on_conflict(
                OnConflict::column(community::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await;
        match inserted {
            Ok(0) | Err(DbErr::RecordNotInserted) => {}
            Ok(_) => return Owner::Community.claim(unit, &row.slug).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::fault(FaultCode::Taken, &["input", "slug"], TAKEN))
}

async fn set_status(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    status: CommunityStatus,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            set_status_in(unit, viewer, id, status).boxed()
        })
        .await
}

async fn set_status_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    status: CommunityStatus,
) -> Result<community::Model> {
    let (viewer, found) = standing(unit, &viewer, id, Hold::Exclusive).await?;
    let old = found.ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    policy::community::archive(&viewer, &old).require(&["id"], WHAT)?;
    if old.status == status {
        return Ok(old);
    }
    let mut new = old.clone();
    new.status = status;
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    record_step(unit, id, old.status.as_str(), status.as_str()).await?;
    record_update(unit, &old, &new, vec!["status".to_owned()]);
    Ok(new)
}

/// The community, held, when the viewer may set its rules and its stage.
pub(super) async fn governed(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
) -> Result<community::Model> {
    let (viewer, found) = standing(unit, viewer, id, Hold::Exclusive).await?;
    let found = found.ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    policy::community::update(&viewer, &found).require(&["id"], WHAT)?;
    Ok(found)
}

/// Writes a step of a community down.
pub(crate) async fn record_step(unit: &WriteUnit, id: Uuid, from: &str, to: &str) -> Result<()> {
    transition::Entity::insert(transition_row(unit, id, Some(from), to, None))
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// Appends the change row of an update.
pub(crate) fn record_update(
    unit: &mut WriteUnit,
    old: &community::Model,
    new: &community::Model,
    fields: Vec<String>,
) {
    let audience = |row: &community::Model| -> Option<BTreeSet<String>> {
        Some(audience::of_community_about(row))
    };
    unit.record(PendingChange {
        entity_type: EntityType::Community,
        entity_id: new.id,
        operation: Operation::Updated,
        community_id: Some(new.id),
        fields,
        audience_before: audience(old),
        audience_after: audience(new),
    });
}
