//! Mail: the outbox, the tokens that mails carry, invitations by e-mail, and what users say of mail to them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, flag, id, number, optional_id, optional_text, optional_time, text, time,
};

/// The table of which is asked what came lately and was not mailed.
const NOTIFICATION: &str = "notification";
/// By which columns.
const WAITING: [&str; 2] = ["raised_at", "user_id"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn settings() -> [ColumnDef; 2] {
    [
        optional_time("email_verified_at"),
        optional_text("notification_email"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for column in settings() {
            tables.add("user", column).await?;
        }
        outbox(&tables).await?;
        email_tokens(&tables).await?;
        invitations(&tables).await?;
        tables.index(NOTIFICATION, &WAITING).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let waiting = format!("{NOTIFICATION}_{}_idx", WAITING.join("_"));
        manager
            .drop_index(Index::drop().name(waiting).table(NOTIFICATION).to_owned())
            .await?;
        let tables = Tables::new(manager);
        tables.drop(&["invitation", "email_token", "mail"]).await?;
        for column in settings() {
            tables.remove("user", &column).await?;
        }
        Ok(())
    }
}

async fn outbox(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "mail",
            1,
            vec![
                id("id"),
                optional_id("user_id"),
                text("recipient"),
                text("purpose"),
                optional_text("subject"),
                optional_text("body"),
                optional_text("unsubscribe_url"),
                text("state"),
                number("attempts"),
                time("due_at"),
                time("give_up_at"),
                optional_text("last_error"),
                time("created_at"),
                optional_time("finished_at"),
            ],
            &[("user_id", "user", "id", Cascade)],
        )
        .await?;
    tables.index("mail", &["state", "due_at", "id"]).await?;
    tables.index("mail", &["finished_at"]).await?;
    tables.index("mail", &["user_id"]).await
}

async fn email_tokens(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "email_token",
            1,
            vec![
                id("id"),
                id("user_id"),
                text("purpose"),
                text("email"),
                text("hash"),
                time("created_at"),
                time("expires_at"),
                optional_time("used_at"),
            ],
            &[("user_id", "user", "id", Cascade)],
        )
        .await?;
    tables.unique("email_token", &["hash"]).await?;
    tables.index("email_token", &["expires_at"]).await?;
    tables
        .index("email_token", &["user_id", "purpose", "created_at"])
        .await
}

async fn invitations(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "invitation",
            1,
            vec![
                id("id"),
                text("email"),
                tables.key("email_key"),
                optional_id("community_id"),
                id("inviter_id"),
                text("hash"),
                flag("mailed"),
                time("created_at"),
                time("expires_at"),
                optional_time("used_at"),
                optional_id("user_id"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("inviter_id", "user", "id", Cascade),
                ("user_id", "user", "id", SetNull),
            ],
        )
        .await?;
    tables.unique("invitation", &["hash"]).await?;
    tables.index("invitation", &["expires_at"]).await?;
    tables
        .index("invitation", &["email_key", "created_at"])
        .await?;
    tables
        .index("invitation", &["inviter_id", "created_at"])
        .await?;
    tables.index("invitation", &["community_id"]).await?;
    tables.index("invitation", &["user_id"]).await
}
