//! Inputs of discussions and posts.

use async_graphql::{ID, InputObject, MaybeUndefined};
use service::discussion::{self, AddPost, CaptureDiscussion, CreateDiscussion, UpdateDiscussion};

use super::{DiscussionKind, DiscussionState};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::{ITEM_TYPES, ItemFields, ItemVisibility};
use crate::graphql::mutation::{given, map, patch};
use crate::graphql::resource::ResourceKind;
use crate::graphql::scalars::Locale;

/// Which discussions. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DiscussionFilter {
    /// For these ends.
    pub kinds: Option<Vec<DiscussionKind>>,
    /// In these states.
    pub states: Option<Vec<DiscussionState>>,
    /// Only those to which nobody but their authors has posted.
    pub unanswered_only: Option<bool>,
}

impl DiscussionFilter {
    /// Reads the filter for the service.
    #[must_use]
    pub fn read(self) -> discussion::DiscussionFilter {
        let kinds = self.kinds.unwrap_or_default().into_iter();
        let states = self.states.unwrap_or_default().into_iter();
        discussion::DiscussionFilter {
            kinds: kinds.map(Into::into).collect(),
            states: states.map(Into::into).collect(),
            unanswered_only: self.unanswered_only.unwrap_or_default(),
        }
    }
}

/// A new discussion. You become its author.
#[derive(Clone, Debug, InputObject)]
pub struct CreateDiscussionInput {
    /// The community that it goes to.
    pub community_id: ID,
    /// One line, at most 300 characters.
    pub title: String,
    /// The question or the matter, Markdown; at most 500,000 characters. `@handle` mentions a member.
    pub body: String,
    /// What it is for; an ANNOUNCEMENT is for facilitators.
    pub kind: DiscussionKind,
    /// The item that it is about; any that you may see.
    pub about_id: Option<ID>,
    /// What it is about; at most 10.
    pub domain_ids: Option<Vec<ID>>,
    /// At most 30.
    pub tags: Option<Vec<String>>,
    /// The language that it is written in.
    pub language: Option<Locale>,
    /// Who may see it and its posts; COMMUNITY if not given.
    pub visibility: Option<ItemVisibility>,
}

impl CreateDiscussionInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateDiscussion {
        let fields = ItemFields {
            title: given(Some(self.title)),
            body: given(Some(self.body)),
            language: given(self.language),
            tags: given(self.tags),
            domain_ids: given(self.domain_ids),
            visibility: given(self.visibility),
            ..ItemFields::default()
        };
        CreateDiscussion {
            community_id: decoder.id(
                &["input", "communityId"],
                &self.community_id,
                NodeType::Community,
            ),
            content: fields.read(decoder),
            kind: self.kind.into(),
            about_id: self
                .about_id
                .map(|id| decoder.id_of(&["input", "aboutId"], &id, ITEM_TYPES)),
        }
    }
}

/// A change of a discussion. Fields that you leave out stay; null empties a field that may be empty. What it is for
/// stays as it is.
#[derive(Debug, InputObject)]
pub struct UpdateDiscussionInput {
    /// One line, at most 300 characters.
    pub title: MaybeUndefined<String>,
    /// The question or the matter, Markdown; at most 500,000 characters. It cannot be emptied.
    pub body: MaybeUndefined<String>,
    /// The item that it is about; any that you may see.
    pub about_id: MaybeUndefined<ID>,
    /// What it is about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// At most 30.
    pub tags: MaybeUndefined<Vec<String>>,
    /// The language that it is written in.
    pub language: MaybeUndefined<Locale>,
    /// Who may see it and its posts.
    pub visibility: MaybeUndefined<ItemVisibility>,
}

impl UpdateDiscussionInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> UpdateDiscussion {
        let fields = ItemFields {
            title: patch(self.title),
            body: patch(self.body),
            language: patch(self.language),
            tags: patch(self.tags),
            domain_ids: patch(self.domain_ids),
            visibility: patch(self.visibility),
            ..ItemFields::default()
        };
        UpdateDiscussion {
            content: fields.read(decoder),
            about_id: map(patch(self.about_id), |id| {
                decoder.id_of(&["input", "aboutId"], &id, ITEM_TYPES)
            }),
        }
    }
}

/// A new post.
#[derive(Clone, Debug, InputObject)]
pub struct AddPostInput {
    /// The discussion.
    pub discussion_id: ID,
    /// Markdown, at most 50,000 characters. `@handle` mentions a member.
    pub body: String,
    /// The post that it answers, of the same discussion and at most at depth 3; leave it out to answer the discussion
    /// itself.
    pub parent_id: Option<ID>,
}

impl AddPostInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> AddPost {
        AddPost {
            discussion_id: decoder.id(
                &["input", "discussionId"],
                &self.discussion_id,
                NodeType::Discussion,
            ),
            body: self.body,
            parent_id: self
                .parent_id
                .map(|id| decoder.id(&["input", "parentId"], &id, NodeType::Post)),
        }
    }
}

/// What the resource that is made of a discussion says otherwise than the discussion does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CaptureDiscussionInput {
    /// Its title; that of the discussion if not given.
    pub title: Option<String>,
    /// Its kind; ARTICLE if not given.
    pub kind: Option<ResourceKind>,
    /// Its text, Markdown; the question and the accepted answer if not given.
    pub body: Option<String>,
}

impl From<CaptureDiscussionInput> for CaptureDiscussion {
    fn from(input: CaptureDiscussionInput) -> Self {
        Self {
            title: input.title,
            kind: input.kind.map(Into::into),
            body: input.body,
        }
    }
}
