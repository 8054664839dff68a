//! Operations from their begin to their end, exports that come back, and what imports may do.

mod exporting;
mod importing;
mod life;
mod restoring;
mod restoring_domains;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::community::CommunityVisibility;
use entity::item::{self, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::operation::{OperationFormat, OperationState};
use entity::user::PlatformRole;
use entity::{community, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::auth::{PasswordCost, Passwords};
use crate::doctor::{self, State};
use crate::error::{Error, FaultCode};
use crate::paging::PageRequest;
use crate::viewer::{Scope, Viewer};
use crate::{demo, testing, typed_id};

/// A community, people and the directory of operations.
struct Scene {
    directory: TempDir,
    store: Store,
    operations: Operations,
    community: community::Model,
    /// Facilitates the community.
    ada: Viewer,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "readers", visibility).await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let role = MembershipRole::Facilitator;
        testing::membership(&store, community.id, ada.id, role, MembershipState::Active).await;
        let settings = OperationSettings::new(directory.path().join("operations"));
        Self {
            operations: Operations::open(store.clone(), settings).unwrap(),
            ada: testing::viewer(&store, ada.id).await,
            directory,
            store,
            community,
        }
    }

    /// The same database and directory, as another process has them.
    fn another_process(&self) -> Operations {
        let settings = self.operations.settings().clone();
        Operations::open(self.store.clone(), settings).unwrap()
    }

    async fn begin(&self, viewer: &Viewer, format: OperationFormat) -> Started {
        let input = StartImport {
            community_id: self.community.id,
            format,
            restore: false,
        };
        let begun = start_import(&self.operations, viewer, input).await;
        begun.unwrap().value
    }

    async fn send(&self, started: &Started, content: &str) {
        let secret = started.secret.expose();
        let length = Some(content.len() as u64);
        let mut receiving = self
            .operations
            .receive(started.operation.id, secret, length)
            .await
            .unwrap();
        receiving.write(content.as_bytes()).await.unwrap();
        receiving.finish().await.unwrap();
    }

    /// Imports what is sent, to its end.
    async fn import(&self, viewer: &Viewer, format: OperationFormat, content: &str) -> Operation {
        let started = self.begin(viewer, format).await;
        self.send(&started, content).await;
        run_all(&self.operations).await;
        self.row(started.operation.id).await
    }

    async fn row(&self, id: Uuid) -> Operation {
        let found = operation::Entity::find_by_id(id)
            .one(self.store.reader())
            .await;
        found.unwrap().unwrap()
    }

    async fn messages(&self, id: Uuid) -> Vec<(Option<i32>, String)> {
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let page = errors(&self.store, id, &request).await.unwrap();
        let rows = page.rows.into_iter();
        rows.map(|(_, row)| (row.line, row.message)).collect()
    }

    async fn titles(&self) -> Vec<String> {
        let rows = item::Entity::find().all(self.store.reader()).await.unwrap();
        let mut titles: Vec<String> = rows.into_iter().map(|row| row.title).collect();
        titles.sort();
        titles
    }
}

async fn run_all(operations: &Operations) {
    while run_next(operations, &CancellationToken::new())
        .await
        .unwrap()
    {}
}

fn lines(count: std::ops::Range<usize>) -> String {
    let line = |number| {
        let line =
            json!({ "type": "resource", "title": format!("Number {number}"), "kind": "GUIDE" });
        format!("{line}\n")
    };
    count.map(line).collect()
}

fn nothing(_: Progress) {}

async fn export_whole(store: &Store, directory: &Path) -> PathBuf {
    export_of(store, directory, Sight::Whole, None).await
}

async fn export_of(
    store: &Store,
    directory: &Path,
    sight: Sight,
    community: Option<Uuid>,
) -> PathBuf {
    let path = directory.join(format!("{}.ndjson", Uuid::new_v4().simple()));
    let target = Box::new(std::fs::File::create(&path).unwrap());
    let plan = Plan {
        sight,
        community,
        format: OperationFormat::Ndjson,
    };
    export_now(store, &plan, target, &nothing).await.unwrap();
    path
}

/// The lines of an export but for its header, in an order of their own.
fn content(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn restored(path: PathBuf) -> Importing {
    Importing {
        source: Source {
            path,
            format: OperationFormat::Ndjson,
            line_bytes: 5 * 1024 * 1024,
        },
        community: None,
        restore: true,
    }
}

async fn admin(store: &Store) -> Viewer {
    let root = testing::user(store, "root", PlatformRole::Admin).await;
    testing::viewer(store, root.id).await
}

async fn check_rows(store: &Store) {
    for finding in doctor::check_invariants(store).await {
        let of_tests = finding.message.contains("lack a change");
        assert!(finding.state != State::Broken || of_tests, "{finding:?}");
    }
}
