//! The content that all items share: given by a client, checked, and ready to be written.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::item::ItemVisibility;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::origin::Origin;
use crate::error::{FaultCode, Result};
use crate::merged_domain::{each_once, meant};
use crate::text::fold;
use crate::validation::{
    BODY, Faults, MAX_AUTHORS, MAX_DOMAINS, MAX_TAGS, Patch, TAG, TITLE, TextRule,
};

/// The shared content of an item as a client gives it. In a create, absent means the default.
#[derive(Clone, Debug, Default)]
pub struct ItemContent {
    /// The title.
    pub title: Patch<String>,
    /// Markdown.
    pub body: Patch<String>,
    /// Where it is on the web.
    pub url: Patch<String>,
    /// SPDX or Creative Commons identifier, or a URL.
    pub licence: Patch<String>,
    /// How to name the source.
    pub attribution: Patch<String>,
    /// BCP 47 tag.
    pub language: Patch<String>,
    /// Names of authors who are no users.
    pub bylines: Patch<Vec<String>>,
    /// Users who are authors.
    pub author_ids: Patch<Vec<Uuid>>,
    /// Tags.
    pub tags: Patch<Vec<String>>,
    /// Domains that it is about.
    pub domain_ids: Patch<Vec<Uuid>>,
    /// Who may see it.
    pub visibility: Patch<ItemVisibility>,
    /// The activity that it was made in; stated once, when the item is made.
    pub origin: Origin,
}

/// Checked content: each field as it is to be stored; absent where it is left alone.
#[derive(Clone, Debug, Default)]
pub struct CheckedContent {
    pub(super) title: Option<String>,
    pub(super) body: Patch<String>,
    pub(super) url: Patch<String>,
    pub(super) licence: Patch<String>,
    pub(super) attribution: Patch<String>,
    pub(super) language: Patch<String>,
    pub(super) bylines: Option<Vec<String>>,
    pub(super) author_ids: Option<Vec<Uuid>>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) domain_ids: Option<Vec<Uuid>>,
    pub(super) visibility: Option<ItemVisibility>,
    pub(super) origin: Origin,
}

impl ItemContent {
    /// Checks everything that needs no database.
    pub fn check(self, faults: &mut Faults) -> CheckedContent {
        let title = self.title.required(faults, &["input", "title"]);
        CheckedContent {
            title: title.map(|title| faults.text(&["input", "title"], &title, TITLE)),
            body: faults.text_patch(&["input", "body"], self.body, BODY),
            url: faults.url_patch(&["input", "url"], self.url),
            licence: match self.licence {
                Patch::Value(text) => Patch::Value(licence(faults, &text)),
                other => other,
            },
            attribution: faults.text_patch(
                &["input", "attribution"],
                self.attribution,
                TextRule {
                    max: 1_000,
                    ..TITLE
                },
            ),
            language: faults.language_patch(&["input", "language"], self.language),
            bylines: list(self.bylines).map(|list| {
                faults.text_list(
                    &["input", "bylines"],
                    &list,
                    MAX_AUTHORS,
                    TextRule { max: 200, ..TITLE },
                )
            }),
            author_ids: ids(
                faults,
                self.author_ids,
                &["input", "authorIds"],
                MAX_AUTHORS,
            ),
            tags: list(self.tags)
                .map(|list| faults.text_list(&["input", "tags"], &list, MAX_TAGS, TAG)),
            domain_ids: ids(
                faults,
                self.domain_ids,
                &["input", "domainIds"],
                MAX_DOMAINS,
            ),
            visibility: self.visibility.required(faults, &["input", "visibility"]),
            origin: self.origin,
        }
    }
}

/// Null empties a list.
fn list<T>(patch: Patch<Vec<T>>) -> Option<Vec<T>> {
    match patch {
        Patch::Absent => None,
        Patch::Null => Some(Vec::new()),
        Patch::Value(list) => Some(list),
    }
}

/// A list of ids without doubles.
pub(crate) fn ids(
    faults: &mut Faults,
    patch: Patch<Vec<Uuid>>,
    path: &[&str],
    most: usize,
) -> Option<Vec<Uuid>> {
    let mut ids = list(patch)?;
    faults.list_length(path, ids.len(), most);
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Some(ids)
}

/// A licence is an identifier such as CC-BY-4.0, or the address of its text.
fn licence(faults: &mut Faults, text: &str) -> String {
    let text = text.trim();
    if text.starts_with("http://") || text.starts_with("https://") {
        return faults.url(&["input", "licence"], text);
    }
    let valid = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    if !valid {
        faults.add(
            FaultCode::Invalid,
            &["input", "licence"],
            "A licence is an SPDX or Creative Commons identifier such as CC-BY-4.0, or the address of its text.",
        );
    }
    text.to_owned()
}

/// Which of the things that inputs refer to are there.
#[derive(Debug)]
pub(crate) struct References {
    /// Where the ids of domains lead.
    domains: HashMap<Uuid, Uuid>,
    members: HashSet<(Uuid, Uuid)>,
}

impl References {
    /// Loads what the contents refer to, in one statement a table. `contents` come with their communities.
    pub(crate) async fn load(
        connection: &impl ConnectionTrait,
        contents: &[(Uuid, &CheckedContent)],
    ) -> Result<Self> {
        let mut domain_ids = HashSet::new();
        let mut author_ids: BTreeMap<Uuid, HashSet<Uuid>> = BTreeMap::new();
        for &(community, content) in contents {
            domain_ids.extend(content.domain_ids.iter().flatten().copied());
            if let Some(authors) = &content.author_ids {
                author_ids.entry(community).or_default().extend(authors);
            }
        }
        let mut references = Self {
            domains: meant(connection, domain_ids.into_iter().collect()).await?,
            members: HashSet::new(),
        };
        for (community, users) in author_ids {
            use entity::membership::{Column, Entity, MembershipState};
            let members = Entity::find()
                .select_only()
                .column(Column::UserId)
                .filter(Column::CommunityId.eq(community))
                .filter(Column::UserId.is_in(users))
                .filter(Column::State.eq(MembershipState::Active))
                .into_tuple::<Uuid>()
                .all(connection)
                .await?;
            references
                .members
                .extend(members.into_iter().map(|user| (community, user)));
        }
        Ok(references)
    }

    /// Notes every reference of a content that leads nowhere, and has it name the domains of which others became part in
    /// the place of these. `kept` are authors that the item already has.
    pub(crate) fn check(
        &self,
        content: &mut CheckedContent,
        community: Uuid,
        kept: &[Uuid],
        faults: &mut Faults,
    ) {
        for (place, id) in content.domain_ids.iter().flatten().enumerate() {
            if !self.domains.contains_key(id) {
                let place = place.to_string();
                faults.add(
                    FaultCode::NotFound,
                    &["input", "domainIds", &place],
                    "There is no domain with this id.",
                );
            }
        }
        if let Some(ids) = &mut content.domain_ids {
            *ids = each_once(ids, &self.domains);
        }
        for (place, id) in content.author_ids.iter().flatten().enumerate() {
            if !self.members.contains(&(community, *id)) && !kept.contains(id) {
                let place = place.to_string();
                faults.add(
                    FaultCode::NotFound,
                    &["input", "authorIds", &place],
                    "There is no active member of the community with this id; name outside authors as bylines.",
                );
            }
        }
        if content.author_ids.as_ref().is_some_and(Vec::is_empty) {
            faults.add(
                FaultCode::Required,
                &["input", "authorIds"],
                "An item needs at least one author.",
            );
        }
    }
}

/// Tags with the keys by which they are matched.
pub(super) fn keyed(tags: &[String]) -> impl Iterator<Item = (String, &String)> {
    tags.iter().map(|tag| (fold(tag), tag))
}
