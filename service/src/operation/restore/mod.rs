//! Bringing an export back as it was: ids, authors, dates and history. For administrators, since such a file says who wrote
//! what and who may do what.
//!
//! Only what is not there is made: what an id names here already stays as it is, and an id that was deleted here is not
//! used again. Communities that were here before are added to by their facilitators only; of those that the restore itself
//! made, an operation remembers the ids. What is counted or derived is counted anew. Each thing has a change row without an
//! actor, so the search, the feed and everything else that follows the log takes it up.

mod agenda;
mod around;
mod communities;
mod domains;
mod engine;
mod evidence;
mod item_rows;
mod items;
mod parts;
mod platform;
mod references;
mod relations;

use serde_json::Value;

use self::engine::{Scene, bring_back};
use super::import::{Job, Tally};
use super::line::{END, Fields, HEADER, REFERENCE};
use crate::error::Result;
use crate::membership::refresh;
use crate::policy::operation as policy;
use crate::store::WriteUnit;
use crate::viewer::Viewer;

/// Brings lines back, in their order.
pub(super) async fn process(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    job: &Job,
    lines: Vec<(i32, Fields)>,
    tally: &mut Tally,
) -> Result<()> {
    let fresh = refresh(unit, viewer, &[]).await?;
    policy::restore(&fresh).require(&["restore"], "import")?;
    let scene = Scene {
        viewer,
        community: job.community,
        operation: job.operation,
        whole: job.scan.whole,
    };
    let mut lines = lines.into_iter().peekable();
    while let Some((_, first)) = lines.peek() {
        let of = type_of(first);
        let mut run = Vec::new();
        while let Some(next) = lines.next_if(|(_, fields)| type_of(fields) == of) {
            run.push(next);
        }
        bring_back_run(unit, &scene, of.as_deref(), run, tally).await?;
    }
    Ok(())
}

fn type_of(fields: &Fields) -> Option<String> {
    let of = fields.get("type").and_then(Value::as_str);
    of.map(str::to_owned)
}

/// Brings back lines of one type that follow each other.
async fn bring_back_run(
    unit: &mut WriteUnit,
    scene: &Scene<'_>,
    of: Option<&str>,
    run: Vec<(i32, Fields)>,
    tally: &mut Tally,
) -> Result<()> {
    use entity::{
        adoption, boundary_share, community, defining_statement, domain, endorsement,
        experience_report, goal, item, learning_question, link, membership, occurrence,
        organization, pilot, post, rating, review, revision, support, transition, user,
        value_story,
    };
    match of {
        Some(HEADER | END) => Ok(()),
        Some(REFERENCE) => references::state(unit, scene, run, tally).await,
        Some("organization") => bring_back::<organization::Entity>(unit, scene, run, tally).await,
        Some("user") => bring_back::<user::Entity>(unit, scene, run, tally).await,
        Some("domain") => bring_back::<domain::Entity>(unit, scene, run, tally).await,
        Some("community") => bring_back::<community::Entity>(unit, scene, run, tally).await,
        Some("membership") => bring_back::<membership::Entity>(unit, scene, run, tally).await,
        Some("transition") => bring_back::<transition::Entity>(unit, scene, run, tally).await,
        Some("defining_statement") => {
            bring_back::<defining_statement::Entity>(unit, scene, run, tally).await
        }
        Some("endorsement") => bring_back::<endorsement::Entity>(unit, scene, run, tally).await,
        Some("goal") => bring_back::<goal::Entity>(unit, scene, run, tally).await,
        Some("learning_question") => {
            bring_back::<learning_question::Entity>(unit, scene, run, tally).await
        }
        Some("activity" | "resource" | "practice" | "innovation" | "discussion" | "collection") => {
            bring_back::<item::Entity>(unit, scene, run, tally).await
        }
        Some("revision") => bring_back::<revision::Entity>(unit, scene, run, tally).await,
        Some("review") => bring_back::<review::Entity>(unit, scene, run, tally).await,
        Some("rating") => bring_back::<rating::Entity>(unit, scene, run, tally).await,
        Some("support") => bring_back::<support::Entity>(unit, scene, run, tally).await,
        Some("occurrence") => bring_back::<occurrence::Entity>(unit, scene, run, tally).await,
        Some("attendance") => {
            bring_back::<entity::attendance::Entity>(unit, scene, run, tally).await
        }
        Some("post") => bring_back::<post::Entity>(unit, scene, run, tally).await,
        Some("pilot") => bring_back::<pilot::Entity>(unit, scene, run, tally).await,
        Some("adoption") => bring_back::<adoption::Entity>(unit, scene, run, tally).await,
        Some("experience_report") => {
            bring_back::<experience_report::Entity>(unit, scene, run, tally).await
        }
        Some("value_story") => bring_back::<value_story::Entity>(unit, scene, run, tally).await,
        Some("boundary_share") => {
            bring_back::<boundary_share::Entity>(unit, scene, run, tally).await
        }
        Some("link") => bring_back::<link::Entity>(unit, scene, run, tally).await,
        other => {
            for (line, _) in run {
                let message = match other {
                    Some(of) => format!(
                        "No line of an export is of the type \"{}\".",
                        of.chars().take(60).collect::<String>()
                    ),
                    None => "This line has no `type`.".to_owned(),
                };
                tally.refuse(line, message);
            }
            Ok(())
        }
    }
}
