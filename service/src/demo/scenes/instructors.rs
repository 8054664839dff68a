//! The instructors of computing skills: a community that meets once a month, and says what defines it.

use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementAspect;
use entity::goal::GoalState;
use entity::learning_question::LearningQuestionState;
use entity::membership::MembershipRole;
use entity::membership_function::MembershipFunction;

use super::{Act, Belong, Define, Meet, Meeting, Rhythm, Script, Watch, scene};
use crate::demo::people::{FACILITATOR, MEMBER, REVIEWER, STEWARD, TEACHER};

const MEETING: Meeting = Meeting {
    title: "Monthly instructors' meeting (illustrative)",
    language: "en",
    kind: ActivityKind::Meeting,
    mode: ActivityMode::Online,
    rhythm: Rhythm::SecondTuesday,
    hour: 19,
    zone: chrono_tz::America::Toronto,
    join_url: "https://meet.example.org/instructors",
    agenda: "1. What went well\n2. One lesson, looked at together\n3. What we write down",
    notes: &[
        "Made up: we introduced ourselves, and each told of one lesson that went wrong. We wrote down what defines us.",
        "Made up: we tried two ways to begin a lesson, and kept the shorter one.",
        "Made up: two of us taught what the others had written.",
    ],
    people: &[STEWARD, MEMBER, REVIEWER],
};
const BEGINNERS: &str = "Beginners should leave each lesson with something that works. (Made up.)";
const WATCHING: &str = "We watch each other teach, and say first what we would copy. (Made up.)";
const WITHOUT_SLIDES: &str = "To teach one lesson without slides. (Made up.)";
const AFTER_HALF_A_YEAR: &str = "What do learners remember after half a year? (Made up.)";
const LIVE_CODING: &str = "Live Coding is a Skill";

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "computing-instructors",
    scenes: &[
        scene(0, 9, FACILITATOR, Act::Meet(Meet::Plan(&MEETING))),
        scene(1, 9, MEMBER, Act::Define(Define::Wonder(AFTER_HALF_A_YEAR))),
        scene(2, 9, MEMBER, Act::Define(Define::Wonder("How do we teach those who already know a little? (Made up.)"))),
        scene(2, 10, FACILITATOR, Act::Belong(Belong::Functions(FACILITATOR, &[MembershipFunction::Coordinator]))),
        scene(2, 10, FACILITATOR, Act::Belong(Belong::Functions(STEWARD, &[MembershipFunction::TechnologySteward]))),
        scene(2, 10, FACILITATOR, Act::Belong(Belong::Functions(MEMBER, &[MembershipFunction::Broker]))),
        scene(8, 11, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Coalescing,
            reason: "Made up: we meet every month, and know what we want to find out.",
            overriding: false,
        })),
        scene(9, 10, FACILITATOR, Act::Belong(Belong::Invite(TEACHER, MembershipRole::Reviewer))),
        scene(11, 17, TEACHER, Act::Belong(Belong::Answer { whose: TEACHER, accept: true })),
        scene(12, 9, MEMBER, Act::Define(Define::Aim { text: WITHOUT_SLIDES, individual: true, within: Some(50) })),
        scene(14, 9, FACILITATOR, Act::Define(Define::Aim {
            text: "Every lesson was taught by somebody who did not write it. (Made up.)",
            individual: false,
            within: Some(120),
        })),
        scene(20, 12, MEMBER, Act::Watch(Watch::FollowWork(LIVE_CODING))),
        scene(36, 9, FACILITATOR, Act::Meet(Meet::Hold(&MEETING))),
        scene(37, 9, MEMBER, Act::Define(Define::Propose {
            text: BEGINNERS,
            aspect: StatementAspect::Purpose,
            made_in: Some(&MEETING),
        })),
        scene(38, 9, STEWARD, Act::Define(Define::Endorse(BEGINNERS))),
        scene(39, 16, REVIEWER, Act::Define(Define::Endorse(BEGINNERS))),
        scene(41, 9, FACILITATOR, Act::Define(Define::Endorse(BEGINNERS))),
        scene(42, 9, STEWARD, Act::Define(Define::Propose {
            text: WATCHING,
            aspect: StatementAspect::Norm,
            made_in: Some(&MEETING),
        })),
        scene(44, 9, MEMBER, Act::Define(Define::Endorse(WATCHING))),
        scene(45, 10, FACILITATOR, Act::Define(Define::Inquire {
            question: AFTER_HALF_A_YEAR,
            to: LearningQuestionState::InInquiry,
            answers: &[],
        })),
        scene(60, 10, FACILITATOR, Act::Define(Define::Inquire {
            question: AFTER_HALF_A_YEAR,
            to: LearningQuestionState::Answered,
            answers: &["Building Skill With Practice"],
        })),
        scene(62, 20, MEMBER, Act::Define(Define::Settle {
            goal: WITHOUT_SLIDES,
            to: GoalState::Met,
            evidence: &[LIVE_CODING],
        })),
        scene(69, 9, FACILITATOR, Act::Meet(Meet::Hold(&MEETING))),
        scene(69, 10, MEMBER, Act::Meet(Meet::Reply(&MEETING, AttendanceState::Going))),
        scene(69, 11, REVIEWER, Act::Meet(Meet::Reply(&MEETING, AttendanceState::Maybe))),
    ],
};
