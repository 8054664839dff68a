//! Resources: what a community collects and shares. DRAFT → PUBLISHED → ARCHIVED; each change of content is a revision.
//!
//! [`create_many`] writes any number in one unit of work, for imports; [`create`] is the same for one.

mod rating;
#[cfg(test)]
mod tests;

pub use rating::{RATINGS, Rating, page_of_ratings, rate, rated_by_viewer};

use entity::item::ItemType;
use entity::resource::ResourceKind;
use entity::{TextList, resource};
use futures_util::FutureExt;
use uuid::Uuid;

use crate::error::{FaultCode, Result};
use crate::item::gate::{check_references, open};
use crate::item::pending::newest;
use crate::item::update::check_revision;
use crate::item::{self, Details, Draft, ItemContent, ItemState, Listed};
use crate::policy::item as item_policy;
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

struct CheckedResource {
    kind: Option<ResourceKind>,
    description: Patch<String>,
    educational_levels: Option<Vec<String>>,
    time_required_minutes: Patch<i32>,
}

impl ResourceContent {
    fn check(self, faults: &mut Faults) -> CheckedResource {
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
        }
    }
}

impl CheckedResource {
    fn apply(self, state: &mut ItemState) {
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
    fn into_draft(self) -> Draft {
        let mut faults = Faults::default();
        let content = self.content.check(&mut faults);
        let (kind, details) = self.resource.check(&mut faults).into_details();
        Draft {
            community_id: self.community_id,
            content,
            kind,
            details,
            publish: self.publish,
            faults,
        }
    }
}

/// Makes a resource, as a draft or published at once.
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateResource,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { item::create_one(unit, &viewer, input.into_draft()).await }.boxed()
        })
        .await
}

/// Makes resources in one unit of work. Each has its own outcome: a refused one is not written, the others are.
pub async fn create_many(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    inputs: Vec<CreateResource>,
) -> Result<Vec<Result<ItemState>>> {
    item::create_many(
        unit,
        viewer,
        inputs.into_iter().map(CreateResource::into_draft).collect(),
    )
    .await
}

/// Changes a resource.
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
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Resource),
                    id,
                    item_policy::update,
                )
                .await?;
                let mut faults = Faults::default();
                let note = faults.optional_text(&["input", "note"], input.note.as_deref(), SUMMARY);
                let content = input.content.check(&mut faults);
                let resource = input.resource.check(&mut faults);
                let base = newest(unit, &opened.state).await?;
                check_references(unit, &base, &content, &mut faults).await?;
                faults.check()?;
                check_revision(expected_revision, opened.state.newest_revision())?;
                let mut new = base.clone();
                content.apply(&mut new);
                resource.apply(&mut new);
                item::update(unit, opened, &base, new, note).await
            }
            .boxed()
        })
        .await
}
