//! An account that somebody ends or opens again: held until the commit, with what is to be known of it before.

use entity::user::{self, PlatformRole, UserStatus};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::membership::refresh;
use crate::policy::Decision;
use crate::store::WriteUnit;
use crate::transition::transition_row;
use crate::viewer::Viewer;

/// Where faults about the person are told.
pub(super) const FIELD: &[&str] = &["id"];
/// What they are about.
pub(super) const WHAT: &str = "user";

/// Somebody's account, held until the commit.
#[derive(Debug)]
pub(super) struct Account {
    /// Who acts, as they are now, with their memberships of the communities that were asked for; none for the operator.
    pub(super) viewer: Option<Viewer>,
    /// Whose account it is; none where there is no such user.
    pub(super) person: Option<user::Model>,
    /// Those who are administrators now.
    administrators: Vec<user::Model>,
}

impl Account {
    /// Holds an account, and all administrators first: of two who act on each other at the same moment, the second
    /// finds what the first has done. The operator is no viewer.
    pub(super) async fn hold(
        unit: &WriteUnit,
        viewer: Option<&Viewer>,
        id: Uuid,
        communities: &[Uuid],
    ) -> Result<Self> {
        let administrators = user::Entity::find()
            .filter(user::Column::PlatformRole.eq(PlatformRole::Admin))
            .filter(user::Column::Status.eq(UserStatus::Active))
            .order_by_asc(user::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(unit.db())
            .await?;
        // Stronger: it waits for those who are just writing rows that point here, which are found then.
        let person = user::Entity::find_by_id(id)
            .lock(LockType::Update)
            .one(unit.db())
            .await?;
        let viewer = match viewer {
            Some(viewer) => Some(refresh(unit, viewer, communities).await?),
            None => None,
        };
        Ok(Self {
            viewer,
            person,
            administrators,
        })
    }

    /// Refuses what who acts may not do to this person. The operator may do all.
    pub(super) fn require(&self, may: fn(&Viewer, Uuid) -> Decision, id: Uuid) -> Result<()> {
        match &self.viewer {
            Some(viewer) => may(viewer, id).require(FIELD, WHAT),
            None => Ok(()),
        }
    }

    /// Refuses to take the last administrator who can sign in. People of the demonstration stand in for nobody else.
    pub(super) fn leaves_an_administrator(&self, person: &user::Model) -> Result<()> {
        let is_one = self
            .administrators
            .iter()
            .any(|admin| admin.id == person.id);
        let stays = self
            .administrators
            .iter()
            .any(|admin| admin.id != person.id && (person.is_demo || !admin.is_demo));
        if stays || !is_one {
            return Ok(());
        }
        let message =
            "This is the last administrator who can sign in; have another one made first.";
        let blocker = Blocker::new(BlockerCode::CriterionUnmet, message);
        Err(Error::invalid_transition(&[], message, vec![blocker]))
    }
}

/// Notes that an account went from one status to another, by whom, and why as far as somebody said.
pub(super) async fn note(
    unit: &WriteUnit,
    person: &user::Model,
    to: UserStatus,
    reason: Option<String>,
) -> Result<()> {
    let from = Some(person.status.as_str());
    let step = transition_row(unit, person.id, from, to.as_str(), reason);
    entity::transition::Entity::insert(step)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}
