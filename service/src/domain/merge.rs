//! A domain becomes part of another one.

use std::collections::HashSet;

use entity::change::Operation;
use entity::domain::{self, Column};
use entity::{Label, LabelList};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::commands::{WHAT, change, require_keeper};
use super::filed::Filed;
use super::related::{self, Inherited, MOST_RELATED};
use super::slugs::Owner;
use super::tree::{self, DEEPEST};
use crate::error::{Error, FaultCode, Result};
use crate::item::update::check_revision;
use crate::merged_domain::lead_to;
use crate::policy::platform::manage_domains;
use crate::store::{MERGED_FROM, Store, WriteUnit, Written};
use crate::text::fold;
use crate::validation::{Faults, MAX_LABELS};
use crate::viewer::{Scope, Viewer};

const INTO: &[&str] = &["intoId"];
/// Characters of a label at most.
const LONGEST_LABEL: usize = 200;

/// Makes a domain part of another one, and answers that. Whatever is filed under the one is filed under the other: items
/// and communities, what people know, what they follow and search for. What stands under it comes to stand under the
/// other, and what it is related to is related to the other. Its names become alternative labels of the other, and its
/// slugs lead there. What else it says of itself goes with it. `expected_revision` is the revision of the one that the
/// caller read.
///
/// The number of statements does not depend on how much that is, but for change rows.
#[crate::boxed]
pub async fn merge(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    into: Uuid,
    expected_revision: Option<i32>,
) -> Result<Written<domain::Model>> {
    let actor = viewer.require(Scope::Write)?;
    // Whoever may not keeps no writer waiting.
    manage_domains(viewer).require(&[], WHAT)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            merge_in(unit, viewer, id, into, expected_revision).boxed()
        })
        .await
}

async fn merge_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    into: Uuid,
    expected_revision: Option<i32>,
) -> Result<domain::Model> {
    require_keeper(unit, &viewer).await?;
    tree::hold_tree(unit, Owner::Domain).await?;
    let (from, into) = held(unit, id, into).await?;
    let relations = Inherited::of(unit, from.id, into.id).await?;
    let labels = names_of_both(&from, &into);
    let mut faults = Faults::default();
    faults.absorb(check_revision(expected_revision, from.revision))?;
    check_place(unit, &mut faults, &from, &into).await?;
    for (count, most, what) in [
        (labels.len(), MAX_LABELS, "alternative labels"),
        (relations.count(), MOST_RELATED, "related domains"),
    ] {
        if count > most {
            let message = format!(
                "Together the two domains would have {count} {what}, and one has at most {most}; remove some first."
            );
            faults.add(FaultCode::LimitReached, INTO, message);
        }
    }
    faults.check()?;

    let filed = Filed::load(unit, from.id).await?;
    let filed = filed.move_to(unit, into.id).await?;
    let relates_otherwise = relations.write(unit).await?;
    let moved = move_narrower(unit, &from, &into).await?;

    let mut fields = vec![MERGED_FROM.to_owned()];
    let mut new = into.clone();
    new.alternative_labels = LabelList(labels);
    if new.alternative_labels != into.alternative_labels {
        fields.push("alternativeLabels".to_owned());
    }
    if relates_otherwise {
        fields.push(related::FIELD.to_owned());
    }
    if fields.len() > 1 {
        new.revision += 1;
        new.updated_at = unit.now();
        new = new
            .into_active_model()
            .reset_all()
            .update(unit.db())
            .await?;
    }
    unit.record(change(new.id, Operation::Updated, fields));
    for id in moved {
        unit.record(change(id, Operation::Updated, vec!["parent".to_owned()]));
    }
    filed.tell(unit)?;

    lead_to(unit, from.id, new.id).await?;
    domain::Entity::delete_by_id(from.id)
        .exec(unit.db())
        .await?;
    Owner::Domain.redirect_all(unit, from.id, new.id).await?;
    Owner::Domain.redirect(unit, &from.slug, new.id).await?;
    // Last, so that nobody who follows the log meets something that is still filed under what is gone.
    unit.record(change(from.id, Operation::Deleted, Vec::new()));
    Ok(new)
}

/// Both domains, so held that nothing comes to refer to them meanwhile.
async fn held(unit: &WriteUnit, id: Uuid, into: Uuid) -> Result<(domain::Model, domain::Model)> {
    if id == into {
        let message = "A domain cannot become part of itself.";
        return Err(Error::fault(FaultCode::Invalid, INTO, message));
    }
    let mut rows = domain::Entity::find()
        .filter(Column::Id.is_in([id, into]))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(unit.db())
        .await?;
    let mut faults = Faults::default();
    let mut take = |id: Uuid, path: &[&str]| {
        let place = rows.iter().position(|row| row.id == id);
        let found = place.map(|place| rows.swap_remove(place));
        faults.absorb(found.ok_or_else(|| Error::not_found(path, WHAT)))
    };
    let (from, into) = (take(id, &["id"])?, take(into, INTO)?);
    faults.check()?;
    from.zip(into)
        .ok_or_else(|| Error::internal("domains that are not there were not refused"))
}

/// Checks that what stands under the one may stand under the other.
async fn check_place(
    unit: &WriteUnit,
    faults: &mut Faults,
    from: &domain::Model,
    into: &domain::Model,
) -> Result<()> {
    if tree::stands_under(unit, into.id, from.id).await? {
        let (from, into) = (&from.name, &into.name);
        let message = format!(
            "\"{into}\" stands under \"{from}\", and a domain cannot become part of a narrower one of its own; merge \"{into}\" into \"{from}\" instead."
        );
        faults.add(FaultCode::Invalid, INTO, message);
        return Ok(());
    }
    let above = tree::levels_above(unit, into.id).await?;
    if above + tree::levels_below(unit, from.id).await? > DEEPEST {
        let message = format!(
            "Some of what stands under \"{}\" would have more than {DEEPEST} broader domains above it.",
            from.name
        );
        faults.add(FaultCode::LimitReached, INTO, message);
    }
    Ok(())
}

/// The alternative labels of a domain with the names of one that is merged into it, as far as it does not have them.
fn names_of_both(from: &domain::Model, into: &domain::Model) -> Vec<Label> {
    let mut labels = into.alternative_labels.0.clone();
    let known = into.labels.0.iter().chain(&labels);
    let mut known: HashSet<String> = known.map(|label| fold(&label.text)).collect();
    known.insert(fold(&into.name));
    let own = Label {
        text: from.name.chars().take(LONGEST_LABEL).collect(),
        language: None,
    };
    // Where the name stands among the labels, its language is known.
    let names = from.labels.0.iter().chain(&from.alternative_labels.0);
    for name in names.chain([&own]) {
        if known.insert(fold(&name.text)) {
            labels.push(name.clone());
        }
    }
    labels
}

/// Takes what stands directly under the one to the other, with all below it, and answers what that is.
async fn move_narrower(
    unit: &WriteUnit,
    from: &domain::Model,
    into: &domain::Model,
) -> Result<Vec<Uuid>> {
    let children: Vec<Uuid> = domain::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ParentId.eq(from.id))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(unit.db())
        .await?;
    if children.is_empty() {
        return Ok(children);
    }
    domain::Entity::update_many()
        .col_expr(Column::ParentId, Expr::value(into.id))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(unit.now()))
        .filter(Column::ParentId.eq(from.id))
        .exec(unit.db())
        .await?;
    tree::hand_over(unit, from.id, into.id).await?;
    Ok(children)
}
