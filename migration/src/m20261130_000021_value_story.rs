//! Value stories: what came of being a member, step by step.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, id, number, optional_id, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "value_story",
                1,
                vec![
                    id("id"),
                    id("community_id"),
                    optional_id("author_id"),
                    text("title"),
                    text("consent"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &[
                    ("community_id", "community", "id", Cascade),
                    ("author_id", "user", "id", SetNull),
                ],
            )
            .await?;
        tables.index("value_story", &["community_id", "id"]).await?;
        tables.index("value_story", &["author_id"]).await?;
        let of_story = ("story_id", "value_story", "id", Cascade);
        tables
            .create(
                "value_step",
                2,
                vec![id("story_id"), number("place"), text("cycle"), text("text")],
                &[of_story],
            )
            .await?;
        tables
            .create(
                "value_reference",
                3,
                vec![
                    id("story_id"),
                    number("step"),
                    number("place"),
                    text("entity_type"),
                    id("entity_id"),
                ],
                &[of_story],
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&["value_reference", "value_step", "value_story"])
            .await
    }
}
