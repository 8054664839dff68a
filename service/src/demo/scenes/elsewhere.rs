//! A community that only those who are signed in may see: everyday questions.

use entity::discussion::DiscussionKind;
use entity::flag::FlagReason;

use super::{Act, Question, Script, Talk, Watch, scene};
use crate::demo::people::{MEMBER, REVIEWER, STEWARD};

const BY_NAME: &str = "A class that answers only when called by name";
const PROJECTOR: &str = "The projector in the invented room 12 loses its colours";

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "demo-staff-exchange",
    scenes: &[
        scene(5, 8, MEMBER, Act::Watch(Watch::FollowCommunity)),
        scene(11, 8, MEMBER, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::HelpRequest,
            title: BY_NAME,
            body: "Nobody raises a hand. When I call a name, the answer is there, and it is good. How do I get them to \
                   begin by themselves?",
            language: "en",
            tags: &["participation"],
            domains: &["teaching"],
        }))),
        scene(11, 19, REVIEWER, Act::Talk(Talk::Reply {
            to: BY_NAME,
            answers: None,
            body: "Give everybody a minute to write, then let them tell a neighbour, then ask. Whoever has said it once \
                   says it twice.",
        })),
        scene(13, 15, MEMBER, Act::Talk(Talk::Reply {
            to: BY_NAME,
            answers: Some(1),
            body: "Four hands on the first day. Thank you!",
        })),
        scene(13, 16, MEMBER, Act::Talk(Talk::Accept(BY_NAME, 1))),
        scene(40, 8, STEWARD, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::Problem,
            title: PROJECTOR,
            body: "After ten minutes everything is green. A new cable changed nothing.",
            language: "en",
            tags: &["equipment"],
            domains: &[],
        }))),
        scene(42, 8, MEMBER, Act::Talk(Talk::Reply {
            to: PROJECTOR,
            answers: None,
            body: "Ours did that when the air filter was full. Was it cleaned this year?",
        })),
        scene(55, 8, REVIEWER, Act::Watch(Watch::Flag {
            work: "First week with a new class: a checklist",
            reason: FlagReason::Outdated,
            note: "The invented form that it speaks of is gone. (Made up.)",
        })),
    ],
};
