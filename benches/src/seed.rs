//! People, domains, communities of every visibility, and resources: written through the services.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use futures_util::FutureExt;
use migration::MigratorTrait;
use sea_orm::ConnectionTrait;
use service::auth::{CreateApiToken, NewUser, PasswordCost, Passwords};
use service::clock::Clock;
use service::community::{self, CreateCommunity};
use service::domain::{self, CreateDomain};
use service::entity::community::{CommunityKind, CommunityVisibility, JoinPolicy};
use service::entity::item::ItemVisibility;
use service::entity::resource::ResourceKind;
use service::entity::user::{self, PlatformRole};
use service::item::{Details, ItemContent, ItemState};
use service::resource::{self, CreateResource, ResourceContent};
use service::store::{Store, StoreOptions};
use service::validation::Patch;
use service::viewer::{Scope, SignedIn, Viewer};
use service::{auth, membership, projection};
use uuid::Uuid;

use crate::corpus::Corpus;
use crate::dump::{DumpedCommunity, DumpedResource, Named, World, global_id};
use crate::numbers::Numbers;

/// The SQLite file that the server looks for in its data directory.
const DATABASE_FILE: &str = "repertoire.db";
/// The directory of the index that the server looks for there.
pub(crate) const INDEX_DIRECTORY: &str = "index";
/// Resources that one unit of work writes.
pub(crate) const UNIT: usize = 500;
/// After so many resources is said how far the loading is.
const TOLD_EVERY: usize = 100_000;
/// Members who write, of each community.
const AUTHORS: usize = 6;
/// Who imports, and facilitates every community.
pub(crate) const IMPORTER: &str = "importer@example.org";
/// Who reads, and is no member of private communities.
pub(crate) const READER: &str = "reader@example.org";
/// Every visibility; the larger communities come first.
const COMMUNITIES: [(&str, CommunityVisibility, bool); 12] = [
    ("Open classrooms", CommunityVisibility::Public, false),
    ("Assessment for learning", CommunityVisibility::Public, true),
    ("School libraries", CommunityVisibility::Internal, false),
    ("Accessible services", CommunityVisibility::Public, false),
    ("Service design", CommunityVisibility::Private, true),
    ("Research software", CommunityVisibility::Public, false),
    ("Teacher induction", CommunityVisibility::Internal, true),
    ("Inclusive design", CommunityVisibility::Public, false),
    ("Board leadership", CommunityVisibility::Unlisted, false),
    ("Open data", CommunityVisibility::Public, false),
    ("Mentoring", CommunityVisibility::Private, false),
    ("Field trips", CommunityVisibility::Unlisted, true),
];

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

/// A community with those who may write in it.
#[derive(Debug)]
struct Place {
    id: Uuid,
    members: Vec<Uuid>,
}

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

    /// The inputs of some resources, by their numbers.
    pub(crate) fn inputs(&self, numbers: std::ops::Range<usize>) -> Vec<CreateResource> {
        numbers.filter_map(|number| self.input(number)).collect()
    }

    fn input(&self, number: usize) -> Option<CreateResource> {
        let text = self.corpus.text(number);
        let mut numbers = Numbers::new(number as u64 + 7_777_777);
        let place = self.places.get(numbers.ranked(self.places.len()))?;
        let mut authors = vec![*numbers.pick(&place.members)?];
        if numbers.percent(30) {
            authors.extend(
                numbers
                    .pick(&place.members)
                    .filter(|other| **other != authors[0]),
            );
        }
        let mut domains: Vec<Uuid> = Vec::new();
        for _ in 0..=numbers.below(2) {
            let domain = *self.domains.get(numbers.ranked(self.domains.len()))?;
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        let visibility = match numbers.below(100) {
            0..92 => ItemVisibility::Community,
            92..97 => ItemVisibility::Members,
            97..99 => ItemVisibility::Stewards,
            _ => ItemVisibility::Authors,
        };
        Some(CreateResource {
            community_id: place.id,
            content: ItemContent {
                title: Patch::Value(text.title),
                body: Patch::Value(text.body),
                licence: Patch::Value(text.licence.to_owned()),
                language: Patch::Value(text.language.to_owned()),
                author_ids: Patch::Value(authors),
                tags: Patch::Value(text.tags),
                domain_ids: Patch::Value(domains),
                visibility: Patch::Value(visibility),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: ResourceKind::parse(text.kind).map_or(Patch::Absent, Patch::Value),
                description: text.description.map_or(Patch::Absent, Patch::Value),
                ..ResourceContent::default()
            },
            publish: numbers.percent(97),
        })
    }

    /// Writes resources in one unit of work. A refusal is an error: what is measured must be written.
    pub(crate) async fn write(
        &mut self,
        store: &Store,
        inputs: Vec<CreateResource>,
    ) -> anyhow::Result<Vec<ItemState>> {
        let importer = self.importer.clone();
        let written = store
            .write(importer.user_id(), move |unit| {
                async move { resource::create_many(unit, &importer, inputs).await }.boxed()
            })
            .await?;
        self.world.position = written.position;
        self.world.resources += written.value.len();
        let refused = |error| anyhow!("a resource was refused: {error:?}");
        written
            .value
            .into_iter()
            .map(|made| made.map_err(refused))
            .collect()
    }

    /// What the floor needs of a resource.
    pub(crate) fn dumped(&self, state: ItemState) -> anyhow::Result<DumpedResource> {
        let named =
            |list: &[(Uuid, Named)], id: &Uuid| list.iter().position(|entry| entry.0 == *id);
        let places = |list: &[(Uuid, Named)], ids: &[Uuid]| -> Option<Vec<usize>> {
            ids.iter().map(|id| named(list, id)).collect()
        };
        let description = match state.details {
            Details::Resource(row) => row.description,
            _ => None,
        };
        let item = state.item;
        let community = self
            .places
            .iter()
            .position(|place| place.id == item.community_id);
        Ok(DumpedResource {
            row: item.id,
            id: global_id("resource", item.id)?,
            title: item.title,
            description,
            body: state.body.unwrap_or_default(),
            kind: item.kind.unwrap_or_default(),
            licence: item.licence,
            language: item.language,
            tags: state.tags,
            revision: item.revision,
            visibility: item.visibility,
            published: item.published,
            created_at: item.created_at,
            updated_at: item.updated_at,
            community: community.context("its community is known")?,
            domains: places(&self.world.domains, &state.domains)
                .context("its domains are known")?,
            authors: places(&self.world.users, &state.authors).context("its authors are known")?,
        })
    }
}

/// The kinds of community that publish resources first: what is measured is loading, and not the reviews of others.
const KINDS: [CommunityKind; 2] = [CommunityKind::Helping, CommunityKind::Innovation];

/// The communities, founded by the importer, with their authors and, where joined, the reader.
async fn communities(
    store: &Store,
    importer: &user::Model,
    reader: &user::Model,
    people: &[user::Model],
    topics: &[Uuid],
) -> anyhow::Result<(Vec<Place>, Vec<DumpedCommunity>)> {
    let founder = viewer_of(importer.clone());
    let mut numbers = Numbers::new(2);
    let mut places = Vec::new();
    let mut communities = Vec::new();
    for (number, (name, visibility, joined)) in COMMUNITIES.into_iter().enumerate() {
        let kind = KINDS[number % KINDS.len()];
        let mut input =
            CreateCommunity::new(name, format!("To learn about {name} together."), kind);
        input.visibility = Some(visibility);
        input.join_policy = Some(JoinPolicy::Invitation);
        input.domain_ids.extend(numbers.pick(topics));
        let row = community::create(store, &founder, input).await?.value;
        let mut members = vec![importer.id];
        let writers = people
            .iter()
            .cycle()
            .skip(number * AUTHORS)
            .take(AUTHORS)
            .cloned();
        let readers = joined.then(|| reader.clone());
        for user in writers.chain(readers) {
            let invited = membership::invite(store, &founder, row.id, user.id, None)
                .await?
                .value;
            if user.id != reader.id {
                members.push(user.id);
            }
            membership::respond(store, &viewer_of(user), invited.id, true).await?;
        }
        places.push(Place {
            id: row.id,
            members,
        });
        let public = visibility == CommunityVisibility::Public;
        communities.push(DumpedCommunity {
            row: row.id,
            named: Named {
                id: global_id("community", row.id)?,
                slug: row.slug,
                name: row.name,
            },
            public,
            readable: public || joined || visibility == CommunityVisibility::Internal,
            joined,
        });
    }
    Ok((places, communities))
}

async fn domains(
    store: &Store,
    importer: &Viewer,
    corpus: &Corpus,
) -> anyhow::Result<Vec<(Uuid, Named)>> {
    let mut rows: HashMap<&str, Uuid> = HashMap::new();
    let mut domains = Vec::new();
    for source in &corpus.domains {
        let input = CreateDomain {
            name: source.name.clone(),
            slug: Some(source.slug.clone()),
            parent_id: rows.get(source.parent.as_str()).copied(),
            ..CreateDomain::default()
        };
        let row = domain::create(store, importer, input).await?.value;
        rows.insert(&source.slug, row.id);
        let id = global_id("domain", row.id)?;
        domains.push((
            row.id,
            Named {
                id,
                slug: row.slug,
                name: row.name,
            },
        ));
    }
    Ok(domains)
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
