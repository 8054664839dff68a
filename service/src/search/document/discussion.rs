//! What was posted to discussions, for their documents.

use std::collections::HashMap;

use entity::post;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;

use crate::error::Result;

/// The first posts of a discussion are found; later ones are read, not searched.
const MOST_POSTS: i32 = 500;
/// The beginning of each post is found.
const CHARACTERS_OF_A_POST: i32 = 4_000;
/// Bytes of the posts of one discussion.
const MOST_BYTES: usize = 200_000;

/// The texts of the posts that are not hidden, as one text a discussion, in a few statements for all.
pub(super) async fn post_texts(
    connection: &impl ConnectionTrait,
    discussions: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    let mut texts: HashMap<Uuid, String> = HashMap::new();
    if discussions.is_empty() {
        return Ok(texts);
    }
    let beginning = Func::cust("SUBSTR")
        .arg(Expr::col(("post", "body")))
        .arg(1)
        .arg(CHARACTERS_OF_A_POST);
    let select = Query::select()
        .column(("post", "discussion_id"))
        .expr_as(beginning, "beginning")
        .from("post")
        .and_where(post::Column::DiscussionId.is_in(discussions.iter().copied()))
        .and_where(Expr::col(("post", "hidden")).eq(false))
        .and_where(Expr::col(("post", "number")).lte(MOST_POSTS))
        .order_by(("post", "discussion_id"), Order::Asc)
        .order_by(("post", "path"), Order::Asc)
        .take();
    for row in connection.query_all(&select).await? {
        let text: String = row.try_get("", "beginning")?;
        let all = texts.entry(row.try_get("", "discussion_id")?).or_default();
        if all.len() + text.len() <= MOST_BYTES {
            if !all.is_empty() {
                all.push_str("\n\n");
            }
            all.push_str(&text);
        }
    }
    Ok(texts)
}
