use uuid::Uuid;

use crate::text::fold;

/// Defines the kinds of document once: name in Rust, name in the API.
macro_rules! document_kinds {
    ($($(#[$docs:meta])* $kind:ident => $name:literal,)+) => {
        /// What a document is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DocumentKind { $($(#[$docs])* $kind,)+ }

        impl DocumentKind {
            /// Every kind, broadest first: suggestions keep this order.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Name in the API, such as `PRACTICE`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

document_kinds! {
    /// A domain of the concept tree.
    Domain => "DOMAIN",
    /// A community of practice.
    Community => "COMMUNITY",
    /// A practice.
    Practice => "PRACTICE",
    /// A resource.
    Resource => "RESOURCE",
    /// An innovation.
    Innovation => "INNOVATION",
    /// An activity.
    Activity => "ACTIVITY",
    /// A discussion, with what was posted to it.
    Discussion => "DISCUSSION",
    /// A collection.
    Collection => "COLLECTION",
    /// A value story.
    ValueStory => "VALUE_STORY",
    /// An experience report.
    ExperienceReport => "EXPERIENCE_REPORT",
}

impl DocumentKind {
    /// The kind with this API name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// How a text is written, which decides what a snippet leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Markup {
    /// Plain text.
    #[default]
    Plain,
    /// Markdown: markup and link targets are neither indexed nor shown.
    Markdown,
}

/// One text of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Name of the field in the API, such as `description`: a snippet names it.
    pub field: String,
    /// What it says.
    pub text: String,
    /// How it is written.
    pub markup: Markup,
}

impl Text {
    /// A plain text.
    #[must_use]
    pub fn plain(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
            markup: Markup::Plain,
        }
    }

    /// A Markdown text.
    #[must_use]
    pub fn markdown(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
            markup: Markup::Markdown,
        }
    }
}

/// What the index holds of one item. Make it with [`Document::new`] and fill in the fields that apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Identity: a document put again replaces the one with the same id.
    pub id: Uuid,
    /// What the document is about.
    pub kind: DocumentKind,
    /// Title or name.
    pub title: String,
    /// Key of the order TITLE, compared by bytes. [`Document::new`] folds the title.
    pub title_sort_key: String,
    /// All other text, in the order in which snippets are preferred.
    pub texts: Vec<Text>,
    /// Declared language (BCP 47). Without one the language is detected, and kept when the detection is reliable.
    pub language: Option<String>,
    /// Kind of resource, by its API name.
    pub resource_kind: Option<String>,
    /// Status or stage, by its API name.
    pub status: Option<String>,
    /// Educational levels, as given.
    pub educational_levels: Vec<String>,
    /// How well its use is evidenced, by its API name.
    pub evidence_level: Option<String>,
    /// Community that it belongs to; a community's own document carries its own id.
    pub community: Option<Uuid>,
    /// Kind of that community, by its API name.
    pub community_kind: Option<String>,
    /// Slug of that community, for `in:`.
    pub community_slug: Option<String>,
    /// Domains that it is filed under; a domain's own document carries its own id.
    pub domains: Vec<Uuid>,
    /// All broader domains of those, so that a filter by a domain finds what is filed under narrower ones.
    pub domain_ancestors: Vec<Uuid>,
    /// Slugs of all these domains, own and broader, for `domain:`.
    pub domain_slugs: Vec<String>,
    /// Tags as shown. Case and accents do not count when filtering.
    pub tags: Vec<String>,
    /// Licence, such as `CC-BY-4.0`.
    pub licence: Option<String>,
    /// Authors.
    pub authors: Vec<Uuid>,
    /// Names of authors and bylines, for `author:`.
    pub author_names: Vec<String>,
    /// Year of publication.
    pub year: Option<i32>,
    /// Creation, in microseconds since 1970.
    pub created_at: i64,
    /// Last update, in microseconds since 1970.
    pub updated_at: i64,
    /// Opaque tokens: a viewer sees the document if they hold at least one. Without tokens nobody sees it.
    pub audience: Vec<String>,
    /// How well its use is evidenced, from 0 (nothing known) to 1: see [`crate::SignalWeights`].
    pub evidence: f32,
    /// How it stands by what its community holds dear, from 0 (nothing known) to 1: see [`crate::SignalWeights`].
    pub standing: f32,
    /// When it must be reviewed next, in microseconds since 1970: from then on it ranks lower.
    pub review_due_at: Option<i64>,
}

impl Document {
    /// A document without text, audience or filters.
    #[must_use]
    pub fn new(id: Uuid, kind: DocumentKind, title: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            id,
            kind,
            title_sort_key: fold(&title),
            title,
            texts: Vec::new(),
            language: None,
            resource_kind: None,
            status: None,
            educational_levels: Vec::new(),
            evidence_level: None,
            community: None,
            community_kind: None,
            community_slug: None,
            domains: Vec::new(),
            domain_ancestors: Vec::new(),
            domain_slugs: Vec::new(),
            tags: Vec::new(),
            licence: None,
            authors: Vec::new(),
            author_names: Vec::new(),
            year: None,
            created_at: 0,
            updated_at: 0,
            audience: Vec::new(),
            evidence: 0.0,
            standing: 0.0,
            review_due_at: None,
        }
    }
}

/// One step of a batch. Steps apply in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Adds the document, or replaces the one with its id.
    Put(Box<Document>),
    /// Removes the document with this id, if there is one.
    Delete(Uuid),
    /// Removes every document that belongs to this community, its own included.
    DeleteCommunity(Uuid),
}
