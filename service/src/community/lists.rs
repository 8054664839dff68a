//! The ordered lists of a community: domains, sponsors and languages.

use std::collections::HashMap;

use entity::{community_domain, community_language, community_sponsor, domain, organization};
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, Order, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable,
    QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::store::{Store, WriteUnit};

/// The domains of communities that the viewer was shown, in order.
#[crate::boxed]
pub async fn domains_of(
    store: &Store,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<domain::Model>>> {
    listed::<domain::Entity>(
        store,
        "community_domain",
        "domain",
        "domain_id",
        communities,
    )
    .await
}

/// The sponsors of communities that the viewer was shown in full, in order.
#[crate::boxed]
pub async fn sponsors_of(
    store: &Store,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<organization::Model>>> {
    listed::<organization::Entity>(
        store,
        "community_sponsor",
        "organization",
        "organization_id",
        communities,
    )
    .await
}

/// The languages of communities that the viewer was shown, in order.
#[crate::boxed]
pub async fn languages_of(
    store: &Store,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>> {
    let rows = community_language::Entity::find()
        .filter(community_language::Column::CommunityId.is_in(communities.iter().copied()))
        .order_by_asc(community_language::Column::CommunityId)
        .order_by_asc(community_language::Column::Place)
        .all(store.reader())
        .await?;
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in rows {
        found
            .entry(row.community_id)
            .or_default()
            .push(row.language);
    }
    Ok(found)
}

/// What a list's table points at, with the community that lists it: one statement for all communities.
async fn listed<E>(
    store: &Store,
    list: &'static str,
    target: &'static str,
    target_id: &'static str,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<E::Model>>>
where
    E: EntityTrait,
    E::Model: FromQueryResult,
{
    let select = Query::select()
        .columns(E::Column::iter().map(|column| (target.into_iden(), column.into_iden())))
        .expr_as(Expr::col((list, "community_id")), "listed_by")
        .from(list)
        .inner_join(target, Expr::col((target, "id")).equals((list, target_id)))
        .and_where(Expr::col((list, "community_id")).is_in(communities.iter().copied()))
        .order_by((list, "place"), Order::Asc)
        .take();
    let mut found: HashMap<Uuid, Vec<E::Model>> = HashMap::new();
    for row in store.reader().query_all(&select).await? {
        found
            .entry(row.try_get("", "listed_by")?)
            .or_default()
            .push(E::Model::from_query_result(&row, "")?);
    }
    Ok(found)
}

/// The lists of one community, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    /// Ids of its domains.
    pub(super) domains: Vec<Uuid>,
    /// Ids of its sponsors.
    pub(super) sponsors: Vec<Uuid>,
    /// Its languages.
    pub(super) languages: Vec<String>,
}

impl Lists {
    /// Reads the lists of a community.
    pub(super) async fn read(unit: &WriteUnit, community: Uuid) -> Result<Self> {
        let domains = community_domain::Entity::find()
            .filter(community_domain::Column::CommunityId.eq(community))
            .order_by_asc(community_domain::Column::Place)
            .all(unit.db())
            .await?;
        let sponsors = community_sponsor::Entity::find()
            .filter(community_sponsor::Column::CommunityId.eq(community))
            .order_by_asc(community_sponsor::Column::Place)
            .all(unit.db())
            .await?;
        let languages = community_language::Entity::find()
            .filter(community_language::Column::CommunityId.eq(community))
            .order_by_asc(community_language::Column::Place)
            .all(unit.db())
            .await?;
        Ok(Self {
            domains: domains.into_iter().map(|row| row.domain_id).collect(),
            sponsors: sponsors
                .into_iter()
                .map(|row| row.organization_id)
                .collect(),
            languages: languages.into_iter().map(|row| row.language).collect(),
        })
    }

    /// Writes the lists that differ from the old ones.
    pub(super) async fn write(&self, unit: &WriteUnit, community: Uuid, old: &Self) -> Result<()> {
        if self.domains != old.domains {
            community_domain::Entity::delete_many()
                .filter(community_domain::Column::CommunityId.eq(community))
                .exec(unit.db())
                .await?;
            let rows = placed(&self.domains)?.map(|(place, id)| community_domain::ActiveModel {
                community_id: Set(community),
                domain_id: Set(*id),
                place: Set(place),
            });
            community_domain::Entity::insert_many(rows)
                .exec_without_returning(unit.db())
                .await?;
        }
        if self.sponsors != old.sponsors {
            community_sponsor::Entity::delete_many()
                .filter(community_sponsor::Column::CommunityId.eq(community))
                .exec(unit.db())
                .await?;
            let rows = placed(&self.sponsors)?.map(|(place, id)| community_sponsor::ActiveModel {
                community_id: Set(community),
                organization_id: Set(*id),
                place: Set(place),
            });
            community_sponsor::Entity::insert_many(rows)
                .exec_without_returning(unit.db())
                .await?;
        }
        if self.languages != old.languages {
            community_language::Entity::delete_many()
                .filter(community_language::Column::CommunityId.eq(community))
                .exec(unit.db())
                .await?;
            let rows =
                placed(&self.languages)?.map(|(place, tag)| community_language::ActiveModel {
                    community_id: Set(community),
                    language: Set(tag.clone()),
                    place: Set(place),
                });
            community_language::Entity::insert_many(rows)
                .exec_without_returning(unit.db())
                .await?;
        }
        Ok(())
    }
}

fn placed<T>(list: &[T]) -> Result<impl Iterator<Item = (i32, &T)>> {
    let length = i32::try_from(list.len()).map_err(Error::internal)?;
    Ok((0..length).zip(list))
}
