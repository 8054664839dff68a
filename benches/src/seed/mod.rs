//! People, domains, communities of every visibility, and resources: written through the services.

mod places;
mod resources;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use migration::MigratorTrait;
use sea_orm::ConnectionTrait;
use service::auth::{CreateApiToken, NewUser, PasswordCost, Passwords};
use service::clock::Clock;
use service::entity::user::{self, PlatformRole};
use service::store::{Store, StoreOptions};
use service::viewer::{Scope, SignedIn, Viewer};
use service::{auth, projection};
use uuid::Uuid;

use self::places::{Place, communities, domains};
use crate::corpus::Corpus;
use crate::dump::{Named, World, global_id};

/// The SQLite file that the server looks for in its data directory.
const DATABASE_FILE: &str = "repertoire.db";
/// The directory of the index that the server looks for there.
pub(crate) const INDEX_DIRECTORY: &str = "index";
/// Resources that one unit of work writes.
pub(crate) const UNIT: usize = 500;
/// After so many resources is said how far the loading is.
const TOLD_EVERY: usize = 100_000;
/// Who imports, and facilitates every community.
pub(crate) const IMPORTER: &str = "importer@example.org";
/// Who reads, and is no member of private communities.
pub(crate) const READER: &str = "reader@example.org";

/// A world without resources yet, and the means to make them.
#[derive(Debug)]
pub(crate) struct Seed<'a> {
    corpus: &'a Corpus,
    places: Vec<Place>,
    domains: Vec<Uuid>,
    /// A facilitator of every community, who imports.
    importer: Viewer,
    pub(crate) world: World,
}

/// A database file in a data directory, migrated.
pub(crate) async fn open_store(directory: &Path) -> anyhow::Result<Store> {
    std::fs::create_dir_all(directory)?;
    let options = StoreOptions::sqlite(&database_file(directory), 4);
    let store = Store::open(&options, Clock::default()).await?;
    migration::Migrator::up(store.migration_connection(), None).await?;
    Ok(store)
}

/// Where the database of a data directory is.
pub(crate) fn database_file(directory: &Path) -> PathBuf {
    directory.join(DATABASE_FILE)
}

pub(crate) fn viewer_of(user: user::Model) -> Viewer {
    Viewer::signed_in(SignedIn {
        user,
        // A write reads the actor's standing anew.
        memberships: HashMap::new(),
        scopes: Scope::ALL.to_vec(),
        only_community: None,
    })
}

async fn person(
    store: &Store,
    passwords: &Passwords,
    email: &str,
    name: &str,
    role: PlatformRole,
) -> anyhow::Result<user::Model> {
    let new = NewUser {
        email: email.to_owned(),
        display_name: name.to_owned(),
        handle: None,
        role,
        password: None,
        is_demo: false,
    };
    Ok(auth::create_user(store, passwords, new).await?.value)
}

impl<'a> Seed<'a> {
    /// Writes people, domains and communities into an empty database.
    pub(crate) async fn begin(store: &Store, corpus: &'a Corpus) -> anyhow::Result<Self> {
        let passwords = Passwords::new(PasswordCost::default(), 1)?;
        let admin = person(store, &passwords, IMPORTER, "Importer", PlatformRole::Admin).await?;
        let reader = person(store, &passwords, READER, "Reader", PlatformRole::Member).await?;
        let importer = viewer_of(admin.clone());
        let mut people = Vec::new();
        for number in 0..24 {
            let (email, name) = (
                format!("author-{number}@example.org"),
                format!("Author {number}"),
            );
            people.push(person(store, &passwords, &email, &name, PlatformRole::Member).await?);
        }
        let domains = domains(store, &importer, corpus).await?;
        let topics: Vec<Uuid> = domains.iter().map(|domain| domain.0).collect();
        let (places, communities) = communities(store, &admin, &reader, &people, &topics).await?;
        let mut users = Vec::new();
        for user in people.into_iter().chain([admin]) {
            let id = global_id("user", user.id)?;
            users.push((
                user.id,
                Named {
                    id,
                    slug: user.handle,
                    name: user.display_name,
                },
            ));
        }
        let token = CreateApiToken {
            name: "Benchmark".to_owned(),
            scopes: vec![Scope::Read],
            community_id: None,
            expires_at: None,
        };
        let token = auth::create_api_token_for(store, READER, token).await?;
        Ok(Self {
            corpus,
            places,
            domains: topics,
            importer,
            world: World {
                resources: 0,
                token: token.value.secret.expose().to_owned(),
                communities,
                domains,
                users,
                position: token.position,
            },
        })
    }

    /// Who writes for others: a facilitator of every community.
    pub(crate) fn importer(&self) -> &Viewer {
        &self.importer
    }

    /// The largest community.
    pub(crate) fn home(&self) -> Option<Uuid> {
        self.places.first().map(|place| place.id)
    }
}

/// Fills a data directory, and writes beside the database what was loaded; nothing is done where that is there already.
pub(crate) async fn fill(
    directory: &Path,
    corpus: &Corpus,
    resources: usize,
) -> anyhow::Result<World> {
    if let Ok(world) = crate::dump::read_world(directory)
        && world.resources == resources
    {
        return Ok(world);
    }
    if directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    let store = open_store(directory).await?;
    let mut seed = Seed::begin(&store, corpus).await?;
    let mut file = BufWriter::new(File::create(crate::dump::resources_file(directory))?);
    for start in (0..resources).step_by(UNIT) {
        let inputs = seed.inputs(start..resources.min(start + UNIT));
        for state in seed.write(&store, inputs).await? {
            serde_json::to_writer(&mut file, &seed.dumped(state)?)?;
            file.write_all(b"\n")?;
        }
        if seed.world.resources.is_multiple_of(TOLD_EVERY) {
            let loaded = seed.world.resources;
            crate::output::line(&format!("{loaded} of {resources} resources are loaded"));
        }
    }
    file.flush()?;
    // A server compares every new resource with all others and rests between: for hours, when there are very many. What
    // is measured are servers that did so long ago.
    store
        .migration_connection()
        .execute_unprepared("UPDATE item SET compared_revision = revision")
        .await?;
    projection::catch_up(&store).await?;
    crate::follow::index(&store, directory, seed.world.position).await?;
    // Whoever copies the files next finds them whole.
    store.reader().close_by_ref().await?;
    store.migration_connection().close_by_ref().await?;
    drop(store);
    let world = seed.world;
    std::fs::write(
        crate::dump::world_file(directory),
        serde_json::to_vec(&world)?,
    )?;
    Ok(world)
}
