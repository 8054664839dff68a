//! The domains and communities of the demonstration, and who belongs to which.

use std::collections::HashSet;

use entity::community::CommunityStage;
use entity::membership::{MembershipRole, MembershipState};
use entity::{Label, community, domain, membership};
use futures_util::future::try_join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::content::{CommunityLine, DomainLine};
use super::fictional;
use super::items::Ids;
use super::load::Counter;
use super::people::{ADMIN, FACILITATOR, MEMBER, PEOPLE, People, REVIEWER, STEWARD};
use super::scenes;
use crate::community::{CreateCommunity, SetStage, set_stage};
use crate::domain::CreateDomain;
use crate::error::Result;
use crate::store::Store;

/// Makes the domains that are not there yet, and notes the ids of all.
pub(super) async fn load_domains(
    store: &Store,
    people: &People,
    lines: Vec<DomainLine>,
    ids: &mut Ids,
    counter: &mut Counter<'_>,
) -> Result<()> {
    ids.domains = domain::Entity::find()
        .select_only()
        .columns([domain::Column::Slug, domain::Column::Id])
        .into_tuple::<(String, Uuid)>()
        .all(store.reader())
        .await?
        .into_iter()
        .collect();
    let admin = people.get(ADMIN)?;
    for line in lines {
        if !ids.domains.contains_key(&line.slug) {
            let parent_id = match line.parent.as_str() {
                "" => None,
                parent => Some(ids.domain(parent)?),
            };
            let input = CreateDomain {
                name: line.name,
                slug: Some(line.slug.clone()),
                description: Some(line.description),
                concern: line.concern,
                parent_id,
                labels: labels(
                    line.labels
                        .into_iter()
                        .map(|(language, text)| (language, vec![text])),
                ),
                alternative_labels: labels(line.alt_labels),
                related_ids: domain_ids(line.related.iter().map(String::as_str), ids)?,
                competencies: line.competencies,
                ..CreateDomain::default()
            };
            let made = crate::domain::create(store, admin, input).await?;
            ids.domains.insert(line.slug, made.value.id);
        }
        counter.add(1);
    }
    Ok(())
}

fn labels(by_language: impl IntoIterator<Item = (String, Vec<String>)>) -> Vec<Label> {
    by_language
        .into_iter()
        .flat_map(|(language, texts)| {
            texts.into_iter().map(move |text| Label {
                text,
                language: Some(language.clone()),
            })
        })
        .collect()
}

/// Makes the communities that are not there yet with their members, and notes the ids of all.
pub(super) async fn load_communities(
    store: &Store,
    people: &People,
    lines: Vec<CommunityLine>,
    ids: &mut Ids,
    counter: &mut Counter<'_>,
) -> Result<()> {
    ids.communities = community::Entity::find()
        .select_only()
        .columns([community::Column::Slug, community::Column::Id])
        .into_tuple::<(String, Uuid)>()
        .all(store.reader())
        .await?
        .into_iter()
        .collect();
    let everybody = [STEWARD, REVIEWER, MEMBER];
    let mut members: Vec<(Uuid, &'static str)> = Vec::new();
    for line in lines {
        let (slug, stage) = (line.slug.clone(), line.stage);
        let input = from_line(line, ids)?;
        let id = make_community(store, people, &slug, input, ids).await?;
        if !scenes::have_stages(&slug) {
            settle_stage(store, people, id, stage).await?;
        }
        members.extend(everybody.map(|handle| (id, handle)));
        counter.add(1);
    }
    for made_up in fictional::COMMUNITIES {
        let input = from_fictional(made_up, ids)?;
        let id = make_community(store, people, made_up.slug, input, ids).await?;
        members.extend(made_up.members.iter().map(|handle| (id, *handle)));
        counter.add(1);
    }
    add_members(store, people, members).await
}

fn from_line(line: CommunityLine, ids: &Ids) -> Result<CreateCommunity> {
    let mut sources = String::new();
    for source in &line.content_sources {
        sources.push_str("\n- <");
        sources.push_str(source);
        sources.push('>');
    }
    Ok(CreateCommunity {
        slug: Some(line.slug),
        description: Some(format!("{}\n\nSources:\n{sources}", line.description)),
        visibility: Some(line.visibility),
        join_policy: Some(line.join_policy),
        meeting_mode: Some(line.meeting_mode),
        sector: Some(line.sector),
        languages: line.languages,
        domain_ids: domain_ids(line.domains.iter().map(String::as_str), ids)?,
        ..CreateCommunity::new(line.name, line.purpose, line.kind)
    })
}

fn from_fictional(made_up: &fictional::Community, ids: &Ids) -> Result<CreateCommunity> {
    Ok(CreateCommunity {
        slug: Some(made_up.slug.to_owned()),
        description: Some(made_up.description.to_owned()),
        visibility: Some(made_up.visibility),
        join_policy: Some(made_up.join_policy),
        meeting_mode: Some(made_up.meeting_mode),
        languages: vec!["en".to_owned()],
        domain_ids: domain_ids(made_up.domains.iter().copied(), ids)?,
        ..CreateCommunity::new(made_up.name, made_up.purpose, made_up.kind)
    })
}

fn domain_ids<'a>(slugs: impl Iterator<Item = &'a str>, ids: &Ids) -> Result<Vec<Uuid>> {
    slugs.map(|slug| ids.domain(slug)).collect()
}

async fn make_community(
    store: &Store,
    people: &People,
    slug: &str,
    input: CreateCommunity,
    ids: &mut Ids,
) -> Result<Uuid> {
    if let Some(id) = ids.communities.get(slug) {
        return Ok(*id);
    }
    let made = crate::community::create(store, people.get(FACILITATOR)?, input).await?;
    ids.communities.insert(slug.to_owned(), made.value.id);
    Ok(made.value.id)
}

/// Takes a community to the stage that the content gives it, whatever the stages before ask for.
async fn settle_stage(
    store: &Store,
    people: &People,
    id: Uuid,
    stage: CommunityStage,
) -> Result<()> {
    let now = community::Entity::find_by_id(id)
        .one(store.reader())
        .await?
        .map(|row| row.stage);
    let way = CommunityStage::ALL.iter().copied();
    for next in way.filter(|next| now.is_some_and(|now| now < *next) && *next <= stage) {
        let step = SetStage {
            stage: next,
            reason: "So far had it come before this demonstration begins.".to_owned(),
            outcome: None,
            overriding: true,
        };
        set_stage(store, people.get(FACILITATOR)?, id, step).await?;
    }
    Ok(())
}

/// The facilitator invites, and those who are invited accept: the way into any community.
async fn add_members(
    store: &Store,
    people: &People,
    members: Vec<(Uuid, &'static str)>,
) -> Result<()> {
    let active: HashSet<(Uuid, Uuid)> = membership::Entity::find()
        .filter(membership::Column::State.eq(MembershipState::Active))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|membership| (membership.community_id, membership.user_id))
        .collect();
    let facilitator = people.get(FACILITATOR)?;
    let mut coming = Vec::new();
    for (community, handle) in members {
        let viewer = people.get(handle)?;
        let user = viewer.require_user()?;
        if !active.contains(&(community, user)) {
            coming.push((community, viewer, user, usual_role(handle)));
        }
    }
    // Writes that wait together share a commit.
    try_join_all(
        coming
            .into_iter()
            .map(|(community, viewer, user, role)| async move {
                let invited =
                    crate::membership::invite(store, facilitator, community, user, role).await?;
                crate::membership::respond(store, viewer, invited.value.id, true).await
            }),
    )
    .await?;
    Ok(())
}

fn usual_role(handle: &str) -> Option<MembershipRole> {
    PEOPLE
        .iter()
        .find(|person| person.handle == handle)
        .and_then(|person| person.role)
}
