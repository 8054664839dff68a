//! What becomes due as time goes by, with the clock turned.

use std::path::Path;
use std::time::Duration;

use api::config::Config;
use api::graphql::ids::encode;
use api::graphql::node::node_type;
use api::server::Server;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use service::deadline::run_due;
use service::digest;
use service::entity::change::EntityType;
use service::entity::mail::MailPurpose;
use service::entity::{change, mail};
use service::notification::{self, NotificationReason};
use service::paging::PageRequest;
use support::{App, Client, MailApp, on_both_databases};

const ASK: &str = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
    discussion { id escalatedAt } userErrors { code field message } } }";

const ESCALATED: &str =
    "query($id: ID!) { discussion(id: $id) { escalatedAt firstAnsweredAt updatedAt revision } }";

async fn ask(client: &Client, community: &Value, title: &str) -> Value {
    let input =
        json!({ "communityId": community, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
    let made = client.mutate(ASK, json!({ "input": input })).await;
    assert_eq!(made["discussion"]["escalatedAt"], Value::Null);
    made["discussion"]["id"].clone()
}

/// Turns the clock and does what is due. The server does so too, now and then, so what a run of its own finds is not said.
async fn turn(app: &App, by: TimeDelta) {
    app.server().clock().advance(by);
    run_due(app.server().store()).await.unwrap();
}

async fn email_of(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

/// What somebody is told of by clocks: the reason and what it is about.
async fn told(app: &App, client: &Client) -> Vec<(&'static str, Value)> {
    let viewer = service::auth::authenticate(app.server().auth(), client.token())
        .await
        .unwrap();
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let page = notification::page(app.server().store(), &viewer, false, &request)
        .await
        .unwrap();
    let rows = page.rows.into_iter().map(|(_, row)| row);
    let by_clocks = rows.filter(|row| {
        matches!(
            row.reason,
            NotificationReason::Escalated | NotificationReason::Due
        )
    });
    by_clocks
        .map(|row| {
            assert_eq!(row.actor_id, None, "nobody did it");
            let id = encode(node_type(row.about_type), row.about_id);
            (row.reason.as_str(), json!(id.to_string()))
        })
        .collect()
}

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

    async fn a_question_is_escalated_once_and_restarts_change_nothing(app: App) {
        let facilitator = app.person("Ada").await;
        let (asker, stranger) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Helpers", json!({})).await;
        asker.join(&community).await;
        let question = ask(&asker, &community, "How do I begin?").await;
        let before = asker.query(ESCALATED, json!({ "id": question })).await;
        let emails = [email_of(&facilitator).await, email_of(&asker).await, email_of(&stranger).await];
        turn(&app, TimeDelta::hours(47)).await;
        let asker = app.sign_in(&emails[1]).await;
        let early = asker.query(ESCALATED, json!({ "id": question })).await;
        assert_eq!(early["discussion"]["escalatedAt"], Value::Null);

        let app = app.restart().await;
        app.server().clock().advance(TimeDelta::hours(1));
        // As two processes at the same minute would.
        let store = app.server().store();
        let (one, other) = tokio::join!(run_due(store), run_due(store));
        assert!(one.is_ok() && other.is_ok());
        turn(&app, TimeDelta::hours(100)).await;

        // The sessions' tokens ended meanwhile.
        let [facilitator, asker, stranger] =
            [app.sign_in(&emails[0]).await, app.sign_in(&emails[1]).await, app.sign_in(&emails[2]).await];
        let seen = asker.query(ESCALATED, json!({ "id": question })).await;
        assert!(seen["discussion"]["escalatedAt"].is_string(), "{seen:#}");
        for field in ["updatedAt", "revision", "firstAnsweredAt"] {
            assert_eq!(seen["discussion"][field], before["discussion"][field], "{field}");
        }
        let unseen = stranger.query(ESCALATED, json!({ "id": question })).await;
        assert_eq!(unseen["discussion"]["escalatedAt"], Value::Null, "members only");
        assert_eq!(told(&app, &facilitator).await, [("ESCALATED", question)]);
        assert_eq!(told(&app, &asker).await, []);
    }

    async fn policy_and_kind_decide_what_is_due(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Ideas", json!({ "kind": "INNOVATION" })).await;
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Counting by walking", "idea": "Steps." });
        let idea = facilitator.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone();
        let question = ask(&facilitator, &community, "How do I begin?").await;
        let email = email_of(&facilitator).await;
        turn(&app, TimeDelta::days(30)).await;
        let facilitator = app.sign_in(&email).await;
        assert_eq!(told(&app, &facilitator).await, [], "neither is due by this kind's clocks");
        let policy = "mutation($id: ID!, $input: CommunityPolicyInput!) { updateCommunityPolicy(id: $id, input: $input) {
            community { id } userErrors { code field message } } }";
        let input = json!({ "stageAgeLimitDays": 7, "firstAnswerTargetHours": 720 });
        facilitator.mutate(policy, json!({ "id": community, "input": input })).await;
        turn(&app, TimeDelta::zero()).await;
        // Nobody is told of both in an order that could be relied on.
        let told = told(&app, &facilitator).await;
        assert_eq!(told.len(), 2, "both are as old as these allow");
        assert!(told.contains(&("DUE", idea)) && told.contains(&("ESCALATED", question)));
    }

    async fn an_innovation_is_to_be_decided_in_time(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, member) = (app.person("Ben").await, app.person("Cleo").await);
        let lab = facilitator.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        let helpers = facilitator.create_community("Helpers", json!({})).await;
        for person in [&author, &member] {
            person.join(&lab).await;
            person.join(&helpers).await;
        }
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let mut ideas = Vec::new();
        for community in [&lab, &helpers] {
            let input = json!({ "communityId": community, "title": "Counting by walking", "idea": "Steps." });
            ideas.push(author.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone());
        }
        let emails = [email_of(&facilitator).await, email_of(&author).await, email_of(&member).await];
        let show = "query($id: ID!, $community: ID!) {
            innovation(id: $id) { stage createdAt undecidedSince decisionDueAt }
            community(id: $community) { workQueue { nodes { reason since dueAt node { id } } } }
        }";
        let variables = json!({ "id": ideas[0], "community": lab });
        let shown = author.query(show, variables.clone()).await["innovation"].clone();
        assert_eq!(shown["undecidedSince"], shown["createdAt"]);
        let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        assert_eq!(time(&shown["decisionDueAt"]) - time(&shown["undecidedSince"]), TimeDelta::days(60));
        let elsewhere = author.query(show, json!({ "id": ideas[1], "community": helpers })).await["innovation"].clone();
        assert!(elsewhere["undecidedSince"].is_string());
        assert_eq!(elsewhere["decisionDueAt"], Value::Null, "helpers have no such limit");

        turn(&app, TimeDelta::days(59)).await;
        let author = app.sign_in(&emails[1]).await;
        assert_eq!(told(&app, &author).await, []);
        turn(&app, TimeDelta::days(1)).await;
        turn(&app, TimeDelta::days(1)).await;
        let [facilitator, author, member] =
            [app.sign_in(&emails[0]).await, app.sign_in(&emails[1]).await, app.sign_in(&emails[2]).await];
        for (client, expected) in [(&facilitator, 1), (&author, 1), (&member, 0)] {
            let all = told(&app, client).await;
            assert_eq!(all, vec![("DUE", ideas[0].clone()); expected], "once, and who may decide");
        }
        let seen = author.query(show, variables.clone()).await;
        assert_eq!(seen["community"]["workQueue"]["nodes"], json!([{
            "reason": "UNDECIDED", "since": shown["undecidedSince"], "dueAt": shown["decisionDueAt"],
            "node": { "id": ideas[0] },
        }]));

        let advance = "mutation($id: ID!, $to: InnovationStage!) { advanceInnovation(id: $id, to: $to) {
            innovation { undecidedSince decisionDueAt } userErrors { code field message } } }";
        let moved = author.mutate(advance, json!({ "id": ideas[0], "to": "EXPLORING" })).await["innovation"].clone();
        assert!(time(&moved["undecidedSince"]) > time(&shown["decisionDueAt"]), "each stage has its time");
        assert_eq!(time(&moved["decisionDueAt"]) - time(&moved["undecidedSince"]), TimeDelta::days(60));
        let parked = author.mutate(advance, json!({ "id": ideas[0], "to": "PARKED" })).await["innovation"].clone();
        assert_eq!(parked, json!({ "undecidedSince": null, "decisionDueAt": null }), "what is parked may rest");
        turn(&app, TimeDelta::days(100)).await;
        let author = app.sign_in(&emails[1]).await;
        assert_eq!(told(&app, &author).await.len(), 1);
    }

    async fn what_is_published_is_to_be_validated_again_each_year(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, reviewer, second) = (app.person("Ben").await, app.person("Rita").await, app.person("Rob").await);
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        author.join(&community).await;
        for person in [&reviewer, &second] {
            facilitator.admit(&community, person, "REVIEWER").await;
        }
        let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) {
            practice { id reviewDueAt } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Reading in pairs", "kind": "METHOD" });
        let made = author.mutate(create, json!({ "input": input })).await["practice"].clone();
        assert_eq!(made["reviewDueAt"], Value::Null, "a draft is due for nothing");
        author.publish_through(&made["id"], &[&reviewer, &second]).await;
        let show = "query($id: ID!) { practice(id: $id) { updatedAt reviewDueAt } }";
        let shown = author.query(show, json!({ "id": made["id"] })).await["practice"].clone();
        let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        assert_eq!(time(&shown["reviewDueAt"]) - time(&shown["updatedAt"]), TimeDelta::days(365));

        let email = email_of(&facilitator).await;
        let overdue = "query($id: ID!) { community(id: $id) {
            workQueue { nodes { reason dueAt node { id } } } health { key value sampleSize } } }";
        let figure = json!({ "key": "OVERDUE_SHARE", "value": 1.0, "sampleSize": 1 });
        for (days, reminded, late) in [(350, false, false), (1, true, false), (14, true, true)] {
            turn(&app, TimeDelta::days(days)).await;
            let facilitator = app.sign_in(&email).await;
            let expected = if reminded { vec![("DUE", made["id"].clone())] } else { Vec::new() };
            assert_eq!(told(&app, &facilitator).await, expected);
            let seen = facilitator.query(overdue, json!({ "id": community })).await["community"].clone();
            let entry = json!({ "reason": "REVIEW_OVERDUE", "dueAt": shown["reviewDueAt"], "node": { "id": made["id"] } });
            assert_eq!(seen["workQueue"]["nodes"].as_array().unwrap().contains(&entry), late, "{seen:#}");
            assert_eq!(seen["health"].as_array().unwrap().contains(&figure), late, "{seen:#}");
        }
    }

    async fn an_invitation_runs_out(app: App) {
        let facilitator = app.person("Ada").await;
        let guest = app.person("Ben").await;
        let community = facilitator.create_community("Circle", json!({ "joinPolicy": "INVITATION" })).await;
        let invite = "mutation($community: ID!, $user: ID!) { inviteMember(communityId: $community, userId: $user) {
            membership { id state } userErrors { code field message } } }";
        let variables = json!({ "community": community, "user": guest.my_id().await });
        let invited = facilitator.mutate(invite, variables.clone()).await["membership"]["id"].clone();
        let email = email_of(&facilitator).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Membership { state } } }";
        for (days, state) in [(29, "INVITED"), (1, "EXPIRED")] {
            turn(&app, TimeDelta::days(days)).await;
            let facilitator = app.sign_in(&email).await;
            let seen = facilitator.query(query, json!({ "id": invited })).await;
            assert_eq!(seen["node"]["state"], state);
        }
        let facilitator = app.sign_in(&email).await;
        let anew = facilitator.mutate(invite, variables).await;
        assert_eq!(anew["membership"], json!({ "id": invited, "state": "INVITED" }));
    }
}
