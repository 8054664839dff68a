//! A community of best practice, in two languages: who belongs to it is asked, and what it publishes was reviewed.

use entity::activity::{ActivityKind, ActivityMode};
use entity::adoption::{AdoptionOutcome, AdoptionState};
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
use entity::pilot::PilotOutcome::Worked;
use entity::practice::PracticeKind;
use entity::practice::PracticeMaturity::{Recommended, Trialled};
use entity::review::ReviewVerdict::{Approve, Comment, RequestChanges};

use super::acts::{begin, conclude, plan, review, ripen, tell};
use super::{
    Act, Belong, Define, Meet, Meeting, Prove, Question, Rhythm, Script, Talk, Watch, Write, scene,
};
use crate::demo::fictional::Form;
use crate::demo::items::Work;
use crate::demo::people::{
    COLLEAGUE, FACILITATOR, GUEST, MAKER, MEMBER, RESEARCHER, REVIEWER, STEWARD, TEACHER,
};

const CLINIC: Meeting = Meeting {
    title: "Clinique des normes / Standards clinic (illustrative)",
    language: "fr",
    kind: ActivityKind::Workshop,
    mode: ActivityMode::Hybrid,
    rhythm: Rhythm::EveryOtherWeek,
    hour: 13,
    zone: chrono_tz::America::Toronto,
    join_url: "https://meet.example.org/clinique",
    agenda: "1. Une norme, un service inventé\n2. One practice, read aloud\n3. Ce que nous écrivons",
    notes: &[
        "Inventé : nous avons lu la première norme avec les yeux d'un usager.",
        "Made up: the draft about testing with screen readers was read aloud, and lost a third of its words.",
        "Inventé : deux équipes ont essayé la même pratique, et l'une a abandonné.",
        "Made up: we agreed who looks at what before it is published.",
        "Inventé : nous avons relu ce qui nous définit.",
    ],
    people: &[TEACHER, COLLEAGUE, STEWARD, REVIEWER],
};

const SCREEN_READER: &str = "Hear the page before it is released (invented)";
const FIVE_USERS: &str = "Cinq usagers avant la première ligne (inventé)";
const HALLWAY: &str = "A question a week to somebody in the hallway (invented)";
const DEFINED: &str = "Une pratique n'est bonne que si quelqu'un d'autre l'a essayée. (Inventé.)";
const BOTH: &str = "What we publish can be read in both languages within a month. (Made up.)";
const HALF_AN_HOUR: &str = "Do two people find the worst places in half an hour? (Made up.)";
const TRIED: &str = "Three practices were tried by a team that did not write them. (Made up.)";
const WHICH: &str = "Quelles pratiques survivent à un changement d'équipe ? (Inventé.)";
const READ_FIRST: &str = "Which standard did you read first?";

const fn practice(
    title: &'static str,
    summary: &'static str,
    body: &'static str,
    language: &'static str,
    tags: &'static [&'static str],
) -> Work {
    Work {
        form: Form::Practice(PracticeKind::Method),
        title,
        summary,
        body,
        language,
        tags,
        domains: &["digital-services"],
        visibility: ItemVisibility::Community,
    }
}

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "digital-standards-normes-numeriques",
    scenes: &[
        scene(0, 9, COLLEAGUE, Act::Belong(Belong::Join)),
        scene(0, 10, TEACHER, Act::Belong(Belong::Join)),
        scene(1, 9, FACILITATOR, Act::Belong(Belong::Answer { whose: COLLEAGUE, accept: true })),
        scene(2, 9, FACILITATOR, Act::Belong(Belong::Answer { whose: TEACHER, accept: true })),
        scene(2, 10, FACILITATOR, Act::Belong(Belong::Invite(RESEARCHER, MembershipRole::Reviewer))),
        scene(2, 11, FACILITATOR, Act::Belong(Belong::Invite(MAKER, MembershipRole::Member))),
        scene(3, 9, RESEARCHER, Act::Belong(Belong::Answer { whose: RESEARCHER, accept: true })),
        scene(3, 10, MAKER, Act::Belong(Belong::Answer { whose: MAKER, accept: false })),
        scene(3, 14, FACILITATOR, Act::Meet(Meet::Plan(&CLINIC))),
        scene(4, 9, COLLEAGUE, Act::Watch(Watch::FollowCommunity)),
        scene(4, 10, COLLEAGUE, Act::Define(Define::Wonder(WHICH))),
        scene(5, 9, GUEST, Act::Belong(Belong::Join)),
        scene(6, 9, FACILITATOR, Act::Belong(Belong::Answer { whose: GUEST, accept: false })),
        scene(7, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Coalescing,
            reason: "Inventé : nous savons qui nous sommes, et ce que nous cherchons.",
            overriding: false,
        })),
        scene(8, 9, TEACHER, Act::Write(Write::Make(practice(
            SCREEN_READER,
            "Listen to a page with a screen reader before it is released, and write down where you got lost.",
            "Turn the screen off. Find the form, fill it in, send it. Note each place where you did not know where you \
             were.",
            "en",
            &["screen-readers", "testing"],
        )))),
        scene(9, 9, TEACHER, Act::Write(Write::Submit(SCREEN_READER))),
        scene(11, 9, REVIEWER, review(
            SCREEN_READER, RequestChanges,
            "Made up: say how long it takes, and what to do with the notes.",
        )),
        scene(13, 9, TEACHER, Act::Write(Write::Revise {
            work: SCREEN_READER,
            body: "Turn the screen off. Find the form, fill it in, send it: half an hour, two people. Note each place \
                   where you did not know where you were. The three worst are mended before the release, the others \
                   become issues.",
            note: "Says how long it takes, and what becomes of the notes.",
        })),
        scene(13, 10, TEACHER, Act::Write(Write::Submit(SCREEN_READER))),
        scene(15, 9, REVIEWER, review(SCREEN_READER, Approve, "Made up: now I could do it on Monday.")),
        scene(15, 15, COLLEAGUE, Act::Watch(Watch::FollowPerson(TEACHER))),
        scene(16, 9, RESEARCHER, review(SCREEN_READER, Approve, "Made up: tried it once, and it held.")),
        scene(16, 10, STEWARD, Act::Write(Write::Keep { work: SCREEN_READER, steward: REVIEWER, within: 180 })),
        scene(17, 9, FACILITATOR, Act::Belong(Belong::Functions(COLLEAGUE, &[MembershipFunction::Broker]))),
        scene(17, 9, FACILITATOR, Act::Belong(Belong::Functions(FACILITATOR, &[MembershipFunction::Coordinator]))),
        scene(18, 9, FACILITATOR, Act::Meet(Meet::Hold(&CLINIC))),
        scene(19, 8, TEACHER, plan(
            SCREEN_READER, HALF_AN_HOUR, 24,
            "Made up: the team that builds the forms of a ministry.",
        )),
        scene(19, 9, TEACHER, begin(HALF_AN_HOUR)),
        scene(19, 9, COLLEAGUE, Act::Write(Write::MakeIn(&CLINIC, practice(
            FIVE_USERS,
            "Rencontrer cinq usagers avant d'écrire la première ligne.",
            "Cinq conversations d'une demi-heure. Une personne parle, une autre écrit. Le soir, on colle au mur ce qui a \
             surpris.",
            "fr",
            &["usagers"],
        )))),
        scene(20, 9, COLLEAGUE, Act::Write(Write::Submit(FIVE_USERS))),
        scene(22, 9, RESEARCHER, review(FIVE_USERS, Comment, "Inventé : et si l'on n'en trouve que trois ?")),
        scene(23, 9, RESEARCHER, review(FIVE_USERS, Approve, "Inventé : répondu de vive voix, cela me suffit.")),
        scene(25, 9, STEWARD, review(FIVE_USERS, Approve, "Inventé : clair et court.")),
        // Its review will be due on the fortieth day.
        scene(25, 10, STEWARD, Act::Write(Write::Keep { work: FIVE_USERS, steward: STEWARD, within: 15 })),
        scene(26, 9, FACILITATOR, Act::Define(Define::Aim { text: TRIED, individual: false, within: Some(40) })),
        scene(27, 9, RESEARCHER, Act::Define(Define::Aim {
            text: "To write one practice in my second language. (Made up.)",
            individual: true,
            within: Some(60),
        })),
        scene(28, 9, COLLEAGUE, Act::Define(Define::Propose {
            text: DEFINED,
            aspect: StatementAspect::Practice,
            made_in: Some(&CLINIC),
        })),
        scene(29, 9, TEACHER, Act::Define(Define::Endorse(DEFINED))),
        scene(30, 9, RESEARCHER, Act::Define(Define::Endorse(DEFINED))),
        scene(32, 9, FACILITATOR, Act::Meet(Meet::Hold(&CLINIC))),
        scene(33, 9, STEWARD, Act::Define(Define::Endorse(DEFINED))),
        scene(34, 9, MEMBER, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::Discussion,
            title: READ_FIRST,
            body: "And would you read it first again? I began with the one on security, in an invented team.",
            language: "en",
            tags: &["onboarding"],
            domains: &["digital-services"],
        }))),
        scene(35, 9, COLLEAGUE, Act::Talk(Talk::Reply {
            to: READ_FIRST,
            answers: None,
            body: "La première, et oui : concevoir avec les usagers.",
        })),
        scene(37, 9, TEACHER, Act::Talk(Talk::Reply {
            to: READ_FIRST,
            answers: Some(1),
            body: "The same here. The others are easier to read after it.",
        })),
        scene(33, 10, COLLEAGUE, tell(
            HALF_AN_HOUR, 5,
            "Nous étions deux, vingt-cinq minutes. Les trois pires endroits, nous ne les aurions pas vus. (Inventé.)",
        )),
        scene(39, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: WHICH,
            to: LearningQuestionState::InInquiry,
            answers: &[],
        })),
        scene(41, 9, TEACHER, Act::Define(Define::Propose {
            text: BOTH,
            aspect: StatementAspect::Norm,
            made_in: None,
        })),
        scene(42, 9, COLLEAGUE, Act::Define(Define::Endorse(BOTH))),
        scene(44, 9, TEACHER, Act::Watch(Watch::Flag {
            work: "Definitions and Terms",
            reason: FlagReason::Outdated,
            note: "Two terms have other names now, in this invented ministry. (Made up.)",
        })),
        scene(45, 9, TEACHER, conclude(
            HALF_AN_HOUR, Worked,
            "Half an hour is enough for one form; two people see what one misses. (Made up.)",
        )),
        scene(45, 10, STEWARD, ripen(SCREEN_READER, Trialled, "Made up: a team tried it that did not write it.")),
        scene(46, 9, FACILITATOR, Act::Meet(Meet::Hold(&CLINIC))),
        scene(47, 9, FACILITATOR, Act::Define(Define::Settle {
            goal: TRIED,
            to: GoalState::Met,
            evidence: &[SCREEN_READER, FIVE_USERS],
        })),
        scene(48, 9, COLLEAGUE, Act::Prove(Prove::Adopt {
            work: SCREEN_READER,
            setting: "Équipe des formulaires (inventée)",
            state: AdoptionState::InUse,
            outcome: Some(AdoptionOutcome::TooEarly),
            story: "Chaque vendredi, un formulaire. Nous avons corrigé deux libellés la première semaine. (Inventé.)",
        })),
        scene(49, 9, STEWARD, ripen(
            SCREEN_READER, Recommended,
            "Made up: it worked, and two reviewers stand by it.",
        )),
        scene(49, 10, COLLEAGUE, Act::Prove(Prove::Rate {
            work: "Definitions and Terms",
            rating: 4,
            comment: "Utile, mais longue. (Inventé.)",
        })),
        scene(50, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Maturing,
            reason: "Made up: the clinic has its rhythm, and what comes out of it is used.",
            overriding: false,
        })),
        scene(52, 9, RESEARCHER, Act::Write(Write::Make(practice(
            HALLWAY,
            "Ask one question a week to somebody who does not work on the service.",
            "Take one screen, ask what it is for, say nothing for a minute.",
            "en",
            &["usagers", "testing"],
        )))),
        scene(53, 9, RESEARCHER, Act::Write(Write::Submit(HALLWAY))),
        scene(56, 9, REVIEWER, review(
            HALLWAY, RequestChanges,
            "Made up: one minute of silence is long; say what to do in it.",
        )),
        scene(60, 9, FACILITATOR, Act::Meet(Meet::Hold(&CLINIC))),
        // Readers keep what was approved while this waits for its review.
        scene(64, 9, TEACHER, Act::Write(Write::Revise {
            work: SCREEN_READER,
            body: "Turn the screen off. Find the form, fill it in, send it: half an hour, two people, once with a phone. \
                   Note each place where you did not know where you were. The three worst are mended before the \
                   release, the others become issues.",
            note: "Adds the phone.",
        })),
        scene(68, 9, MAKER, Act::Belong(Belong::Join)),
        scene(69, 9, COLLEAGUE, Act::Meet(Meet::Reply(&CLINIC, AttendanceState::Going))),
        scene(69, 10, TEACHER, Act::Meet(Meet::Reply(&CLINIC, AttendanceState::Going))),
    ],
};
