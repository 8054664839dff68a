//! Making, changing and removing domains.

use entity::change::{EntityType, Operation};
use entity::{Label, LabelList, TextList, domain};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect,
};
use uuid::Uuid;

use super::slugs::{Owner, Slug};
use super::tree;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::membership::refresh;
use crate::policy::{audience, platform};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::text::fold;
use crate::validation::{Faults, MAX_LABELS, Patch, SUMMARY, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

const WHAT: &str = "domain";
const TAKEN: &str = "Another domain has this slug.";
/// A question that a domain asks.
const QUESTION: TextRule = TextRule { max: 500, ..TITLE };

/// What a new domain is made of.
#[derive(Clone, Debug, Default)]
pub struct CreateDomain {
    /// Its preferred name.
    pub name: String,
    /// Its slug; made of the name when absent.
    pub slug: Option<String>,
    /// What it covers.
    pub description: Option<String>,
    /// The problems that members care about.
    pub concern: Option<String>,
    /// The broader domain.
    pub parent_id: Option<Uuid>,
    /// Preferred names by language.
    pub labels: Vec<Label>,
    /// Synonyms.
    pub alternative_labels: Vec<Label>,
    /// What it asks.
    pub key_questions: Vec<String>,
}

/// What is to change about a domain; null empties a list.
#[derive(Clone, Debug, Default)]
pub struct UpdateDomain {
    /// Its preferred name.
    pub name: Patch<String>,
    /// Its slug; the old one goes on leading here.
    pub slug: Patch<String>,
    /// What it covers.
    pub description: Patch<String>,
    /// The problems that members care about.
    pub concern: Patch<String>,
    /// The broader domain; null makes it a root.
    pub parent_id: Patch<Uuid>,
    /// Preferred names by language.
    pub labels: Patch<Vec<Label>>,
    /// Synonyms.
    pub alternative_labels: Patch<Vec<Label>>,
    /// What it asks.
    pub key_questions: Patch<Vec<String>>,
    /// The revision that the client saw.
    pub expected_revision: Option<i32>,
}

/// Makes a domain.
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateDomain,
) -> Result<Written<domain::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            create_in(unit, viewer, input).boxed()
        })
        .await
}

/// Changes a domain. Moving it takes everything narrower along.
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateDomain,
) -> Result<Written<domain::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            update_in(unit, viewer, id, input).boxed()
        })
        .await
}

/// Removes a domain that nothing points at.
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| delete_in(unit, viewer, id).boxed())
        .await
}

async fn require_keeper(unit: &WriteUnit, viewer: &Viewer) -> Result<()> {
    let viewer = refresh(unit, viewer, &[]).await?;
    platform::manage_domains(&viewer).require(&[], WHAT)
}

async fn create_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    input: CreateDomain,
) -> Result<domain::Model> {
    require_keeper(unit, &viewer).await?;
    tree::hold_tree(unit, Owner::Domain).await?;
    let mut faults = Faults::default();
    let name = faults.text(&["input", "name"], &input.name, TITLE);
    let slug = match &input.slug {
        Some(slug) => Slug::Given(faults.slug(&["input", "slug"], slug)),
        None => Slug::Derived,
    };
    let mut row = domain::Model {
        id: Uuid::now_v7(),
        name_key: fold(&name),
        name,
        slug: String::new(),
        description: faults.optional_text(
            &["input", "description"],
            input.description.as_deref(),
            SUMMARY,
        ),
        concern: faults.optional_text(&["input", "concern"], input.concern.as_deref(), SUMMARY),
        labels: LabelList(faults.label_list(&["input", "labels"], &input.labels)),
        alternative_labels: LabelList(
            faults.label_list(&["input", "alternativeLabels"], &input.alternative_labels),
        ),
        key_questions: TextList(faults.text_list(
            &["input", "keyQuestions"],
            &input.key_questions,
            MAX_LABELS,
            QUESTION,
        )),
        parent_id: input.parent_id,
        revision: 1,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    if let Some(parent) = input.parent_id {
        tree::check_parent(unit, &mut faults, &["input", "parentId"], None, parent).await?;
    }
    if let Slug::Given(slug) = &slug
        && Owner::Domain.is_taken(unit, slug, row.id).await?
    {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;
    insert(unit, &mut row, &slug).await?;
    tree::enter(unit, row.id, row.parent_id).await?;
    unit.record(change(row.id, Operation::Created, Vec::new()));
    Ok(row)
}

async fn insert(unit: &WriteUnit, row: &mut domain::Model, slug: &Slug) -> Result<()> {
    for attempt in slug.attempts() {
        row.slug = slug
            .choose(unit, Owner::Domain, &row.name, *attempt)
            .await?;
        let inserted = domain::Entity::insert(row.clone().into_active_model())
            .on_conflict(
                OnConflict::column(domain::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await;
        match inserted {
            Ok(0) | Err(DbErr::RecordNotInserted) => {}
            Ok(_) => return Owner::Domain.claim(unit, &row.slug).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::fault(FaultCode::Taken, &["input", "slug"], TAKEN))
}

async fn update_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    id: Uuid,
    input: UpdateDomain,
) -> Result<domain::Model> {
    require_keeper(unit, &viewer).await?;
    if input.parent_id != Patch::Absent {
        tree::hold_tree(unit, Owner::Domain).await?;
    }
    let old = domain::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    let mut faults = Faults::default();
    if input
        .expected_revision
        .is_some_and(|expected| expected != old.revision)
    {
        faults.absorb(Err::<(), _>(Error::conflict(old.revision)))?;
    }
    let mut new = patched(&old, input, &mut faults);
    if new.parent_id != old.parent_id
        && let Some(parent) = new.parent_id
    {
        tree::check_parent(unit, &mut faults, &["input", "parentId"], Some(id), parent).await?;
    }
    if new.slug != old.slug && Owner::Domain.is_taken(unit, &new.slug, id).await? {
        faults.add(FaultCode::Taken, &["input", "slug"], TAKEN);
    }
    faults.check()?;

    let fields = changed(&old, &new);
    if fields.is_empty() {
        return Ok(old);
    }
    new.revision += 1;
    new.updated_at = unit.now();
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    if new.slug != old.slug {
        Owner::Domain.claim(unit, &new.slug).await?;
        Owner::Domain.redirect(unit, &old.slug, id).await?;
    }
    if new.parent_id != old.parent_id {
        tree::move_under(unit, id, new.parent_id).await?;
    }
    unit.record(change(id, Operation::Updated, fields));
    Ok(new)
}

fn patched(old: &domain::Model, input: UpdateDomain, faults: &mut Faults) -> domain::Model {
    let mut new = old.clone();
    if let Some(name) = input.name.required(faults, &["input", "name"]) {
        new.name = faults.text(&["input", "name"], &name, TITLE);
        new.name_key = fold(&new.name);
    }
    if let Some(slug) = input.slug.required(faults, &["input", "slug"]) {
        new.slug = faults.slug(&["input", "slug"], &slug);
    }
    new.description = faults
        .text_patch(&["input", "description"], input.description, SUMMARY)
        .or_keep(new.description);
    new.concern = faults
        .text_patch(&["input", "concern"], input.concern, SUMMARY)
        .or_keep(new.concern);
    new.parent_id = input.parent_id.or_keep(new.parent_id);
    let mut labels = |path: &str, patch: Patch<Vec<Label>>, kept: LabelList| match patch {
        Patch::Absent => kept,
        Patch::Null => LabelList::default(),
        Patch::Value(list) => LabelList(faults.label_list(&["input", path], &list)),
    };
    new.labels = labels("labels", input.labels, new.labels);
    new.alternative_labels = labels(
        "alternativeLabels",
        input.alternative_labels,
        new.alternative_labels,
    );
    match input.key_questions {
        Patch::Absent => {}
        Patch::Null => new.key_questions = TextList::default(),
        Patch::Value(list) => {
            new.key_questions =
                TextList(faults.text_list(&["input", "keyQuestions"], &list, MAX_LABELS, QUESTION));
        }
    }
    new
}

fn changed(old: &domain::Model, new: &domain::Model) -> Vec<String> {
    [
        ("name", old.name != new.name),
        ("slug", old.slug != new.slug),
        ("description", old.description != new.description),
        ("concern", old.concern != new.concern),
        ("parent", old.parent_id != new.parent_id),
        ("labels", old.labels != new.labels),
        (
            "alternativeLabels",
            old.alternative_labels != new.alternative_labels,
        ),
        ("keyQuestions", old.key_questions != new.key_questions),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(field, _)| field.to_owned())
    .collect()
}

async fn delete_in(unit: &mut WriteUnit, viewer: Viewer, id: Uuid) -> Result<Uuid> {
    require_keeper(unit, &viewer).await?;
    tree::hold_tree(unit, Owner::Domain).await?;
    domain::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(unit.db())
        .await?
        .ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    let mut faults = Vec::new();
    for (table, column, message) in [
        (
            "domain",
            "parent_id",
            "Narrower domains stand under this one; move or remove them first.",
        ),
        (
            "community_domain",
            "domain_id",
            "Communities care about this domain; give them another first.",
        ),
        (
            "item_domain",
            "domain_id",
            "Items of the repertoire belong to this domain; give them another first.",
        ),
    ] {
        let select = Query::select()
            .expr(Expr::value(1))
            .from(table)
            .and_where(Expr::col(column).eq(id))
            .limit(1)
            .take();
        if unit.db().query_one(&select).await?.is_some() {
            faults.push(Fault::new(FaultCode::BlockedByReferences, &["id"], message));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    domain::Entity::delete_by_id(id).exec(unit.db()).await?;
    Owner::Domain.forget(unit, id).await?;
    unit.record(change(id, Operation::Deleted, Vec::new()));
    Ok(id)
}

fn change(id: Uuid, operation: Operation, fields: Vec<String>) -> PendingChange {
    let everybody = || Some(audience::of_everybody());
    PendingChange {
        entity_type: EntityType::Domain,
        entity_id: id,
        operation,
        community_id: None,
        fields,
        audience_before: if operation == Operation::Created {
            None
        } else {
            everybody()
        },
        audience_after: if operation == Operation::Deleted {
            None
        } else {
            everybody()
        },
    }
}
