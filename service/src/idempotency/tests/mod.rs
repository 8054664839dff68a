mod keeping;
mod keys;
mod refusals;
mod retries;

use entity::organization::{self, Sector};
use entity::user::PlatformRole;
use sea_orm::PaginatorTrait;
use tempfile::TempDir;

use super::*;
use crate::organization::{CreateOrganization, create_organization};
use crate::store::Written;
use crate::testing;

/// Where organizations are written down by two administrators, who repeat themselves.
struct Office {
    _directory: TempDir,
    store: Store,
    ada: Viewer,
    ben: Viewer,
}

/// What somebody who sends a request is answered.
#[derive(Debug)]
enum Answer {
    Ran(Result<Written<organization::Model>>),
    Again(Recorded),
    Reused,
}

impl Answer {
    fn ran(self) -> Written<organization::Model> {
        match self {
            Self::Ran(made) => made.unwrap(),
            other => panic!("it did not run: {other:?}"),
        }
    }

    fn again(self) -> Recorded {
        match self {
            Self::Again(recorded) => recorded,
            other => panic!("it was not known: {other:?}"),
        }
    }
}

impl Office {
    async fn open() -> Self {
        let (directory, store) = testing::store().await;
        let mut viewers = Vec::new();
        for name in ["ada", "ben"] {
            let user = testing::user(&store, name, PlatformRole::Admin).await;
            viewers.push(testing::viewer(&store, user.id).await);
        }
        let (Some(ben), Some(ada)) = (viewers.pop(), viewers.pop()) else {
            panic!("there are two")
        };
        Self {
            _directory: directory,
            store,
            ada,
            ben,
        }
    }

    /// Does some work as the API does a mutation.
    async fn work(
        &self,
        viewer: &Viewer,
        key: &str,
        content: &str,
        work: impl Future<Output = Result<Written<organization::Model>>>,
    ) -> Answer {
        let sent = Sent {
            caller: viewer.user_id(),
            key,
            operation: 0,
            content,
        };
        let keyed = match Keyed::open(&self.store, sent).await.unwrap() {
            Known::Keyed(keyed) => keyed,
            Known::Reused => return Answer::Reused,
        };
        let asked = keyed.asked("made", viewer);
        match asked.before() {
            Some(Before::Recorded(before)) => return Answer::Again(before.clone()),
            Some(Before::Reused) => return Answer::Reused,
            None => {}
        }
        let noted = async {
            let made = work.await;
            if let Err(Error::Refused(faults)) = &made {
                note_refusal(faults);
            }
            made
        };
        let (made, ended) = asked.attempt().run(noted).await;
        let answered = matches!(made, Ok(_) | Err(Error::Refused(_)));
        let settled = asked.settle(&self.store, ended, answered).await;
        match settled.unwrap() {
            Settled::Own => Answer::Ran(made),
            Settled::Before(before) => Answer::Again(before),
            Settled::Reused => Answer::Reused,
        }
    }

    /// Creates an organization; the same slug is the same request.
    async fn create(&self, viewer: &Viewer, key: &str, slug: &str) -> Answer {
        let input = CreateOrganization {
            name: format!("The {slug}"),
            sector: Sector::Education,
            url: None,
            slug: Some(slug.to_owned()),
        };
        let work = create_organization(&self.store, viewer, input);
        self.work(viewer, key, slug, work).await
    }

    async fn organizations(&self) -> u64 {
        let all = organization::Entity::find();
        all.count(self.store.reader()).await.unwrap()
    }

    async fn rows(&self) -> Vec<idempotent_write::Model> {
        let all = idempotent_write::Entity::find();
        all.all(self.store.reader()).await.unwrap()
    }
}

/// An organization, for whoever needs no other one.
fn school() -> CreateOrganization {
    CreateOrganization {
        name: "The school".to_owned(),
        sector: Sector::Education,
        url: None,
        slug: Some("school".to_owned()),
    }
}

/// What is kept of an organization that was made.
fn named(made: &organization::Model) -> Vec<Named> {
    vec![Named {
        table: "organization".to_owned(),
        id: made.id,
    }]
}
