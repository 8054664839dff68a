//! Two processes on one database, at the same minute: what is due comes of one of them.

use entity::experience_report::Consent;
use entity::mail as outbox;
use entity::mail::MailPurpose;
use entity::user;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, QueryFilter, Statement};

use super::*;
use crate::auth::{Auth, AuthOptions, PasswordCost, SigningKeys};
use crate::digest::queue_due;
use crate::experience_report::{self, TellExperience};
use crate::mail::MailSettings;
use crate::pilot::{self, PilotContent, PlanPilot};
use crate::store::StoreOptions;

/// Another process on the same database: it shares the clock with the first one, and nothing else.
async fn another_process(circle: &Circle) -> Store {
    let store = &circle.store;
    let connections = 4;
    let options = if store.backend() == DatabaseBackend::Sqlite {
        StoreOptions::sqlite(&circle.directory.path().join("test.db"), connections)
    } else {
        let name = "SELECT CAST(current_database() AS text) AS name";
        let name = Statement::from_string(store.backend(), name);
        let row = store.reader().query_one_raw(name).await.unwrap().unwrap();
        let server = std::env::var("REPERTOIRE_TEST_POSTGRES_URL").unwrap();
        let mut address = url::Url::parse(&server).unwrap();
        address.set_path(&row.try_get::<String>("", "name").unwrap());
        StoreOptions {
            url: address.into(),
            connections,
        }
    };
    let clock = store.clock().clone();
    Store::open(&options, clock).await.unwrap()
}

/// What a process needs to write mails.
fn with_mail(store: Store) -> Auth {
    let settings = MailSettings::new("r@example.org", "https://learn.example.org", None);
    let options = AuthOptions {
        password_cost: PasswordCost::for_tests(),
        mail: Some(settings.unwrap()),
        ..AuthOptions::default()
    };
    Auth::new(store, SigningKeys::ephemeral().unwrap(), options).unwrap()
}

/// What every process does each minute, in both at the same time; answers how many deadlines they met.
async fn both(processes: &[Auth; 2]) -> u64 {
    let minutes = processes.clone().map(|auth| {
        tokio::spawn(async move {
            let ran = run_due(auth.store()).await.unwrap();
            queue_due(&auth).await.unwrap();
            ran.done
        })
    });
    let mut done = 0;
    for minute in minutes {
        done += minute.await.unwrap();
    }
    done
}

/// Something for every clock.
struct Due {
    question: Uuid,
    idea: Uuid,
    resource: Uuid,
    meeting: Uuid,
    invitation: Uuid,
}

impl Due {
    /// The question is due after two days, the idea after seven, the meeting after eight, the review after twenty, the
    /// invitation after thirty, and the report when its day is over.
    async fn new(circle: &Circle) -> Self {
        let store = &circle.store;
        circle
            .set_policy(UpdatePolicy {
                stage_age_limit_days: Patch::Value(7),
                ..UpdatePolicy::default()
            })
            .await;
        let now = store.clock().now();
        let resource = circle.published().await;
        let steward = Patch::Value(circle.member.user_id().unwrap());
        let review = Patch::Value(now + DAY * 20);
        crate::review::set_steward(store, &circle.steward, resource, steward, review)
            .await
            .unwrap();
        tell_anonymously(circle, resource).await;
        let starts_at = crate::schedule::whole_seconds(now + DAY * 8);
        let meeting = circle.meeting(starts_at).await;
        let going = AttendanceState::Going;
        activity::set_attendance(store, &circle.member, meeting, starts_at, going, None)
            .await
            .unwrap();
        let guest = testing::user(store, "gus", PlatformRole::Member).await;
        let (facilitator, community) = (&circle.facilitator, circle.community.id);
        let invited =
            crate::membership::invite(store, facilitator, community, guest.id, None).await;
        Self {
            question: circle.ask(DiscussionKind::HelpRequest).await,
            idea: circle.idea().await,
            resource,
            meeting,
            invitation: invited.unwrap().value.id,
        }
    }

    /// Who is told of it, each once.
    fn told(&self, circle: &Circle) -> Vec<(Uuid, NotificationReason, Uuid)> {
        let (facilitator, member) = (&circle.facilitator, &circle.member);
        let deciding = [facilitator, &circle.steward, &circle.author];
        let reason = NotificationReason::Due;
        let mut told =
            Circle::expected(&[facilitator], NotificationReason::Escalated, self.question);
        told.extend(Circle::expected(&deciding, reason, self.idea));
        told.extend(Circle::expected(&[member], reason, self.resource));
        told.extend(Circle::expected(&[member], reason, self.meeting));
        told.sort_by_key(|(user, _, about)| (*about, *user));
        told
    }
}

async fn tell_anonymously(circle: &Circle, subject_id: Uuid) {
    let input = PlanPilot {
        subject_id,
        content: PilotContent {
            question: Patch::Value("Do they walk?".to_owned()),
            setting: Patch::Value("Two classes".to_owned()),
            ..PilotContent::default()
        },
    };
    let planned = pilot::plan(&circle.store, &circle.author, input).await;
    let input = TellExperience {
        about: (EntityType::Pilot, planned.unwrap().value.id),
        text: "They do.".to_owned(),
        media_url: None,
        rating: None,
        would_reuse: None,
        consent: Consent::Members,
        anonymous: true,
    };
    experience_report::tell(&circle.store, &circle.member, input)
        .await
        .unwrap();
}

async fn confirm_addresses(circle: &Circle) {
    let now = circle.store.clock().now();
    user::Entity::update_many()
        .col_expr(user::Column::EmailVerifiedAt, Expr::value(now))
        .exec(circle.store.migration_connection())
        .await
        .unwrap();
}

/// To whom mails about notifications were written.
async fn mailed(circle: &Circle) -> Vec<String> {
    let mails = outbox::Entity::find()
        .filter(outbox::Column::Purpose.eq(MailPurpose::Notifications))
        .all(circle.store.reader())
        .await
        .unwrap();
    let mut recipients: Vec<String> = mails.into_iter().map(|mail| mail.recipient).collect();
    recipients.sort_unstable();
    recipients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_tells_of_what_is_due_and_writes_the_mail() {
    let circle = Circle::new(CommunityKind::Helping).await;
    let due = Due::new(&circle).await;
    confirm_addresses(&circle).await;
    let other = another_process(&circle).await;
    let processes = [circle.store.clone(), other].map(with_mail);
    let told = due.told(&circle);
    let [ada, ben, fay, stella] =
        ["ada", "ben", "fay", "stella"].map(|name| format!("{name}@example.org"));

    circle.turn(DAY * 7 + HOUR * 12);
    let met = both(&processes).await;
    assert_eq!(met, 5, "question, idea, reminder, meeting and report");
    assert_eq!(circle.told().await, told);
    assert_eq!(circle.escalations().await, 1);
    let reports = testing::changes(&circle.store, EntityType::ExperienceReport).await;
    assert_eq!(reports.len(), 1);
    assert_eq!(mailed(&circle).await, [""; 0], "that waits for the morning");

    circle.turn(DAY);
    assert_eq!(both(&processes).await, 0);
    let first = [&ada, &ben, &fay, &stella];
    assert_eq!(mailed(&circle).await.iter().collect::<Vec<_>>(), first);

    circle.turn(DAY * 12);
    assert_eq!(both(&processes).await, 1, "the review itself");
    circle.turn(DAY);
    assert_eq!(both(&processes).await, 0);
    let second = [&ada, &ben, &ben, &fay, &stella];
    assert_eq!(mailed(&circle).await.iter().collect::<Vec<_>>(), second);

    // Both may find the invitation, and one of them ends it.
    circle.turn(DAY * 9);
    both(&processes).await;
    let changes = testing::changes(&circle.store, EntityType::Membership).await;
    let by_time = changes
        .iter()
        .filter(|change| change.entity_id == due.invitation && change.actor_id.is_none());
    assert_eq!(by_time.count(), 1);
    let invited = membership::Entity::find_by_id(due.invitation);
    let invited = invited.one(circle.store.reader()).await.unwrap().unwrap();
    assert_eq!(invited.state, MembershipState::Expired);
    assert_eq!(circle.told().await, told, "told of the review anew");
}
