//! Domains, where they stand and to what they are related. Whatever a file says, no ring closes and no bound is passed.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::change::{EntityType, Operation};
use entity::{domain, domain_ancestor, related_domain};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::around::{Around, created};
use super::engine::{Home, Line, Restored, Scene, insert_rows};
use super::platform::{former_slugs, insert_redirects};
use crate::domain::{DEEPEST, MOST_RELATED, Owner, competencies, enter, hold_tree};
use crate::error::Result;
use crate::merged_domain::insert_merged;
use crate::operation::line::{Fields, bounded, decode, id_list, prefix, said};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
use crate::typed_id;
use crate::validation::Faults;

/// What a domain has besides its row.
#[derive(Debug)]
pub(super) struct DomainParts {
    former_slugs: Vec<String>,
    /// The ids of those that became part of it.
    former_ids: Vec<Uuid>,
    /// Domains to which it is related.
    related: Vec<Uuid>,
}

impl Restored for domain::Entity {
    type Parts = DomainParts;

    fn read(fields: &mut Fields) -> Result<(Self::Model, DomainParts), String> {
        let related = id_list(fields, "relatedIds", EntityType::Domain)?;
        let parts = DomainParts {
            former_slugs: former_slugs(fields)?,
            former_ids: id_list(fields, "formerIds", EntityType::Domain)?,
            related: bounded(related, "relatedIds", MOST_RELATED)?,
        };
        // Older exports say nothing of competencies.
        fields.entry("competencies").or_insert_with(|| json!([]));
        let mut row = decode::<Self>(fields, prefix(EntityType::Domain), &[])?;
        row.name_key = fold(&row.name);
        let mut faults = Faults::default();
        row.competencies = competencies(&mut faults, &["competencies"], &row.competencies.0);
        faults.check().map_err(|error| said(&error))?;
        Ok((row, parts))
    }

    fn id(row: &Self::Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn home(_line: &Line<Self>) -> Home {
        Home::Platform
    }

    fn prepare<'a>(
        unit: &'a WriteUnit,
        _around: &'a mut Around,
        lines: &'a mut Vec<Line<Self>>,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            hold_tree(unit, Owner::Domain).await?;
            let parents = lines.iter().filter_map(|line| line.row.parent_id);
            let levels = levels(unit, parents.collect()).await?;
            stand(lines, levels);
            fit_relations(unit, lines).await
        }
        .boxed()
    }

    fn insert_parts<'a>(
        connection: &'a DatabaseTransaction,
        lines: &'a [&'a Line<Self>],
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            let mut related = Vec::new();
            for line in lines {
                let id = line.row.id;
                let redirects = (EntityType::Domain, id, line.row.updated_at);
                insert_redirects(connection, redirects, &line.parts.former_slugs).await?;
                insert_merged(connection, id, &line.parts.former_ids).await?;
                related.extend(line.parts.related.iter().map(|other| (id, *other)));
            }
            insert_relations(connection, related).await
        }
        .boxed()
    }

    fn changes(line: &Line<Self>, _around: &Around) -> Vec<PendingChange> {
        let of = (EntityType::Domain, line.row.id);
        vec![created(of, None, audience::of_everybody())]
    }

    fn after<'a>(
        unit: &'a mut WriteUnit,
        _scene: &'a Scene<'a>,
        _around: &'a Around,
        lines: &'a [Line<Self>],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            for line in lines {
                enter(unit, line.row.id, line.row.parent_id).await?;
            }
            settle_relations(unit, lines).await
        }
        .boxed()
    }
}

/// How many levels are above those of some domains that are here.
async fn levels(unit: &WriteUnit, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, i32>> {
    use domain_ancestor::Column::{Distance, DomainId};
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let levels: Vec<(Uuid, i32)> = domain_ancestor::Entity::find()
        .select_only()
        .column(DomainId)
        .column_as(Distance.max(), "level")
        .filter(DomainId.is_in(ids))
        .group_by(DomainId)
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(levels.into_iter().collect())
}

/// Puts broader domains before narrower ones, and makes roots of those that cannot stand where their lines say. `levels`
/// are those of domains that are here already.
fn stand(lines: &mut Vec<Line<domain::Entity>>, mut levels: HashMap<Uuid, i32>) {
    let numbered = lines.iter().enumerate();
    let numbers: HashMap<Uuid, usize> = numbered
        .map(|(number, line)| (line.row.id, number))
        .collect();
    let mut waiting: Vec<_> = std::mem::take(lines).into_iter().map(Some).collect();
    for number in 0..waiting.len() {
        let mut branch = Vec::new();
        let mut next = Some(number);
        while let Some(line) = next
            .and_then(|number| waiting.get_mut(number))
            .and_then(Option::take)
        {
            let parent = line.row.parent_id;
            next = parent.and_then(|id| numbers.get(&id).copied());
            branch.push(line);
        }
        for mut line in branch.into_iter().rev() {
            let level = level(&mut line, &levels, &numbers);
            levels.insert(line.row.id, level);
            lines.push(line);
        }
    }
}

/// How many levels are above a domain, after what may be above it.
fn level(
    line: &mut Line<domain::Entity>,
    levels: &HashMap<Uuid, i32>,
    numbers: &HashMap<Uuid, usize>,
) -> i32 {
    let Some(parent) = line.row.parent_id else {
        return 0;
    };
    let named = id_of(parent);
    let left_out = match levels.get(&parent) {
        Some(above) if *above < DEEPEST => return above + 1,
        Some(_) => format!("the broader domain {named}, above which {DEEPEST} others are"),
        None if numbers.contains_key(&parent) => {
            format!("the broader domain {named}, which stands under it")
        }
        None => named,
    };
    line.left_out.push(left_out);
    line.row.parent_id = None;
    0
}

fn id_of(domain: Uuid) -> String {
    typed_id::encode(prefix(EntityType::Domain), domain)
}

/// Leaves out relations that one of the two domains has no room for.
async fn fit_relations(unit: &WriteUnit, lines: &mut [Line<domain::Entity>]) -> Result<()> {
    let named: BTreeSet<Uuid> = lines
        .iter()
        .flat_map(|line| line.parts.related.iter().copied())
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let mut here: HashSet<Uuid> = domain::Entity::find()
        .select_only()
        .column(domain::Column::Id)
        .filter(domain::Column::Id.is_in(named.iter().copied()))
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?
        .into_iter()
        .collect();
    here.extend(lines.iter().map(|line| line.row.id));
    let relations = related_domain::Entity::find()
        .filter(related_domain::Column::DomainId.is_in(named))
        .all(unit.db())
        .await?;
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for relation in relations {
        *counts.entry(relation.domain_id).or_default() += 1;
    }
    let mut begun: HashSet<[Uuid; 2]> = HashSet::new();
    for line in lines {
        let id = line.row.id;
        for other in std::mem::take(&mut line.parts.related) {
            if other == id || !here.contains(&other) {
                continue;
            }
            let mut pair = [id, other];
            pair.sort_unstable();
            if !begun.contains(&pair) {
                let is_full =
                    |id: &Uuid| counts.get(id).is_some_and(|count| *count >= MOST_RELATED);
                if pair.iter().any(is_full) {
                    line.left_out.push(format!(
                        "the related domain {}, since one of the two has {MOST_RELATED} already",
                        id_of(other)
                    ));
                    continue;
                }
                for id in pair {
                    *counts.entry(id).or_default() += 1;
                }
                begun.insert(pair);
            }
            line.parts.related.push(other);
        }
    }
    Ok(())
}

/// Relates new domains to others, both ways, as far as these are here.
async fn insert_relations(
    connection: &DatabaseTransaction,
    stated: Vec<(Uuid, Uuid)>,
) -> Result<(), DbErr> {
    if stated.is_empty() {
        return Ok(());
    }
    let others: BTreeSet<Uuid> = stated.iter().map(|(_, other)| *other).collect();
    let here: Vec<Uuid> = domain::Entity::find()
        .select_only()
        .column(domain::Column::Id)
        .filter(domain::Column::Id.is_in(others))
        .into_tuple()
        .all(connection)
        .await?;
    let here: HashSet<Uuid> = here.into_iter().collect();
    let both_ways: BTreeSet<(Uuid, Uuid)> = stated
        .into_iter()
        .filter(|(one, other)| one != other && here.contains(other))
        .flat_map(|(one, other)| [(one, other), (other, one)])
        .collect();
    let rows = both_ways
        .into_iter()
        .map(|(one, other)| related_domain::ActiveModel {
            domain_id: Set(one),
            related_id: Set(other),
        });
    insert_rows(connection, rows.collect()).await
}

/// Ends relations of new domains to what stands above or below them, and tells of the others that they have new ones. These
/// keep their revisions: of two that are related the later line says so, and the one before is to be as its line says.
async fn settle_relations(unit: &mut WriteUnit, lines: &[Line<domain::Entity>]) -> Result<()> {
    use related_domain::Column::{DomainId, RelatedId};
    let related = lines.iter().filter(|line| !line.parts.related.is_empty());
    let ids: Vec<Uuid> = related.map(|line| line.row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let stands = |one: &'static str, other: &'static str| {
        Expr::col(("domain_ancestor", "domain_id"))
            .equals(("related_domain", one))
            .and(Expr::col(("domain_ancestor", "ancestor_id")).equals(("related_domain", other)))
    };
    let above_or_below = Query::select()
        .expr(Expr::value(1))
        .from("domain_ancestor")
        .and_where(stands("domain_id", "related_id").or(stands("related_id", "domain_id")))
        .take();
    let of_them = Condition::any()
        .add(DomainId.is_in(ids.iter().copied()))
        .add(RelatedId.is_in(ids.iter().copied()));
    related_domain::Entity::delete_many()
        .filter(of_them)
        .filter(Expr::exists(above_or_below))
        .exec(unit.db())
        .await?;
    let others: Vec<Uuid> = related_domain::Entity::find()
        .select_only()
        .distinct()
        .column(RelatedId)
        .filter(DomainId.is_in(ids))
        .filter(RelatedId.is_not_in(lines.iter().map(|line| line.row.id)))
        .into_tuple()
        .all(unit.db())
        .await?;
    for id in others {
        unit.record(PendingChange {
            entity_type: EntityType::Domain,
            entity_id: id,
            operation: Operation::Updated,
            community_id: None,
            fields: vec!["relatedDomains".to_owned()],
            audience_before: Some(audience::of_everybody()),
            audience_after: Some(audience::of_everybody()),
        });
    }
    Ok(())
}
