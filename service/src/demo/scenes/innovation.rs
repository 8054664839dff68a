//! A community that innovates: ideas that go on, wait, come back and end, each step with its reason.

use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementAspect;
use entity::discussion::DiscussionKind;
use entity::flag::FlagReason;
use entity::goal::GoalState;
use entity::innovation::InnovationStage::{
    self, Abandoned, Exploring, Idea, Parked, Piloting, Validated,
};
use entity::item::ItemVisibility;
use entity::learning_question::LearningQuestionState;
use entity::membership_function::MembershipFunction;
use entity::pilot::PilotOutcome::WorkedWithChanges;
use entity::practice::PracticeKind;

use super::acts::{begin, conclude, plan, tell};
use super::{
    Act, Belong, Define, Meet, Meeting, Prove, Question, Rhythm, Script, Talk, Watch, Write, scene,
};
use crate::demo::fictional::Form;
use crate::demo::items::Work;
use crate::demo::people::{
    FACILITATOR, MAKER, MEMBER, NEWCOMER, RESEARCHER, REVIEWER, STEWARD, TEACHER,
};

const SPRINT: Meeting = Meeting {
    title: "Lesson sprint (illustrative)",
    language: "en",
    kind: ActivityKind::ProblemSolving,
    mode: ActivityMode::Online,
    rhythm: Rhythm::EveryOtherWeek,
    hour: 16,
    zone: chrono_tz::America::New_York,
    join_url: "https://meet.example.org/sprint",
    agenda: "1. What the pilots showed\n2. One idea, from both sides\n3. Go on, wait, or end it",
    notes: &[
        "Made up: four ideas were told in three minutes each.",
        "Made up: the exercise without a computer goes into a pilot.",
        "Made up: the card game was ended, and nobody was sad.",
        "Made up: two pilots were compared; the shorter one taught more.",
        "Made up: we asked why one idea has waited so long.",
    ],
    people: &[MAKER, TEACHER, MEMBER, STEWARD],
};

const UNPLUGGED: &str = "The first hour without a computer (invented)";
const CARDS: &str = "A card game of commands (invented)";
const SUBTITLES: &str = "Lessons that are read aloud by learners (invented)";
const LETTER: &str = "A letter to the next instructor (invented)";
const SMALL: &str = "We end an idea as carefully as we begin one. (Made up.)";
const ONE_PILOT: &str = "One idea was tried by people who did not have it. (Made up.)";
const HOW_SHORT: &str = "How short can a pilot be? (Made up.)";
const PILOT: &str = "Who has a class for a pilot of two hours?";
const DARE: &str = "Do beginners dare more when nothing can crash? (Made up.)";
const ON_PAPER: &str = "Begin on paper (invented)";

const fn idea(
    title: &'static str,
    idea: &'static str,
    expected: &'static str,
    body: &'static str,
    tags: &'static [&'static str],
) -> Work {
    Work {
        form: Form::Innovation(idea, None),
        title,
        summary: expected,
        body,
        language: "en",
        tags,
        domains: &["lesson-design"],
        visibility: ItemVisibility::Community,
    }
}

const fn advance(idea: &'static str, to: InnovationStage, reason: &'static str) -> Act {
    Act::Write(Write::Advance {
        idea,
        to,
        reason,
        learning: None,
    })
}

const fn support(idea: &'static str) -> Act {
    Act::Write(Write::Support(idea))
}

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "open-lesson-lab",
    scenes: &[
        scene(0, 8, MAKER, Act::Belong(Belong::Join)),
        scene(0, 9, TEACHER, Act::Belong(Belong::Join)),
        scene(0, 15, FACILITATOR, Act::Meet(Meet::Plan(&SPRINT))),
        scene(1, 9, MAKER, Act::Write(Write::Make(idea(
            UNPLUGGED,
            "Teach the first hour of a coding lesson on paper.",
            "Learners dare more when nothing can crash.",
            "Sheets with ten lines each. Learners cut them apart and put them into an order that works.",
            &["unplugged", "first-hour"],
        )))),
        // It stays where it is, longer than such a community wants an idea to wait.
        scene(1, 10, MEMBER, Act::Write(Write::Make(idea(
            LETTER,
            "Whoever taught a lesson writes a letter to who teaches it next.",
            "The same surprise happens once.",
            "One page, by hand or not: what took longer than planned, and what they asked.",
            &["handover"],
        )))),
        scene(1, 11, MEMBER, Act::Define(Define::Wonder(HOW_SHORT))),
        scene(2, 9, TEACHER, support(UNPLUGGED)),
        scene(3, 9, TEACHER, Act::Write(Write::Make(idea(
            CARDS,
            "Learn the commands of a shell by a game of cards.",
            "What was played is remembered.",
            "Forty cards, a command on each. Who lays three that work together says what they do.",
            &["games"],
        )))),
        scene(4, 9, MAKER, Act::Watch(Watch::FollowCommunity)),
        scene(5, 9, MEMBER, support(UNPLUGGED)),
        scene(6, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Coalescing,
            reason: "Made up: three ideas in the first week.",
            overriding: false,
        })),
        scene(6, 10, FACILITATOR, Act::Belong(Belong::Functions(MAKER, &[MembershipFunction::SubjectExpert]))),
        scene(6, 10, FACILITATOR, Act::Belong(Belong::Functions(FACILITATOR, &[MembershipFunction::Sponsor]))),
        scene(8, 9, MAKER, advance(UNPLUGGED, Exploring, "Made up: two have tried something like it.")),
        scene(9, 9, TEACHER, advance(CARDS, Exploring, "Made up: the cards are cut.")),
        scene(10, 9, STEWARD, support(UNPLUGGED)),
        scene(11, 9, MEMBER, support(CARDS)),
        scene(12, 9, MEMBER, Act::Write(Write::Make(idea(
            SUBTITLES,
            "Learners read the lesson aloud, and the recording becomes its audio version.",
            "Those who read aloud find what is badly written.",
            "A paragraph each, no rehearsal, mistakes stay in.",
            &["audio", "accessibility"],
        )))),
        scene(13, 9, MEMBER, advance(SUBTITLES, Exploring, "Made up: one class would read.")),
        scene(15, 9, FACILITATOR, Act::Meet(Meet::Hold(&SPRINT))),
        scene(16, 9, MAKER, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::HelpRequest,
            title: PILOT,
            body: "The first hour without a computer wants to be tried by somebody else than me. Paper is there.",
            language: "en",
            tags: &["pilot"],
            domains: &["lesson-design"],
        }))),
        scene(16, 16, TEACHER, Act::Talk(Talk::Reply {
            to: PILOT,
            answers: None,
            body: "Mine, in two weeks: twelve people, none of whom has written a line. @demo-steward would watch.",
        })),
        scene(17, 9, MAKER, Act::Talk(Talk::Accept(PILOT, 1))),
        scene(17, 10, MAKER, Act::Talk(Talk::Know("unplugged"))),
        scene(18, 9, TEACHER, Act::Talk(Talk::Vouch(MAKER, "unplugged"))),
        scene(19, 9, FACILITATOR, Act::Define(Define::Aim { text: ONE_PILOT, individual: false, within: Some(45) })),
        scene(19, 10, MAKER, plan(
            UNPLUGGED, DARE, 24,
            "Made up: a class of twelve, two hours, by somebody who did not have the idea.",
        )),
        scene(20, 9, MAKER, advance(UNPLUGGED, Piloting, "Made up: a class of twelve, by somebody else.")),
        scene(21, 9, MEMBER, advance(SUBTITLES, Parked, "Made up: the class has no time before the holidays.")),
        scene(21, 10, MAKER, begin(DARE)),
        scene(22, 9, RESEARCHER, Act::Belong(Belong::Join)),
        scene(23, 9, RESEARCHER, support(UNPLUGGED)),
        scene(24, 9, TEACHER, Act::Write(Write::Advance {
            idea: CARDS,
            to: Abandoned,
            reason: "Made up: the rules took longer than the commands.",
            learning: Some(
                "A game needs as much teaching as what it teaches. The cards are good as a poster. (Made up.)",
            ),
        })),
        scene(26, 9, STEWARD, Act::Define(Define::Propose {
            text: SMALL,
            aspect: StatementAspect::Norm,
            made_in: Some(&SPRINT),
        })),
        scene(27, 9, MAKER, Act::Define(Define::Endorse(SMALL))),
        scene(28, 9, TEACHER, Act::Define(Define::Endorse(SMALL))),
        scene(29, 9, FACILITATOR, Act::Meet(Meet::Hold(&SPRINT))),
        scene(30, 9, MEMBER, Act::Define(Define::Endorse(SMALL))),
        scene(28, 11, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Maturing,
            reason: "Made up: a sprint and an endorsement are missing yet, but what we are about is clear.",
            overriding: true,
        })),
        scene(33, 9, MAKER, Act::Define(Define::Aim {
            text: "To watch three people use my lesson and say nothing. (Made up.)",
            individual: true,
            within: Some(60),
        })),
        scene(34, 9, REVIEWER, support(LETTER)),
        scene(34, 16, TEACHER, tell(
            DARE, 4,
            "Twelve people, none of whom had written a line. Nobody asked for a computer in the first hour. The sheets \
             were too small for those at the back. (Made up.)",
        )),
        scene(35, 9, MEMBER, advance(SUBTITLES, Exploring, "Made up: another class has asked for it.")),
        scene(37, 9, NEWCOMER, Act::Belong(Belong::Join)),
        scene(38, 9, NEWCOMER, support(SUBTITLES)),
        scene(40, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: HOW_SHORT,
            to: LearningQuestionState::InInquiry,
            answers: &[],
        })),
        scene(43, 9, FACILITATOR, Act::Meet(Meet::Hold(&SPRINT))),
        scene(44, 9, MEMBER, advance(SUBTITLES, Idea, "Made up: it was read aloud, and nobody listened; think again.")),
        scene(45, 16, MAKER, conclude(
            DARE, WorkedWithChanges,
            "They dared more, and said so. The lines must be larger, and ten are enough. (Made up.)",
        )),
        scene(46, 9, MAKER, advance(UNPLUGGED, Validated, "Made up: both classes dared more, and said so.")),
        scene(48, 9, FACILITATOR, Act::Define(Define::Settle {
            goal: ONE_PILOT,
            to: GoalState::Met,
            evidence: &[UNPLUGGED],
        })),
        scene(50, 9, NEWCOMER, Act::Watch(Watch::Flag {
            work: CARDS,
            reason: FlagReason::Copyright,
            note: "One of the pictures looks like one that I know. (Made up.)",
        })),
        scene(51, 9, STEWARD, Act::Watch(Watch::Decide {
            work: CARDS,
            upheld: false,
            note: "Made up: it was drawn here, and we have the sketch.",
        })),
        scene(53, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: HOW_SHORT,
            to: LearningQuestionState::Answered,
            answers: &[UNPLUGGED],
        })),
        scene(55, 9, MAKER, Act::Prove(Prove::Promote {
            idea: UNPLUGGED,
            work: Work {
                form: Form::Practice(PracticeKind::Method),
                title: ON_PAPER,
                summary: "The first hour of a coding lesson happens on paper.",
                body: "Sheets with ten large lines each. Learners cut them apart and put them into an order that works.",
                language: "en",
                tags: &["unplugged", "first-hour"],
                domains: &["lesson-design"],
                visibility: ItemVisibility::Community,
            },
        })),
        scene(56, 9, NEWCOMER, support(LETTER)),
        scene(57, 9, FACILITATOR, Act::Meet(Meet::Hold(&SPRINT))),
        scene(61, 9, RESEARCHER, Act::Belong(Belong::Leave)),
        scene(69, 9, MAKER, Act::Meet(Meet::Reply(&SPRINT, AttendanceState::Going))),
    ],
};
