//! What things are called in a mail. Whether its recipient may see them was asked before.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::{
    boundary_share, community, defining_statement, domain, item, membership, pilot, post, user,
    value_story, webhook,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::notification::Notification;

/// The names of what the notifications are about, by id. A post is called as its discussion is, a membership as its
/// community, a share as the community that it is offered to, a pilot as what it tries out, a webhook as its address.
pub(super) async fn titles(
    connection: &impl ConnectionTrait,
    notifications: &[Notification],
) -> Result<HashMap<Uuid, String>> {
    let mut ids: HashMap<EntityType, Vec<Uuid>> = HashMap::new();
    for told in notifications {
        ids.entry(told.about_type).or_default().push(told.about_id);
    }
    let mut titles = HashMap::new();
    for (about, ids) in ids {
        titles.extend(named(connection, about, ids).await?);
    }
    Ok(titles)
}

/// The names of people, by id.
pub(super) async fn people(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>> {
    let ids = ids.into_iter().collect();
    let named = named(connection, EntityType::User, ids).await?;
    Ok(named.into_iter().collect())
}

async fn named(
    connection: &impl ConnectionTrait,
    about: EntityType,
    ids: Vec<Uuid>,
) -> Result<Vec<(Uuid, String)>> {
    let select = match about {
        EntityType::Community => community::Entity::find()
            .select_only()
            .columns([community::Column::Id, community::Column::Name])
            .filter(community::Column::Id.is_in(ids))
            .into_tuple(),
        EntityType::Domain => domain::Entity::find()
            .select_only()
            .columns([domain::Column::Id, domain::Column::Name])
            .filter(domain::Column::Id.is_in(ids))
            .into_tuple(),
        EntityType::User => user::Entity::find()
            .select_only()
            .columns([user::Column::Id, user::Column::DisplayName])
            .filter(user::Column::Id.is_in(ids))
            .into_tuple(),
        EntityType::DefiningStatement => defining_statement::Entity::find()
            .select_only()
            .columns([
                defining_statement::Column::Id,
                defining_statement::Column::Text,
            ])
            .filter(defining_statement::Column::Id.is_in(ids))
            .into_tuple(),
        EntityType::Membership => {
            let its_community = membership::Entity::belongs_to(community::Entity)
                .from(membership::Column::CommunityId)
                .to(community::Column::Id);
            membership::Entity::find()
                .select_only()
                .column(membership::Column::Id)
                .column(community::Column::Name)
                .join(JoinType::InnerJoin, its_community.into())
                .filter(membership::Column::Id.is_in(ids))
                .into_tuple()
        }
        EntityType::Post => {
            let its_discussion = post::Entity::belongs_to(item::Entity)
                .from(post::Column::DiscussionId)
                .to(item::Column::Id);
            post::Entity::find()
                .select_only()
                .column(post::Column::Id)
                .column(item::Column::Title)
                .join(JoinType::InnerJoin, its_discussion.into())
                .filter(post::Column::Id.is_in(ids))
                .into_tuple()
        }
        EntityType::ValueStory => value_story::Entity::find()
            .select_only()
            .columns([value_story::Column::Id, value_story::Column::Title])
            .filter(value_story::Column::Id.is_in(ids))
            .into_tuple(),
        // By the community that it is offered to: its item is not for everybody who sees the share.
        EntityType::BoundaryShare => {
            let receiving = boundary_share::Entity::belongs_to(community::Entity)
                .from(boundary_share::Column::ToCommunityId)
                .to(community::Column::Id);
            boundary_share::Entity::find()
                .select_only()
                .column(boundary_share::Column::Id)
                .column(community::Column::Name)
                .join(JoinType::InnerJoin, receiving.into())
                .filter(boundary_share::Column::Id.is_in(ids))
                .into_tuple()
        }
        EntityType::Pilot => {
            let its_subject = pilot::Entity::belongs_to(item::Entity)
                .from(pilot::Column::SubjectId)
                .to(item::Column::Id);
            pilot::Entity::find()
                .select_only()
                .column(pilot::Column::Id)
                .column(item::Column::Title)
                .join(JoinType::InnerJoin, its_subject.into())
                .filter(pilot::Column::Id.is_in(ids))
                .into_tuple()
        }
        EntityType::Webhook => webhook::Entity::find()
            .select_only()
            .columns([webhook::Column::Id, webhook::Column::Url])
            .filter(webhook::Column::Id.is_in(ids))
            .into_tuple(),
        _ => item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::Title])
            .filter(item::Column::Id.is_in(ids))
            .into_tuple(),
    };
    Ok(select.all(connection).await?)
}
