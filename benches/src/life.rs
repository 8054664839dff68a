//! The life of a community over HTTP: does a small one answer as fast as a large one, a long discussion as fast as a short
//! one, and is adding a post as fast as making a resource? Both of each pair are asked in turn, in one run.

use std::path::PathBuf;

use anyhow::anyhow;
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::json;
use service::auth::{self, CreateApiToken, NewUser, PasswordCost, Passwords};
use service::community::{self, CreateCommunity};
use service::discussion::{self, AddPost, CreateDiscussion};
use service::entity::community::CommunityKind;
use service::entity::discussion::DiscussionKind;
use service::entity::membership::MembershipRole;
use service::entity::resource::ResourceKind;
use service::entity::user::PlatformRole;
use service::innovation::{self, CreateInnovation, InnovationContent};
use service::item::ItemContent;
use service::membership;
use service::resource::{self, CreateResource, ResourceContent};
use service::store::Store;
use service::validation::Patch;
use service::viewer::{Scope, Viewer};
use uuid::Uuid;

use crate::client::Client;
use crate::dump::global_id;
use crate::load::{Outcome, Plan};
use crate::process::{self, Running};
use crate::report::{self, Table};
use crate::seed::{UNIT, open_store, viewer_of};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Items of the large community
    #[arg(long, default_value_t = 100_000)]
    items: usize,
    /// Items of the small community
    #[arg(long, default_value_t = 1_000)]
    few: usize,
    /// Posts of the long discussion
    #[arg(long, default_value_t = 1_000)]
    posts: usize,
    /// Connections, each with one request in flight
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Seconds of each turn
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Turns of each question
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
    /// Directory for databases and results
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/benches"))]
    work: PathBuf,
}

const EMAIL: &str = "facilitator@example.org";
const AUTHOR: &str = "author@example.org";
/// Posts of the short discussion.
const FEW_POSTS: usize = 20;

/// Two questions that should take about the same time.
struct Pair {
    what: String,
    /// The large or new one, and the one that it is compared with.
    bodies: [String; 2],
    begins: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    other_rate: f64,
    other_p50_ms: f64,
    other_p99_ms: f64,
    /// The rate of the first by that of the other.
    ratio: f64,
}

/// The global ids of what is asked for, and who asks.
struct Places {
    token: String,
    large: String,
    small: String,
    long: String,
    short: String,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    std::fs::create_dir_all(&options.work)?;
    let directory = tempfile::tempdir_in(&options.work)?;
    let places = seed(directory.path(), &options).await?;
    let server = Running::repertoire(&program, directory.path(), false)?;
    let mut rows = Vec::new();
    for pair in writes(&places).into_iter().chain(threads(&places)) {
        rows.push(compare(&options, &server, &places, pair)?);
    }
    for kind in CommunityKind::ALL {
        let change =
            "mutation($id: ID!, $kind: CommunityKind!) { setCommunityKind(id: $id, kind: $kind) {
            userErrors { message } } }";
        // A new connection each time: the server closes those that are idle for long.
        let mut client = Client::connect(&server.address, Some(&places.token)).await?;
        for id in [&places.large, &places.small] {
            let answer = client
                .ask(change, json!({ "id": id, "kind": kind.as_str() }))
                .await?;
            anyhow::ensure!(
                answer["setCommunityKind"]["userErrors"] == json!([]),
                "the kind is not set: {answer}"
            );
        }
        for pair in desks(&places, kind.as_str()) {
            rows.push(compare(&options, &server, &places, pair)?);
        }
    }
    print(&rows);
    report::write(
        &options.work,
        &format!("life-{}.json", options.items),
        &rows,
    )
}

fn body(query: &str, variables: &serde_json::Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

fn writes(places: &Places) -> Vec<Pair> {
    let post = "mutation($input: AddPostInput!) { addPost(input: $input) { post { id } userErrors { message } } }";
    let resource = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors { message } } }";
    let text = "Count the steps aloud, then without a voice. ".repeat(20);
    let post = body(
        post,
        &json!({ "input": { "discussionId": places.short, "body": text } }),
    );
    let resource = body(
        resource,
        &json!({ "input": { "communityId": places.small, "title": "Counting steps", "kind": "GUIDE", "body": text, "publish": true } }),
    );
    vec![Pair {
        what: "addPost, beside createResource".to_owned(),
        bodies: [post, resource],
        begins: "{\"data\":{\"",
    }]
}

fn threads(places: &Places) -> Vec<Pair> {
    let query = "query($id: ID!, $first: Int, $last: Int) { discussion(id: $id) { title
        posts(first: $first, last: $last) { nodes { id depth body author { displayName } } pageInfo { hasNextPage } } } }";
    let ask = |id: &str, end: &str| body(query, &json!({ "id": id, end: 20 }));
    [
        ("first", "the first 20 posts"),
        ("last", "the last 20 posts"),
    ]
    .into_iter()
    .map(|(end, what)| Pair {
        what: format!("{what} of a long discussion, beside a short one"),
        bodies: [ask(&places.long, end), ask(&places.short, end)],
        begins: "{\"data\":{\"discussion\":{\"title\"",
    })
    .collect()
}

fn desks(places: &Places, kind: &str) -> Vec<Pair> {
    let queue = "query($id: ID!) { community(id: $id) { name workQueue(first: 20) {
        nodes { reason since dueAt node { id ... on Item { title } } } pageInfo { hasNextPage } } } }";
    let health = "query($id: ID!) { community(id: $id) { name health { key value sampleSize } } }";
    [("workQueue", queue), ("health", health)]
        .into_iter()
        .map(|(what, query)| Pair {
            what: format!("{what}, {kind}: a large community beside a small one"),
            bodies: [&places.large, &places.small].map(|id| body(query, &json!({ "id": id }))),
            begins: "{\"data\":{\"community\":{\"name\"",
        })
        .collect()
}

fn compare(
    options: &Options,
    server: &Running,
    places: &Places,
    pair: Pair,
) -> anyhow::Result<Row> {
    let mut outcomes = [Outcome::default(), Outcome::default()];
    for _ in 0..options.rounds {
        for (body, all) in pair.bodies.iter().zip(&mut outcomes) {
            let plan = Plan {
                address: server.address.clone(),
                token: Some(places.token.clone()),
                bodies: vec![body.clone()],
                begins: pair.begins.to_owned(),
                connections: options.connections,
                warmup: 0.3,
                seconds: options.seconds,
            };
            let outcome = process::load(&plan)?;
            anyhow::ensure!(
                outcome.errors == 0,
                "wrong answers to {}: {:?}",
                pair.what,
                outcome.first_error
            );
            all.answers += outcome.answers;
            all.seconds += outcome.seconds;
            all.micros.extend(outcome.micros);
        }
    }
    for outcome in &mut outcomes {
        outcome.micros.sort_unstable();
    }
    let [ours, other] = outcomes;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = |outcome: &Outcome| outcome.answers as f64 / outcome.seconds;
    Ok(Row {
        rate: rate(&ours),
        p50_ms: report::percentile(&ours.micros, 0.5),
        p99_ms: report::percentile(&ours.micros, 0.99),
        other_rate: rate(&other),
        other_p50_ms: report::percentile(&other.micros, 0.5),
        other_p99_ms: report::percentile(&other.micros, 0.99),
        ratio: rate(&ours) / rate(&other),
        what: pair.what,
    })
}

fn print(rows: &[Row]) {
    let mut table = Table::new(&[
        "what", "rate/s", "p50 ms", "p99 ms", "other/s", "p50 ms", "p99 ms", "ratio",
    ]);
    for row in rows {
        let mut cells = vec![row.what.clone()];
        let figures = [
            row.rate,
            row.p50_ms,
            row.p99_ms,
            row.other_rate,
            row.other_p50_ms,
            row.other_p99_ms,
            row.ratio,
        ];
        cells.extend(figures.map(|figure| format!("{figure:.2}")));
        table.row(cells);
    }
    table.print();
}

/// A small and a large community, and a short and a long discussion. One person made all that waits there; another one,
/// who facilitates both with them, is asked for what they could do about it.
async fn seed(directory: &std::path::Path, options: &Options) -> anyhow::Result<Places> {
    let store = open_store(directory).await?;
    let passwords = Passwords::new(PasswordCost::default(), 1)?;
    let mut people = Vec::new();
    for (email, name) in [(AUTHOR, "Author"), (EMAIL, "Facilitator")] {
        let new = NewUser {
            email: email.to_owned(),
            display_name: name.to_owned(),
            handle: None,
            role: PlatformRole::Member,
            password: None,
            is_demo: false,
        };
        let user = auth::create_user(&store, &passwords, new).await?.value;
        people.push(viewer_of(user));
    }
    let [author, facilitator] =
        <[Viewer; 2]>::try_from(people).map_err(|_| anyhow!("there are two people"))?;
    let large = place(&store, &author, "Large", options.items).await?;
    let small = place(&store, &author, "Small", options.few).await?;
    for community in [large, small] {
        let joined = membership::join(&store, &facilitator, community)
            .await?
            .value;
        let role = MembershipRole::Facilitator;
        membership::set_role(&store, &author, joined.id, role).await?;
    }
    let long = thread(&store, &author, small, options.posts).await?;
    let short = thread(&store, &author, small, FEW_POSTS).await?;
    let token = CreateApiToken {
        name: "Benchmark".to_owned(),
        scopes: vec![Scope::Read, Scope::Write],
        community_id: None,
        expires_at: None,
    };
    let token = auth::create_api_token_for(&store, EMAIL, token).await?;
    crate::follow::index(&store, directory, token.position).await?;
    Ok(Places {
        token: token.value.secret.expose().to_owned(),
        large: global_id("community", large)?,
        small: global_id("community", small)?,
        long: global_id("discussion", long)?,
        short: global_id("discussion", short)?,
    })
}

fn titled(title: String) -> ItemContent {
    ItemContent {
        title: Patch::Value(title),
        body: Patch::Value("How do you count steps with those who do not speak?".to_owned()),
        ..ItemContent::default()
    }
}

/// A community with so many items: resources that nobody keeps, questions that nobody answered, ideas without a decision.
async fn place(store: &Store, viewer: &Viewer, name: &str, items: usize) -> anyhow::Result<Uuid> {
    let input = CreateCommunity::new(name, "To be measured.", CommunityKind::Helping);
    let community = community::create(store, viewer, input).await?.value.id;
    for start in (0..items).step_by(UNIT) {
        let numbers = start..items.min(start + UNIT);
        let actor = viewer.clone();
        store
            .write(viewer.user_id(), move |unit| {
                async move {
                    let (mut resources, mut questions, mut ideas) = (vec![], vec![], vec![]);
                    for number in numbers {
                        match number % 3 {
                            0 => resources.push(CreateResource {
                                community_id: community,
                                content: titled(format!("Resource {number}")),
                                resource: ResourceContent {
                                    kind: Patch::Value(ResourceKind::Guide),
                                    ..ResourceContent::default()
                                },
                                publish: true,
                            }),
                            1 => questions.push(CreateDiscussion {
                                community_id: community,
                                content: titled(format!("Question {number}")),
                                kind: DiscussionKind::HelpRequest,
                                about_id: None,
                            }),
                            _ => ideas.push(CreateInnovation {
                                community_id: community,
                                content: titled(format!("Idea {number}")),
                                innovation: InnovationContent {
                                    idea: Patch::Value("Count with feet.".to_owned()),
                                    ..InnovationContent::default()
                                },
                            }),
                        }
                    }
                    resource::create_many(unit, &actor, resources)
                        .await?
                        .into_iter()
                        .chain(discussion::create_many(unit, &actor, questions).await?)
                        .chain(innovation::create_many(unit, &actor, ideas).await?)
                        .collect::<service::error::Result<Vec<_>>>()
                }
                .boxed()
            })
            .await
            .map_err(|error| anyhow!("an item was refused: {error:?}"))?;
    }
    Ok(community)
}

async fn thread(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    posts: usize,
) -> anyhow::Result<Uuid> {
    let input = CreateDiscussion {
        community_id: community,
        content: titled(format!("{posts} posts")),
        kind: DiscussionKind::Discussion,
        about_id: None,
    };
    let made = discussion::create(store, viewer, input).await?.value;
    let id = made.item.id;
    let mut parent: Option<Uuid> = None;
    for number in 0..posts {
        let input = AddPost {
            discussion_id: id,
            body: format!("Post {number}: count the steps aloud, then without a voice."),
            parent_id: parent,
        };
        let post = discussion::add_post(store, viewer, input).await?.value;
        // Three answers to each other, then a new branch.
        parent = (number % 4 != 3).then_some(post.id);
    }
    Ok(id)
}
