//! A post of a discussion, with its place in the reply tree.

use sea_orm::entity::prelude::*;

/// A post of a discussion, with its place in the reply tree.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The discussion.
    pub discussion_id: Uuid,
    /// The community of the discussion.
    pub community_id: Uuid,
    /// The post that it answers; none where it answers the discussion itself.
    pub parent_id: Option<Uuid>,
    /// Counts from 1 in each discussion.
    pub number: i32,
    /// 1 where it answers the discussion itself.
    pub depth: i32,
    /// The numbers of the posts from the first level to this one, eight digits each: its place in the reply tree,
    /// compared by bytes.
    pub path: String,
    /// Who wrote it; none where that is not known any more.
    pub author_id: Option<Uuid>,
    /// Markdown.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Whether only its author and stewards see its text.
    pub hidden: bool,
    /// Who hid it.
    pub hidden_by: Option<Uuid>,
    /// Why it was hidden.
    #[sea_orm(column_type = "Text", nullable)]
    pub hidden_reason: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
