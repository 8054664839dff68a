//! Searches that people save, to run them again or to be told of what they find newly.
//!
//! They are known to one person alone, so they are in no change row. Those with alerts are compared with what the change
//! log says is new: see [`advance`].

mod alerts;
mod filter;
mod queries;
#[cfg(test)]
mod tests;

use ::search::fold;
use entity::saved_search::{self, SavedFilter};
use entity::{change_head, user};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::item::insert::insert_many;
use crate::policy::platform as policy;
use crate::search::SearchFilter;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, TITLE, TextRule};
use crate::viewer::{Scope, Viewer};

pub use alerts::advance;
pub use queries::{by_ids, count, page};

/// So many searches one person saves at most.
pub const MOST_SAVED: usize = 100;

const NAME: &[&str] = &["name"];
const WHAT: &str = "saved search";
/// What is searched for.
const QUERY: TextRule = TextRule {
    min: 0,
    max: 1_000,
    multiline: true,
};

/// A search that somebody saved.
pub type SavedSearch = saved_search::Model;

/// A search to be saved.
#[derive(Clone, Debug, Default)]
pub struct SaveSearch {
    /// What its owner calls it.
    pub name: String,
    /// What is searched for; empty where the filter says it all.
    pub query: String,
    /// What hits must have, besides.
    pub filter: SearchFilter,
    /// Whether its owner is told of what it finds newly.
    pub alerts: bool,
}

/// Saves a search of the viewer's. The same again answers the one that is there, and nothing changes.
#[crate::boxed]
pub async fn save(
    store: &Store,
    viewer: &Viewer,
    input: SaveSearch,
) -> Result<Written<SavedSearch>> {
    let actor = viewer.require(Scope::Write)?;
    policy::change_own_matters(viewer).require(NAME, WHAT)?;
    let mut faults = Faults::default();
    let name = faults.text(NAME, &input.name, TITLE);
    let query = faults.text(&["query"], &input.query, QUERY);
    check_filter(&mut faults, &input.filter);
    if fold(&query).trim().is_empty() && input.filter == SearchFilter::default() {
        let message = "Say what to search for, in words or by a filter.";
        faults.add(FaultCode::Required, &["query"], message);
    }
    faults.check()?;
    let filter = SavedFilter::from(input.filter);
    let alerts = input.alerts;
    store
        .write(Some(actor), move |unit| {
            async move { save_in(unit, actor, name, query, filter, alerts).await }.boxed()
        })
        .await
}

fn check_filter(faults: &mut Faults, filter: &SearchFilter) {
    filter.check(faults);
    for (list, texts) in [
        ("tags", &filter.tags),
        ("languages", &filter.languages),
        ("licences", &filter.licences),
        ("educationalLevels", &filter.educational_levels),
    ] {
        for (place, text) in texts.iter().enumerate() {
            faults.text(&["filter", list, &place.to_string()], text, TITLE);
        }
    }
}

async fn save_in(
    unit: &WriteUnit,
    user_id: Uuid,
    name: String,
    query: String,
    filter: SavedFilter,
    alerts: bool,
) -> Result<SavedSearch> {
    // One at a time of each person, or together they would be too many.
    user::Entity::find_by_id(user_id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?;
    let saved = saved_search::Entity::find()
        .filter(saved_search::Column::UserId.eq(user_id))
        .order_by_asc(saved_search::Column::Id)
        .all(unit.db())
        .await?;
    let others = saved.len();
    let mut same = saved.into_iter().filter(|known| {
        (&known.name, &known.query, &known.filter, known.alerts) == (&name, &query, &filter, alerts)
    });
    if let Some(known) = same.next() {
        return Ok(known);
    }
    if others >= MOST_SAVED {
        let message = format!(
            "You have saved {MOST_SAVED} searches, which is the most; delete one that you no longer need."
        );
        return Err(Error::fault(FaultCode::LimitReached, NAME, message));
    }
    let head = change_head::Entity::find_by_id(1).one(unit.db()).await?;
    let head = head.ok_or_else(|| Error::internal("the change log has no head"))?;
    let row = SavedSearch {
        id: Uuid::now_v7(),
        user_id,
        name,
        query,
        filter,
        alerts,
        position: head.position,
        created_at: unit.now(),
    };
    insert_many(unit, vec![row.clone().into_active_model()]).await?;
    Ok(row)
}

/// Deletes a saved search of the viewer's.
#[crate::boxed]
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<()>> {
    let actor = viewer.require(Scope::Write)?;
    policy::change_own_matters(viewer).require(&["id"], WHAT)?;
    store
        .write(Some(actor), move |unit| {
            async move {
                let deleted = saved_search::Entity::delete_many()
                    .filter(saved_search::Column::Id.eq(id))
                    .filter(saved_search::Column::UserId.eq(actor))
                    .exec(unit.db())
                    .await?;
                if deleted.rows_affected == 0 {
                    return Err(Error::not_found(&["id"], WHAT));
                }
                Ok(())
            }
            .boxed()
        })
        .await
}
