//! Promoting: a practice or a resource is made of an innovation that is VALIDATED.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::innovation::InnovationStage;
use entity::item::ItemType;
use entity::link::LinkRelation;
use futures_util::FutureExt;
use uuid::Uuid;

use super::stages::{Step, move_on, next_stages};
use crate::error::{Error, FaultCode, Result};
use crate::item::gate::{Opened, open};
use crate::item::insert::insert_many;
use crate::item::{Byline, Details, ItemContent, ItemState, byline_rows, credit, entity_type};
use crate::link::{self, End, NewLink};
use crate::policy::item as policy;
use crate::practice::{self, CreatePractice};
use crate::resource::{self, CreateResource};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, Patch};
use crate::viewer::{Scope, Viewer};

/// What is to be made of an innovation: one of the two.
#[derive(Clone, Debug)]
pub struct PromoteInnovation {
    /// A practice.
    pub to_practice: Option<CreatePractice>,
    /// A resource.
    pub to_resource: Option<CreateResource>,
}

/// What is made of an innovation, and under which argument it was given.
enum Made {
    Practice(CreatePractice),
    Resource(CreateResource),
}

impl Made {
    const fn argument(&self) -> &'static str {
        match self {
            Self::Practice(_) => "toPractice",
            Self::Resource(_) => "toResource",
        }
    }

    const fn community(&self) -> Uuid {
        match self {
            Self::Practice(input) => input.community_id,
            Self::Resource(input) => input.community_id,
        }
    }

    const fn content(&mut self) -> &mut ItemContent {
        match self {
            Self::Practice(input) => &mut input.content,
            Self::Resource(input) => &mut input.content,
        }
    }
}

/// Makes a practice or a resource of an innovation, which is PROMOTED by that, and answers what was made. The
/// innovation's authors are its authors, beside those that the input names; who is no member of the community that it
/// goes to is named as a byline. It is seen by as few as the innovation unless the input says otherwise.
#[crate::boxed]
pub async fn promote(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: PromoteInnovation,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let made = one_of(input);
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { promote_in(unit, &viewer, id, made).await }.boxed()
        })
        .await
}

fn one_of(input: PromoteInnovation) -> Result<Made> {
    match (input.to_practice, input.to_resource) {
        (Some(practice), None) => Ok(Made::Practice(practice)),
        (None, Some(resource)) => Ok(Made::Resource(resource)),
        (None, None) => {
            let message = "Say what is made of it: give `toPractice` or `toResource`.";
            Err(Error::fault(FaultCode::Required, &["toPractice"], message))
        }
        (Some(_), Some(_)) => {
            let message = "One thing is made of it: give `toPractice` or `toResource`, not both.";
            Err(Error::fault(FaultCode::Invalid, &["toResource"], message))
        }
    }
}

async fn promote_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    made: Result<Made>,
) -> Result<ItemState> {
    let mut faults = Faults::default();
    let opened = open(
        unit,
        viewer,
        Some(ItemType::Innovation),
        id,
        policy::advance,
    )
    .await;
    let opened = faults.absorb(opened)?;
    if let Some(opened) = &opened {
        faults.absorb(check_stage(opened))?;
    }
    let made = faults.absorb(made)?;
    let (Some(opened), Some(mut made)) = (opened, made) else {
        faults.check()?;
        return Err(Error::internal("a promotion lacks its parts"));
    };
    let argument = made.argument();
    let community = made.community();
    let bylines = take_over(unit, made.content(), &opened, community).await?;
    let written = match made {
        Made::Practice(input) => practice::create_many(unit, viewer, vec![input]).await?,
        Made::Resource(input) => resource::create_many(unit, viewer, vec![input]).await?,
    };
    let written = written
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(Error::internal("nothing was made")));
    let written = faults.absorb(written.map_err(|error| error.under("input", argument)))?;
    faults.check()?;
    let written = written.ok_or_else(|| Error::internal("nothing was made"))?;
    insert_many(unit, byline_rows(&written, &bylines)).await?;
    let promoted = NewLink {
        from: (EntityType::Innovation, id),
        relation: LinkRelation::PromotedTo,
        to: (entity_type(written.item.item_type), written.item.id),
        occurrence: None,
    };
    link::state(unit, &[promoted]).await?;
    let step = Step {
        to: InnovationStage::Promoted,
        reason: None,
        learning: None,
    };
    move_on(unit, &opened.community, opened.state, step).await?;
    Ok(written)
}

/// Refuses to promote what is not VALIDATED: promoting twice, too.
fn check_stage(opened: &Opened) -> Result<()> {
    let Details::Innovation(row) = &opened.state.details else {
        let id = opened.state.item.id;
        return Err(Error::internal(format!(
            "innovation {id} lacks its details"
        )));
    };
    if next_stages(row.stage, None).contains(&InnovationStage::Promoted) {
        return Ok(());
    }
    let message = format!(
        "Only what is VALIDATED can be promoted, and this innovation is {}.",
        row.stage.as_str()
    );
    Err(Error::not_from_here(&["id"], message))
}

/// Takes over what what is made of an innovation has from it: its authors, and how few see it. Answers those of the authors
/// who become bylines.
async fn take_over(
    unit: &WriteUnit,
    content: &mut ItemContent,
    opened: &Opened,
    community: Uuid,
) -> Result<Vec<Byline>> {
    let people = opened.state.authors.clone();
    let (mut authors, bylines) = credit(unit, community, people).await?;
    let mut names: Vec<String> = bylines.iter().map(|byline| byline.name.clone()).collect();
    if let Patch::Value(given) = &content.author_ids {
        authors.extend(given);
    }
    if let Patch::Value(given) = &content.bylines {
        names.extend(given.iter().cloned());
    }
    // Without any, whoever promotes it is its author, as of everything that one makes.
    if !authors.is_empty() {
        content.author_ids = Patch::Value(authors);
    }
    content.bylines = Patch::Value(names);
    if content.visibility == Patch::Absent {
        // What was said among few is not told to more.
        content.visibility = Patch::Value(opened.state.item.visibility);
    }
    Ok(bylines)
}

/// What was made of innovations, as far as the viewer may read it, by innovation.
#[crate::boxed]
pub async fn promoted_to(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<End>>> {
    link::led_to(store, viewer, LinkRelation::PromotedTo, ids).await
}
