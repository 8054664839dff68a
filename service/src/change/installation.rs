//! Which database an index was made from: a directory may be left over from another one.

use std::path::PathBuf;

use entity::setting;
use futures_util::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, TryInsertResult};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::search::SearchIndex;
use crate::store::Store;

/// The key of the setting that names this database among all.
const KEY: &str = "installation";
/// The file beside the index that says the same.
const FILE: &str = "installation";

/// Says why the index cannot be of this database; none when it can.
pub(super) async fn mismatch(store: &Store, index: &SearchIndex) -> Result<Option<String>> {
    if index.position() > store.position().await? {
        return Ok(Some(
            "the index is ahead of the database, which must be another or an older one".into(),
        ));
    }
    let Some(file) = file(index) else {
        return Ok(None);
    };
    let expected = database_id(store).await?;
    Ok(match tokio::fs::read_to_string(&file).await {
        Ok(found) if found.trim() == expected => None,
        Ok(_) => Some("the index was made from another database".into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Some("the index does not say from which database it was made".into())
        }
        Err(error) => return Err(unusable(&file, &error)),
    })
}

/// Says why the index cannot catch up any more; none when it can.
pub(super) async fn outdated(store: &Store, index: &SearchIndex) -> Result<Option<String>> {
    let too_old = store.kept_after().await? > index.position();
    Ok(too_old.then(|| {
        "the change log no longer has the rows that the index would need to catch up".into()
    }))
}

/// Notes beside the index that it is of this database.
pub(super) async fn mark(store: &Store, index: &SearchIndex) -> Result<()> {
    let Some(file) = file(index) else {
        return Ok(());
    };
    let name = database_id(store).await?;
    tokio::fs::write(&file, name)
        .await
        .map_err(|error| unusable(&file, &error))
}

/// Takes the note away: the index is to be made anew, whoever opens it next.
pub(super) async fn unmark(index: &SearchIndex) -> Result<()> {
    let Some(file) = file(index) else {
        return Ok(());
    };
    match tokio::fs::remove_file(&file).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(&file, &error)),
        _ => Ok(()),
    }
}

fn file(index: &SearchIndex) -> Option<PathBuf> {
    Some(index.statistics().directory?.join(FILE))
}

fn unusable(file: &std::path::Path, error: &std::io::Error) -> Error {
    Error::internal(format!(
        "{} cannot be used: {error}. Check its permissions and the free space.",
        file.display()
    ))
}

/// What tells this database from all others, made when it has nothing yet. A position means something together with it
/// only.
#[crate::boxed]
pub async fn database_id(store: &Store) -> Result<String> {
    if let Some(name) = read(store).await? {
        return Ok(name);
    }
    store
        .write(None, |unit| {
            async move {
                let row = setting::ActiveModel {
                    key: Set(KEY.to_owned()),
                    value: Set(json!(Uuid::new_v4().to_string())),
                    updated_at: Set(unit.now()),
                };
                // Whoever comes first names it.
                let inserted = setting::Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(setting::Column::Key)
                            .do_nothing()
                            .to_owned(),
                    )
                    .try_insert()
                    .exec_without_returning(unit.db())
                    .await?;
                Ok(matches!(inserted, TryInsertResult::Inserted(_)))
            }
            .boxed()
        })
        .await?;
    read(store)
        .await?
        .ok_or_else(|| Error::internal("the database was given no name"))
}

async fn read(store: &Store) -> Result<Option<String>> {
    let row = setting::Entity::find_by_id(KEY.to_owned())
        .one(store.reader())
        .await?;
    Ok(row.and_then(|row| match row.value {
        Value::String(name) => Some(name),
        _ => None,
    }))
}
