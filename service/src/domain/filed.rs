//! What is filed under a domain, and how it is filed under another one: however much it is, in a number of statements that
//! does not depend on that but for change rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::change::{EntityType, Operation};
use entity::{
    community, community_domain, expertise, item, item_author, item_domain, revision, saved_search,
};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockType, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::item::grouped;
use crate::item::insert::replace_rows;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// Items with their authors.
type Items = BTreeMap<Uuid, (item::Model, Vec<Uuid>)>;

/// What is filed under a domain, with what says who sees it.
#[derive(Debug)]
pub(super) struct Filed {
    domain: Uuid,
    /// The communities that care about it.
    communities: Vec<Uuid>,
    /// The items that belong to it.
    items: HashSet<Uuid>,
    /// The items of which a revision belongs to it that waits for its review.
    waiting: HashSet<Uuid>,
    /// Who knows about it, and where that is known from.
    known: Vec<(Uuid, Option<Uuid>)>,
    /// All items that it matters for, with their authors.
    rows: Items,
    /// The communities of all these.
    homes: HashMap<Uuid, community::Model>,
}

impl Filed {
    /// Everything that is filed under a domain. Who sees it stays as it is until the commit.
    pub(super) async fn load(unit: &WriteUnit, domain: Uuid) -> Result<Self> {
        let communities: Vec<Uuid> = community_domain::Entity::find()
            .select_only()
            .column(community_domain::Column::CommunityId)
            .filter(community_domain::Column::DomainId.eq(domain))
            .order_by_asc(community_domain::Column::CommunityId)
            .into_tuple()
            .all(unit.db())
            .await?;
        let items: Vec<Uuid> = item_domain::Entity::find()
            .select_only()
            .column(item_domain::Column::ItemId)
            .filter(item_domain::Column::DomainId.eq(domain))
            .into_tuple()
            .all(unit.db())
            .await?;
        let (homes, rows) = load_concerned(unit, domain).await?;
        Ok(Self {
            domain,
            communities,
            items: items.into_iter().collect(),
            waiting: HashSet::new(),
            known: load_known(unit, domain).await?,
            rows,
            homes,
        })
    }

    /// Files it under another domain.
    pub(super) async fn move_to(mut self, unit: &WriteUnit, into: Uuid) -> Result<Self> {
        let from = self.domain;
        file_under(unit, from, into).await?;
        file_expertise_under(unit, from, into).await?;
        file_searches_under(unit, from, into).await?;
        let waiting = load_waiting(unit, from).await?;
        self.waiting = waiting.iter().map(|row| row.item_id).collect();
        file_revisions_under(unit, waiting, from, into).await?;
        Ok(self)
    }

    /// Tells of everything that was filed elsewhere.
    pub(super) fn tell(self, unit: &mut WriteUnit) -> Result<()> {
        for id in &self.communities {
            let audience = audience::of_community_about(self.home(*id)?);
            unit.record(PendingChange {
                entity_type: EntityType::Community,
                entity_id: *id,
                operation: Operation::Updated,
                community_id: Some(*id),
                fields: vec!["domains".to_owned()],
                audience_before: Some(audience.clone()),
                audience_after: Some(audience),
            });
        }
        for (id, (item, authors)) in &self.rows {
            let home = self.home(item.community_id)?;
            if self.items.contains(id) {
                let audience = audience::of_item(home, item, authors);
                let fields = vec!["domainIds".to_owned()];
                unit.record(row_changed(item, Operation::Updated, fields, audience));
            }
            if self.waiting.contains(id) {
                let audience = audience::of_draft(home, item, authors);
                let fields = vec!["pendingRevision".to_owned()];
                unit.record(row_changed(item, Operation::Updated, fields, audience));
            }
        }
        let mut knowing: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        for (user, shown_by) in &self.known {
            // What somebody says, everybody sees; what an answer shows, those who see its discussion.
            let audience = match shown_by.and_then(|id| self.rows.get(&id)) {
                Some((item, authors)) => {
                    audience::of_item(self.home(item.community_id)?, item, authors)
                }
                None => audience::of_everybody(),
            };
            knowing.entry(*user).or_default().extend(audience);
        }
        for (user, audience) in knowing {
            unit.record(PendingChange {
                entity_type: EntityType::User,
                entity_id: user,
                operation: Operation::Updated,
                community_id: None,
                fields: vec!["expertise".to_owned()],
                audience_before: Some(audience.clone()),
                audience_after: Some(audience),
            });
        }
        Ok(())
    }

    fn home(&self, id: Uuid) -> Result<&community::Model> {
        self.homes
            .get(&id)
            .ok_or_else(|| Error::internal(format!("community {id} was not loaded")))
    }
}

/// The items that a domain matters for with their authors, and their communities with those that care about it.
async fn load_concerned(
    unit: &WriteUnit,
    domain: Uuid,
) -> Result<(HashMap<Uuid, community::Model>, Items)> {
    let of_items = Query::select()
        .column(("item", "community_id"))
        .from("item")
        .and_where(Expr::col(("item", "id")).in_subquery(concerned(domain)))
        .take();
    let mut ids = Query::select();
    ids.column(("community_domain", "community_id"))
        .from("community_domain")
        .and_where(Expr::col(("community_domain", "domain_id")).eq(domain))
        .union(UnionType::Distinct, of_items);
    let homes = community::Entity::find()
        .filter(community::Column::Id.in_subquery(ids))
        .order_by_asc(community::Column::Id)
        .lock_shared()
        .all(unit.db())
        .await?;
    let items = item::Entity::find()
        .filter(item::Column::Id.in_subquery(concerned(domain)))
        .order_by_asc(item::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(unit.db())
        .await?;
    let authors: Vec<(Uuid, Uuid)> = item_author::Entity::find()
        .select_only()
        .columns([item_author::Column::ItemId, item_author::Column::UserId])
        .filter(item_author::Column::ItemId.in_subquery(concerned(domain)))
        .order_by_asc(item_author::Column::Place)
        .into_tuple()
        .all(unit.db())
        .await?;
    let mut authors = grouped(authors.into_iter());
    let items = items.into_iter().map(|item| {
        let authors = authors.remove(&item.id).unwrap_or_default();
        (item.id, (item, authors))
    });
    let homes = homes.into_iter().map(|row| (row.id, row)).collect();
    Ok((homes, items.collect()))
}

/// The newer revisions that belong to a domain and wait for their review.
async fn load_waiting(unit: &WriteUnit, domain: Uuid) -> Result<Vec<revision::Model>> {
    let newest = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("revision", "item_id")))
        .and_where(Expr::col(("item", "pending_revision")).equals(("revision", "number")))
        .take();
    Ok(revision::Entity::find()
        .filter(revision::Column::ItemId.in_subquery(with_waiting_revision()))
        .filter(Expr::exists(newest))
        .filter(names("revision", "content", domain))
        .lock(LockType::NoKeyUpdate)
        .all(unit.db())
        .await?)
}

/// Who knows about a domain, and the discussion that shows it where one does.
async fn load_known(unit: &WriteUnit, domain: Uuid) -> Result<Vec<(Uuid, Option<Uuid>)>> {
    Ok(expertise::Entity::find()
        .select_only()
        .columns([expertise::Column::UserId, expertise::Column::DiscussionId])
        .filter(expertise::Column::DomainId.eq(domain))
        .into_tuple()
        .all(unit.db())
        .await?)
}

/// Files communities, items and follows of the one under the other, each once.
async fn file_under(unit: &WriteUnit, from: Uuid, into: Uuid) -> Result<()> {
    for (table, key, domain) in [
        ("community_domain", "community_id", "domain_id"),
        ("item_domain", "item_id", "domain_id"),
        ("follow", "user_id", "target_id"),
    ] {
        let already = Query::select()
            .column(key)
            .from(table)
            .and_where(Expr::col(domain).eq(into))
            .take();
        let update = Query::update()
            .table(table)
            .value(domain, into)
            .and_where(Expr::col(domain).eq(from))
            .and_where(Expr::col(key).not_in_subquery(already))
            .take();
        unit.db().execute(&update).await?;
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col(domain).eq(from))
            .take();
        unit.db().execute(&delete).await?;
    }
    Ok(())
}

/// Makes what people know about the one what they know about the other. What is left was known of both, and goes with
/// the domain.
async fn file_expertise_under(unit: &WriteUnit, from: Uuid, into: Uuid) -> Result<()> {
    let same = |column: &'static str| Expr::col(("other", column)).equals(("expertise", column));
    let already = Query::select()
        .expr(Expr::value(1))
        .from_as("expertise", "other")
        .and_where(Expr::col(("other", "domain_id")).eq(into))
        .and_where(same("user_id"))
        .and_where(same("source"))
        .and_where(same("witness_id"))
        .take();
    // The key of the subject holds the id.
    let in_key = |id: Uuid| Expr::value(id.simple().to_string());
    let subject = Func::cust("replace").args([Expr::col("subject"), in_key(from), in_key(into)]);
    let update = Query::update()
        .table("expertise")
        .value("domain_id", into)
        .value("subject", subject)
        .and_where(Expr::col(("expertise", "domain_id")).eq(from))
        .and_where(Expr::exists(already).not())
        .take();
    unit.db().execute(&update).await?;
    Ok(())
}

/// Saved searches ask for the other in the place of the one. Each is known to one person alone, so no change row tells.
async fn file_searches_under(unit: &WriteUnit, from: Uuid, into: Uuid) -> Result<()> {
    let mut rows = saved_search::Entity::find()
        .filter(names("saved_search", "filter", from))
        .lock(LockType::Update)
        .all(unit.db())
        .await?;
    for row in &mut rows {
        let ids = std::mem::take(&mut row.filter.domain_ids);
        row.filter.domain_ids = replaced(ids, from, into);
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    replace_rows::<saved_search::ActiveModel>(unit, rows.collect()).await
}

/// Revisions that wait for their review say the other in the place of the one: once they are published, their items are
/// filed by them. Older ones stay as they were.
async fn file_revisions_under(
    unit: &WriteUnit,
    mut rows: Vec<revision::Model>,
    from: Uuid,
    into: Uuid,
) -> Result<()> {
    for row in &mut rows {
        if let Some(said) = row.content.get_mut("domainIds") {
            let ids: Option<Vec<Uuid>> =
                serde_json::from_value(said.take()).map_err(Error::internal)?;
            *said = json!(replaced(ids.unwrap_or_default(), from, into));
        }
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    replace_rows::<revision::ActiveModel>(unit, rows.collect()).await
}

/// Ids with one in the place of another, each once.
fn replaced(ids: Vec<Uuid>, from: Uuid, into: Uuid) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    ids.into_iter()
        .map(|id| if id == from { into } else { id })
        .filter(|id| seen.insert(*id))
        .collect()
}

/// Whether a JSON column names a domain.
fn names(table: &'static str, column: &'static str, domain: Uuid) -> Expr {
    Expr::col((table, column))
        .cast_as("text")
        .like(format!("%{domain}%"))
}

/// The items of which a newer revision waits for its review.
fn with_waiting_revision() -> SelectStatement {
    Query::select()
        .column(("item", "id"))
        .from("item")
        .and_where(Expr::col(("item", "pending_revision")).is_not_null())
        .take()
}

/// The items that the merging of a domain changes, and those whose accepted answers show that somebody knows about it.
fn concerned(domain: Uuid) -> SelectStatement {
    let shown = Query::select()
        .column(("expertise", "discussion_id"))
        .from("expertise")
        .and_where(Expr::col(("expertise", "domain_id")).eq(domain))
        .and_where(Expr::col(("expertise", "discussion_id")).is_not_null())
        .take();
    let waiting = Query::select()
        .column(("revision", "item_id"))
        .from("revision")
        .and_where(Expr::col(("revision", "item_id")).in_subquery(with_waiting_revision()))
        .and_where(names("revision", "content", domain))
        .take();
    Query::select()
        .column(("item_domain", "item_id"))
        .from("item_domain")
        .and_where(Expr::col(("item_domain", "domain_id")).eq(domain))
        .union(UnionType::Distinct, shown)
        .union(UnionType::Distinct, waiting)
        .take()
}
