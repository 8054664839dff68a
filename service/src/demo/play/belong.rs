//! Coming, going, and what members do for their community.

use super::Cue;
use crate::community::{SetStage, set_stage};
use crate::demo::scenes::Belong;
use crate::error::Result;
use crate::membership::{invite, join, leave, respond, set_functions};

pub(super) async fn play(cue: &Cue<'_>, act: &Belong) -> Result<()> {
    let Cue {
        store,
        viewer,
        community,
        ..
    } = *cue;
    match act {
        Belong::Join => {
            join(store, viewer, community).await?;
        }
        Belong::Leave => {
            leave(store, viewer, community).await?;
        }
        Belong::Invite(handle, role) => {
            invite(store, viewer, community, cue.user(handle)?, Some(*role)).await?;
        }
        Belong::Answer { whose, accept } => {
            respond(store, viewer, cue.membership(whose).await?, *accept).await?;
        }
        Belong::Functions(handle, functions) => {
            let membership = cue.membership(handle).await?;
            set_functions(store, viewer, membership, functions.to_vec()).await?;
        }
        Belong::Stage {
            to,
            reason,
            overriding,
        } => {
            let step = SetStage {
                stage: *to,
                reason: (*reason).to_owned(),
                outcome: None,
                overriding: *overriding,
            };
            set_stage(store, viewer, community, step).await?;
        }
    }
    Ok(())
}
