//! Inputs of communities.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use service::community::{self, CreateCommunity, UpdateCommunity};
use service::evolution::SplitCommunity;
use service::validation::Patch;
use uuid::Uuid;

use super::{
    Cadence, CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility, JoinPolicy,
    MeetingMode,
};
use crate::graphql::ids::{Decoder, NodeType, decode_list};
use crate::graphql::item::{ITEM_TYPES, OrderDirection};
use crate::graphql::mutation::{map, patch};
use crate::graphql::organization::Sector;
use crate::graphql::scalars::Locale;

/// Which communities. Fields are ANDed, the values of one list are ORed; an empty list restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CommunityFilter {
    /// Of these kinds.
    pub kinds: Option<Vec<CommunityKind>>,
    /// At these stages.
    pub stages: Option<Vec<CommunityStage>>,
    /// Of these sectors.
    pub sectors: Option<Vec<Sector>>,
    /// With these statuses.
    pub statuses: Option<Vec<CommunityStatus>>,
    /// That care about these domains or narrower ones.
    pub domain_ids: Option<Vec<ID>>,
    /// That work in just these languages: `fr` does not stand for `fr-CA`.
    pub languages: Option<Vec<Locale>>,
    /// Whose name begins so; case and accents ignored. For words inside use `search`.
    pub name_starts_with: Option<String>,
    /// And all of these.
    pub and: Option<Vec<CommunityFilter>>,
    /// And at least one of these.
    pub or: Option<Vec<CommunityFilter>>,
    /// And not this.
    pub not: Option<Box<CommunityFilter>>,
}

/// The values of an enum as the service has them.
fn values<T: Copy, U: From<T>>(list: Option<&Vec<T>>) -> Vec<U> {
    list.into_iter().flatten().copied().map(U::from).collect()
}

fn tags(list: Vec<Locale>) -> Vec<String> {
    list.into_iter().map(|language| language.0).collect()
}

impl CommunityFilter {
    /// Reads the filter for the service.
    pub fn read(self) -> service::error::Result<community::CommunityFilter> {
        let all = |filters: Option<Vec<Self>>| -> service::error::Result<Vec<_>> {
            filters.into_iter().flatten().map(Self::read).collect()
        };
        Ok(community::CommunityFilter {
            kinds: values(self.kinds.as_ref()),
            stages: values(self.stages.as_ref()),
            sectors: values(self.sectors.as_ref()),
            statuses: values(self.statuses.as_ref()),
            domain_ids: decode_list("filter", self.domain_ids.as_ref(), NodeType::Domain)?,
            languages: tags(self.languages.unwrap_or_default()),
            name_starts_with: self.name_starts_with,
            and: all(self.and)?,
            or: all(self.or)?,
            not: self
                .not
                .map(|filter| filter.read().map(Box::new))
                .transpose()?,
        })
    }
}

/// By what communities can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::community::CommunityOrderField")]
pub enum CommunityOrderField {
    /// By name; case and accents ignored.
    Name,
    /// By when they were made.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
}

/// An order of communities.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CommunityOrder {
    /// By what.
    pub field: CommunityOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl CommunityOrder {
    /// Reads the order for the service.
    #[must_use]
    pub fn read(self) -> community::CommunityOrder {
        community::CommunityOrder {
            field: self.field.into(),
            direction: self.direction.into(),
        }
    }
}

/// A new community. You become its facilitator.
#[derive(Clone, Debug, InputObject)]
pub struct CreateCommunityInput {
    /// Its name, one line, at most 300 characters.
    pub name: String,
    /// What it is for, at most 4,000 characters.
    pub purpose: String,
    /// Which of the four kinds it is.
    pub kind: CommunityKind,
    /// Its unique readable name in addresses; made of the name if not given.
    pub slug: Option<String>,
    /// About the community, Markdown.
    pub description: Option<String>,
    /// Who may see it; PUBLIC if not given.
    pub visibility: Option<CommunityVisibility>,
    /// How one becomes a member; OPEN if not given.
    pub join_policy: Option<JoinPolicy>,
    /// How it meets.
    pub meeting_mode: Option<MeetingMode>,
    /// How often it means to meet.
    pub cadence: Option<Cadence>,
    /// The part of society that it belongs to.
    pub sector: Option<Sector>,
    /// The languages that it works in; at most 10.
    pub languages: Option<Vec<Locale>>,
    /// What it cares about; at most 10.
    pub domain_ids: Option<Vec<ID>>,
    /// Organizations that sponsor it; at most 20.
    pub sponsor_ids: Option<Vec<ID>>,
    /// The community that it is part of, of which you are a facilitator.
    pub parent_id: Option<ID>,
}

fn domains(decoder: &mut Decoder, ids: &[ID]) -> Vec<Uuid> {
    decoder.id_list(&["input", "domainIds"], ids, NodeType::Domain)
}

fn sponsors(decoder: &mut Decoder, ids: &[ID]) -> Vec<Uuid> {
    decoder.id_list(&["input", "sponsorIds"], ids, NodeType::Organization)
}

fn parent(decoder: &mut Decoder, id: &ID) -> Uuid {
    decoder.id(&["input", "parentId"], id, NodeType::Community)
}

impl CreateCommunityInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateCommunity {
        CreateCommunity {
            name: self.name,
            purpose: self.purpose,
            kind: self.kind.into(),
            slug: self.slug,
            description: self.description,
            visibility: self.visibility.map(Into::into),
            join_policy: self.join_policy.map(Into::into),
            meeting_mode: self.meeting_mode.map(Into::into),
            cadence: self.cadence.map(Into::into),
            sector: self.sector.map(Into::into),
            languages: tags(self.languages.unwrap_or_default()),
            domain_ids: domains(decoder, &self.domain_ids.unwrap_or_default()),
            sponsor_ids: sponsors(decoder, &self.sponsor_ids.unwrap_or_default()),
            parent_id: self.parent_id.map(|id| parent(decoder, &id)),
        }
    }
}

/// A change of a community. Fields that you leave out stay; null empties a field that may be empty.
#[derive(Debug, InputObject)]
pub struct UpdateCommunityInput {
    /// Its name, one line, at most 300 characters.
    pub name: MaybeUndefined<String>,
    /// What it is for, at most 4,000 characters.
    pub purpose: MaybeUndefined<String>,
    /// Its unique readable name in addresses; the old one goes on leading to it.
    pub slug: MaybeUndefined<String>,
    /// About the community, Markdown.
    pub description: MaybeUndefined<String>,
    /// Who may see it, and with it all that is as visible as the community.
    pub visibility: MaybeUndefined<CommunityVisibility>,
    /// How one becomes a member.
    pub join_policy: MaybeUndefined<JoinPolicy>,
    /// How it meets.
    pub meeting_mode: MaybeUndefined<MeetingMode>,
    /// How often it means to meet.
    pub cadence: MaybeUndefined<Cadence>,
    /// The part of society that it belongs to.
    pub sector: MaybeUndefined<Sector>,
    /// The languages that it works in; at most 10.
    pub languages: MaybeUndefined<Vec<Locale>>,
    /// What it cares about; at most 10.
    pub domain_ids: MaybeUndefined<Vec<ID>>,
    /// Organizations that sponsor it; at most 20.
    pub sponsor_ids: MaybeUndefined<Vec<ID>>,
    /// The community that it is part of, of which you are a facilitator.
    pub parent_id: MaybeUndefined<ID>,
}

impl UpdateCommunityInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder, expected_revision: Option<i32>) -> UpdateCommunity {
        fn value<T, U: From<T>>(field: MaybeUndefined<T>) -> Patch<U> {
            map(patch(field), U::from)
        }
        UpdateCommunity {
            name: patch(self.name),
            purpose: patch(self.purpose),
            slug: patch(self.slug),
            description: patch(self.description),
            visibility: value(self.visibility),
            join_policy: value(self.join_policy),
            meeting_mode: value(self.meeting_mode),
            cadence: value(self.cadence),
            sector: value(self.sector),
            languages: map(patch(self.languages), tags),
            domain_ids: map(patch(self.domain_ids), |ids| domains(decoder, &ids)),
            sponsor_ids: map(patch(self.sponsor_ids), |ids| sponsors(decoder, &ids)),
            parent_id: map(patch(self.parent_id), |id| parent(decoder, &id)),
            expected_revision,
        }
    }
}

/// What a community is split by.
#[derive(Clone, Debug, InputObject)]
pub struct SplitCommunityInput {
    /// The name of the new community.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The items of the community that come along; at most 10,000.
    pub item_ids: Vec<ID>,
    /// The memberships of those who come along, active ones; at most 10,000.
    pub member_ids: Vec<ID>,
    /// Why.
    pub reason: String,
}

impl SplitCommunityInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> SplitCommunity {
        SplitCommunity {
            name: self.name,
            purpose: self.purpose,
            item_ids: decoder.id_list_of(&["input", "itemIds"], &self.item_ids, ITEM_TYPES),
            membership_ids: decoder.id_list(
                &["input", "memberIds"],
                &self.member_ids,
                NodeType::Membership,
            ),
            reason: self.reason,
        }
    }
}
