//! Ratings: from 1 to 5, one a person; rating again replaces. Their number and their sum are kept with the resource.

use std::collections::HashMap;

use entity::change::Operation;
use entity::item::ItemType;
use entity::rating;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Error, FaultCode, Result};
use crate::item::gate::{Opened, open};
use crate::item::insert::{insert_many, replace_row};
use crate::item::{Details, ItemState};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::{audience, item as policy};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// What a rating may be.
pub const RATINGS: std::ops::RangeInclusive<i64> = 1..=5;

/// A rating of a resource.
pub type Rating = rating::Model;

/// Rates a resource that the viewer may read; a rating of theirs before is replaced. The same again changes nothing.
#[crate::boxed]
pub async fn rate(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    rating: i64,
    comment: Option<String>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let comment = faults.optional_text(&["comment"], comment.as_deref(), SUMMARY);
                if !RATINGS.contains(&rating) {
                    let message = format!(
                        "A rating is from {} to {}, and this one is {rating}.",
                        RATINGS.start(),
                        RATINGS.end()
                    );
                    faults.add(FaultCode::OutOfRange, &["rating"], message);
                }
                let opened = open(unit, &viewer, Some(ItemType::Resource), id, policy::rate).await;
                let opened = faults.absorb(opened)?;
                faults.check()?;
                let opened = opened.ok_or_else(|| Error::internal("a rating lacks its subject"))?;
                let rating = i32::try_from(rating).map_err(Error::internal)?;
                rate_opened(unit, opened, actor, rating, comment).await
            }
            .boxed()
        })
        .await
}

async fn rate_opened(
    unit: &mut WriteUnit,
    opened: Opened,
    actor: Uuid,
    rating: i32,
    comment: Option<String>,
) -> Result<ItemState> {
    let Opened {
        community,
        mut state,
        ..
    } = opened;
    let id = state.item.id;
    let Details::Resource(row) = &mut state.details else {
        return Err(Error::internal(format!("resource {id} lacks its details")));
    };
    let before = rating::Entity::find_by_id((id, actor))
        .one(unit.db())
        .await?;
    if let Some(before) = &before
        && (before.rating, &before.comment) == (rating, &comment)
    {
        return Ok(state);
    }
    let new = Rating {
        resource_id: id,
        user_id: actor,
        rating,
        comment,
        created_at: before
            .as_ref()
            .map_or(unit.now(), |before| before.created_at),
        updated_at: unit.now(),
    };
    match before {
        None => {
            insert_many(unit, vec![new.into_active_model()]).await?;
            row.rating_count += 1;
            row.rating_sum += rating;
        }
        Some(before) => {
            replace_row(unit, new).await?;
            row.rating_sum += rating - before.rating;
        }
    }
    replace_row(unit, row.clone()).await?;
    let audience = audience::of_item(&community, &state.item, &state.authors);
    let fields = vec!["averageRating".to_owned(), "ratingCount".to_owned()];
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        fields,
        audience,
    ));
    Ok(state)
}

/// The viewer's ratings of some resources.
pub async fn rated_by_viewer(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i32>> {
    let Some(user) = viewer.user_id() else {
        return Ok(HashMap::new());
    };
    let rows = rating::Entity::find()
        .filter(rating::Column::UserId.eq(user))
        .filter(rating::Column::ResourceId.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.resource_id, row.rating))
        .collect())
}

/// The last rated first.
const NEWEST_FIRST: Keyset = Keyset {
    table: "rating",
    column: Some("updated_at"),
    id_column: "user_id",
    nullable: false,
    direction: Direction::Descending,
};

fn of_resource(resource: Uuid) -> Select<rating::Entity> {
    rating::Entity::find().filter(rating::Column::ResourceId.eq(resource))
}

/// A page of the ratings of a resource that the viewer was shown, the last first.
#[crate::boxed]
pub async fn page_of_ratings(
    store: &Store,
    resource: Uuid,
    request: &PageRequest,
) -> Result<Page<Rating>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = of_resource(resource);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Time(row.updated_at),
        id: row.user_id,
    }))
}
