//! Saying what one knows or what a peer knows, taking it back, and noting what an accepted answer shows.

use std::collections::BTreeSet;

use entity::expertise::{self, ExpertiseSource};
use entity::membership::MembershipState;
use entity::user::{self, UserStatus};
use entity::{domain, item_tag};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::change::user_changed;
use crate::error::{Error, FaultCode, Result};
use crate::item::domains_of;
use crate::item::insert::insert_many;
use crate::membership;
use crate::policy::{audience, platform};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::text::fold;
use crate::validation::{Faults, TAG};
use crate::viewer::{Scope, Viewer};

/// Most subjects that one person declares, or that one person endorses of another.
const MOST_SUBJECTS: u64 = 50;

/// What somebody knows about: a domain or a tag, just one of the two.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// A domain.
    pub domain_id: Option<Uuid>,
    /// A tag.
    pub tag: Option<String>,
}

/// A subject that was checked.
#[derive(Clone, Debug)]
enum Checked {
    Domain(Uuid),
    Tag(String),
}

impl Checked {
    /// The subject as one key.
    fn key(&self) -> String {
        match self {
            Self::Domain(id) => format!("d:{}", id.simple()),
            Self::Tag(tag) => format!("t:{}", fold(tag)),
        }
    }

    /// The evidence of one witness.
    fn row(
        self,
        unit: &WriteUnit,
        user: Uuid,
        source: ExpertiseSource,
        witness: Uuid,
    ) -> expertise::ActiveModel {
        let subject = self.key();
        let (domain_id, tag_key, tag) = match self {
            Self::Domain(id) => (Some(id), String::new(), None),
            Self::Tag(tag) => (None, fold(&tag), Some(tag)),
        };
        expertise::ActiveModel {
            user_id: Set(user),
            source: Set(source),
            subject: Set(subject),
            witness_id: Set(witness),
            domain_id: Set(domain_id),
            tag_key: Set(tag_key),
            tag: Set(tag),
            discussion_id: Set((source == ExpertiseSource::Demonstrated).then_some(witness)),
            at: Set(unit.now()),
        }
    }
}

async fn check(unit: &WriteUnit, subject: Subject, faults: &mut Faults) -> Result<Option<Checked>> {
    match (subject.domain_id, subject.tag) {
        (Some(id), None) => {
            let found = domain::Entity::find_by_id(id)
                .select_only()
                .column(domain::Column::Id)
                .into_tuple::<Uuid>()
                .one(unit.db())
                .await?;
            if found.is_none() {
                let message = "There is no domain with this id.";
                faults.add(FaultCode::NotFound, &["input", "domainId"], message);
            }
            Ok(found.map(Checked::Domain))
        }
        (None, Some(tag)) => {
            let tag = faults.text(&["input", "tag"], &tag, TAG);
            Ok(Some(Checked::Tag(tag)))
        }
        (domain, _) => {
            let (code, message) = if domain.is_none() {
                (FaultCode::Required, "Give `domainId` or `tag`.")
            } else {
                (FaultCode::Invalid, "Give `domainId` or `tag`, not both.")
            };
            faults.add(code, &["input"], message);
            Ok(None)
        }
    }
}

/// Notes what the viewer knows, by their own word. Saying it again changes nothing.
#[crate::boxed]
pub async fn declare(
    store: &Store,
    viewer: &Viewer,
    subject: Subject,
) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                membership::refresh(unit, &viewer, &[]).await?;
                let mut faults = Faults::default();
                let subject = check(unit, subject, &mut faults).await?;
                faults.check()?;
                let source = ExpertiseSource::Declared;
                witness(unit, actor, source, actor, subject).await
            }
            .boxed()
        })
        .await
}

/// Notes what a peer knows, by the viewer's word: an active member of a community in which the viewer is one too.
/// Saying it again changes nothing.
#[crate::boxed]
pub async fn endorse(
    store: &Store,
    viewer: &Viewer,
    user: Uuid,
    subject: Subject,
) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let viewer = membership::refresh(unit, &viewer, &[]).await?;
                let mut faults = Faults::default();
                let subject = check(unit, subject, &mut faults).await?;
                let there = active_user(unit, user).await?.is_some();
                if there {
                    let peers = user != actor && are_peers(unit, &viewer, actor, user).await?;
                    let allowed = platform::endorse(&viewer, user, peers);
                    faults.absorb(allowed.require(&["userId"], "user"))?;
                } else {
                    faults.absorb::<()>(Err(Error::not_found(&["userId"], "user")))?;
                }
                faults.check()?;
                let source = ExpertiseSource::Endorsed;
                witness(unit, user, source, actor, subject).await
            }
            .boxed()
        })
        .await
}

/// Takes back what the viewer said that somebody knows: themselves, or a peer of now or before. What accepted answers
/// show stays. Taking back what was not said changes nothing.
#[crate::boxed]
pub async fn withdraw(
    store: &Store,
    viewer: &Viewer,
    user: Uuid,
    subject: Subject,
) -> Result<Written<user::Model>> {
    let actor = viewer.require(Scope::Write)?;
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let subject = check(unit, subject, &mut faults).await?;
                let person = active_user(unit, user).await?;
                if person.is_none() {
                    faults.absorb::<()>(Err(Error::not_found(&["userId"], "user")))?;
                }
                faults.check()?;
                let (Some(person), Some(subject)) = (person, subject) else {
                    return Err(Error::internal("a checked subject is missing"));
                };
                let said = if user == actor {
                    ExpertiseSource::Declared
                } else {
                    ExpertiseSource::Endorsed
                };
                let taken_back = expertise::Entity::delete_many()
                    .filter(expertise::Column::UserId.eq(user))
                    .filter(expertise::Column::Source.eq(said))
                    .filter(expertise::Column::Subject.eq(subject.key()))
                    .filter(expertise::Column::WitnessId.eq(actor))
                    .exec(unit.db())
                    .await?
                    .rows_affected;
                if taken_back > 0 {
                    unit.record(expertise_changed(user, &audience::of_everybody()));
                }
                Ok(person)
            }
            .boxed()
        })
        .await
}

async fn active_user(unit: &WriteUnit, id: Uuid) -> Result<Option<user::Model>> {
    Ok(user::Entity::find_by_id(id)
        .filter(user::Column::Status.eq(UserStatus::Active))
        .one(unit.db())
        .await?)
}

/// Whether two people are active members of one community, within the reach of the credential.
async fn are_peers(unit: &WriteUnit, viewer: &Viewer, one: Uuid, other: Uuid) -> Result<bool> {
    let active = MembershipState::Active.as_str();
    let mut shared = Query::select();
    shared
        .expr(Expr::value(1))
        .from_as("membership", "mine")
        .join_as(
            sea_orm::sea_query::JoinType::InnerJoin,
            "membership",
            "theirs",
            Expr::col(("theirs", "community_id")).equals(("mine", "community_id")),
        )
        .and_where(Expr::col(("mine", "user_id")).eq(one))
        .and_where(Expr::col(("theirs", "user_id")).eq(other))
        .and_where(Expr::col(("mine", "state")).eq(active))
        .and_where(Expr::col(("theirs", "state")).eq(active))
        .limit(1);
    if let Some(only) = viewer.only_community() {
        shared.and_where(Expr::col(("mine", "community_id")).eq(only));
    }
    Ok(unit.db().query_one(&shared).await?.is_some())
}

/// Writes the word of one witness, and answers the person.
async fn witness(
    unit: &mut WriteUnit,
    user: Uuid,
    source: ExpertiseSource,
    witness: Uuid,
    subject: Option<Checked>,
) -> Result<user::Model> {
    let person = active_user(unit, user)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let subject = subject.ok_or_else(|| Error::internal("a checked subject is missing"))?;
    let given = expertise::Entity::find()
        .filter(expertise::Column::UserId.eq(user))
        .filter(expertise::Column::Source.eq(source))
        .filter(expertise::Column::WitnessId.eq(witness))
        .count(unit.db())
        .await?;
    let added = expertise::Entity::insert(subject.row(unit, user, source, witness))
        .on_conflict(
            OnConflict::columns([
                expertise::Column::UserId,
                expertise::Column::Source,
                expertise::Column::Subject,
                expertise::Column::WitnessId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    if added == 0 {
        return Ok(person);
    }
    if given >= MOST_SUBJECTS {
        let message = format!("At most {MOST_SUBJECTS} subjects can be named for one person.");
        return Err(Error::fault(FaultCode::LimitReached, &["input"], message));
    }
    unit.record(expertise_changed(user, &audience::of_everybody()));
    Ok(person)
}

fn expertise_changed(user: Uuid, audience: &BTreeSet<String>) -> PendingChange {
    user_changed(user, vec!["expertise".to_owned()], audience.clone())
}

/// Makes what the accepted answer of a discussion shows of its author: expertise in the discussion's domains and tags.
/// What it showed before, of whomever, is taken back. Only those who see the discussion are told.
pub(crate) async fn demonstrate(
    unit: &mut WriteUnit,
    discussion: Uuid,
    helper: Option<Uuid>,
    audience: &BTreeSet<String>,
) -> Result<()> {
    let mut touched: BTreeSet<Uuid> = expertise::Entity::find()
        .select_only()
        .distinct()
        .column(expertise::Column::UserId)
        .filter(expertise::Column::DiscussionId.eq(discussion))
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?
        .into_iter()
        .collect();
    if !touched.is_empty() {
        expertise::Entity::delete_many()
            .filter(expertise::Column::DiscussionId.eq(discussion))
            .exec(unit.db())
            .await?;
    }
    if let Some(helper) = helper {
        let domains = domains_of(unit.db(), &[discussion]).await?;
        let tags = item_tag::Entity::find()
            .filter(item_tag::Column::ItemId.eq(discussion))
            .filter(item_tag::Column::TagKey.ne(""))
            .all(unit.db())
            .await?;
        let domains = domains.into_values().flatten().map(Checked::Domain);
        let tags = tags.into_iter().map(|row| Checked::Tag(row.tag));
        let source = ExpertiseSource::Demonstrated;
        let rows: Vec<_> = domains
            .chain(tags)
            .map(|subject| subject.row(unit, helper, source, discussion))
            .collect();
        if !rows.is_empty() {
            touched.insert(helper);
        }
        insert_many(unit, rows).await?;
    }
    for user in touched {
        unit.record(expertise_changed(user, audience));
    }
    Ok(())
}
