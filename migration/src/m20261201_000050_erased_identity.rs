//! Who was erased, as issuers of sign-ins know them: hashes, so that a token from before brings nobody back.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "erased_identity";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        let columns = vec![tables.key("hash"), time("erased_at")];
        tables.create(TABLE, 1, columns, &[]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&[TABLE]).await
    }
}
