//! An import into a community, as its importer could do it by hand: items with ids of their own, and the importer as
//! their author.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::community;
use entity::domain;
use entity::item::ItemType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::Tally;
use super::content::{Meant, New, people_named, short};
use super::known::{known, remember, source};
use super::scan::Scan;
use crate::community::kind::{self, Need};
use crate::domain::Owner;
use crate::error::{Error, Result};
use crate::item::insert::insert_many;
use crate::item::{Byline, ItemState, byline_rows, bylines_of};
use crate::membership::{Hold, standing};
use crate::operation::line::{Fields, item_type_of, said};
use crate::policy::operation as policy;
use crate::store::WriteUnit;
use crate::viewer::Viewer;
use crate::{collection, discussion, innovation, merged_domain, practice, resource, typed_id};

/// The types of lines that make something.
pub(super) const TYPES: [&str; 5] = [
    "resource",
    "practice",
    "innovation",
    "discussion",
    "collection",
];

/// A line that may make something.
struct Asked {
    line: i32,
    of: ItemType,
    source: String,
    fields: Fields,
}

/// Imports lines.
pub(super) async fn process(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    scan: &Scan,
    lines: Vec<(i32, Fields)>,
    tally: &mut Tally,
) -> Result<()> {
    let (viewer, home) = standing(unit, viewer, community, Hold::Shared).await?;
    let field = &["communityId"];
    let home = home.ok_or_else(|| Error::not_found(field, "community"))?;
    policy::import(&viewer, &home).require(field, "community")?;
    let asked = asked(lines, tally);
    let mut items = known(unit, &viewer, community, &sources(&asked)).await?;
    let domains = domains(unit, scan, &asked).await?;
    let own_id = typed_id::encode("user", viewer.user_id().unwrap_or_default());
    let users = users(unit, scan, &own_id, &asked).await?;
    let mut asked = asked.into_iter().peekable();
    while let Some(first) = asked.peek() {
        // Those of one type that follow each other are made together, after what they may refer to.
        let of = first.of;
        let mut run = Vec::new();
        let mut seen = HashSet::new();
        while let Some(next) = asked.next_if(|next| next.of == of) {
            if items.contains_key(&next.source) || !seen.insert(next.source.clone()) {
                tally.unchanged += 1;
            } else {
                run.push(next);
            }
        }
        let by_id: HashMap<String, Uuid> = items
            .iter()
            .filter_map(|(source, id)| Some((source.strip_prefix("id:")?.to_owned(), *id)))
            .collect();
        let meant = Meant {
            community,
            people: &scan.people,
            users: &users,
            own_id: &own_id,
            domains: &domains,
            items: &by_id,
        };
        let made = make(unit, &viewer, &home, &meant, of, run, tally).await?;
        items.extend(made);
    }
    Ok(())
}

/// The lines that make something; those of other types were counted when the file was looked through.
fn asked(lines: Vec<(i32, Fields)>, tally: &mut Tally) -> Vec<Asked> {
    let mut asked = Vec::with_capacity(lines.len());
    for (line, fields) in lines {
        let Some(of) = fields.get("type").and_then(Value::as_str) else {
            tally.refuse(line, "This line has no `type`, such as \"resource\".");
            continue;
        };
        if let Some(of) = item_type_of(of).filter(|_| TYPES.contains(&of)) {
            asked.push(Asked {
                line,
                of,
                source: source(&fields),
                fields,
            });
        }
    }
    asked
}

/// What the lines are known by, and what they refer to.
fn sources(asked: &[Asked]) -> Vec<String> {
    let mut sources = BTreeSet::new();
    for asked in asked {
        sources.insert(asked.source.clone());
        let texts = |name: &str| {
            let list = asked.fields.get(name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str)
        };
        let entries = asked.fields.get("entries").and_then(Value::as_array);
        let entries = entries.into_iter().flatten();
        let entries = entries.filter_map(|entry| entry.get("id")?.as_str());
        let about = asked.fields.get("aboutId").and_then(Value::as_str);
        for id in texts("resourceIds").chain(entries).chain(about) {
            sources.insert(format!("id:{}", short(id)));
        }
    }
    sources.into_iter().collect()
}

/// The domains here that lines name: by id, by the slug that the file gives the id, or by slug. What became part of another
/// domain means that one, and so does a slug that a domain had.
async fn domains(unit: &WriteUnit, scan: &Scan, asked: &[Asked]) -> Result<HashMap<String, Uuid>> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for asked in asked {
        for list in ["domainIds", "domains"] {
            let list = asked.fields.get(list).and_then(Value::as_array);
            named.extend(list.into_iter().flatten().filter_map(Value::as_str));
        }
    }
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let id_of = |name: &str| typed_id::decode_as("domain", name);
    let slug_of = |name: &str| {
        let slug = scan.domains.get(name).map_or(name, String::as_str);
        slug.to_owned()
    };
    let slugs: Vec<String> = named
        .iter()
        .map(|name| slug_of(name))
        .filter(|slug| slug.len() <= 100 && !slug.contains('\0'))
        .collect();
    let ids = named.iter().filter_map(|name| id_of(name)).collect();
    let by_id = merged_domain::meant(unit.db(), ids).await?;
    let former = Owner::Domain.formerly(unit.db(), &slugs).await?;
    let found: Vec<(String, Uuid)> = domain::Entity::find()
        .select_only()
        .columns([domain::Column::Slug, domain::Column::Id])
        .filter(domain::Column::Slug.is_in(slugs))
        .into_tuple()
        .all(unit.db())
        .await?;
    let mut by_slug: HashMap<String, Uuid> = found.into_iter().collect();
    by_slug.extend(former);
    let mut domains = HashMap::with_capacity(named.len());
    for name in named {
        let of_id = id_of(name).and_then(|id| by_id.get(&id));
        if let Some(id) = of_id.or_else(|| by_slug.get(&slug_of(name))) {
            domains.insert(name.to_owned(), *id);
        }
    }
    Ok(domains)
}

/// Those of the people whom lines name as authors, and the file says who they are, who are users here: by their ids in the
/// file.
async fn users(
    unit: &WriteUnit,
    scan: &Scan,
    own_id: &str,
    asked: &[Asked],
) -> Result<HashMap<String, Byline>> {
    let mut ids: BTreeSet<Uuid> = BTreeSet::new();
    for asked in asked {
        let list = asked.fields.get("authorIds").and_then(Value::as_array);
        let named = list.into_iter().flatten().filter_map(Value::as_str);
        let named = people_named(named, &scan.people, own_id).into_iter();
        ids.extend(named.filter_map(|(id, _)| typed_id::decode_as("user", id)));
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let users = bylines_of(unit, &ids).await?.into_iter();
    Ok(users
        .map(|user| (typed_id::encode("user", user.user), user))
        .collect())
}

/// Makes items of one type, and answers what each source became.
async fn make(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    home: &community::Model,
    meant: &Meant<'_>,
    of: ItemType,
    run: Vec<Asked>,
    tally: &mut Tally,
) -> Result<Vec<(String, Uuid)>> {
    let mut places = Vec::with_capacity(run.len());
    let mut news = Vec::with_capacity(run.len());
    for asked in run {
        match meant.read(of, asked.fields) {
            Ok(read) => {
                let mut new = read.new;
                if read.publish && publishes(home, of, &new) {
                    new.publish();
                }
                places.push((asked.line, asked.source, read.left_out, read.bylines));
                news.push(new);
            }
            Err(message) => tally.refuse(asked.line, message),
        }
    }
    let outcomes = create(unit, viewer, news).await?;
    let mut made = Vec::with_capacity(outcomes.len());
    let mut credited = Vec::new();
    for ((line, source, left_out, bylines), outcome) in places.into_iter().zip(outcomes) {
        match outcome {
            Ok(state) => {
                tally.created += 1;
                if !left_out.is_empty() {
                    let message = format!(
                        "Imported without what it refers to and is not here: {}.",
                        left_out.join(", ")
                    );
                    tally.refuse(line, message);
                }
                credited.extend(byline_rows(&state, &bylines));
                made.push((source, state.item.id));
            }
            Err(error @ Error::Refused(_)) => tally.refuse(line, said(&error)),
            Err(error) => return Err(error),
        }
    }
    insert_many(unit, credited).await?;
    let user = viewer.user_id().unwrap_or_default();
    remember(unit, user, home.id, made.clone()).await?;
    Ok(made)
}

/// Whether a new item can be published at once here; what cannot becomes a draft.
fn publishes(home: &community::Model, of: ItemType, new: &New) -> bool {
    let (has_domain, has_licence) = new.has();
    let needs = kind::of(home.kind).published_needs;
    kind::policy_of(home).approvals(of).needed == 0
        && needs.iter().all(|need| match need {
            Need::Domain => has_domain,
            Need::Licence => has_licence,
            // A steward sets both once it is there.
            Need::Steward | Need::ReviewDate => false,
        })
}

/// Makes items of one type by their own command.
async fn create(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    news: Vec<New>,
) -> Result<Vec<Result<ItemState>>> {
    let mut resources = Vec::new();
    let mut practices = Vec::new();
    let mut innovations = Vec::new();
    let mut discussions = Vec::new();
    let mut collections = Vec::new();
    for new in news {
        match new {
            New::Resource(new) => resources.push(new),
            New::Practice(new) => practices.push(new),
            New::Innovation(new) => innovations.push(new),
            New::Discussion(new) => discussions.push(new),
            New::Collection(new) => collections.push(new),
        }
    }
    // All are of one type, so their order is kept.
    let mut made = Vec::new();
    if !resources.is_empty() {
        made.extend(resource::create_many(unit, viewer, resources).await?);
    }
    if !practices.is_empty() {
        made.extend(practice::create_many(unit, viewer, practices).await?);
    }
    if !innovations.is_empty() {
        made.extend(innovation::create_many(unit, viewer, innovations).await?);
    }
    if !discussions.is_empty() {
        made.extend(discussion::create_many(unit, viewer, discussions).await?);
    }
    if !collections.is_empty() {
        made.extend(collection::create_many(unit, viewer, collections).await?);
    }
    Ok(made)
}
