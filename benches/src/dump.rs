//! What was loaded, in a file beside the database: what the floor answers from, and what questions are made of.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::entity::item::ItemVisibility;
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

/// The global id of a row, as the API has it.
pub(crate) fn global_id(prefix: &str, id: Uuid) -> anyhow::Result<String> {
    let prefix = DynamicType::new(prefix).context("a type is named by lower-case letters")?;
    Ok(TypeSafeId::from_type_and_uuid(prefix, id).to_string())
}

/// A thing with a name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
    /// Its slug, or a person's handle.
    pub(crate) slug: String,
    pub(crate) name: String,
}

/// A community, with who may read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DumpedCommunity {
    pub(crate) row: Uuid,
    pub(crate) named: Named,
    /// Whether anybody may read it.
    pub(crate) public: bool,
    /// Whether the reader may read it.
    pub(crate) readable: bool,
    /// Whether the reader is a member.
    pub(crate) joined: bool,
}

/// Everything but the resources.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct World {
    /// Resources that were loaded.
    pub(crate) resources: usize,
    /// An API token of the reader.
    pub(crate) token: String,
    pub(crate) communities: Vec<DumpedCommunity>,
    pub(crate) domains: Vec<(Uuid, Named)>,
    pub(crate) users: Vec<(Uuid, Named)>,
    /// The newest position of the change log.
    pub(crate) position: i64,
}

/// A resource; communities, domains and users by their places in the world.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DumpedResource {
    pub(crate) row: Uuid,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) body: String,
    pub(crate) kind: String,
    pub(crate) licence: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) revision: i32,
    pub(crate) visibility: ItemVisibility,
    pub(crate) published: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) community: usize,
    pub(crate) domains: Vec<usize>,
    pub(crate) authors: Vec<usize>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Asker {
    /// Nobody in particular.
    Anonymous,
    /// A member of some communities, by an API token.
    SignedIn,
}

impl Asker {
    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::SignedIn => "signed in",
        }
    }
}

impl DumpedResource {
    /// Whether somebody may read it. The reader is author of nothing and never more than a member.
    pub(crate) fn is_read_by(&self, asker: Asker, world: &World) -> bool {
        let Some(community) = world.communities.get(self.community) else {
            return false;
        };
        let seen = match asker {
            Asker::Anonymous => community.public && self.visibility == ItemVisibility::Community,
            Asker::SignedIn => match self.visibility {
                ItemVisibility::Community => community.readable,
                ItemVisibility::Members => community.joined,
                _ => false,
            },
        };
        seen && self.published
    }
}

/// The file of everything but the resources: written last, so that a directory with it is whole.
pub(crate) fn world_file(directory: &Path) -> PathBuf {
    directory.join("world.json")
}

/// The file of the resources.
pub(crate) fn resources_file(directory: &Path) -> PathBuf {
    directory.join("resources.ndjson")
}

/// Reads everything but the resources.
pub(crate) fn read_world(directory: &Path) -> anyhow::Result<World> {
    let path = world_file(directory);
    let text = std::fs::read(&path).with_context(|| format!("in {}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// Reads the resources that somebody may read, in the order in which they were made.
pub(crate) fn read_resources(
    directory: &Path,
    world: &World,
    asker: Asker,
) -> anyhow::Result<Vec<DumpedResource>> {
    let path = resources_file(directory);
    let file = File::open(&path).with_context(|| format!("in {}", path.display()))?;
    let mut resources = Vec::new();
    for line in BufReader::new(file).lines() {
        let resource: DumpedResource = serde_json::from_str(&line?)?;
        if resource.is_read_by(asker, world) {
            resources.push(resource);
        }
    }
    Ok(resources)
}
