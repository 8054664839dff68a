//! Resources: what a community collects and shares. DRAFT → PUBLISHED → ARCHIVED; each change of content is a revision.
//!
//! [`create_many`] writes any number in one unit of work, for imports; [`create`] is the same for one.

mod rating;
#[cfg(test)]
mod tests;

pub use rating::{RATINGS, Rating, page_of_ratings, rate, rated_by_viewer};

use entity::change::Operation;
use entity::item::ItemType;
use entity::resource::ResourceKind;
use entity::{TextList, resource};
use futures_util::FutureExt;
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Error, FaultCode, Result};
use crate::external_reference::{self, NewReference};
use crate::item::gate::{Opened, check_references, open};
use crate::item::pending::newest;
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState, Listed};
use crate::policy::{audience, item as item_policy};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, Patch, SUMMARY, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

/// A resource as lists answer it.
pub type Resource = Listed<resource::Model>;

/// Most minutes that a resource may take: a year.
const MOST_MINUTES: i64 = 525_600;

/// What only a resource has, as a client gives it.
#[derive(Clone, Debug, Default)]
pub struct ResourceContent {
    /// The kind.
    pub kind: Patch<ResourceKind>,
    /// What it is, in short.
    pub description: Patch<String>,
    /// LRMI educational levels.
    pub educational_levels: Patch<Vec<String>>,
    /// How long it takes, in minutes.
    pub time_required_minutes: Patch<i64>,
    /// What it is called in other systems; null empties the list.
    pub external_references: Patch<Vec<NewReference>>,
}

/// A new resource.
#[derive(Clone, Debug)]
pub struct CreateResource {
    /// The community that it goes to.
    pub community_id: Uuid,
    /// What all items have.
    pub content: ItemContent,
    /// What only resources have.
    pub resource: ResourceContent,
    /// Whether to publish it at once.
    pub publish: bool,
}

/// A change of a resource.
#[derive(Clone, Debug, Default)]
pub struct UpdateResource {
    /// What all items have.
    pub content: ItemContent,
    /// What only resources have.
    pub resource: ResourceContent,
    /// What the change is about, for the list of revisions.
    pub note: Option<String>,
}

/// Checked content of a resource; absent where it is left alone.
#[derive(Debug)]
pub(crate) struct CheckedResource {
    kind: Option<ResourceKind>,
    description: Patch<String>,
    educational_levels: Option<Vec<String>>,
    time_required_minutes: Patch<i32>,
    external_references: Option<Vec<NewReference>>,
}

impl ResourceContent {
    /// Checks everything that needs no database.
    pub(crate) fn check(self, faults: &mut Faults) -> CheckedResource {
        CheckedResource {
            kind: self.kind.required(faults, &["input", "kind"]),
            description: faults.text_patch(&["input", "description"], self.description, SUMMARY),
            educational_levels: match self.educational_levels {
                Patch::Absent => None,
                Patch::Null => Some(Vec::new()),
                Patch::Value(list) => {
                    let rule = TextRule { max: 80, ..TITLE };
                    Some(faults.text_list(&["input", "educationalLevels"], &list, 10, rule))
                }
            },
            time_required_minutes: match self.time_required_minutes {
                Patch::Absent => Patch::Absent,
                Patch::Null => Patch::Null,
                Patch::Value(minutes) => {
                    if !(1..=MOST_MINUTES).contains(&minutes) {
                        faults.add(
                            FaultCode::OutOfRange,
                            &["input", "timeRequiredMinutes"],
                            format!("The time must be from 1 to {MOST_MINUTES} minutes, and is {minutes}."),
                        );
                    }
                    Patch::Value(i32::try_from(minutes).unwrap_or(i32::MAX))
                }
            },
            external_references: match self.external_references {
                Patch::Absent => None,
                Patch::Null => Some(Vec::new()),
                Patch::Value(list) => Some(external_reference::check(faults, &list)),
            },
        }
    }
}

impl CheckedResource {
    /// Puts the given fields into a state; external references are no part of one.
    pub(crate) fn apply(self, state: &mut ItemState) {
        if let Some(kind) = self.kind {
            state.item.kind = Some(kind.as_str().to_owned());
        }
        if let Details::Resource(row) = &mut state.details {
            row.description = self.description.or_keep(row.description.take());
            if let Some(levels) = self.educational_levels {
                row.educational_levels = TextList(levels);
            }
            row.time_required_minutes = self
                .time_required_minutes
                .or_keep(row.time_required_minutes);
        }
    }

    fn into_details(self) -> (Option<String>, Details) {
        let row = resource::Model {
            id: Uuid::nil(),
            description: self.description.or_keep(None),
            educational_levels: TextList(self.educational_levels.unwrap_or_default()),
            time_required_minutes: self.time_required_minutes.or_keep(None),
            rating_count: 0,
            rating_sum: 0,
        };
        (
            self.kind.map(|kind| kind.as_str().to_owned()),
            Details::Resource(row),
        )
    }
}

impl CreateResource {
    /// What is to be written, and what it is called in other systems.
    pub(crate) fn into_draft(self) -> (Draft, Vec<NewReference>) {
        let mut faults = Faults::default();
        let content = self.content.check(&mut faults);
        let mut resource = self.resource.check(&mut faults);
        let references = resource.external_references.take();
        let (kind, details) = resource.into_details();
        let draft = Draft {
            community_id: self.community_id,
            content,
            kind,
            details,
            publish: self.publish,
            faults,
        };
        (draft, references.unwrap_or_default())
    }
}

/// Makes a resource, as a draft or published at once.
#[crate::boxed]
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateResource,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let created = create_many(unit, &viewer, vec![input]).await?;
                let created = created.into_iter().next();
                created.unwrap_or_else(|| Err(Error::internal("nothing was created")))
            }
            .boxed()
        })
        .await
}

/// Makes resources in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreateResource>,
) -> Result<Vec<Result<ItemState>>> {
    let (mut drafts, references): (Vec<_>, Vec<_>) =
        inputs.into_iter().map(CreateResource::into_draft).unzip();
    external_reference::check_new(unit, viewer, &mut drafts, &references).await?;
    let created = item::create_many(unit, viewer, drafts).await?;
    let named = created.iter().zip(references);
    let named = named.filter_map(|(created, list)| {
        let item = &created.as_ref().ok()?.item;
        Some((item.community_id, item.id, list))
    });
    external_reference::insert(unit, named).await?;
    Ok(created)
}

/// Changes a resource.
#[crate::boxed]
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateResource,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let resource = Some(ItemType::Resource);
                let opened = open(unit, &viewer, resource, id, item_policy::update).await?;
                Box::pin(update_opened(unit, opened, input, expected_revision)).await
            }
            .boxed()
        })
        .await
}

async fn update_opened(
    unit: &mut WriteUnit,
    opened: Opened,
    input: UpdateResource,
    expected_revision: Option<i32>,
) -> Result<ItemState> {
    let mut faults = Faults::default();
    let note = faults.optional_text(&["input", "note"], input.note.as_deref(), SUMMARY);
    let mut content = input.content.check(&mut faults);
    let mut resource = input.resource.check(&mut faults);
    let references = resource.external_references.take();
    let base = newest(unit, &opened.state).await?;
    check_references(unit, &base, &mut content, &mut faults).await?;
    let (id, community) = (opened.state.item.id, opened.community.clone());
    if let Some(list) = &references {
        external_reference::check_free(unit, community.id, id, list, &mut faults).await?;
    }
    faults.check()?;
    check_revision(expected_revision, opened.state.newest_revision())?;
    let mut new = base.clone();
    content.apply(&mut new);
    resource.apply(&mut new);
    let state = item::update(unit, opened, &base, new, note).await?;
    if let Some(list) = references
        && external_reference::replace(unit, community.id, id, list).await?
    {
        unit.record(row_changed(
            &state.item,
            Operation::Updated,
            vec![external_reference::FIELD.to_owned()],
            audience::of_item(&community, &state.item, &state.authors),
        ));
    }
    Ok(state)
}
