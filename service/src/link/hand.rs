//! Relations between two items that somebody states by hand, and takes back.

use entity::change::Operation;
use entity::item::{self as item_row, ItemType};
use entity::link::{self, LinkRelation};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{NewLink, refuse_circle, state};
use crate::change::row_changed;
use crate::error::{Error, FaultCode, Result};
use crate::item::gate::{Opened, hold_home, open};
use crate::item::{ItemState, entity_type};
use crate::policy::audience;
use crate::policy::filter::readable_items;
use crate::policy::item as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, MAX_LINKS};
use crate::viewer::{Scope, Viewer};

/// The relations that people state by hand; the others follow from what they do.
pub const BY_HAND: [LinkRelation; 6] = [
    LinkRelation::TranslationOf,
    LinkRelation::PartOf,
    LinkRelation::Requires,
    LinkRelation::References,
    LinkRelation::Answers,
    LinkRelation::EvidenceFor,
];

const FROM: &[&str] = &["fromId"];
const TO: &[&str] = &["toId"];

/// A relation between two items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemLink {
    /// The item that it starts from.
    pub from: Uuid,
    /// How they relate.
    pub relation: LinkRelation,
    /// The item that it leads to.
    pub to: Uuid,
}

/// Relates an item that the viewer may change to one that the viewer may read. What is stated already changes nothing.
#[crate::boxed]
pub async fn link_items(
    store: &Store,
    viewer: &Viewer,
    new: ItemLink,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { link_in(unit, &viewer, new).await }.boxed()
        })
        .await
}

async fn link_in(unit: &mut WriteUnit, viewer: &Viewer, new: ItemLink) -> Result<ItemState> {
    let mut faults = Faults::default();
    check_relation(new.relation, &mut faults);
    // Items are held in the order of their ids, after the community: two writers never wait for each other.
    hold_home(unit, viewer, new.from).await?;
    if new.to < new.from {
        hold(unit, new.to).await?;
    }
    let opened = faults.absorb(open_from(unit, viewer, new.from).await)?;
    if new.to > new.from {
        hold(unit, new.to).await?;
    }
    let mut to = None;
    if new.to == new.from {
        faults.add(FaultCode::Invalid, TO, "Nothing is related to itself.");
    } else if let Some(Opened { viewer, state, .. }) = &opened {
        to = readable(unit, viewer, new.to).await?;
        match &to {
            Some(to) => check_ends(&state.item, new.relation, to, &mut faults),
            None => {
                faults.absorb::<()>(Err(Error::not_found(TO, "item")))?;
            }
        }
    }
    faults.check()?;
    let (Some(opened), Some(to)) = (opened, to) else {
        return Err(Error::internal("an item was lost between two checks"));
    };
    let known = link::Entity::find_by_id((new.from, new.relation, new.to));
    if known.one(unit.db()).await?.is_some() {
        return Ok(opened.state);
    }
    let stated = link::Entity::find()
        .filter(link::Column::FromId.eq(new.from))
        .filter(link::Column::Relation.is_in(BY_HAND))
        .filter(link::Column::Derived.is_null())
        .count(unit.db())
        .await?;
    if stated >= MAX_LINKS as u64 {
        let message = format!("At most {MAX_LINKS} relations of an item are stated by hand.");
        return Err(Error::fault(FaultCode::LimitReached, TO, message));
    }
    if new.relation != LinkRelation::References {
        refuse_circle(unit, new.relation, new.from, new.to, TO).await?;
    }
    let stated = NewLink {
        from: (entity_type(opened.state.item.item_type), new.from),
        relation: new.relation,
        to: (entity_type(to.item_type), new.to),
        occurrence: None,
    };
    state(unit, &[stated]).await?;
    record(unit, &opened);
    Ok(opened.state)
}

/// Takes back a relation that was stated by hand, for who may change the item that it starts from. What is not stated
/// changes nothing.
#[crate::boxed]
pub async fn unlink_items(
    store: &Store,
    viewer: &Viewer,
    old: ItemLink,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                check_relation(old.relation, &mut faults);
                let opened = faults.absorb(open_from(unit, &viewer, old.from).await)?;
                faults.check()?;
                let opened = opened.ok_or_else(|| Error::not_found(FROM, "item"))?;
                let known = link::Entity::find_by_id((old.from, old.relation, old.to));
                match known.one(unit.db()).await? {
                    None => {}
                    Some(row) if row.derived == Some(true) => {
                        let message = "The content of the item says so: take it out of what the item uses, holds or is about.";
                        return Err(Error::fault(FaultCode::Invalid, TO, message));
                    }
                    Some(_) => {
                        link::Entity::delete_by_id((old.from, old.relation, old.to))
                            .exec(unit.db())
                            .await?;
                        record(unit, &opened);
                    }
                }
                Ok(opened.state)
            }
            .boxed()
        })
        .await
}

fn check_relation(relation: LinkRelation, faults: &mut Faults) {
    if !BY_HAND.contains(&relation) {
        let names: Vec<_> = BY_HAND.iter().map(|relation| relation.as_str()).collect();
        let message = format!(
            "{} follows from what is done, and is not stated by hand; that are {}.",
            relation.as_str(),
            names.join(", ")
        );
        faults.add(FaultCode::Invalid, &["relation"], message);
    }
}

async fn open_from(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Opened> {
    open(unit, viewer, None, id, policy::update)
        .await
        .map_err(|error| error.at(&["id"], FROM))
}

/// Makes an item stay until the commit.
async fn hold(unit: &WriteUnit, id: Uuid) -> Result<()> {
    item_row::Entity::find_by_id(id)
        .lock_shared()
        .one(unit.db())
        .await?;
    Ok(())
}

/// An item, if the viewer may read it.
async fn readable(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Option<item_row::Model>> {
    Ok(item_row::Entity::find_by_id(id)
        .filter(readable_items(viewer))
        .one(unit.db())
        .await?)
}

fn check_ends(
    from: &item_row::Model,
    relation: LinkRelation,
    to: &item_row::Model,
    faults: &mut Faults,
) {
    match relation {
        LinkRelation::Answers if to.item_type != ItemType::Discussion => {
            let message = "What is answered is a discussion.";
            faults.add(FaultCode::Invalid, TO, message);
        }
        LinkRelation::TranslationOf if from.item_type != to.item_type => {
            let message = "A translation is of the same type as what it translates.";
            faults.add(FaultCode::Invalid, TO, message);
        }
        LinkRelation::TranslationOf if from.language.is_some() && from.language == to.language => {
            let message = "Both say that they are written in the same language.";
            faults.add(FaultCode::Invalid, TO, message);
        }
        _ => {}
    }
}

fn record(unit: &mut WriteUnit, opened: &Opened) {
    let Opened {
        community, state, ..
    } = opened;
    let audience = audience::of_item(community, &state.item, &state.authors);
    let fields = vec!["lineage".to_owned()];
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        fields,
        audience,
    ));
}
