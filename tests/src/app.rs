//! A server for one test, with people and communities made by its API.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use api::config::Config;
use api::server::Server;
use serde_json::{Value, json};
use service::auth::PasswordCost;
use service::auth::{NewUser, Secret, create_user};
use service::clock::Clock;
use service::entity::user::PlatformRole;
use tempfile::TempDir;

use crate::client::Client;
use crate::postgres;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of its own.
    Sqlite,
    /// A database of its own in the private cluster of this process.
    Postgresql,
}

/// A server on an empty database, on a port of its own.
#[derive(Debug)]
pub struct App {
    server: Server,
    config: Config,
    directory: TempDir,
}

/// Passwords here are all alike.
pub const PASSWORD: &str = "a long enough passphrase";

static PEOPLE: AtomicU32 = AtomicU32::new(0);

impl App {
    /// Starts a server; none where the database is not to be had, which was said then.
    pub async fn start(database: Database) -> Option<Self> {
        Self::start_with(database, |_| {}).await
    }

    /// Starts a server with a changed configuration.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Option<Self> {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let mut config = test_config(&directory);
        if database == Database::Postgresql {
            let cluster = tokio::task::spawn_blocking(postgres::cluster)
                .await
                .expect("the cluster starts")?;
            migrate_template(&config, cluster).await;
            let url = tokio::task::spawn_blocking(|| cluster.database())
                .await
                .expect("a database is made");
            config.database_url = Some(url.into());
        }
        change(&mut config);
        let server = Server::start_at(config.clone(), Clock::default())
            .await
            .expect("the server starts");
        Some(Self {
            server,
            config,
            directory,
        })
    }

    /// Ends the server and starts another one on the same data.
    pub async fn restart(self) -> Self {
        Box::pin(self.restart_after(|_| {})).await
    }

    /// The same, with something done while no server runs.
    pub async fn restart_after(self, meanwhile: impl FnOnce(&Config)) -> Self {
        let Self {
            server,
            config,
            directory,
        } = self;
        let clock = server.clock().clone();
        server.shut_down().await.expect("the server ends");
        meanwhile(&config);
        let server = Box::pin(Server::start_at(config.clone(), clock))
            .await
            .expect("the server starts again");
        Self {
            server,
            config,
            directory,
        }
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A client that is nobody.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.server.url())
    }

    /// Signs a new person up, and answers a client that acts as that person.
    pub async fn person(&self, name: &str) -> Client {
        let number = PEOPLE.fetch_add(1, Ordering::Relaxed);
        let input = json!({
            "email": format!("{}-{number}@example.org", name.to_lowercase()),
            "password": PASSWORD,
            "displayName": name,
        });
        let mutation = "mutation($input: SignUpInput!) {
            signUp(input: $input) { accessToken userErrors { code field message } }
        }";
        let payload = self
            .anonymous()
            .mutate(mutation, json!({ "input": input }))
            .await;
        self.anonymous()
            .with_token(payload["accessToken"].as_str().expect("there is a token"))
    }

    /// An administrator, made as the command line makes one.
    pub async fn administrator(&self) -> Client {
        let number = PEOPLE.fetch_add(1, Ordering::Relaxed);
        let email = format!("admin-{number}@example.org");
        let user = NewUser {
            email: email.clone(),
            display_name: "Admin".into(),
            handle: None,
            role: PlatformRole::Admin,
            password: Some(Secret::from(PASSWORD.to_owned())),
            is_demo: false,
        };
        create_user(self.server.store(), self.server.auth().passwords(), user)
            .await
            .expect("the user is made");
        self.sign_in(&email).await
    }

    /// Signs somebody in who has an account.
    pub async fn sign_in(&self, email: &str) -> Client {
        let mutation = "mutation($input: SignInInput!) {
            signIn(input: $input) { accessToken userErrors { code field message } }
        }";
        let input = json!({ "email": email, "password": PASSWORD });
        let payload = self
            .anonymous()
            .mutate(mutation, json!({ "input": input }))
            .await;
        self.anonymous()
            .with_token(payload["accessToken"].as_str().expect("there is a token"))
    }
}

/// Fixtures by the API.
impl Client {
    /// One's own id.
    pub async fn my_id(&self) -> Value {
        self.query("{ viewer { id } }", json!({})).await["viewer"]["id"].clone()
    }

    /// Creates a community, and answers its id.
    pub async fn create_community(&self, name: &str, more: Value) -> Value {
        let mut input =
            json!({ "name": name, "purpose": "To learn from each other.", "kind": "HELPING" });
        merge(&mut input, more);
        let mutation = "mutation($input: CreateCommunityInput!) {
            createCommunity(input: $input) { community { id } userErrors { code field message } }
        }";
        self.mutate(mutation, json!({ "input": input })).await["community"]["id"].clone()
    }

    /// Creates a resource, published, and answers its id.
    pub async fn create_resource(&self, community: &Value, title: &str, more: Value) -> Value {
        self.create_resource_payload(community, title, more).await["resource"]["id"].clone()
    }

    /// Creates a resource, published, and answers the payload with `resource { id revision }` and `position`.
    pub async fn create_resource_payload(
        &self,
        community: &Value,
        title: &str,
        more: Value,
    ) -> Value {
        let mut input =
            json!({ "communityId": community, "title": title, "kind": "ARTICLE", "publish": true });
        merge(&mut input, more);
        let mutation = "mutation($input: CreateResourceInput!) {
            createResource(input: $input) { resource { id revision } position userErrors { code field message } }
        }";
        self.mutate(mutation, json!({ "input": input })).await
    }

    /// Joins an open community.
    pub async fn join(&self, community: &Value) {
        let mutation = "mutation($id: ID!) {
            joinCommunity(communityId: $id) { membership { state } userErrors { code field message } }
        }";
        self.mutate(mutation, json!({ "id": community })).await;
    }

    /// Makes somebody a member of a community in a role; as its facilitator.
    pub async fn admit(&self, community: &Value, person: &Client, role: &str) {
        let invite = "mutation($community: ID!, $user: ID!, $role: MembershipRole!) {
            inviteMember(communityId: $community, userId: $user, role: $role) {
                membership { state } userErrors { code field message }
            }
        }";
        let user = person.my_id().await;
        let variables = json!({ "community": community, "user": user, "role": role });
        self.mutate(invite, variables).await;
        person.join(community).await;
    }

    /// Hands an item in for review, has others approve its newest revision, and answers what became of it.
    pub async fn publish_through(&self, id: &Value, reviewers: &[&Client]) -> Value {
        let item = "item { id revision ... on Resource { status pendingRevision { number } }
            ... on Practice { status pendingRevision { number } }
            ... on Collection { status pendingRevision { number } } }
            position userErrors { code field message blockedBy { code message } }";
        let submit = format!("mutation($id: ID!) {{ submitForReview(id: $id) {{ {item} }} }}");
        let mut payload = self.mutate(&submit, json!({ "id": id })).await;
        let revision = payload["item"]["pendingRevision"]["number"].clone();
        let approve = format!(
            "mutation($id: ID!, $revision: Int!) {{
                review(input: {{ id: $id, verdict: APPROVE, revision: $revision }}) {{ {item} }} }}"
        );
        for reviewer in reviewers {
            let variables = json!({ "id": id, "revision": revision });
            payload = reviewer.mutate(&approve, variables).await;
        }
        payload
    }

    /// The titles that a search finds, best first.
    pub async fn search_titles(&self, query: &str) -> Vec<String> {
        let search = "query($query: String!) { search(query: $query, first: 50) {
            totalCount
            nodes {
                ... on Item { title } ... on Community { name } ... on Domain { name }
            }
        } }";
        let found = self.query(search, json!({ "query": query })).await;
        let nodes = found["search"]["nodes"]
            .as_array()
            .expect("there are nodes")
            .clone();
        assert_eq!(found["search"]["totalCount"], nodes.len(), "{found:#}");
        nodes
            .iter()
            .map(|node| {
                node.get("title")
                    .or_else(|| node.get("name"))
                    .and_then(Value::as_str)
                    .expect("a title")
                    .to_owned()
            })
            .collect()
    }
}

/// Puts the fields of one object into another.
pub(crate) fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

fn test_config(directory: &TempDir) -> Config {
    let mut config = Config {
        data_dir: directory.path().to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Config::default()
    };
    config.auth.password_cost = PasswordCost::for_tests();
    config
}

/// Migrates the template once; other tests wait for it.
async fn migrate_template(config: &Config, cluster: &postgres::Cluster) {
    static MIGRATED: OnceLock<tokio::sync::Mutex<bool>> = OnceLock::new();
    let mut migrated = MIGRATED
        .get_or_init(|| tokio::sync::Mutex::new(false))
        .lock()
        .await;
    if !*migrated {
        let config = Config {
            database_url: Some(cluster.template_url().into()),
            ..config.clone()
        };
        api::server::migrate(&config)
            .await
            .expect("the template is migrated");
        *migrated = true;
    }
}
