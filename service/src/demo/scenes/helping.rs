//! A helping community: questions that are answered soon, late and not yet, and what becomes of the answers.

use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementAspect;
use entity::discussion::{CloseReason, DiscussionKind};
use entity::flag::FlagReason;
use entity::goal::GoalState;
use entity::learning_question::LearningQuestionState;
use entity::membership::MembershipRole;
use entity::membership_function::MembershipFunction;

use super::{Act, Belong, Define, Meet, Meeting, Question, Rhythm, Script, Talk, Watch, scene};
use crate::demo::people::{
    COLLEAGUE, FACILITATOR, GUEST, HELPER, MEMBER, NEWCOMER, REVIEWER, STEWARD,
};

const HOUR: Meeting = Meeting {
    title: "Question hour (illustrative)",
    language: "en",
    kind: ActivityKind::PeerAssist,
    mode: ActivityMode::Online,
    rhythm: Rhythm::EveryOtherWeek,
    hour: 17,
    zone: chrono_tz::Europe::Paris,
    join_url: "https://meet.example.org/question-hour",
    agenda: "1. Three questions, twenty minutes each\n2. What we will try until next time",
    notes: &[
        "Made up: three questions about saying no, and one that had no answer yet.",
        "Made up: Noor showed the list of small issues that she made for beginners.",
        "Inventé : nous avons parlé de la traduction des notes de version.",
        "Made up: we looked back at what was tried, and dropped half of it.",
        "Made up: two questions, and a long talk about rest.",
    ],
    people: &[HELPER, MEMBER, STEWARD, NEWCOMER],
};

pub(super) const SAYING_NO: &str =
    "How do you answer a contributor whose change you will not take?";
const TWO_OF_US: &str = "Who reviews when there are only two of us?";
const NOTES: &str = "What do you write into release notes?";
const CHANGELOG: &str = "What belongs into a changelog?";
const TRANSLATION: &str = "Comment traduire nos notes de version ?";
const STALE: &str = "When do you close an issue that nobody answers?";
const KINDNESS: &str = "Nobody here is asked to be fast; everybody is asked to be kind. (Made up.)";
const OLD_QUESTIONS: &str = "Every question of the last two weeks has an answer. (Made up.)";
const WHO_STAYS: &str = "Why do some contributors come back? (Made up.)";
const SELF_CARE: &str = "Community Manager Self-Care";

const fn request(
    title: &'static str,
    body: &'static str,
    language: &'static str,
    tags: &'static [&'static str],
) -> Act {
    Act::Talk(Talk::Ask(Question {
        kind: DiscussionKind::HelpRequest,
        title,
        body,
        language,
        tags,
        domains: &["open-source"],
    }))
}

const fn reply(to: &'static str, answers: Option<i32>, body: &'static str) -> Act {
    Act::Talk(Talk::Reply { to, answers, body })
}

#[rustfmt::skip]
pub(super) const SCRIPT: Script = Script {
    community: "maintainers-circle",
    scenes: &[
        scene(0, 8, HELPER, Act::Belong(Belong::Join)),
        scene(0, 9, FACILITATOR, Act::Meet(Meet::Plan(&HOUR))),
        scene(0, 12, COLLEAGUE, Act::Belong(Belong::Join)),
        scene(1, 8, FACILITATOR, Act::Watch(Watch::FollowCommunity)),
        scene(1, 8, MEMBER, Act::Watch(Watch::FollowCommunity)),
        scene(1, 9, STEWARD, Act::Talk(Talk::Know("contributors"))),
        scene(1, 9, REVIEWER, Act::Talk(Talk::Know("release-notes"))),
        scene(1, 9, COLLEAGUE, Act::Talk(Talk::Know("release-notes"))),
        scene(1, 10, MEMBER, Act::Define(Define::Wonder(WHO_STAYS))),
        scene(2, 9, MEMBER, request(
            SAYING_NO,
            "Somebody worked two weekends on a feature that our invented project does not want. The code is good. How \
             do I say no so that they stay?",
            "en",
            &["contributors", "saying-no"],
        )),
        scene(2, 11, STEWARD, reply(
            SAYING_NO,
            None,
            "Say thank you for something that you can name, then say no in the second sentence, then the reason. A no \
             at the end of a long text reads like a door that closes slowly.",
        )),
        scene(2, 14, MEMBER, reply(SAYING_NO, Some(1), "And if they ask what they could do instead?")),
        scene(3, 8, STEWARD, reply(
            SAYING_NO,
            Some(2),
            "Have one thing ready before you answer: an issue of the same size that you do want, and your name under it \
             as the one who will review it.",
        )),
        scene(3, 16, REVIEWER, reply(
            SAYING_NO,
            None,
            "We wrote down what is out of scope and link to it. The next no took two lines, and nobody felt meant.",
        )),
        scene(4, 9, MEMBER, Act::Talk(Talk::Accept(SAYING_NO, 1))),
        scene(6, 9, NEWCOMER, Act::Belong(Belong::Join)),
        scene(6, 10, FACILITATOR, Act::Talk(Talk::Ask(Question {
            kind: DiscussionKind::Announcement,
            title: "Question hour every other week",
            body: "Bring one question. We take three, in the order in which they come in here.",
            language: "en",
            tags: &["meeting"],
            domains: &[],
        }))),
        scene(7, 9, REVIEWER, Act::Talk(Talk::Capture(SAYING_NO))),
        scene(8, 9, FACILITATOR, Act::Meet(Meet::Hold(&HOUR))),
        scene(9, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Coalescing,
            reason: "Made up: the first question hour was worth coming to.",
            overriding: false,
        })),
        scene(10, 9, FACILITATOR, Act::Belong(Belong::Functions(STEWARD, &[MembershipFunction::SubjectExpert]))),
        scene(10, 9, FACILITATOR, Act::Belong(Belong::Functions(
            COLLEAGUE,
            &[MembershipFunction::Broker, MembershipFunction::TechnologySteward],
        ))),
        scene(12, 9, REVIEWER, request(
            TWO_OF_US,
            "We are two maintainers of an invented library. Every change waits for the other one, and in summer it \
             waits for weeks. What do you do?",
            "en",
            &["review", "small-teams"],
        )),
        scene(15, 15, FACILITATOR, reply(
            TWO_OF_US,
            None,
            "Late, but still: agree on what needs no second pair of eyes: text, tests, dependency updates that pass. \
             Write the list down, and look back at it after a month.",
        )),
        scene(16, 9, MEMBER, reply(
            TWO_OF_US,
            None,
            "Ask a regular contributor to review without the right to merge. In our made-up case the third person \
             became a maintainer half a year later. @demo-steward knows how we began.",
        )),
        scene(17, 9, REVIEWER, Act::Talk(Talk::Accept(TWO_OF_US, 1))),
        scene(18, 9, FACILITATOR, Act::Define(Define::Aim {
            text: OLD_QUESTIONS,
            individual: false,
            within: Some(30),
        })),
        scene(19, 9, HELPER, Act::Define(Define::Propose {
            text: KINDNESS,
            aspect: StatementAspect::Norm,
            made_in: Some(&HOUR),
        })),
        scene(20, 9, MEMBER, Act::Define(Define::Endorse(KINDNESS))),
        scene(21, 20, COLLEAGUE, Act::Define(Define::Endorse(KINDNESS))),
        scene(22, 9, FACILITATOR, Act::Meet(Meet::Hold(&HOUR))),
        scene(23, 9, STEWARD, Act::Define(Define::Endorse(KINDNESS))),
        scene(24, 9, MEMBER, request(
            NOTES,
            "Ours are a list of commits, and nobody reads them. What do yours look like?",
            "en",
            &["release-notes"],
        )),
        scene(24, 18, COLLEAGUE, reply(
            NOTES,
            None,
            "Three headings: what you must do, what you can do now, what we mended. The commits are one link at the end.",
        )),
        scene(25, 9, MEMBER, Act::Talk(Talk::Accept(NOTES, 1))),
        scene(25, 10, MEMBER, Act::Talk(Talk::Vouch(COLLEAGUE, "release-notes"))),
        scene(26, 10, HELPER, Act::Talk(Talk::Vouch(STEWARD, "contributors"))),
        scene(27, 9, NEWCOMER, request(
            CHANGELOG,
            "Commits, or sentences? I am writing my first one for a project that is made up.",
            "en",
            &["release-notes"],
        )),
        scene(27, 12, STEWARD, reply(CHANGELOG, None, "See what was answered to the question about release notes.")),
        scene(27, 13, STEWARD, Act::Talk(Talk::Close(CHANGELOG, CloseReason::Duplicate))),
        scene(29, 9, NEWCOMER, Act::Define(Define::Aim {
            text: "To answer one question of somebody newer than me. (Made up.)",
            individual: true,
            within: None,
        })),
        scene(31, 9, GUEST, Act::Belong(Belong::Join)),
        scene(33, 9, COLLEAGUE, request(
            TRANSLATION,
            "Nos utilisateurs inventés lisent le français, nos notes de version sont en anglais. Qui traduit, et quand ?",
            "fr",
            &["release-notes", "traduction"],
        )),
        scene(34, 9, REVIEWER, reply(
            TRANSLATION,
            None,
            "Traduisez seulement « ce que vous devez faire ». Le reste peut attendre la version suivante.",
        )),
        scene(35, 9, COLLEAGUE, Act::Talk(Talk::Accept(TRANSLATION, 1))),
        scene(36, 9, FACILITATOR, Act::Meet(Meet::Hold(&HOUR))),
        scene(37, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: WHO_STAYS,
            to: LearningQuestionState::InInquiry,
            answers: &[],
        })),
        scene(38, 9, COLLEAGUE, Act::Talk(Talk::Reopen(TRANSLATION))),
        scene(38, 10, COLLEAGUE, reply(
            TRANSLATION,
            Some(1),
            "Et si « ce que vous devez faire » change la veille ? @demo-helper, comment faites-vous ?",
        )),
        scene(41, 9, HELPER, reply(
            TRANSLATION,
            Some(2),
            "On gèle le texte deux jours avant, dans notre projet inventé. Ce qui change après n'est pas traduit.",
        )),
        scene(42, 9, COLLEAGUE, Act::Talk(Talk::Accept(TRANSLATION, 3))),
        scene(43, 9, MEMBER, Act::Watch(Watch::Flag {
            work: "Getting Paid for Open Source Work",
            reason: FlagReason::Outdated,
            note: "One of the ways that it names is gone, in this invented world. (Made up.)",
        })),
        scene(44, 9, HELPER, Act::Watch(Watch::FollowPerson(COLLEAGUE))),
        scene(45, 9, STEWARD, Act::Watch(Watch::Decide {
            work: "Getting Paid for Open Source Work",
            upheld: true,
            note: "Made up: right, the text needs another look.",
        })),
        scene(46, 9, GUEST, Act::Belong(Belong::Leave)),
        scene(47, 9, FACILITATOR, Act::Define(Define::Settle {
            goal: OLD_QUESTIONS,
            to: GoalState::Met,
            evidence: &[SELF_CARE],
        })),
        scene(50, 9, FACILITATOR, Act::Meet(Meet::Hold(&HOUR))),
        scene(51, 9, FACILITATOR, Act::Belong(Belong::Stage {
            to: CommunityStage::Maturing,
            reason: "Made up: we meet, we say what we are about, and newcomers answer too.",
            overriding: false,
        })),
        scene(52, 9, MEMBER, Act::Watch(Watch::Flag {
            work: SELF_CARE,
            reason: FlagReason::Duplicate,
            note: "It says what another text says, I think. (Made up.)",
        })),
        scene(54, 9, STEWARD, Act::Watch(Watch::Decide {
            work: SELF_CARE,
            upheld: false,
            note: "Made up: they are for different people.",
        })),
        scene(57, 9, FACILITATOR, Act::Define(Define::Inquire {
            question: WHO_STAYS,
            to: LearningQuestionState::Answered,
            answers: &["From Users to Contributors"],
        })),
        scene(60, 9, FACILITATOR, Act::Belong(Belong::Invite(GUEST, MembershipRole::Member))),
        scene(63, 9, REVIEWER, Act::Watch(Watch::Flag {
            work: "Open Source Metrics",
            reason: FlagReason::Inaccurate,
            note: "A number in the second part is not what its source says. (Made up.)",
        })),
        scene(64, 9, FACILITATOR, Act::Meet(Meet::Hold(&HOUR))),
        // Nobody has answered it in the 48 hours that such a community sets itself.
        scene(66, 9, NEWCOMER, request(
            STALE,
            "We have two hundred that are older than a year, in our invented project. Closing them feels rude, and \
             keeping them hides the others.",
            "en",
            &["triage", "contributors"],
        )),
        scene(69, 9, NEWCOMER, Act::Meet(Meet::Reply(&HOUR, AttendanceState::Going))),
        scene(69, 10, HELPER, Act::Meet(Meet::Reply(&HOUR, AttendanceState::Maybe))),
        scene(69, 11, MEMBER, Act::Meet(Meet::Reply(&HOUR, AttendanceState::Declined))),
        scene(69, 14, HELPER, request(
            "Which licence for slides?",
            "Code has one, the slides of our made-up talk have none. What do you take?",
            "en",
            &["slides"],
        )),
    ],
};
