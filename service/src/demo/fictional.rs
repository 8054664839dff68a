//! Three small communities that only some may see, so that permissions can be shown. All of it is made up.

use entity::community::{CommunityKind, CommunityVisibility, JoinPolicy, MeetingMode};
use entity::item::ItemVisibility;
use entity::practice::PracticeKind;
use entity::resource::ResourceKind;

use super::people::{FACILITATOR, MEMBER, REVIEWER, STEWARD};

/// A community with its items.
#[derive(Debug)]
pub(super) struct Community {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: CommunityKind,
    pub(super) visibility: CommunityVisibility,
    pub(super) join_policy: JoinPolicy,
    pub(super) meeting_mode: MeetingMode,
    pub(super) domains: &'static [&'static str],
    /// Those who belong to it beside the facilitator, in their usual roles.
    pub(super) members: &'static [&'static str],
    pub(super) items: &'static [Item],
}

/// An item.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) body: &'static str,
    pub(super) form: Form,
    pub(super) author: &'static str,
    pub(super) visibility: ItemVisibility,
    pub(super) published: bool,
    pub(super) tags: &'static [&'static str],
}

/// What kind of item it is, with what only that kind has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Resource(ResourceKind),
    Practice(PracticeKind),
    /// The idea, and what was learned when it was given up.
    Innovation(&'static str, Option<&'static str>),
}

pub(super) const COMMUNITIES: &[Community] = &[
    Community {
        slug: "demo-staff-exchange",
        name: "Staff exchange (invented)",
        purpose: "Help each other with everyday questions of teaching, across schools that do not exist.",
        description: "An invented community that every signed-in person may see, and no visitor. One of its guides is \
                      for members only, and one resource is still a draft.",
        kind: CommunityKind::Helping,
        visibility: CommunityVisibility::Internal,
        join_policy: JoinPolicy::Open,
        meeting_mode: MeetingMode::Online,
        domains: &["teaching", "mentoring"],
        members: &[STEWARD, REVIEWER, MEMBER],
        items: &[
            Item {
                title: "First week with a new class: a checklist",
                summary: "What to prepare before the first lesson, and what can wait.",
                body: "Before the first lesson\n\n- Learn the names, and how they are said.\n- Agree on how help is asked \
                       for.\n- Prepare one task that everybody can begin at once.\n\nWhat can wait: seating plans, the \
                       long list of rules, the second textbook.",
                form: Form::Resource(ResourceKind::Template),
                author: MEMBER,
                visibility: ItemVisibility::Community,
                published: true,
                tags: &["checklist", "first-week"],
            },
            Item {
                title: "Guide to our exchange evenings",
                summary: "How an exchange evening runs, for those who come to it.",
                body: "One person brings a question, everybody else asks before they advise. Twenty minutes a question, \
                       then the person says what they will try. Two weeks later they tell how it went.",
                form: Form::Resource(ResourceKind::Guide),
                author: STEWARD,
                visibility: ItemVisibility::Members,
                published: true,
                tags: &["meeting", "peer-assist"],
            },
            Item {
                title: "Ideas for substitute lessons",
                summary: "A collection that is not ready yet.",
                body: "Collect here what works without preparation in any subject.",
                form: Form::Resource(ResourceKind::Document),
                author: MEMBER,
                visibility: ItemVisibility::Community,
                published: false,
                tags: &["substitution"],
            },
        ],
    },
    Community {
        slug: "demo-moderation-circle",
        name: "Moderation circle (invented)",
        purpose: "Compare how we mark the same work, so that a grade means the same in every room.",
        description: "An invented private community: people with a session see what it is about and may ask to join; \
                      only members see what it holds.",
        kind: CommunityKind::BestPractice,
        visibility: CommunityVisibility::Private,
        join_policy: JoinPolicy::Approval,
        meeting_mode: MeetingMode::FaceToFace,
        domains: &["assessment-feedback"],
        members: &[STEWARD, REVIEWER],
        items: &[
            Item {
                title: "Blind double marking of a sample",
                summary: "Two people mark the same ten papers without seeing each other's marks, then talk about the gaps.",
                body: "Draw ten papers by lot. Two people mark them separately. Lay the marks side by side, begin with the \
                       widest gap, and write down which words of the criteria were read differently.",
                form: Form::Practice(PracticeKind::Method),
                author: REVIEWER,
                visibility: ItemVisibility::Community,
                published: true,
                tags: &["marking", "moderation"],
            },
            Item {
                title: "Notes on the winter sample",
                summary: "What the last comparison showed, for stewards only.",
                body: "Criterion three was read in two ways. Until it is reworded, both readings count.",
                form: Form::Resource(ResourceKind::Document),
                author: STEWARD,
                visibility: ItemVisibility::Stewards,
                published: true,
                tags: &["moderation"],
            },
        ],
    },
    Community {
        slug: "demo-pilot-planning",
        name: "Pilot planning (invented)",
        purpose: "Try new formats of teaching on a small scale before anybody hears of them.",
        description: "An invented unlisted community: whoever is no member cannot know that it exists.",
        kind: CommunityKind::Innovation,
        visibility: CommunityVisibility::Unlisted,
        join_policy: JoinPolicy::Invitation,
        meeting_mode: MeetingMode::Blended,
        domains: &["lesson-design"],
        members: &[REVIEWER],
        items: &[
            Item {
                title: "Silent discussion on paper",
                summary: "Quiet people take part in a discussion when nobody has to speak.",
                body: "Large sheets on every table, one question on each. Everybody writes, answers and draws lines for \
                       ten minutes, without a word. Then the tables change.",
                form: Form::Innovation(
                    "Hold the first half of a discussion in writing, on shared sheets of paper.",
                    None,
                ),
                author: FACILITATOR,
                visibility: ItemVisibility::Community,
                published: true,
                tags: &["discussion", "participation"],
            },
            Item {
                title: "Homework by voice message",
                summary: "Marking spoken homework takes less time than written homework.",
                body: "Learners hand in two minutes of speech in place of a page.",
                form: Form::Innovation(
                    "Take homework as short voice messages.",
                    Some(
                        "Listening took longer than reading, and nobody could skim. It helped those who write with \
                         difficulty, so it stays as an offer to them.",
                    ),
                ),
                author: REVIEWER,
                visibility: ItemVisibility::Community,
                published: true,
                tags: &["homework"],
            },
        ],
    },
];
