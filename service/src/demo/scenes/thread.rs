//! One thread from a question to a practice that others take back to their work: what is answered in the helping
//! community is captured, tried out beside the guide that the community has in two languages, made a practice of both,
//! adopted, told of, and carried on to another community.

use entity::adoption::{AdoptionOutcome, AdoptionState};
use entity::item::ItemVisibility;
use entity::pilot::PilotOutcome::{Worked, WorkedWithChanges};
use entity::practice::PracticeKind;
use entity::practice::PracticeMaturity::{Recommended, Trialled};
use entity::review::ReviewVerdict::Approve;
use entity::value_step::ValueCycle;

use super::acts::{begin, conclude, plan, review, ripen, tell};
use super::helping::SAYING_NO;
use super::{Act, Carry, Path, Prove, Script, Story, Words, Write, scene};
use crate::demo::fictional::Form;
use crate::demo::items::Work;
use crate::demo::people::{
    COLLEAGUE, FACILITATOR, HELPER, MEMBER, NEWCOMER, RESEARCHER, REVIEWER, STEWARD,
};

const HELPING: &str = "maintainers-circle";
const STANDARDS: &str = "digital-standards-normes-numeriques";

const DO_THEY_STAY: &str = "Do people stay after a no that is written like this? (Made up.)";
const IS_IT_ENOUGH: &str = "Is what the guide says of saying no enough for a first no? (Made up.)";
const EST_CE_ASSEZ: &str =
    "Ce que le guide dit du refus suffit-il pour un premier non ? (Inventé.)";
const BY_OTHERS: &str = "Does it work for those who did not write it? (Made up.)";
/// The guide on keeping a project, and its translation: real texts of the helping community.
const GUIDE: &str = "Best Practices for Maintainers";
const LE_GUIDE: &str = "Bonnes pratiques pour les responsables";
const SECOND_SENTENCE: &str = "Say no in the second sentence (invented)";
const DEUXIEME_PHRASE: &str = "Dire non dès la deuxième phrase (inventé)";

const fn adopt(work: &'static str, setting: &'static str, story: &'static str) -> Act {
    Act::Prove(Prove::Adopt {
        work,
        setting,
        state: AdoptionState::Confirmed,
        outcome: Some(AdoptionOutcome::Improved),
        story,
    })
}

#[rustfmt::skip]
pub(super) const BEGUN: Script = Script {
    community: HELPING,
    scenes: &[
        scene(7, 10, REVIEWER, Act::Write(Write::Publish(SAYING_NO))),
        scene(11, 10, MEMBER, plan(
            SAYING_NO, DO_THEY_STAY, 21,
            "Made up: two small projects that say no about once a week.",
        )),
        scene(11, 11, MEMBER, begin(DO_THEY_STAY)),
        scene(12, 10, MEMBER, plan(
            GUIDE, IS_IT_ENOUGH, 14,
            "Made up: three people who have never turned anything down, with the guide before their eyes.",
        )),
        scene(12, 11, MEMBER, begin(IS_IT_ENOUGH)),
        scene(12, 12, HELPER, plan(
            LE_GUIDE, EST_CE_ASSEZ, 14,
            "Inventé : deux personnes qui n’ont jamais rien refusé, le guide sous les yeux.",
        )),
        scene(12, 13, HELPER, begin(EST_CE_ASSEZ)),
        scene(25, 10, HELPER, tell(
            IS_IT_ENOUGH, 4,
            "It says why one should say no, and that one may. How the answer begins we had to find ourselves. (Made up.)",
        )),
        scene(25, 11, COLLEAGUE, tell(
            EST_CE_ASSEZ, 4,
            "Le guide enlève la mauvaise conscience. Pour la première phrase, il manque un exemple. (Inventé.)",
        )),
        scene(26, 10, MEMBER, conclude(
            IS_IT_ENOUGH, WorkedWithChanges,
            "The guide gives the reasons, the captured answers give the words: both are needed. (Made up.)",
        )),
        scene(26, 11, HELPER, conclude(
            EST_CE_ASSEZ, WorkedWithChanges,
            "Le guide donne les raisons, les réponses recueillies donnent les mots. (Inventé.)",
        )),
        scene(27, 10, HELPER, adopt(
            GUIDE, "A package index (made up)",
            "The part on saying no is linked from each of our saved answers. (Made up.)",
        )),
        scene(27, 11, COLLEAGUE, adopt(
            LE_GUIDE, "Bibliothèque de composants (inventée)",
            "Nous le lisons ensemble avec chaque nouvelle personne qui relit. (Inventé.)",
        )),
        scene(30, 10, STEWARD, tell(
            DO_THEY_STAY, 5,
            "Five times no. Four people answered, and two of them took the other issue. (Made up.)",
        )),
        scene(31, 10, COLLEAGUE, tell(
            DO_THEY_STAY, 4,
            "J’ai dit non trois fois. Une personne est revenue avec autre chose, une autre a remercié. (Inventé.)",
        )),
        scene(32, 10, MEMBER, conclude(
            DO_THEY_STAY, Worked,
            "Most answer, and about a third come back. Having another issue ready matters most. (Made up.)",
        )),
        scene(33, 10, MEMBER, Act::Write(Write::Make(Work {
            form: Form::Practice(PracticeKind::Method),
            title: SECOND_SENTENCE,
            summary: "Thank for something that you can name, say no in the second sentence, offer something else in the third.",
            body: "1. Thank for one thing that you can name.\n2. Say no, and why.\n3. Offer an issue of the same size, with \
                   your name under it as the one who will review it.",
            language: "en",
            tags: &["contributors", "saying-no"],
            domains: &["open-source"],
            visibility: ItemVisibility::Community,
        }))),
        scene(33, 11, MEMBER, Act::Write(Write::Use { practice: SECOND_SENTENCE, resources: &[SAYING_NO, GUIDE] })),
        scene(33, 12, MEMBER, Act::Write(Write::Submit(SECOND_SENTENCE))),
        scene(34, 10, REVIEWER, review(
            SECOND_SENTENCE, Approve,
            "Made up: three sentences, and all of them needed.",
        )),
        scene(35, 10, MEMBER, plan(
            SECOND_SENTENCE, BY_OTHERS, 14,
            "Made up: three people who were not there when it was written.",
        )),
        scene(35, 11, MEMBER, begin(BY_OTHERS)),
        scene(44, 10, HELPER, tell(
            BY_OTHERS, 4,
            "Deux fois sur trois, j’avais oublié de proposer autre chose. Avec la liste sous les yeux, non. (Inventé.)",
        )),
        scene(45, 10, COLLEAGUE, adopt(
            SECOND_SENTENCE, "Bibliothèque de composants (inventée)",
            "Le modèle de réponse est dans notre guide ; chacun y met sa deuxième phrase. (Inventé.)",
        )),
        scene(46, 10, NEWCOMER, adopt(
            SECOND_SENTENCE, "A project that writes documentation (made up)",
            "My first no took ten minutes instead of an evening. (Made up.)",
        )),
        scene(48, 10, HELPER, adopt(
            SECOND_SENTENCE, "A package index (made up)",
            "We say no forty times a month; the saved answers all have three sentences now. (Made up.)",
        )),
        scene(49, 10, MEMBER, conclude(
            BY_OTHERS, WorkedWithChanges,
            "It works with the three lines before one's eyes; from memory the third is forgotten. (Made up.)",
        )),
        scene(49, 11, STEWARD, ripen(
            SECOND_SENTENCE, Trialled,
            "Made up: those who did not write it have tried it.",
        )),
        scene(53, 10, STEWARD, ripen(
            SECOND_SENTENCE, Recommended,
            "Made up: three settings use it, and confirm that it helps.",
        )),
        scene(54, 10, COLLEAGUE, Act::Carry(Carry::Offer {
            work: SECOND_SENTENCE,
            to: STANDARDS,
            note: "Made up: teams turn down change requests, too. / Inventé : refuser une demande, cela nous arrive aussi.",
        })),
        scene(58, 10, NEWCOMER, Act::Carry(Carry::Tell(Story {
            title: "The no that kept somebody (made up)",
            question: Some(SAYING_NO),
            steps: &[
                (ValueCycle::Immediate, "I read the answers on the evening before I had to write mine.", &[SAYING_NO]),
                (ValueCycle::Potential, "I had the reasons, the order of the sentences, and an example.", &[GUIDE, SAYING_NO]),
                (ValueCycle::Applied, "I wrote my first no with the three lines beside me.", &[SECOND_SENTENCE]),
                (ValueCycle::Realized, "The one whom I turned down mended another issue the week after.", &[]),
                (ValueCycle::Reframing, "I write down what is out of scope before anybody asks.", &[]),
            ],
        }))),
        scene(59, 10, STEWARD, Act::Carry(Carry::Gather(Path {
            title: "The first month as a maintainer (invented)",
            description: "Made up: what we give to those who have just become one, in the order in which it is needed.",
            language: "en",
            entries: &[
                ("From Users to Contributors", "Made up: begin here, with those who are about to come."),
                (GUIDE, "Made up: why one may say no."),
                (SAYING_NO, "Made up: the question that everybody asks by the second week."),
                (SECOND_SENTENCE, "Made up: what became of the answers."),
                ("Community Manager Self-Care", "Made up: and then rest."),
            ],
        }))),
    ],
};

#[rustfmt::skip]
pub(super) const TAKEN_UP: Script = Script {
    community: STANDARDS,
    scenes: &[
        scene(55, 10, FACILITATOR, Act::Carry(Carry::Take { work: SECOND_SENTENCE, from: HELPING })),
        scene(56, 10, COLLEAGUE, Act::Carry(Carry::Adapt { work: SECOND_SENTENCE, from: HELPING })),
        scene(57, 10, COLLEAGUE, Act::Write(Write::Retell {
            work: SECOND_SENTENCE,
            to: Words {
                title: DEUXIEME_PHRASE,
                summary: "Remercier pour une chose précise, dire non dès la deuxième phrase, proposer autre chose dans la \
                          troisième.",
                body: "1. Remercier pour une chose que l’on sait nommer.\n2. Dire non, et pourquoi.\n3. Proposer une autre \
                       demande de même taille, et dire qui la relira.",
                language: "fr",
            },
        })),
        scene(57, 11, COLLEAGUE, Act::Write(Write::Submit(DEUXIEME_PHRASE))),
        scene(59, 10, RESEARCHER, review(DEUXIEME_PHRASE, Approve, "Inventé : cela vaut aussi pour nos usagers.")),
        scene(62, 10, STEWARD, review(
            DEUXIEME_PHRASE, Approve,
            "Made up: said in three sentences, in both languages.",
        )),
        scene(65, 10, COLLEAGUE, Act::Carry(Carry::Tell(Story {
            title: "Une réponse venue d’ailleurs (inventé)",
            question: None,
            steps: &[
                (ValueCycle::Immediate, "J’ai posé la question dans un autre cercle, en anglais.", &[]),
                (ValueCycle::Potential, "La pratique est venue ici, et dans notre langue.", &[DEUXIEME_PHRASE]),
                (ValueCycle::Applied, "Nous avons refusé une demande, et la personne a relu la suivante.", &[DEUXIEME_PHRASE]),
            ],
        }))),
    ],
};
