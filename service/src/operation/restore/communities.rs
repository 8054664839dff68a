//! Communities with their lists, their members, and the steps in the lives of things.

use std::collections::BTreeSet;

use entity::change::EntityType;
use entity::membership_function::{self, MembershipFunction};
use entity::{
    community, community_domain, community_language, community_sponsor, membership,
    operation_community, transition,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, Scene, insert_rows};
use super::platform::{former_slugs, insert_redirects};
use crate::error::Result;
use crate::item::insert::insert_many;
use crate::link::End;
use crate::operation::line::{Fields, bounded, decode, id_list, prefix, required_id};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
use crate::validation::{Faults, MAX_DOMAINS, MAX_SPONSORS};

/// The lists of a community.
#[derive(Debug)]
pub(super) struct Lists {
    domains: Vec<Uuid>,
    sponsors: Vec<Uuid>,
    languages: Vec<String>,
    former_slugs: Vec<String>,
}

fn numbered<T: Copy>(list: &[T]) -> impl Iterator<Item = (i32, T)> {
    (0..).zip(list.iter().copied())
}

impl Restored for community::Entity {
    type Parts = Lists;

    fn read(fields: &mut Fields) -> Result<(Self::Model, Lists), String> {
        let domains = id_list(fields, "domainIds", EntityType::Domain)?;
        let sponsors = id_list(fields, "sponsorIds", EntityType::Organization)?;
        let lists = Lists {
            domains: bounded(domains, "domainIds", MAX_DOMAINS)?,
            sponsors: bounded(sponsors, "sponsorIds", MAX_SPONSORS)?,
            languages: languages(fields)?,
            former_slugs: former_slugs(fields)?,
        };
        let mut row = decode::<Self>(fields, prefix(EntityType::Community), &[])?;
        row.name_key = fold(&row.name);
        Ok((row, lists))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Itself(line.row.id)
    }

    fn prepare<'a>(
        unit: &'a WriteUnit,
        around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            // A parent that comes later is stated again at the end.
            let parents = lines.iter().filter_map(|line| line.row.parent_id);
            let here: Vec<Uuid> = community::Entity::find()
                .select_only()
                .column(community::Column::Id)
                .filter(community::Column::Id.is_in(parents))
                .into_tuple()
                .all(unit.db())
                .await?;
            for line in lines.iter_mut() {
                line.row.parent_id = line.row.parent_id.filter(|id| here.contains(id));
            }
            for line in lines.iter() {
                around.communities.insert(line.row.id, line.row.clone());
            }
            Ok(())
        }
        .boxed()
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        insert_lists(connection, lines).boxed()
    }

    fn changes(line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        let audience = audience::of_community_about(&line.row);
        let of = (EntityType::Community, line.row.id);
        vec![created(of, Some(line.row.id), audience)]
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        scene: &'a Scene<'a>,
        _around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            // What belongs to them may be brought back too, also by a later attempt.
            let Some(operation) = scene.operation else {
                return Ok(());
            };
            let rows = lines.iter().map(|line| operation_community::ActiveModel {
                operation_id: Set(operation),
                community_id: Set(line.row.id),
            });
            insert_many(unit, rows.collect()).await
        }
        .boxed()
    }
}

fn languages(fields: &mut Fields) -> Result<Vec<String>, String> {
    let wrong = || "`languages` must be a list of BCP 47 language tags.".to_owned();
    let given = match fields.remove("languages") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(given)) => given,
        Some(_) => return Err(wrong()),
    };
    let given: Vec<String> = given
        .into_iter()
        .map(|tag| tag.as_str().map(str::to_owned).ok_or_else(wrong))
        .collect::<Result<_, _>>()?;
    let mut faults = Faults::default();
    let languages = faults.language_list(&["languages"], &given);
    faults.check().map_err(|_| wrong())?;
    Ok(languages)
}

async fn insert_lists(
    connection: &DatabaseTransaction,
    lines: &[&Line<community::Entity>],
) -> Result<(), DbErr> {
    let mut domains = Vec::new();
    let mut sponsors = Vec::new();
    let mut languages = Vec::new();
    for line in lines {
        let id = line.row.id;
        let lists = &line.parts;
        domains.extend(numbered(&lists.domains).map(|(place, domain)| {
            community_domain::ActiveModel {
                community_id: Set(id),
                domain_id: Set(domain),
                place: Set(place),
            }
        }));
        sponsors.extend(numbered(&lists.sponsors).map(|(place, organization)| {
            community_sponsor::ActiveModel {
                community_id: Set(id),
                organization_id: Set(organization),
                place: Set(place),
            }
        }));
        languages.extend((0..).zip(&lists.languages).map(|(place, language)| {
            community_language::ActiveModel {
                community_id: Set(id),
                language: Set(language.clone()),
                place: Set(place),
            }
        }));
        let redirects = (EntityType::Community, id, line.row.updated_at);
        insert_redirects(connection, redirects, &lists.former_slugs).await?;
    }
    insert_rows(connection, domains).await?;
    insert_rows(connection, sponsors).await?;
    insert_rows(connection, languages).await
}

impl Restored for membership::Entity {
    type Parts = Vec<MembershipFunction>;

    fn read(fields: &mut Fields) -> Result<(Self::Model, Self::Parts), String> {
        let functions = match fields.remove("functions") {
            None => Vec::new(),
            Some(given) => serde_json::from_value(given)
                .map_err(|_| "`functions` holds what is no function of a member.".to_owned())?,
        };
        let row = decode::<Self>(fields, prefix(EntityType::Membership), &[])?;
        Ok((row, functions))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of((EntityType::Community, line.row.community_id))
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            let mut rows = Vec::new();
            for line in lines {
                let functions: BTreeSet<MembershipFunction> = line.parts.iter().copied().collect();
                rows.extend(functions.into_iter().map(|function| {
                    membership_function::ActiveModel {
                        membership_id: Set(line.row.id),
                        function: Set(function),
                    }
                }));
            }
            insert_rows(connection, rows).await
        }
        .boxed()
    }

    fn changes(line: &Line<Self>, around: &Around) -> Vec<PendingChange> {
        let community = around.communities.get(&line.row.community_id);
        let told = community.map(|community| {
            let audience = audience::of_membership(community, &line.row);
            created(
                (EntityType::Membership, line.row.id),
                Some(community.id),
                audience,
            )
        });
        told.into_iter().collect()
    }
}

/// The steps of something: of what is not in their row.
impl Restored for transition::Entity {
    type Parts = End;

    fn read(fields: &mut Fields) -> Result<(Self::Model, End), String> {
        let of = required_id(fields, "ofId")?;
        let mut row = decode::<Self>(fields, "transition", &[])?;
        row.entity_id = of.1;
        Ok((row, of))
    }

    fn id(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    fn home(line: &Line<Self>) -> Home {
        Home::Of(line.parts)
    }

    fn changes(_line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        Vec::new()
    }
}
