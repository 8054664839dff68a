//! The people, organizations and domains that lines name: each has a line before the first that names it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::change::EntityType;
use entity::user::UserStatus;
use entity::{
    domain, domain_ancestor, merged_domain, organization, related_domain, slug_redirect, user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Exporter;
use super::pager::Pager;
use crate::error::Result;
use crate::item::grouped;
use crate::operation::line::{Fields, encode, id_text, prefix};
use crate::typed_id;
use crate::user::FORMER_MEMBER;

/// Those that have a line already.
#[derive(Debug, Default)]
pub(super) struct Introduced(HashSet<Uuid>);

/// The people, organizations and domains that lines name.
#[derive(Debug, Default)]
struct Named {
    users: BTreeSet<Uuid>,
    organizations: BTreeSet<Uuid>,
    domains: BTreeSet<Uuid>,
}

impl Named {
    fn note(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                // Most ids are of other things: those are not parsed.
                let of = [
                    EntityType::User,
                    EntityType::Organization,
                    EntityType::Domain,
                ]
                .into_iter()
                .find(|of| text.starts_with(prefix(*of)));
                let id = of.and_then(|of| typed_id::decode_as(prefix(of), text));
                match of.zip(id) {
                    Some((EntityType::User, id)) => self.users.insert(id),
                    Some((EntityType::Organization, id)) => self.organizations.insert(id),
                    Some((_, id)) => self.domains.insert(id),
                    None => false,
                };
            }
            Value::Array(values) => {
                for value in values {
                    self.note(value);
                }
            }
            _ => {}
        }
    }
}

/// Whether a field holds ids.
fn holds_ids(name: &str) -> bool {
    ["Id", "Ids", "By"].iter().any(|end| name.ends_with(end))
}

impl Exporter<'_> {
    /// Writes lines for whom and what these lines name and no line before them did.
    pub(super) async fn introduce(&mut self, lines: &[Fields]) -> Result<()> {
        let mut named = Named::default();
        for fields in lines {
            // What a revision said names people and domains too.
            let content = fields.get("content").and_then(Value::as_object);
            let all = fields.iter().chain(content.into_iter().flatten());
            for (_, value) in all.filter(|(name, _)| holds_ids(name)) {
                named.note(value);
            }
        }
        let new = |ids: BTreeSet<Uuid>, known: &HashSet<Uuid>| -> Vec<Uuid> {
            ids.into_iter().filter(|id| !known.contains(id)).collect()
        };
        let users = new(named.users, &self.introduced.0);
        let domains = new(named.domains, &self.introduced.0);
        let people = if users.is_empty() {
            Vec::new()
        } else {
            user::Entity::find()
                .filter(user::Column::Id.is_in(users))
                .order_by_asc(user::Column::Id)
                .all(self.snapshot)
                .await?
        };
        let mut organizations = named.organizations;
        organizations.extend(people.iter().filter_map(|person| person.organization_id));
        let organizations = new(organizations, &self.introduced.0);
        self.introduce_organizations(organizations).await?;
        self.introduce_domains(domains).await?;
        for person in people {
            self.introduced.0.insert(person.id);
            let fields = of_user(person)?;
            self.push(prefix(EntityType::User), fields)?;
        }
        Ok(())
    }

    /// Writes lines for all organizations and domains.
    pub(super) async fn introduce_everything(&mut self) -> Result<()> {
        let mut pager = Pager::<organization::Entity>::new(&[organization::Column::Id], []);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                break;
            }
            let ids = rows.iter().map(|row| row.id).collect();
            self.introduce_organizations(ids).await?;
            self.sink.drain().await?;
        }
        let mut pager = Pager::<domain::Entity>::new(&[domain::Column::Id], []);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let known = &self.introduced.0;
            let ids = rows.iter().map(|row| row.id);
            let ids = ids.filter(|id| !known.contains(id)).collect();
            self.introduce_domains(ids).await?;
            self.sink.drain().await?;
        }
    }

    async fn introduce_organizations(&mut self, ids: Vec<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let rows = organization::Entity::find()
            .filter(organization::Column::Id.is_in(ids))
            .order_by_asc(organization::Column::Id)
            .all(self.snapshot)
            .await?;
        for row in rows {
            if !self.introduced.0.insert(row.id) {
                continue;
            }
            let own = prefix(EntityType::Organization);
            let mut fields = Fields::new();
            encode::<organization::Entity>(row, own, false, &mut fields)?;
            self.push(own, fields)?;
        }
        Ok(())
    }

    /// Broader domains come before narrower ones.
    async fn introduce_domains(&mut self, ids: Vec<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let above = domain_ancestor::Entity::find()
            .filter(domain_ancestor::Column::DomainId.is_in(ids))
            .all(self.snapshot)
            .await?;
        let wanted: BTreeSet<Uuid> = above.iter().map(|row| row.ancestor_id).collect();
        let wanted: Vec<Uuid> = wanted
            .into_iter()
            .filter(|id| !self.introduced.0.contains(id))
            .collect();
        // How deep each stands is how many stand above it.
        let mut depths: BTreeMap<Uuid, usize> = BTreeMap::new();
        let lineage = domain_ancestor::Entity::find()
            .filter(domain_ancestor::Column::DomainId.is_in(wanted.iter().copied()))
            .all(self.snapshot)
            .await?;
        for row in lineage {
            *depths.entry(row.domain_id).or_default() += 1;
        }
        let mut slugs = self.former_slugs(EntityType::Domain, &wanted).await?;
        let merged = merged_domain::Entity::find()
            .filter(merged_domain::Column::IntoId.is_in(wanted.iter().copied()))
            .order_by_asc(merged_domain::Column::Id)
            .all(self.snapshot)
            .await?;
        let mut merged = grouped(merged.into_iter().map(|row| (row.into_id, row.id)));
        let related = related_domain::Entity::find()
            .filter(related_domain::Column::DomainId.is_in(wanted.iter().copied()))
            .order_by_asc(related_domain::Column::RelatedId)
            .all(self.snapshot)
            .await?;
        let related = related.into_iter();
        let mut related = grouped(related.map(|row| (row.domain_id, row.related_id)));
        let mut rows = domain::Entity::find()
            .filter(domain::Column::Id.is_in(wanted))
            .all(self.snapshot)
            .await?;
        rows.sort_by_key(|row| (depths.get(&row.id).copied(), row.id));
        for row in rows {
            self.introduced.0.insert(row.id);
            let own = prefix(EntityType::Domain);
            let (id, former) = (row.id, slugs.remove(&row.id));
            let mut fields = Fields::new();
            encode::<domain::Entity>(row, own, false, &mut fields)?;
            if let Some(former) = former {
                fields.insert("formerSlugs".into(), json!(former));
            }
            if let Some(former) = merged.remove(&id) {
                let ids = former.into_iter();
                let ids = ids.map(|id| id_text(EntityType::Domain, id));
                fields.insert("formerIds".into(), ids.collect());
            }
            // Of two that are related the later one says so: then both are there when it is read.
            let mut named = related.remove(&id).unwrap_or_default();
            named.retain(|id| self.introduced.0.contains(id));
            if !named.is_empty() {
                let ids = named.into_iter().map(|id| id_text(EntityType::Domain, id));
                fields.insert("relatedIds".into(), ids.collect());
            }
            self.push(own, fields)?;
        }
        Ok(())
    }

    /// The slugs that lead to communities or domains from before.
    pub(super) async fn former_slugs(
        &self,
        of: EntityType,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<String>>> {
        let rows = slug_redirect::Entity::find()
            .filter(slug_redirect::Column::EntityType.eq(of.as_str()))
            .filter(slug_redirect::Column::TargetId.is_in(ids.iter().copied()))
            .order_by_asc(slug_redirect::Column::Slug)
            .all(self.snapshot)
            .await?;
        Ok(grouped(
            rows.into_iter().map(|row| (row.target_id, row.slug)),
        ))
    }
}

/// The public part of a person; of somebody who is gone there is none.
fn of_user(person: user::Model) -> Result<Fields> {
    let own = prefix(EntityType::User);
    let mut fields = Fields::new();
    if person.status == UserStatus::Erased {
        fields.insert("id".into(), id_text(EntityType::User, person.id));
        fields.insert("handle".into(), person.handle.into());
        fields.insert("displayName".into(), FORMER_MEMBER.into());
        fields.insert("erased".into(), true.into());
        let made = person.created_at;
        let made = made.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        fields.insert("createdAt".into(), made.into());
        return Ok(fields);
    }
    encode::<user::Entity>(person, own, false, &mut fields)?;
    Ok(fields)
}
