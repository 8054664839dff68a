//! Where resources go: communities with those who write in them, and domains.

use std::collections::HashMap;

use service::community::{self, CreateCommunity};
use service::domain::{self, CreateDomain};
use service::entity::community::{CommunityKind, CommunityVisibility, JoinPolicy};
use service::entity::user;
use service::membership;
use service::store::Store;
use service::viewer::Viewer;
use uuid::Uuid;

use super::viewer_of;
use crate::corpus::Corpus;
use crate::dump::{DumpedCommunity, Named, global_id};
use crate::numbers::Numbers;

/// Members who write, of each community.
const AUTHORS: usize = 6;
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
/// The kinds of community that publish resources first: what is measured is loading, and not the reviews of others.
const KINDS: [CommunityKind; 2] = [CommunityKind::Helping, CommunityKind::Innovation];

/// A community with those who may write in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) id: Uuid,
    pub(super) members: Vec<Uuid>,
}

/// The communities, founded by the importer, with their authors and, where joined, the reader.
pub(super) async fn communities(
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

pub(super) async fn domains(
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
