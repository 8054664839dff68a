//! What a resource has beyond every item.

use sea_orm::entity::prelude::*;

use crate::TextList;

stored_enum! {
    /// What a resource is.
    ResourceKind {
        /// An article.
        Article = "ARTICLE",
        /// A document.
        Document = "DOCUMENT",
        /// A guide.
        Guide = "GUIDE",
        /// A lesson plan.
        LessonPlan = "LESSON_PLAN",
        /// A video.
        Video = "VIDEO",
        /// An audio recording.
        Audio = "AUDIO",
        /// Slides.
        Presentation = "PRESENTATION",
        /// Data.
        Dataset = "DATASET",
        /// A tool.
        Tool = "TOOL",
        /// A template.
        Template = "TEMPLATE",
        /// A case study.
        CaseStudy = "CASE_STUDY",
        /// A story.
        Story = "STORY",
        /// A recording of an activity.
        Recording = "RECORDING",
        /// An assessment.
        Assessment = "ASSESSMENT",
        /// A link.
        Link = "LINK",
        /// Anything else.
        Other = "OTHER",
    }
}

/// What a resource has beyond every item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is, in short.
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    /// LRMI educational levels.
    #[sea_orm(column_type = "JsonBinary")]
    pub educational_levels: TextList,
    /// How long it takes, in minutes.
    pub time_required_minutes: Option<i32>,
    /// How many people rated it.
    pub rating_count: i32,
    /// The sum of their ratings.
    pub rating_sum: i32,
}

/// Joins are written where they are asked for, in the service's queries.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
