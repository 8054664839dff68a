//! What becomes of each item.

use entity::external_reference;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::*;
use crate::item::Details;
use crate::pilot::testing::faults;
use crate::store::counted;
use crate::testing;

use SyncOutcome::{Created, Failed, Unchanged, Updated};

#[tokio::test]
async fn what_is_new_is_made_and_what_is_repeated_writes_nothing() {
    let synced = Synced::new().await;
    let mut lesson = item("7", "Fractions");
    lesson.content.body = Patch::Value("Halves.".to_owned());
    lesson.content.tags = Patch::Value(vec!["maths".to_owned()]);
    lesson.external_url = Patch::Value("https://lms.example/7".to_owned());
    let listed = vec![lesson, item("8", "Shapes")];
    let call = || synced.call(listed.clone());
    let first = synced
        .try_call(&synced.school.steward, call())
        .await
        .unwrap();
    let outcomes: Vec<_> = first.value.results.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Created, Created]);
    assert_eq!(
        (first.value.counts.created, first.value.counts.failed),
        (2, 0)
    );
    let id = first.value.results[0].resource_id.unwrap();
    let state = synced.state(id).await;
    assert_eq!(state.item.title, "Fractions");
    assert_eq!(state.body.as_deref(), Some("Halves."));
    assert_eq!(state.item.status, Some(PublicationStatus::Published));
    assert_eq!(state.authors, [synced.school.steward.user_id().unwrap()]);
    let reference = synced.reference(id).await;
    assert_eq!(
        (reference.system.as_str(), reference.external_id.as_str()),
        ("moodle", "7")
    );
    assert_eq!(reference.url.as_deref(), Some("https://lms.example/7"));

    let again = synced
        .try_call(&synced.school.steward, call())
        .await
        .unwrap();
    assert_eq!(again.value.counts.unchanged, 2);
    assert_eq!(again.position, first.position, "nothing was written");
    assert_eq!(again.value.results[0].resource_id, Some(id));
    assert_eq!(synced.state(id).await, state);
}

#[tokio::test]
async fn a_change_is_one_revision_in_which_absent_keeps_and_null_empties() {
    let synced = Synced::new().await;
    let mut lesson = item("7", "Fractions");
    lesson.content.body = Patch::Value("Halves.".to_owned());
    lesson.content.tags = Patch::Value(vec!["maths".to_owned(), "easy".to_owned()]);
    lesson.resource.description = Patch::Value("In short.".to_owned());
    lesson.resource.educational_levels = Patch::Value(vec!["primary".to_owned()]);
    let id = synced.one(lesson).await.resource_id.unwrap();
    let before = synced.position().await;

    let mut lesson = item("7", "Fractions first");
    lesson.content.tags = Patch::Value(vec!["easy".to_owned()]);
    lesson.resource.description = Patch::Null;
    let changed = synced.one(lesson.clone()).await;
    assert_eq!((changed.outcome, changed.resource_id), (Updated, Some(id)));
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.title.as_str(), state.item.revision),
        ("Fractions first", 2)
    );
    assert_eq!(state.body.as_deref(), Some("Halves."), "absent keeps");
    assert_eq!(state.tags, ["easy"]);
    let Details::Resource(row) = &state.details else {
        panic!("it is a resource")
    };
    assert_eq!(row.description, None, "null empties");
    assert_eq!(row.educational_levels.0, ["primary"]);
    assert_eq!(synced.position().await, before + 1);
    let changes =
        testing::changes(&synced.school.store, entity::change::EntityType::Resource).await;
    let mut fields = changes.last().unwrap().fields.0.clone();
    fields.sort_unstable();
    assert_eq!(fields, ["description", "tags", "title"]);

    lesson.content.body = Patch::Value("Halves.".to_owned());
    assert_eq!(
        synced.one(lesson.clone()).await.outcome,
        Unchanged,
        "it is so already"
    );
    lesson.external_url = Patch::Value("https://lms.example/7".to_owned());
    assert_eq!(synced.one(lesson.clone()).await.outcome, Updated);
    assert_eq!(
        synced.state(id).await.item.revision,
        2,
        "a reference is no content"
    );
    lesson.external_url = Patch::Absent;
    assert_eq!(synced.one(lesson.clone()).await.outcome, Unchanged);
    lesson.external_url = Patch::Null;
    assert_eq!(synced.one(lesson).await.outcome, Updated);
    assert_eq!(synced.reference(id).await.url, None);
}

#[tokio::test]
async fn one_bad_item_fails_alone() {
    let synced = Synced::new().await;
    synced.results(vec![item("there", "Is there")]).await;
    let mut wrong = item("8", " ");
    wrong.content.url = Patch::Value("nowhere".to_owned());
    wrong.content.domain_ids = Patch::Value(vec![Uuid::now_v7(), Uuid::from_u128(1)]);
    wrong.external_url = Patch::Value("javascript:alert(1)".to_owned());
    wrong.unread = vec![Fault::new(
        FaultCode::Invalid,
        &["input", "domainIds", "1"],
        "This is no id.",
    )];
    let mut there = item("there", "Is there");
    there.content.language = Patch::Value("x".to_owned());
    let mut nameless = item(" ", "Without a name");
    nameless.content.tags = Patch::Value(vec![String::new()]);
    let results = synced
        .results(vec![
            item("7", "Fractions"),
            wrong,
            there,
            item("9", "Shapes"),
            item("7 ", "Fractions again"),
            nameless,
            item("7", "And again"),
        ])
        .await;
    let outcomes: Vec<_> = results.iter().map(|one| one.outcome).collect();
    assert_eq!(
        outcomes,
        [Created, Failed, Failed, Created, Failed, Failed, Failed]
    );
    let mut found = told(&results[1]);
    found.sort_by(|one, other| one.1.cmp(&other.1));
    assert_eq!(
        found,
        [
            said(FaultCode::NotFound, "input.1.domainIds.0"),
            said(FaultCode::Invalid, "input.1.domainIds.1"),
            said(FaultCode::Invalid, "input.1.externalUrl"),
            said(FaultCode::Required, "input.1.title"),
            said(FaultCode::Invalid, "input.1.url"),
        ]
    );
    assert_eq!(
        told(&results[2]),
        [said(FaultCode::Invalid, "input.2.language")]
    );
    assert!(results[2].resource_id.is_some());
    assert_eq!(
        told(&results[4]),
        [said(FaultCode::Taken, "input.4.externalId")]
    );
    assert_eq!(results[4].external_id, "7 ", "as it was written");
    assert_eq!(
        told(&results[5]),
        [
            said(FaultCode::Required, "input.5.externalId"),
            said(FaultCode::Required, "input.5.tags.0"),
        ]
    );
    let kept = synced.state(results[0].resource_id.unwrap()).await;
    assert_eq!(kept.item.title, "Fractions", "the first of two counts");
}

#[tokio::test]
async fn what_is_wrong_with_the_call_is_said_at_once_and_nothing_is_written() {
    let synced = Synced::new().await;
    let before = synced.position().await;
    let call = SyncResources {
        community_id: Uuid::now_v7(),
        system: " ".to_owned(),
        items: items(0..1_001),
        run: Some("x".repeat(201)),
        dry_run: false,
    };
    let refused = faults(synced.try_call(&synced.school.steward, call).await);
    let found: Vec<_> = refused
        .iter()
        .map(|one| (one.code, one.field.join(".")))
        .collect();
    assert_eq!(
        found,
        [
            said(FaultCode::Required, "system"),
            said(FaultCode::TooLong, "run"),
            said(FaultCode::TooLong, "input"),
            said(FaultCode::NotFound, "communityId"),
        ]
    );
    assert_eq!(synced.position().await, before);
    let rows = external_reference::Entity::find();
    let rows = rows.count(synced.school.store.reader()).await;
    assert_eq!(rows.unwrap(), 0);
    assert_eq!(synced.results(Vec::new()).await, []);
}

#[tokio::test]
async fn what_was_deleted_here_is_made_anew_and_what_has_the_reference_is_taken_up() {
    let synced = Synced::new().await;
    let id = synced
        .one(item("7", "Fractions"))
        .await
        .resource_id
        .unwrap();
    let (store, fay) = (&synced.school.store, &synced.school.facilitator);
    item::delete(store, fay, entity::item::ItemType::Resource, id)
        .await
        .unwrap();
    let anew = synced.one(item("7", "Fractions")).await;
    assert_eq!(anew.outcome, Created);
    assert_ne!(anew.resource_id, Some(id));

    let input = crate::resource::CreateResource {
        community_id: synced.school.community.id,
        content: ItemContent {
            title: Patch::Value("Shapes, drafted".to_owned()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(entity::resource::ResourceKind::Guide),
            external_references: Patch::Value(vec![
                crate::external_reference::NewReference {
                    system: "moodle".to_owned(),
                    external_id: "8".to_owned(),
                    url: None,
                },
                crate::external_reference::NewReference {
                    system: "moodle".to_owned(),
                    external_id: "8a".to_owned(),
                    url: None,
                },
            ]),
            ..ResourceContent::default()
        },
        publish: false,
    };
    let made = crate::resource::create(store, &synced.school.author, input).await;
    let made = made.unwrap().value.item.id;
    let taken_up = synced.one(item("8", "Shapes")).await;
    assert_eq!(
        (taken_up.outcome, taken_up.resource_id),
        (Updated, Some(made))
    );
    let state = synced.state(made).await;
    assert_eq!(
        (state.item.title.as_str(), state.item.revision),
        ("Shapes", 2)
    );
    assert_eq!(
        state.item.status,
        Some(PublicationStatus::Draft),
        "only its author may publish it"
    );

    let both = synced
        .results(vec![item("8a", "Shapes"), item("8", "Circles")])
        .await;
    assert_eq!((both[0].outcome, both[1].outcome), (Unchanged, Failed));
    assert_eq!(
        told(&both[1]),
        [said(FaultCode::Taken, "input.1.externalId")]
    );
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_leaves_nothing() {
    let synced = Synced::new().await;
    let known = synced
        .one(item("7", "Fractions"))
        .await
        .resource_id
        .unwrap();
    let before = synced.position().await;
    let listed = vec![
        item("7", "Fractions first"),
        item("8", "Shapes"),
        item("8", "Twice"),
    ];
    let call = |dry_run| SyncResources {
        system: "moodle".to_owned(),
        dry_run,
        run: Some("monday".to_owned()),
        ..synced.call(listed.clone())
    };
    let steward = &synced.school.steward;
    let dry = synced.try_call(steward, call(true)).await.unwrap().value;
    assert!(dry.dry_run);
    assert_eq!(synced.position().await, before);
    assert_eq!(synced.state(known).await.item.revision, 1);
    let refused = faults(synced.try_finish(synced.end("monday", None)).await);
    assert_eq!(refused[0].code, FaultCode::NotFound, "no run was begun");

    let wet = synced.try_call(steward, call(false)).await.unwrap().value;
    let comparable = |report: &SyncReport| -> Vec<_> {
        let results = report.results.iter();
        results
            .map(|one| (one.external_id.clone(), one.outcome, one.faults.clone()))
            .collect()
    };
    assert_eq!(comparable(&dry), comparable(&wet));
    assert_eq!(dry.results[0].resource_id, Some(known));
    assert_eq!(dry.results[1].resource_id, None, "there is none");

    let mut unknown = call(true);
    unknown.community_id = Uuid::now_v7();
    let refused = faults(synced.try_call(steward, unknown).await);
    assert_eq!(refused[0].code, FaultCode::NotFound);
}

#[tokio::test]
async fn however_many_are_listed_few_statements_are_run() {
    let synced = Synced::new().await;
    let statements = async |listed: Vec<SyncItem>| {
        let call = SyncResources {
            run: Some("monday".to_owned()),
            ..synced.call(listed)
        };
        let steward = synced.school.steward.clone();
        let counting = synced.school.store.write(steward.user_id(), move |unit| {
            Box::pin(async move {
                let (results, number) = Box::pin(counted(sync_in(unit, &steward, call))).await;
                results?;
                Ok(number)
            })
        });
        counting.await.unwrap().value
    };
    let changed = |numbers: std::ops::Range<usize>| -> Vec<SyncItem> {
        let mut changed = items(numbers);
        for item in &mut changed {
            item.content.title = Patch::Value(format!("{}, changed", item.external_id));
            item.content.body = Patch::Value("More.".to_owned());
            item.content.tags = Patch::Value(vec![item.external_id.clone()]);
        }
        changed
    };
    let (made_one, made) = (
        statements(items(0..1)).await,
        statements(items(1..200)).await,
    );
    assert!(made <= made_one, "{made_one} for one, {made} for 199");
    assert!(made > 5, "they are counted");
    let (one, all) = (
        statements(items(0..1)).await,
        statements(items(0..200)).await,
    );
    assert_eq!(one, all, "unchanged");
    assert!(all <= 10, "{all} statements");
    let (one, all) = (
        statements(changed(0..1)).await,
        statements(changed(0..200)).await,
    );
    assert_eq!(one, all, "changed");
}

#[test]
fn whatever_differs_makes_another_digest() {
    use super::super::digest::digest;
    let mut all = vec![item("7", "Fractions")];
    let text = || Patch::Value("x".to_owned());
    let list = |texts: &[&str]| Patch::Value(texts.iter().map(|&text| text.to_owned()).collect());
    let changes: [fn(&mut SyncItem); 3] = [
        |item| item.publish = false,
        |item| item.content.body = Patch::Null,
        |item| item.content.title = Patch::Absent,
    ];
    for change in changes {
        let mut other = all[0].clone();
        change(&mut other);
        all.push(other);
    }
    let mut with = |change: &dyn Fn(&mut SyncItem)| {
        let mut other = item("7", "Fractions");
        change(&mut other);
        all.push(other);
    };
    with(&|item| item.external_url = text());
    with(&|item| item.content.body = text());
    with(&|item| item.content.url = text());
    with(&|item| item.content.licence = text());
    with(&|item| item.content.attribution = text());
    with(&|item| item.content.language = text());
    with(&|item| item.resource.description = text());
    with(&|item| item.content.tags = list(&["ab"]));
    with(&|item| item.content.tags = list(&["a", "b"]));
    with(&|item| item.content.tags = list(&[]));
    with(&|item| item.content.bylines = list(&["ab"]));
    with(&|item| item.resource.educational_levels = list(&["ab"]));
    with(&|item| item.content.domain_ids = Patch::Value(vec![Uuid::nil()]));
    with(&|item| item.content.author_ids = Patch::Value(vec![Uuid::nil()]));
    with(&|item| item.resource.kind = Patch::Value(ResourceKind::Video));
    with(&|item| item.resource.time_required_minutes = Patch::Value(1));
    let digests: std::collections::HashSet<_> = all.iter().map(digest).collect();
    assert_eq!(digests.len(), all.len());
    let mut renamed = all[0].clone();
    renamed.external_id = "8".to_owned();
    assert_eq!(digest(&renamed), digest(&all[0]));
}
