//! Walking the graph of relations: how long it takes, by what is asked and how much is answered.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use migration::MigratorTrait;
use sea_orm::{EntityTrait, IntoActiveModel};
use service::auth::{NewUser, PasswordCost, Passwords, create_user};
use service::clock::Clock;
use service::community::{self, CreateCommunity};
use service::entity::change::EntityType;
use service::entity::community::{CommunityKind, CommunityVisibility};
use service::entity::item::{ItemType, ItemVisibility, PublicationStatus};
use service::entity::link::LinkRelation;
use service::entity::user::PlatformRole;
use service::entity::{TextList, item, link, resource};
use service::link::{LineageDirection, LineageRequest, lineage};
use service::store::{Store, StoreOptions};
use service::viewer::{Scope, SignedIn, Viewer};
use uuid::Uuid;

use crate::numbers::Numbers;
use crate::output::line;

/// Rows of one statement.
const CHUNK: usize = 1_000;

/// How the graph is made and walked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many relations there are
    #[arg(long, default_value_t = 100_000)]
    links: usize,
    /// How many relations start from an item, on average
    #[arg(long, default_value_t = 2)]
    links_per_item: usize,
    /// How far each graph is walked
    #[arg(long, default_value_t = 5)]
    depth: i64,
    /// How many relations are asked for
    #[arg(long, default_value_t = 500)]
    first: i64,
    /// How many graphs are walked each way
    #[arg(long, default_value_t = 500)]
    walks: usize,
    /// Address of an empty PostgreSQL database; a new SQLite file if not given
    #[arg(long)]
    database_url: Option<String>,
}

/// Makes a graph, and measures walks through it.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let store = match &options.database_url {
        Some(url) => StoreOptions {
            url: url.clone(),
            connections: 4,
        },
        None => StoreOptions::sqlite(&directory.path().join("lineage.db"), 4),
    };
    let store = Store::open(&store, Clock::default()).await?;
    migration::Migrator::up(store.migration_connection(), None).await?;
    let mut numbers = Numbers::new(5);
    let (member, communities) = people(&store).await?;
    let many = options.links / options.links_per_item.max(1);
    let items = items(&store, &communities, many, &mut numbers).await?;
    relate(&store, &items, options.links, &mut numbers).await?;
    line(&format!(
        "{} items, {} relations, depth {}, at most {} answered",
        items.len(),
        options.links,
        options.depth,
        options.first
    ));
    for (who, viewer) in [("a member", member), ("nobody", Viewer::anonymous())] {
        for (name, direction) in [
            ("origins", LineageDirection::Origins),
            ("descendants", LineageDirection::Descendants),
            ("both", LineageDirection::Both),
        ] {
            let mut times = Vec::with_capacity(options.walks);
            let mut answered = 0;
            for _ in 0..options.walks {
                let root = *numbers.pick(&items).context("there are no items")?;
                let request = LineageRequest {
                    direction,
                    depth: Some(options.depth),
                    first: Some(options.first),
                };
                let root = (EntityType::Resource, root);
                let begun = Instant::now();
                answered += lineage(&store, &viewer, root, request).await?.len();
                times.push(begun.elapsed());
            }
            tell(who, name, times, answered);
        }
    }
    Ok(())
}

fn tell(who: &str, way: &str, mut times: Vec<Duration>, answered: usize) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
    };
    line(&format!(
        "{way:<12} as {who:<9} median {:>9.3?}  95 of 100 {:>9.3?}  {} relations on average",
        at(50),
        at(95),
        answered / times.len().max(1)
    ));
}

/// Somebody with a community of each visibility.
async fn people(store: &Store) -> anyhow::Result<(Viewer, Vec<Uuid>)> {
    let passwords = Passwords::new(PasswordCost::default(), 1)?;
    let new = NewUser {
        email: "member@example.org".to_owned(),
        display_name: "Member".to_owned(),
        handle: None,
        role: PlatformRole::Member,
        password: None,
        is_demo: false,
    };
    let user = create_user(store, &passwords, new).await?.value;
    let member = Viewer::signed_in(SignedIn {
        user,
        // What is read asks the database for memberships.
        memberships: HashMap::new(),
        scopes: Scope::ALL.to_vec(),
        only_community: None,
    });
    let mut communities = Vec::new();
    for visibility in CommunityVisibility::ALL {
        let input = CreateCommunity {
            visibility: Some(*visibility),
            ..CreateCommunity::new(visibility.as_str(), "To be walked.", CommunityKind::Helping)
        };
        communities.push(community::create(store, &member, input).await?.value.id);
    }
    Ok((member, communities))
}

/// Published resources, most of them for all who see their community, some for its members.
async fn items(
    store: &Store,
    communities: &[Uuid],
    many: usize,
    numbers: &mut Numbers,
) -> anyhow::Result<Vec<Uuid>> {
    let now = store.clock().now();
    let mut ids = Vec::with_capacity(many);
    while ids.len() < many {
        let mut rows = Vec::with_capacity(CHUNK);
        for _ in 0..CHUNK.min(many - ids.len()) {
            let id = Uuid::now_v7();
            let visibility = if numbers.percent(10) {
                ItemVisibility::Members
            } else {
                ItemVisibility::Community
            };
            ids.push(id);
            rows.push(item::Model {
                id,
                item_type: ItemType::Resource,
                // Most of what there is, is public.
                community_id: *communities
                    .get(numbers.ranked(communities.len()))
                    .context("there are no communities")?,
                title: format!("Item {id}"),
                title_key: format!("item {id}"),
                kind: Some("GUIDE".to_owned()),
                status: Some(PublicationStatus::Published),
                published: true,
                published_at: Some(now),
                visibility,
                language: None,
                licence: None,
                attribution: None,
                url: None,
                bylines: TextList::default(),
                revision: 1,
                pending_revision: None,
                pending_status: None,
                steward_id: None,
                review_due_at: None,
                review_reminder_at: None,
                waiting_since: None,
                compared_revision: None,
                reminded_at: None,
                unadopted_since: None,
                created_at: now,
                updated_at: now,
            });
        }
        let details = rows.iter().map(|row| {
            let row = resource::Model {
                id: row.id,
                description: None,
                educational_levels: TextList::default(),
                time_required_minutes: None,
                rating_count: 0,
                rating_sum: 0,
            };
            row.into_active_model()
        });
        let details: Vec<_> = details.collect();
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        let connection = store.migration_connection();
        item::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
        resource::Entity::insert_many(details)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(ids)
}

/// Relations from items to older ones.
async fn relate(
    store: &Store,
    items: &[Uuid],
    many: usize,
    numbers: &mut Numbers,
) -> anyhow::Result<()> {
    const RELATIONS: [LinkRelation; 4] = [
        LinkRelation::References,
        LinkRelation::AdaptedFrom,
        LinkRelation::Requires,
        LinkRelation::PartOf,
    ];
    let mut made = std::collections::HashSet::with_capacity(many);
    while made.len() < many {
        let place = 1 + numbers.below(items.len().saturating_sub(1));
        let (from, to) = (items.get(place), items.get(numbers.below(place)));
        let (Some(from), Some(to)) = (from, to) else {
            return Err(anyhow!("too few items for relations"));
        };
        let relation = numbers.pick(&RELATIONS).copied();
        made.insert((*from, relation.unwrap_or(LinkRelation::References), *to));
    }
    let rows: Vec<_> = made.into_iter().collect();
    for rows in rows.chunks(CHUNK) {
        let rows = rows.iter().map(|(from, relation, to)| {
            link::Model {
                from_id: *from,
                relation: *relation,
                to_id: *to,
                from_type: EntityType::Resource,
                to_type: EntityType::Resource,
                occurrence: None,
                actor_id: None,
                at: store.clock().now(),
                derived: None,
            }
            .into_active_model()
        });
        link::Entity::insert_many(rows)
            .exec_without_returning(store.migration_connection())
            .await?;
    }
    Ok(())
}
