//! Which domains are related: domains of different branches, neither of them broader than the other, as SKOS has it. A
//! relation leads both ways and is one field of each of the two.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::change::Operation;
use entity::{domain, domain_ancestor, related_domain};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, Order, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::commands::{WHAT, change};
use super::tree;
use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;
use crate::validation::Faults;

/// To so many domains one is related at most.
pub(crate) const MOST_RELATED: usize = 20;
/// The field of a domain that shows them.
pub(super) const FIELD: &str = "relatedDomains";
const PATH: &[&str] = &["input", "relatedIds"];
/// So many relations that stand in the way of a move are told of at once.
const MOST_TOLD: u64 = 10;

/// Where a domain stands, or is to stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The domain; none for one that is still to be made.
    pub(super) id: Option<Uuid>,
    /// The broader one.
    pub(super) parent: Option<Uuid>,
}

/// To what a domain is related.
pub(super) async fn of(unit: &WriteUnit, id: Uuid) -> Result<BTreeSet<Uuid>> {
    let ids: Vec<Uuid> = related_domain::Entity::find()
        .select_only()
        .column(related_domain::Column::RelatedId)
        .filter(related_domain::Column::DomainId.eq(id))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(ids.into_iter().collect())
}

/// Checks to what a domain is to be related where it is to stand.
pub(super) async fn check(
    unit: &WriteUnit,
    faults: &mut Faults,
    place: Place,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>> {
    faults.list_length(PATH, ids.len(), MOST_RELATED);
    let ids = ids.get(..MOST_RELATED).unwrap_or(ids);
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let names = names(unit, ids).await?;
    let broader = match place.parent {
        Some(parent) => broader_among(unit, parent, ids).await?,
        None => HashSet::new(),
    };
    let narrower = match place.id {
        Some(id) => narrower_among(unit, id, ids).await?,
        None => HashSet::new(),
    };
    let full = full_among(unit, place.id, ids).await?;
    let mut kept = BTreeSet::new();
    for (number, id) in ids.iter().enumerate() {
        let number = number.to_string();
        let path = [PATH, &[number.as_str()]].concat();
        let Some(name) = names.get(id) else {
            faults.absorb(Err::<(), _>(Error::not_found(&path, WHAT)))?;
            continue;
        };
        let fault = if place.id == Some(*id) {
            let message = "A domain is not related to itself.".to_owned();
            Some((FaultCode::Invalid, message))
        } else if broader.contains(id) {
            let message = format!(
                "\"{name}\" is a broader domain of this one, and so tied to it already; related ones stand in other branches."
            );
            Some((FaultCode::Invalid, message))
        } else if narrower.contains(id) {
            let message = format!(
                "\"{name}\" is a narrower domain of this one, and so tied to it already; related ones stand in other branches."
            );
            Some((FaultCode::Invalid, message))
        } else if full.contains(id) {
            let message = format!(
                "\"{name}\" is related to {MOST_RELATED} domains already, which is the most."
            );
            Some((FaultCode::LimitReached, message))
        } else {
            None
        };
        match fault {
            Some((code, message)) => faults.add(code, &path, message),
            None => {
                kept.insert(*id);
            }
        }
    }
    Ok(kept)
}

async fn names(unit: &WriteUnit, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let names: Vec<(Uuid, String)> = domain::Entity::find()
        .select_only()
        .columns([domain::Column::Id, domain::Column::Name])
        .filter(domain::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(names.into_iter().collect())
}

/// Those of some domains that are this one or broader.
async fn broader_among(unit: &WriteUnit, id: Uuid, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let broader: Vec<Uuid> = domain_ancestor::Entity::find()
        .select_only()
        .column(domain_ancestor::Column::AncestorId)
        .filter(domain_ancestor::Column::DomainId.eq(id))
        .filter(domain_ancestor::Column::AncestorId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(broader.into_iter().collect())
}

/// Those of some domains that are this one or narrower.
async fn narrower_among(unit: &WriteUnit, id: Uuid, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let narrower: Vec<Uuid> = domain_ancestor::Entity::find()
        .select_only()
        .column(domain_ancestor::Column::DomainId)
        .filter(domain_ancestor::Column::AncestorId.eq(id))
        .filter(domain_ancestor::Column::DomainId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(narrower.into_iter().collect())
}

/// Those of some domains that are related to as many others as they may be, this one left out.
async fn full_among(unit: &WriteUnit, id: Option<Uuid>, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let relations = related_domain::Entity::find()
        .filter(related_domain::Column::DomainId.is_in(ids.iter().copied()))
        .all(unit.db())
        .await?;
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for relation in relations {
        if Some(relation.related_id) != id {
            *counts.entry(relation.domain_id).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= MOST_RELATED);
    Ok(counts.into_keys().collect())
}

/// Checks that a domain may be moved under another one: nothing comes to stand under what it is related to. What the
/// domain itself is related to counts only where it stays so.
pub(super) async fn check_move(
    unit: &WriteUnit,
    faults: &mut Faults,
    (id, parent): (Uuid, Uuid),
    stays_related: bool,
) -> Result<()> {
    let mut select = Query::select();
    select
        .expr_as(Expr::col(("narrower", "name")), "narrower")
        .expr_as(Expr::col(("broader", "name")), "broader")
        .from("related_domain")
        .join_as(
            JoinType::InnerJoin,
            "domain",
            "narrower",
            Expr::col(("narrower", "id")).equals(("related_domain", "domain_id")),
        )
        .join_as(
            JoinType::InnerJoin,
            "domain",
            "broader",
            Expr::col(("broader", "id")).equals(("related_domain", "related_id")),
        )
        .and_where(Expr::col(("related_domain", "domain_id")).in_subquery(tree::subtree(id)))
        .and_where(Expr::col(("related_domain", "related_id")).in_subquery(tree::lineage(parent)))
        .order_by(("narrower", "name_key"), Order::Asc)
        .order_by(("broader", "name_key"), Order::Asc)
        .limit(MOST_TOLD);
    if !stays_related {
        select.and_where(Expr::col(("related_domain", "domain_id")).ne(id));
    }
    for row in unit.db().query_all(&select).await? {
        let (narrower, broader): (String, String) =
            (row.try_get("", "narrower")?, row.try_get("", "broader")?);
        let message = format!(
            "\"{narrower}\" would come to stand under \"{broader}\", to which it is related; end that relation first."
        );
        faults.add(FaultCode::Invalid, &["input", "parentId"], message);
    }
    Ok(())
}

/// Writes to what a domain is related. Its own change row is for the caller, those of the others are recorded.
pub(super) async fn write(
    unit: &mut WriteUnit,
    id: Uuid,
    before: &BTreeSet<Uuid>,
    after: &BTreeSet<Uuid>,
) -> Result<()> {
    let ended: Vec<Uuid> = before.difference(after).copied().collect();
    if !ended.is_empty() {
        use related_domain::Column::{DomainId, RelatedId};
        let from_it = DomainId.eq(id).and(RelatedId.is_in(ended.iter().copied()));
        let to_it = RelatedId.eq(id).and(DomainId.is_in(ended));
        related_domain::Entity::delete_many()
            .filter(Condition::any().add(from_it).add(to_it))
            .exec(unit.db())
            .await?;
    }
    let begun: Vec<Uuid> = after.difference(before).copied().collect();
    begin(unit, id, &begun).await?;
    tell(unit, before.symmetric_difference(after).copied().collect()).await
}

/// Relates a domain to others, to which it is not related yet.
async fn begin(unit: &WriteUnit, id: Uuid, others: &[Uuid]) -> Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let rows = others.iter().flat_map(|other| {
        [(id, *other), (*other, id)].map(|(one, other)| related_domain::ActiveModel {
            domain_id: Set(one),
            related_id: Set(other),
        })
    });
    related_domain::Entity::insert_many(rows)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// Counts and tells that domains are related to others than before.
pub(super) async fn tell(unit: &mut WriteUnit, ids: BTreeSet<Uuid>) -> Result<()> {
    use domain::Column::{Id, Revision, UpdatedAt};
    if ids.is_empty() {
        return Ok(());
    }
    domain::Entity::update_many()
        .col_expr(Revision, Expr::col(Revision).add(1))
        .col_expr(UpdatedAt, Expr::value(unit.now()))
        .filter(Id.is_in(ids.iter().copied()))
        .exec(unit.db())
        .await?;
    for id in ids {
        unit.record(change(id, Operation::Updated, vec![FIELD.to_owned()]));
    }
    Ok(())
}

/// What becomes of the relations of a domain that is merged into another.
#[derive(Debug)]
pub(super) struct Inherited {
    from: Uuid,
    into: Uuid,
    /// To what the one is related.
    given_up: BTreeSet<Uuid>,
    /// To what the other is related.
    had: BTreeSet<Uuid>,
    /// To what the other comes to be related.
    gained: BTreeSet<Uuid>,
    /// Related domains of which one comes to stand under the other.
    tied: Vec<(Uuid, Uuid)>,
}

impl Inherited {
    /// What is to become of them, while both domains are there.
    pub(super) async fn of(unit: &WriteUnit, from: Uuid, into: Uuid) -> Result<Self> {
        let given_up = of(unit, from).await?;
        let had = of(unit, into).await?;
        let candidates: Vec<Uuid> = given_up.iter().copied().collect();
        let mut kin = broader_among(unit, into, &candidates).await?;
        kin.extend(narrower_among(unit, into, &candidates).await?);
        let gained = given_up
            .iter()
            .copied()
            .filter(|id| !kin.contains(id) && !had.contains(id))
            .collect();
        let tied = related_domain::Entity::find()
            .filter(related_domain::Column::DomainId.in_subquery(tree::narrower(from)))
            .filter(related_domain::Column::RelatedId.in_subquery(tree::lineage(into)))
            .all(unit.db())
            .await?;
        Ok(Self {
            from,
            into,
            given_up,
            had,
            gained,
            tied: tied
                .into_iter()
                .map(|row| (row.domain_id, row.related_id))
                .collect(),
        })
    }

    /// To how many domains the other is related then.
    pub(super) fn count(&self) -> usize {
        let tied = self
            .tied
            .iter()
            .filter(|(_, broader)| *broader == self.into);
        let ended = tied.count() + usize::from(self.had.contains(&self.from));
        (self.had.len() + self.gained.len()).saturating_sub(ended)
    }

    /// Writes it, before what stands under the one comes to the other. Answers whether the other is related to others than
    /// before; its own change row is for the caller.
    pub(super) async fn write(self, unit: &mut WriteUnit) -> Result<bool> {
        use related_domain::Column::{DomainId, RelatedId};
        let Self {
            from,
            into,
            given_up,
            had,
            gained,
            tied,
        } = self;
        if !tied.is_empty() {
            let (below, above) = (|| tree::narrower(from), || tree::lineage(into));
            let upwards = DomainId
                .in_subquery(below())
                .and(RelatedId.in_subquery(above()));
            let downwards = DomainId
                .in_subquery(above())
                .and(RelatedId.in_subquery(below()));
            related_domain::Entity::delete_many()
                .filter(Condition::any().add(upwards).add(downwards))
                .exec(unit.db())
                .await?;
        }
        let gained: Vec<Uuid> = gained.into_iter().collect();
        begin(unit, into, &gained).await?;
        let mut touched = given_up;
        touched.extend(tied.into_iter().flat_map(|(one, other)| [one, other]));
        let changes = touched.remove(&into) || !gained.is_empty() || had.contains(&from);
        tell(unit, touched).await?;
        Ok(changes)
    }
}
