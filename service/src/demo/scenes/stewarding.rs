//! A community that stewards knowledge: everything published has a keeper and a date, and somebody looks after both.

use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementAspect;
use entity::discussion::DiscussionKind;
use entity::flag::FlagReason;
use entity::goal::GoalState;
use entity::item::ItemVisibility;
use entity::learning_question::LearningQuestionState;
use entity::membership::MembershipRole;
use entity::membership_function::MembershipFunction;
use entity::resource::ResourceKind;
use entity::review::ReviewVerdict::{Approve, RequestChanges};

use super::acts::review;
use super::{
    Act, Belong, Define, Meet, Meeting, Question, Rhythm, Script, Talk, Watch, Write, scene,
};
use crate::demo::fictional::Form;
use crate::demo::items::Work;
use crate::demo::people::{
    FACILITATOR, HELPER, MAKER, MEMBER, NEWCOMER, RESEARCHER, REVIEWER, STEWARD,
};

const ROUND: Meeting = Meeting {
    title: "Stewards' round (illustrative)",
    language: "en",
    kind: ActivityKind::Meeting,
    mode: ActivityMode::Online,
    rhythm: Rhythm::EveryOtherWeek,
    hour: 10,
    zone: chrono_tz::Europe::London,
    join_url: "https://meet.example.org/stewards",
    agenda: "1. What is due\n2. What has no keeper\n3. What says the same twice",
    notes: &[
        "Made up: we shared out what is due before the summer.",
        "Made up: the text on testing and the one on unit testing stay apart, for different readers.",
        "Made up: three dates were moved, and one text will be archived.",
        "Made up: Rita explained why a date that nobody keeps is worse than none.",
        "Made up: we looked at what came in twice.",
    ],
    people: &[STEWARD, RESEARCHER, REVIEWER, MEMBER],
};

const BACKUPS: &str = "Three copies of the data, two places, one test (invented)";
const NAMES: &str = "Naming files, so that others find them (invented)";
const OLD_CODE: &str = "Running ten-year-old code: a diary (invented)";
const COMPENDIA: &str = "Research Compendia";
const SPREADSHEETS: &str = "Data Organisation in Spreadsheets";
const BINDER: &str = "Binder (renv)";
const MAKE: &str = "Learn \"Make\" by Examples";
const KEPT: &str = "A text without a keeper is a rumour. (Made up.)";
const LOOKED_AT: &str = "Everything that was due in spring has been looked at. (Made up.)";
const WHAT_AGES: &str = "Which of our texts age fastest? (Made up.)";
const WHERE_TO: &str = "Where do containers belong: environments or publishing?";

const fn document(
    title: &'static str,
    summary: &'static str,
    body: &'static str,
    domains: &'static [&'static str],
    tags: &'static [&'static str],
) -> Work {
    Work {
        form: Form::Resource(ResourceKind::Document),
        title,
        summary,
        body,
        language: "en",
        tags,
        domains,
        visibility: ItemVisibility::Community,
    }
}

const fn keep(work: &'static str, steward: &'static str, within: i64) -> Act {
    Act::Write(Write::Keep {
        work,
        steward,
        within,
    })
}

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "reproducible-research",
    scenes: &[
        scene(0, 9, RESEARCHER, Act::Belong(Belong::Join)),
        scene(0, 10, FACILITATOR, Act::Meet(Meet::Plan(&ROUND))),
        scene(1, 9, FACILITATOR, Act::Belong(Belong::Invite(HELPER, MembershipRole::Steward))),
        scene(1, 15, HELPER, Act::Belong(Belong::Answer { whose: HELPER, accept: true })),
        scene(2, 9, RESEARCHER, Act::Define(Define::Wonder(WHAT_AGES))),
        scene(2, 10, RESEARCHER, Act::Talk(Talk::Know("research-software"))),
        scene(3, 9, STEWARD, keep(COMPENDIA, HELPER, 30)),
        scene(3, 10, STEWARD, keep(SPREADSHEETS, STEWARD, 20)),
        scene(3, 11, STEWARD, keep(BINDER, HELPER, 60)),
        scene(3, 12, STEWARD, keep(MAKE, HELPER, 90)),
        scene(4, 9, HELPER, Act::Watch(Watch::FollowWork(COMPENDIA))),
        scene(5, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Coalescing,
            reason: "Made up: every text has somebody who answers for it.",
            overriding: false,
        })),
        scene(6, 9, FACILITATOR, Act::Belong(Belong::Functions(HELPER, &[MembershipFunction::SubjectExpert]))),
        scene(6, 9, FACILITATOR, Act::Belong(Belong::Functions(STEWARD, &[MembershipFunction::Coordinator]))),
        scene(8, 9, RESEARCHER, Act::Write(Write::Make(document(
            BACKUPS,
            "How an invented laboratory keeps its data, and how it finds out that it does not.",
            "Three copies, in two places, and once a year somebody plays the day on which the first is gone.",
            &["research-data"],
            &["backup", "research-data"],
        )))),
        scene(9, 9, RESEARCHER, Act::Write(Write::Submit(BACKUPS))),
        scene(11, 9, STEWARD, keep(BACKUPS, RESEARCHER, 180)),
        scene(12, 9, STEWARD, review(BACKUPS, Approve, "Made up: short, and the test is the point.")),
        scene(13, 9, FACILITATOR, Act::Define(Define::Aim { text: LOOKED_AT, individual: false, within: Some(50) })),
        scene(14, 9, RESEARCHER, Act::Define(Define::Aim {
            text: "To read one text a week as if I were new. (Made up.)",
            individual: true,
            within: None,
        })),
        scene(15, 9, FACILITATOR, Act::Meet(Meet::Hold(&ROUND))),
        scene(16, 9, STEWARD, Act::Define(Define::Propose {
            text: KEPT,
            aspect: StatementAspect::Practice,
            made_in: Some(&ROUND),
        })),
        scene(17, 9, RESEARCHER, Act::Define(Define::Endorse(KEPT))),
        scene(17, 20, HELPER, Act::Define(Define::Endorse(KEPT))),
        scene(19, 9, MEMBER, Act::Define(Define::Endorse(KEPT))),
        scene(20, 9, MEMBER, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::Problem,
            title: WHERE_TO,
            body: "The text is filed in one place and looked for in the other. What do the stewards think?",
            language: "en",
            tags: &["containers"],
            domains: &["reproducibility"],
        }))),
        scene(21, 9, HELPER, Act::Talk(Talk::Reply {
            to: WHERE_TO,
            answers: None,
            body: "Where people begin: environments. Publishing links to it. @demo-steward, would you file it so?",
        })),
        scene(22, 9, STEWARD, Act::Talk(Talk::Reply { to: WHERE_TO, answers: Some(1), body: "Done, in this story." })),
        scene(23, 9, MEMBER, Act::Talk(Talk::Accept(WHERE_TO, 1))),
        scene(24, 9, MEMBER, Act::Talk(Talk::Capture(WHERE_TO))),
        // What was due on the twenty-third day was looked at; what was due on the thirty-third was not.
        scene(25, 9, STEWARD, Act::Write(Write::Renew(SPREADSHEETS))),
        scene(26, 9, REVIEWER, Act::Talk(Talk::Vouch(HELPER, "containers"))),
        scene(29, 9, FACILITATOR, Act::Meet(Meet::Hold(&ROUND))),
        scene(30, 9, HELPER, Act::Write(Write::Revise {
            work: MAKE,
            body: "Made up: this revision went wrong, and was taken back. See what came before it.",
            note: "Shortens it.",
        })),
        scene(31, 9, STEWARD, review(MAKE, Approve, "Made up: shorter is better, I thought.")),
        scene(33, 9, HELPER, Act::Write(Write::Restore { work: MAKE, revision: 1 })),
        scene(34, 9, STEWARD, review(MAKE, Approve, "Made up: it was better before.")),
        scene(36, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: WHAT_AGES,
            to: LearningQuestionState::InInquiry,
            answers: &[],
        })),
        scene(38, 9, RESEARCHER, Act::Write(Write::MakeIn(&ROUND, document(
            OLD_CODE,
            "What broke, in which order, and what one would write down today.",
            "Day one: it does not start. Day two: it starts and answers something else. Day five: a library that nobody \
             remembers.",
            &["reproducibility"],
            &["research-software", "containers"],
        )))),
        scene(39, 9, RESEARCHER, Act::Write(Write::Submit(OLD_CODE))),
        scene(41, 9, STEWARD, review(OLD_CODE, RequestChanges, "Made up: which environment was it? Name the versions.")),
        scene(43, 9, RESEARCHER, Act::Write(Write::Revise {
            work: OLD_CODE,
            body: "Day one: it does not start, on any of three invented systems. Day two: with the compiler of then, it \
                   starts and answers something else. Day five: a library that nobody remembers, version 0.3.",
            note: "Names the environment.",
        })),
        scene(43, 10, RESEARCHER, Act::Write(Write::Submit(OLD_CODE))),
        scene(44, 9, STEWARD, keep(OLD_CODE, HELPER, 120)),
        scene(45, 9, HELPER, review(OLD_CODE, Approve, "Made up: now others can follow.")),
        scene(46, 9, FACILITATOR, Act::Meet(Meet::Hold(&ROUND))),
        scene(47, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Maturing,
            reason: "Made up: the round keeps its dates.",
            overriding: false,
        })),
        scene(49, 9, MEMBER, Act::Watch(Watch::Flag {
            work: BINDER,
            reason: FlagReason::Inaccurate,
            note: "The third step is another one today, in this invented world. (Made up.)",
        })),
        scene(50, 9, STEWARD, Act::Watch(Watch::Decide {
            work: BINDER,
            upheld: true,
            note: "Made up: its keeper will look at it.",
        })),
        scene(52, 9, FACILITATOR, Act::Define(Define::Settle {
            goal: LOOKED_AT,
            to: GoalState::Met,
            evidence: &[SPREADSHEETS, BACKUPS],
        })),
        scene(55, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: WHAT_AGES,
            to: LearningQuestionState::Answered,
            answers: &[OLD_CODE],
        })),
        scene(57, 9, FACILITATOR, Act::Meet(Meet::Hold(&ROUND))),
        scene(58, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Stewardship,
            reason: "Made up: a goal was met, a question answered, and the handbook is looked after.",
            overriding: false,
        })),
        scene(60, 9, NEWCOMER, Act::Belong(Belong::Join)),
        scene(61, 9, MAKER, Act::Belong(Belong::Join)),
        // Much like "Naming files, folders and other things", and nobody keeps it yet.
        scene(62, 9, NEWCOMER, Act::Write(Write::Make(document(
            NAMES,
            "Naming files, folders and other things so that people and machines find them.",
            "Naming files, folders and other things: no spaces, the date first, and words that somebody else would look \
             for.",
            &["research-data"],
            &["naming"],
        )))),
        scene(63, 9, NEWCOMER, Act::Write(Write::Submit(NAMES))),
        scene(64, 9, MAKER, Act::Belong(Belong::Leave)),
        scene(69, 9, RESEARCHER, Act::Meet(Meet::Reply(&ROUND, AttendanceState::Going))),
    ],
};
