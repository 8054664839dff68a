//! Resources, practices and innovations on their way.

use chrono::TimeDelta;
use entity::item::{ItemType, PublicationStatus};
use entity::review::ReviewVerdict;

use super::{Cue, meet};
use crate::demo::items::{Input, Work};
use crate::demo::scenes::{Words, Write};
use crate::error::Result;
use crate::item::{ItemContent, Origin, restore_revision, submit};
use crate::practice::{PracticeContent, UpdatePractice};
use crate::resource::UpdateResource;
use crate::review::{ReviewInput, renew_review, review, set_steward};
use crate::validation::Patch;

pub(super) async fn play(cue: &Cue<'_>, act: &Write) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    match act {
        Write::Make(work) => make(cue, work, Origin::default()).await?,
        Write::MakeIn(meeting, work) => {
            make(cue, work, meet::last_origin(cue, meeting).await?).await?;
        }
        Write::Revise { work, body, note } => revise(cue, work, body, note).await?,
        Write::Restore { work, revision } => {
            let id = cue.work(work).await?.id;
            restore_revision(store, viewer, id, *revision, None).await?;
        }
        Write::Use {
            practice,
            resources,
        } => {
            let used = cue.works(resources).await?;
            let input = UpdatePractice {
                practice: PracticeContent {
                    resource_ids: Patch::Value(used),
                    ..PracticeContent::default()
                },
                ..UpdatePractice::default()
            };
            let id = cue.work(practice).await?.id;
            crate::practice::update(store, viewer, id, input, None).await?;
        }
        Write::Retell { work, to } => retell(cue, work, to).await?,
        Write::Publish(work) => {
            let work = cue.work(work).await?;
            crate::item::publish(store, viewer, work.item_type, work.id, None).await?;
        }
        Write::Submit(work) => {
            submit(store, viewer, cue.work(work).await?.id).await?;
        }
        Write::Review {
            work,
            verdict,
            comment,
        } => judge(cue, work, *verdict, comment).await?,
        Write::Keep {
            work,
            steward,
            within,
        } => {
            let id = cue.work(work).await?.id;
            let steward = Patch::Value(cue.user(steward)?);
            let due_at = Patch::Value(cue.at + TimeDelta::days(*within));
            set_steward(store, viewer, id, steward, due_at).await?;
        }
        Write::Renew(work) => {
            renew_review(store, viewer, cue.work(work).await?.id).await?;
        }
        Write::Advance {
            idea,
            to,
            reason,
            learning,
        } => {
            let id = cue.work(idea).await?.id;
            let reason = Some((*reason).to_owned());
            let learning = learning.map(str::to_owned);
            crate::innovation::advance(store, viewer, id, *to, reason, learning, None).await?;
        }
        Write::Support(idea) => {
            crate::innovation::support(store, viewer, cue.work(idea).await?.id).await?;
        }
    }
    Ok(())
}

async fn make(cue: &Cue<'_>, work: &Work, origin: Origin) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    let input = work.input(cue.community, cue.ids, origin)?;
    if cue
        .find_item(work.title, &[input.item_type()])
        .await?
        .is_some()
    {
        return Ok(());
    }
    match input {
        Input::Resource(input) => crate::resource::create(store, viewer, input).await?,
        Input::Practice(input) => crate::practice::create(store, viewer, input).await?,
        Input::Innovation(input) => crate::innovation::create(store, viewer, input).await?,
        Input::Collection(input) => crate::collection::create(store, viewer, input).await?,
    };
    Ok(())
}

async fn revise(cue: &Cue<'_>, title: &str, body: &str, note: &str) -> Result<()> {
    let Cue { store, viewer, .. } = *cue;
    let work = cue.work(title).await?;
    let content = ItemContent {
        body: Patch::Value(body.to_owned()),
        ..ItemContent::default()
    };
    let note = Some(note.to_owned());
    if work.item_type == ItemType::Practice {
        let input = UpdatePractice {
            content,
            note,
            ..UpdatePractice::default()
        };
        crate::practice::update(store, viewer, work.id, input, None).await?;
    } else {
        let input = UpdateResource {
            content,
            note,
            ..UpdateResource::default()
        };
        crate::resource::update(store, viewer, work.id, input, None).await?;
    }
    Ok(())
}

async fn retell(cue: &Cue<'_>, title: &str, to: &Words) -> Result<()> {
    // It has its new title already when the scene is played again.
    let there = cue.find_item(to.title, &[ItemType::Practice]).await?;
    if there.is_some() {
        return Ok(());
    }
    let input = UpdatePractice {
        content: ItemContent {
            title: Patch::Value(to.title.to_owned()),
            body: Patch::Value(to.body.to_owned()),
            language: Patch::Value(to.language.to_owned()),
            ..ItemContent::default()
        },
        practice: PracticeContent {
            summary: Patch::Value(to.summary.to_owned()),
            ..PracticeContent::default()
        },
        note: None,
    };
    let id = cue.work(title).await?.id;
    crate::practice::update(cue.store, cue.viewer, id, input, None).await?;
    Ok(())
}

async fn judge(cue: &Cue<'_>, title: &str, verdict: ReviewVerdict, comment: &str) -> Result<()> {
    let work = cue.work(title).await?;
    let given_back =
        work.pending_status.or(work.status) == Some(PublicationStatus::ChangesRequested);
    if verdict == ReviewVerdict::RequestChanges && given_back {
        return Ok(());
    }
    let input = ReviewInput {
        id: work.id,
        verdict,
        comment: Some(comment.to_owned()),
        revision: work.pending_revision.unwrap_or(work.revision),
    };
    review(cue.store, cue.viewer, input).await?;
    Ok(())
}
