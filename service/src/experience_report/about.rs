//! What can be told of.

use entity::adoption::AdoptionState;
use entity::change::EntityType;
use entity::pilot::PilotState;
use uuid::Uuid;

use crate::adoption;
use crate::error::{Error, Result};
use crate::item::gate::Opened;
use crate::link::End;
use crate::pilot;
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// The types of what can be told of.
pub const ABOUT_TYPES: [EntityType; 2] = [EntityType::Pilot, EntityType::Adoption];

/// Where an input names it.
pub(super) const FIELD: &[&str] = &["input", "aboutId"];

/// Something that the viewer may read, and wants to tell of.
pub(super) struct About {
    /// The item that was tried, held.
    pub(super) subject: Opened,
    /// Whose the thing itself is.
    pub(super) owner: Option<Uuid>,
    /// Why nothing more can be told of it.
    pub(super) closed: Option<Error>,
}

/// Opens what is to be told of.
pub(super) async fn open(unit: &WriteUnit, viewer: &Viewer, about: End) -> Result<About> {
    let (entity_type, id) = about;
    match entity_type {
        EntityType::Pilot => {
            let (subject, pilot) = pilot::open(unit, viewer, id, FIELD).await?;
            Ok(About {
                subject,
                owner: pilot.planner_id,
                closed: (pilot.state == PilotState::Cancelled).then(cancelled),
            })
        }
        EntityType::Adoption => {
            let (subject, adoption) = adoption::open_to_read(unit, viewer, id, FIELD).await?;
            Ok(About {
                subject,
                owner: adoption.adopter_id,
                closed: (adoption.state == AdoptionState::Planned).then(planned),
            })
        }
        _ => Err(Error::not_found(FIELD, "pilot or adoption")),
    }
}

fn cancelled() -> Error {
    let message = "This pilot was cancelled: there is nothing to tell of it.";
    Error::not_from_here(FIELD, message)
}

fn planned() -> Error {
    let message = "This adoption is only planned: there is nothing to tell of it yet.";
    Error::not_from_here(FIELD, message)
}
