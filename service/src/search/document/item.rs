//! Documents of items: resources, practices, innovations, activities, discussions and collections.

use std::collections::HashMap;

use ::search::{Document, DocumentKind, Text};
use chrono::Datelike;
use entity::community::CommunityKind;
use entity::discussion::{self, DiscussionState};
use entity::evidence::EvidenceLevel;
use entity::innovation::{self, InnovationStage};
use entity::item::{ItemType, PublicationStatus};
use entity::practice::{self, PracticeMaturity};
use entity::{activity, collection, community, resource};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::discussion::post_texts;
use super::{Domains, display_names, pilot, stamp};
use crate::error::{Error, Result};
use crate::evidence;
use crate::item::{Details, ItemState, grouped, load_many};
use crate::policy::audience;
use crate::policy::pilot::TRIED_TYPES;

/// With so many supporters an innovation has half of what supporters can give.
const SUPPORTERS_FOR_HALF: f32 = 10.0;
/// So many texts of an activity's newest occurrences are found.
const MOST_OCCURRENCE_TEXTS: usize = 100;

pub(super) async fn documents(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Document>> {
    let states = load_many(connection, ids).await?;
    let communities = communities(connection, &states).await?;
    let authors = distinct(states.iter().flat_map(|state| &state.authors));
    let names = if authors.is_empty() {
        HashMap::new()
    } else {
        display_names(connection, &authors).await?
    };
    let mut noted = noted_in_occurrences(connection, &states).await?;
    let domains = Domains::load(
        connection,
        states
            .iter()
            .flat_map(|state| &state.domains)
            .copied()
            .collect(),
    )
    .await?;
    let discussions: Vec<Uuid> = states
        .iter()
        .filter(|state| state.item.item_type == ItemType::Discussion)
        .map(|state| state.item.id)
        .collect();
    let mut posts = post_texts(connection, &discussions).await?;
    let tried: Vec<Uuid> = states
        .iter()
        .filter(|state| TRIED_TYPES.contains(&state.item.item_type))
        .map(|state| state.item.id)
        .collect();
    let mut pilots = pilot::texts(connection, &tried).await?;
    let mut evidence = levels(connection, &tried).await?;
    states
        .into_iter()
        .map(|state| {
            let posts = posts.remove(&state.item.id);
            let community = communities.get(&state.item.community_id).ok_or_else(|| {
                Error::internal(format!("item {} has no community", state.item.id))
            })?;
            let mut more = noted.remove(&state.item.id).unwrap_or_default();
            more.extend(pilots.remove(&state.item.id).into_iter().flatten());
            let level = evidence.remove(&state.item.id);
            let mut document = document(state, community, &names, &domains);
            document.texts.extend(more);
            document.evidence = level.map_or(0.0, share_of);
            document.evidence_level = level.map(|level| level.as_str().to_owned());
            document
                .texts
                .extend(posts.map(|text| Text::markdown("posts", text)));
            Ok(document)
        })
        .collect()
}

/// The evidence levels of what can be tried out.
async fn levels(
    connection: &impl ConnectionTrait,
    tried: &[Uuid],
) -> Result<HashMap<Uuid, EvidenceLevel>> {
    if tried.is_empty() {
        return Ok(HashMap::new());
    }
    let counted = evidence::of_items(connection, tried).await?;
    let level = |id: &Uuid| {
        counted
            .get(id)
            .map_or(EvidenceLevel::None, |counted| counted.level)
    };
    Ok(tried.iter().map(|id| (*id, level(id))).collect())
}

/// How much a level says, from 0 to 1.
fn share_of(level: EvidenceLevel) -> f32 {
    match level {
        EvidenceLevel::None => 0.0,
        EvidenceLevel::Reported => 0.25,
        EvidenceLevel::Piloted => 0.5,
        EvidenceLevel::Confirmed => 1.0,
    }
}

/// What was planned and noted of single occurrences of activities, the newest first.
async fn noted_in_occurrences(
    connection: &impl ConnectionTrait,
    states: &[ItemState],
) -> Result<HashMap<Uuid, Vec<Text>>> {
    use entity::occurrence::{Column, Entity};
    let activities: Vec<Uuid> = states
        .iter()
        .filter(|state| matches!(state.details, Details::Activity(_)))
        .map(|state| state.item.id)
        .collect();
    if activities.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find()
        .filter(Column::ActivityId.is_in(activities))
        .order_by_desc(Column::RecurrenceId)
        .all(connection)
        .await?;
    let mut noted = grouped(rows.into_iter().flat_map(|row| {
        let texts = [("notes", row.notes), ("agenda", row.agenda)];
        texts
            .into_iter()
            .filter_map(move |(field, text)| Some((row.activity_id, Text::markdown(field, text?))))
    }));
    for texts in noted.values_mut() {
        texts.truncate(MOST_OCCURRENCE_TEXTS);
    }
    Ok(noted)
}

fn distinct<'a>(ids: impl Iterator<Item = &'a Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn communities(
    connection: &impl ConnectionTrait,
    states: &[ItemState],
) -> Result<HashMap<Uuid, community::Model>> {
    let ids = distinct(states.iter().map(|state| &state.item.community_id));
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = community::Entity::find()
        .filter(community::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn document(
    state: ItemState,
    community: &community::Model,
    names: &HashMap<Uuid, String>,
    domains: &Domains,
) -> Document {
    let audience = audience::of_item(community, &state.item, &state.authors);
    let item = state.item;
    let facts = match state.details {
        Details::Resource(row) => of_resource(row, item.kind),
        Details::Practice(row, _) => of_practice(row),
        Details::Innovation(row) => of_innovation(row),
        Details::Activity(row) => of_activity(row),
        Details::Discussion(row) => of_discussion(&row),
        Details::Collection(row, _) => of_collection(row),
    };
    let mut document = Document::new(item.id, facts.kind, item.title);
    document.texts = facts.texts;
    document
        .texts
        .extend(state.body.map(|body| Text::markdown("body", body)));
    document.resource_kind = facts.resource_kind;
    document.educational_levels = facts.educational_levels;
    document.standing = standing(
        community.kind,
        facts.held_dear.as_ref(),
        item.steward_id.is_some(),
        item.review_due_at.is_some(),
    );
    document.review_due_at = item.review_due_at.map(|time| time.timestamp_micros());
    document.status = facts
        .state
        .or(item.status.map(PublicationStatus::as_str))
        .map(str::to_owned);
    document.language = item.language;
    document.community = Some(community.id);
    document.community_kind = Some(community.kind.as_str().to_owned());
    document.community_slug = Some(community.slug.clone());
    document.tags = state.tags;
    document.licence = item.licence;
    document.author_names = state
        .authors
        .iter()
        .filter_map(|author| names.get(author).cloned())
        .chain(item.bylines.0)
        .collect();
    document.authors = state.authors;
    // What has a state of its own is open from its first day.
    document.year = item
        .published_at
        .or(facts.state.map(|_| item.created_at))
        .map(|time| time.year());
    document.audience = audience.into_iter().collect();
    domains.file(&mut document, state.domains);
    stamp(&mut document, item.created_at, item.updated_at);
    document
}

/// What only the item's type has.
struct Facts {
    kind: DocumentKind,
    texts: Vec<Text>,
    resource_kind: Option<String>,
    /// Where it stands, where that is no publication status.
    state: Option<&'static str>,
    educational_levels: Vec<String>,
    held_dear: Option<HeldDear>,
}

/// What speaks for an item, from 0 to 1, and the kind of community that holds it dear.
struct HeldDear {
    by: CommunityKind,
    share: f32,
}

/// How an item stands in its community. What its kind holds dear counts whole, what another kind would half. In a
/// community that keeps knowledge, what has a steward and a date of review is kept.
fn standing(
    community: CommunityKind,
    held_dear: Option<&HeldDear>,
    has_steward: bool,
    has_review_date: bool,
) -> f32 {
    let own = held_dear.map_or(0.0, |known| {
        if known.by == community {
            known.share
        } else {
            known.share / 2.0
        }
    });
    if community != CommunityKind::KnowledgeStewarding {
        return own;
    }
    let kept = f32::from(u8::from(has_steward)) + f32::from(u8::from(has_review_date));
    own.max(kept / 2.0)
}

fn plain<const N: usize>(texts: [(&'static str, Option<String>); N]) -> Vec<Text> {
    texts
        .into_iter()
        .filter_map(|(field, text)| Some(Text::plain(field, text?)))
        .collect()
}

fn of_resource(row: resource::Model, kind: Option<String>) -> Facts {
    Facts {
        kind: DocumentKind::Resource,
        texts: plain([("description", row.description)]),
        resource_kind: kind,
        state: None,
        educational_levels: row.educational_levels.0,
        held_dear: None,
    }
}

fn of_practice(row: practice::Model) -> Facts {
    Facts {
        kind: DocumentKind::Practice,
        texts: plain([
            ("summary", row.summary),
            ("problem", row.problem),
            ("context", row.context),
        ]),
        resource_kind: None,
        state: None,
        educational_levels: Vec::new(),
        held_dear: Some(HeldDear {
            by: CommunityKind::BestPractice,
            share: match row.maturity {
                PracticeMaturity::Recommended => 1.0,
                PracticeMaturity::Trialled => 0.5,
                PracticeMaturity::Emerging
                | PracticeMaturity::Superseded
                | PracticeMaturity::Retired => 0.0,
            },
        }),
    }
}

fn of_innovation(row: innovation::Model) -> Facts {
    let mut texts = vec![Text::markdown("idea", row.idea)];
    texts.extend(plain([
        ("problem", row.problem),
        ("hypothesis", row.hypothesis),
        ("learning", row.learning),
    ]));
    let stage = match row.stage {
        InnovationStage::Validated | InnovationStage::Promoted => 1.0,
        InnovationStage::Piloting => 0.5,
        InnovationStage::Idea
        | InnovationStage::Exploring
        | InnovationStage::Parked
        | InnovationStage::Abandoned => 0.0,
    };
    let supporters = f32::from(u16::try_from(row.supporter_count.max(0)).unwrap_or(u16::MAX));
    Facts {
        kind: DocumentKind::Innovation,
        texts,
        resource_kind: None,
        state: Some(row.stage.as_str()),
        educational_levels: Vec::new(),
        held_dear: Some(HeldDear {
            by: CommunityKind::Innovation,
            share: f32::midpoint(stage, supporters / (supporters + SUPPORTERS_FOR_HALF)),
        }),
    }
}

/// Where to join is for members only, and in no document.
fn of_activity(row: activity::Model) -> Facts {
    let markdown =
        |field: &'static str, text: Option<String>| text.map(|text| Text::markdown(field, text));
    let mut texts = plain([("place", row.place)]);
    texts.extend(markdown("agenda", row.agenda));
    texts.extend(markdown("notes", row.notes));
    Facts {
        kind: DocumentKind::Activity,
        texts,
        resource_kind: None,
        state: Some(row.state.as_str()),
        educational_levels: Vec::new(),
        held_dear: None,
    }
}

fn of_discussion(row: &discussion::Model) -> Facts {
    Facts {
        kind: DocumentKind::Discussion,
        texts: Vec::new(),
        resource_kind: None,
        state: Some(row.state.as_str()),
        educational_levels: Vec::new(),
        held_dear: (row.state == DiscussionState::Resolved).then_some(HeldDear {
            by: CommunityKind::Helping,
            share: 1.0,
        }),
    }
}

/// What the curator says of an entry is for those who may read that entry, and in no document.
fn of_collection(row: collection::Model) -> Facts {
    Facts {
        kind: DocumentKind::Collection,
        texts: plain([("description", row.description)]),
        resource_kind: None,
        state: None,
        educational_levels: Vec::new(),
        held_dear: None,
    }
}
