//! What the people of the demonstration do in ten weeks, scene by scene: data, which [`super::play`] plays. All of it
//! is made up, to show what each kind of community leaves behind.

mod acts;
mod best_practice;
mod elsewhere;
mod helping;
mod innovation;
mod instructors;
mod stewarding;
mod thread;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use entity::activity::{ActivityKind, ActivityMode};
use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementAspect;
use entity::discussion::{CloseReason, DiscussionKind};
use entity::flag::FlagReason;
use entity::goal::GoalState;
use entity::innovation::InnovationStage;
use entity::learning_question::LearningQuestionState;
use entity::membership::MembershipRole;
use entity::membership_function::MembershipFunction;
use entity::pilot::{PilotOutcome, PilotState};
use entity::practice::PracticeMaturity;
use entity::review::ReviewVerdict;
use entity::value_step::ValueCycle;

use super::items::Work;

/// How many days the scenes take.
pub(super) const DAYS: i64 = 70;

/// The scenes of one community, in the order in which they are played on a day and hour.
#[derive(Debug)]
pub(super) struct Script {
    /// The community's slug.
    pub(super) community: &'static str,
    pub(super) scenes: &'static [Scene],
}

/// What somebody does, and when.
#[derive(Debug)]
pub(super) struct Scene {
    /// Counted from 0, and less than [`DAYS`].
    pub(super) day: i64,
    /// Of the day, in UTC.
    pub(super) hour: i64,
    /// The handle.
    pub(super) who: &'static str,
    pub(super) act: Act,
}

const fn scene(day: i64, hour: i64, who: &'static str, act: Act) -> Scene {
    Scene {
        day,
        hour,
        who,
        act,
    }
}

/// What somebody does. Things are named by their titles or texts, people by their handles.
#[derive(Debug)]
pub(super) enum Act {
    Belong(Belong),
    Carry(Carry),
    Define(Define),
    Meet(Meet),
    Prove(Prove),
    Talk(Talk),
    Watch(Watch),
    Write(Write),
}

/// About a community and those who belong to it.
#[derive(Debug)]
pub(super) enum Belong {
    Join,
    Leave,
    Invite(&'static str, MembershipRole),
    /// Answers somebody's request, or one's own invitation.
    Answer {
        whose: &'static str,
        accept: bool,
    },
    Functions(&'static str, &'static [MembershipFunction]),
    Stage {
        to: CommunityStage,
        reason: &'static str,
        overriding: bool,
    },
}

/// About what defines a community, and what it is after.
#[derive(Debug)]
pub(super) enum Define {
    Propose {
        text: &'static str,
        aspect: StatementAspect,
        /// The meeting in whose last occurrence it was written.
        made_in: Option<&'static Meeting>,
    },
    Endorse(&'static str),
    Aim {
        text: &'static str,
        individual: bool,
        /// Within how many days.
        within: Option<i64>,
    },
    Settle {
        goal: &'static str,
        to: GoalState,
        evidence: &'static [&'static str],
    },
    Wonder(&'static str),
    Inquire {
        question: &'static str,
        to: LearningQuestionState,
        answers: &'static [&'static str],
    },
}

/// About carrying on what a community has.
#[derive(Debug)]
pub(super) enum Carry {
    /// Offers it to the community with this slug.
    Offer {
        work: &'static str,
        to: &'static str,
        note: &'static str,
    },
    /// Accepts what the community with this slug offers.
    Take {
        work: &'static str,
        from: &'static str,
    },
    /// Makes a draft of one's own community's of it.
    Adapt {
        work: &'static str,
        from: &'static str,
    },
    Tell(Story),
    Gather(Path),
}

/// What a community was worth to somebody, for everybody to read.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) title: &'static str,
    /// The question among what its steps point at.
    pub(super) question: Option<&'static str>,
    /// The cycle of value, the text, and the titles of what it points at.
    pub(super) steps: &'static [(ValueCycle, &'static str, &'static [&'static str])],
}

/// A path through works, each with a note.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) language: &'static str,
    pub(super) entries: &'static [(&'static str, &'static str)],
}

/// About meetings.
#[derive(Debug)]
pub(super) enum Meet {
    Plan(&'static Meeting),
    /// Writes down what was noted at the meetings that are over, and who was there.
    Hold(&'static Meeting),
    /// Says whether one comes to the next.
    Reply(&'static Meeting, AttendanceState),
}

/// A meeting that comes again and again.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) title: &'static str,
    pub(super) language: &'static str,
    pub(super) kind: ActivityKind,
    pub(super) mode: ActivityMode,
    pub(super) rhythm: Rhythm,
    /// The hour at which it begins, in its time zone.
    pub(super) hour: u32,
    pub(super) zone: chrono_tz::Tz,
    pub(super) join_url: &'static str,
    pub(super) agenda: &'static str,
    /// What was noted, the first meeting first.
    pub(super) notes: &'static [&'static str],
    /// Who comes: everybody to the first meeting, and to every other one all but the first of them.
    pub(super) people: &'static [&'static str],
}

/// How often a meeting comes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rhythm {
    EveryOtherWeek,
    SecondTuesday,
}

/// About what shows that something works.
#[derive(Debug)]
pub(super) enum Prove {
    /// Plans a pilot of so many days, which begins on that day; it is known by its question.
    Plan {
        work: &'static str,
        question: &'static str,
        setting: &'static str,
        days: i64,
    },
    Go {
        pilot: &'static str,
        to: PilotState,
        outcome: Option<PilotOutcome>,
        findings: Option<&'static str>,
    },
    /// Tells everybody how a pilot went.
    Tell {
        pilot: &'static str,
        text: &'static str,
        rating: i64,
    },
    Adopt {
        work: &'static str,
        setting: &'static str,
        state: AdoptionState,
        outcome: Option<AdoptionOutcome>,
        story: &'static str,
    },
    Ripen {
        work: &'static str,
        to: PracticeMaturity,
        reason: &'static str,
    },
    /// Makes something else of an innovation.
    Promote { idea: &'static str, work: Work },
    Rate {
        work: &'static str,
        rating: i64,
        comment: &'static str,
    },
}

/// About discussions, and what people know.
#[derive(Debug)]
pub(super) enum Talk {
    Ask(Question),
    Reply {
        to: &'static str,
        /// The number of the post that it answers; none to answer the question.
        answers: Option<i32>,
        body: &'static str,
    },
    /// Accepts a post by its number.
    Accept(&'static str, i32),
    Close(&'static str, CloseReason),
    Reopen(&'static str),
    Capture(&'static str),
    /// Says that one knows about a tag.
    Know(&'static str),
    /// Says that a peer knows about a tag.
    Vouch(&'static str, &'static str),
}

/// What a discussion begins with.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) kind: DiscussionKind,
    pub(super) title: &'static str,
    pub(super) body: &'static str,
    pub(super) language: &'static str,
    pub(super) tags: &'static [&'static str],
    pub(super) domains: &'static [&'static str],
}

/// About what one follows and reports.
#[derive(Debug)]
pub(super) enum Watch {
    FollowCommunity,
    FollowWork(&'static str),
    FollowPerson(&'static str),
    Flag {
        work: &'static str,
        reason: FlagReason,
        note: &'static str,
    },
    /// Decides the newest flag of a work.
    Decide {
        work: &'static str,
        upheld: bool,
        note: &'static str,
    },
}

/// About resources, practices and innovations.
#[derive(Debug)]
pub(super) enum Write {
    Make(Work),
    /// The same, in the last occurrence of a meeting.
    MakeIn(&'static Meeting, Work),
    Revise {
        work: &'static str,
        body: &'static str,
        note: &'static str,
    },
    Restore {
        work: &'static str,
        revision: i32,
    },
    /// Names the resources that a practice uses.
    Use {
        practice: &'static str,
        resources: &'static [&'static str],
    },
    /// Says the same in other words, or another language.
    Retell {
        work: &'static str,
        to: Words,
    },
    Publish(&'static str),
    Submit(&'static str),
    Review {
        work: &'static str,
        verdict: ReviewVerdict,
        comment: &'static str,
    },
    /// Names who keeps it, and in how many days it is to be reviewed.
    Keep {
        work: &'static str,
        steward: &'static str,
        within: i64,
    },
    Renew(&'static str),
    Advance {
        idea: &'static str,
        to: InnovationStage,
        reason: &'static str,
        learning: Option<&'static str>,
    },
    Support(&'static str),
}

/// The words of a practice.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) body: &'static str,
    pub(super) language: &'static str,
}

pub(super) const SCRIPTS: &[Script] = &[
    helping::SCRIPT,
    instructors::SCRIPT,
    best_practice::SCRIPT,
    stewarding::SCRIPT,
    innovation::SCRIPT,
    elsewhere::SCRIPT,
    thread::BEGUN,
    thread::TAKEN_UP,
];

/// Whether the scenes take this community from stage to stage.
pub(super) fn have_stages(community: &str) -> bool {
    SCRIPTS
        .iter()
        .filter(|script| script.community == community)
        .flat_map(|script| script.scenes)
        .any(|scene| matches!(scene.act, Act::Belong(Belong::Stage { .. })))
}

/// All scenes in the order in which they are played, each with the slug of its community.
pub(super) fn in_order() -> Vec<(&'static str, &'static Scene)> {
    let mut scenes: Vec<_> = SCRIPTS
        .iter()
        .flat_map(|script| script.scenes.iter().map(|scene| (script.community, scene)))
        .collect();
    scenes.sort_by_key(|(_, scene)| (scene.day, scene.hour));
    scenes
}

/// The beginning of the day on which the scenes begin, for a loading that was begun then.
pub(super) fn first_day(begun: DateTime<Utc>) -> DateTime<Utc> {
    begun.date_naive().and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(DAYS)
}
