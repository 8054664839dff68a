//! Two servers on one database, at the same minute: what is due comes of one of them.

use std::path::Path;
use std::time::Duration;

use api::config::Config;
use api::server::Server;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use service::deadline::run_due;
use service::digest;
use service::entity::change::EntityType;
use service::entity::mail::MailPurpose;
use service::entity::{change, mail};
use support::{App, Client, MailApp, on_both_databases};

use super::{ask, told};

/// Another server on the same database, by the same clock.
async fn another_server(app: &App, directory: &Path) -> Server {
    let config = Config {
        data_dir: directory.to_owned(),
        database_url: Some(app.config().store_options().url.into()),
        ..app.config().clone()
    };
    let clock = app.server().clock().clone();
    Box::pin(Server::start_at(config, clock)).await.unwrap()
}

/// Turns the clock, and does in both servers at the same time what each does every minute. Nothing is under way to be sent
/// before and after: what is when days go by is taken for lost, and sent anew.
async fn turn_both(servers: [&Server; 2], by: TimeDelta) {
    all_sent(servers[0]).await;
    servers[0].clock().advance(by);
    let [one, other] = servers.map(|server| async move {
        run_due(server.store()).await.unwrap();
        digest::queue_due(server.auth()).await.unwrap();
        server.mailer().unwrap().send_due().await.unwrap();
    });
    tokio::join!(one, other);
    all_sent(servers[0]).await;
}

/// Waits until the outbox is empty.
async fn all_sent(server: &Server) {
    let waiting = async || service::mail::waiting(server.store()).await.unwrap();
    let empty = async {
        while waiting().await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), empty)
        .await
        .expect("what is to be sent is sent");
}

/// To whom mails about notifications were sent, each at the first attempt.
async fn mailed(app: &App) -> Vec<String> {
    let mails = mail::Entity::find()
        .filter(mail::Column::Purpose.eq(MailPurpose::Notifications))
        .all(app.server().store().reader())
        .await
        .unwrap();
    assert!(mails.iter().all(|mail| mail.attempts == 1), "{mails:?}");
    let mut recipients: Vec<String> = mails.into_iter().map(|mail| mail.recipient).collect();
    recipients.sort_unstable();
    recipients
}

/// What is in the log about things of a type that nobody did.
async fn by_nobody(app: &App, entity_type: EntityType) -> Vec<change::Model> {
    change::Entity::find()
        .filter(change::Column::EntityType.eq(entity_type))
        .filter(change::Column::ActorId.is_null())
        .all(app.server().store().reader())
        .await
        .unwrap()
}

/// What waits for a clock, of one community.
struct Due {
    question: Value,
    idea: Value,
    resource: Value,
    meeting: Value,
    invitation: Value,
}

impl Due {
    /// The question is due after two days, the idea after seven, the meeting after eight, the review after twenty, the
    /// invitation after thirty, and an anonymous report when its day is over.
    async fn new(
        now: DateTime<Utc>,
        facilitator: &Client,
        member: &Client,
        guest: &Client,
    ) -> Self {
        let circle = facilitator.create_community("Circle", json!({})).await;
        member.join(&circle).await;
        let policy = "mutation($id: ID!, $input: CommunityPolicyInput!) { updateCommunityPolicy(id: $id, input: $input) {
            community { id } userErrors { code field message } } }";
        let limit = json!({ "id": circle, "input": { "stageAgeLimitDays": 7 } });
        facilitator.mutate(policy, limit).await;
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let idea =
            json!({ "communityId": circle, "title": "Counting by walking", "idea": "Steps." });
        let idea = member.mutate(create, json!({ "input": idea })).await;
        let resource = facilitator
            .create_resource(&circle, "Walking lessons", json!({}))
            .await;
        let keep = "mutation($id: ID!, $user: ID, $due: DateTime) { setSteward(id: $id, userId: $user, reviewDueAt: $due) {
            item { id } userErrors { code field message } } }";
        let time = |hours: i64| {
            let time = now + TimeDelta::hours(hours);
            json!(time.to_rfc3339_opts(SecondsFormat::Secs, true))
        };
        let kept = json!({ "id": resource, "user": member.my_id().await, "due": time(20 * 24) });
        facilitator.mutate(keep, kept).await;
        let pilot = facilitator.plan_pilot(&resource, json!({})).await;
        member
            .tell(&pilot, "MEMBERS", json!({ "anonymous": true }))
            .await;
        let meet = "mutation($input: CreateActivityInput!) { createActivity(input: $input) {
            activity { id } userErrors { code field message } } }";
        let meeting = json!({
            "communityId": circle, "title": "Monthly meeting", "kind": "MEETING", "mode": "ONLINE",
            "startsAt": time(8 * 24), "endsAt": time(8 * 24 + 1), "timeZone": "UTC",
        });
        let meeting = facilitator.mutate(meet, json!({ "input": meeting })).await;
        let meeting = meeting["activity"]["id"].clone();
        let come = "mutation($id: ID!, $start: DateTime!) {
            setAttendance(activityId: $id, recurrenceId: $start, state: GOING) {
                activity { id } userErrors { code field message } } }";
        let coming = json!({ "id": meeting, "start": time(8 * 24) });
        member.mutate(come, coming).await;
        let invite = "mutation($community: ID!, $user: ID!) { inviteMember(communityId: $community, userId: $user) {
            membership { id } userErrors { code field message } } }";
        let invited = json!({ "community": circle, "user": guest.my_id().await });
        let invited = facilitator.mutate(invite, invited).await;
        Self {
            question: ask(member, &circle, "How do I begin?").await,
            idea: idea["innovation"]["id"].clone(),
            resource,
            meeting,
            invitation: invited["membership"]["id"].clone(),
        }
    }
}

/// The same, in an order.
fn sorted(told: Vec<(&'static str, Value)>) -> Vec<(&'static str, String)> {
    let mut told: Vec<_> = told
        .into_iter()
        .map(|(reason, about)| (reason, about.to_string()))
        .collect();
    told.sort_unstable();
    told
}

/// What comes to a list of addresses beside what came before.
fn since(before: &[String], after: &[String]) -> Vec<String> {
    let mut new = after.to_vec();
    for address in before {
        let place = new.iter().position(|one| one == address);
        new.remove(place.expect("a mail stays in the outbox"));
    }
    new
}

on_both_databases! {
    async fn of_two_servers_one_tells_of_what_is_due_and_one_mails_it(app: MailApp) {
        const ADA: &str = "ada@example.org";
        const BEN: &str = "ben@example.org";
        let directory = tempfile::tempdir().unwrap();
        let second = another_server(&app, directory.path()).await;
        let servers = [app.server(), &second];
        let (ada, ben) = (app.confirmed(ADA).await, app.confirmed(BEN).await);
        let guest = app.person("Gus").await;
        let due = Due::new(app.server().clock().now(), &ada, &ben, &guest).await;

        turn_both(servers, TimeDelta::hours(7 * 24 + 12)).await;
        let asked = sorted(vec![("ESCALATED", due.question.clone()), ("DUE", due.idea.clone())]);
        let kept = [&due.idea, &due.resource, &due.meeting].map(|about| ("DUE", about.clone()));
        let kept = sorted(kept.to_vec());
        let (ada, ben) = (app.sign_in(ADA).await, app.sign_in(BEN).await);
        assert_eq!(sorted(told(&app, &ada).await), asked);
        assert_eq!(sorted(told(&app, &ben).await), kept);
        assert_eq!(by_nobody(&app, EntityType::Discussion).await.len(), 1, "it was escalated once");
        assert_eq!(by_nobody(&app, EntityType::ExperienceReport).await.len(), 1, "it came once");

        // Each gets one mail in the morning, of whatever there was to tell.
        let before = mailed(&app).await;
        turn_both(servers, TimeDelta::days(1)).await;
        let morning = mailed(&app).await;
        assert_eq!(since(&before, &morning), [ADA, BEN]);
        turn_both(servers, TimeDelta::days(12)).await;
        let before = mailed(&app).await;
        turn_both(servers, TimeDelta::days(1)).await;
        let after = mailed(&app).await;
        assert_eq!(since(&before, &after), [BEN], "the review itself is due");
        turn_both(servers, TimeDelta::days(9)).await;
        assert_eq!(by_nobody(&app, EntityType::Membership).await.len(), 1, "the invitation ran out once");
        let (ada, ben) = (app.sign_in(ADA).await, app.sign_in(BEN).await);
        assert_eq!(sorted(told(&app, &ada).await), asked);
        assert_eq!(sorted(told(&app, &ben).await), kept, "told of the review anew");
        let query = "query($id: ID!) { node(id: $id) { ... on Membership { state } } }";
        let seen = ada.query(query, json!({ "id": due.invitation })).await;
        assert_eq!(seen["node"]["state"], "EXPIRED");

        let mut lines = Vec::new();
        for _ in after.iter().filter(|address| *address == BEN) {
            let mail = app.mails().next_to(BEN).await;
            let news = mail.body.lines().filter(|line| line.starts_with("- Due – "));
            lines.extend(news.map(str::to_owned));
        }
        lines.sort_unstable();
        assert_eq!(lines, [
            "- Due – Counting by walking", "- Due – Monthly meeting",
            "- Due – Walking lessons", "- Due – Walking lessons",
        ]);
        second.shut_down().await.unwrap();
    }
}
