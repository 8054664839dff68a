//! What lists and lookups show, and that what is hidden answers as what never was.

use entity::community::{CommunityKind, CommunityVisibility, Sector};
use uuid::Uuid;

use super::{faults, input, person};
use crate::community::*;
use crate::error::{Error, FaultCode};
use crate::membership;
use crate::paging::{Direction, PageRequest};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

#[tokio::test]
async fn an_old_slug_redirects_and_a_taken_one_is_refused() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let made = create(&store, &ada, input("Group")).await.unwrap().value;
    let other = create(&store, &ada, input("Group")).await.unwrap().value;
    assert_eq!(other.slug, "group-2");
    let slug = |slug: &str| UpdateCommunity {
        slug: Patch::Value(slug.to_owned()),
        ..UpdateCommunity::default()
    };
    update(&store, &ada, made.id, slug("circle")).await.unwrap();
    let found = by_slug(&store, &ada, "group").await.unwrap().unwrap();
    assert_eq!((found.id, found.slug.as_str()), (made.id, "circle"));
    let taken = faults(update(&store, &ada, other.id, slug("circle")).await);
    assert_eq!(
        (taken[0].code, taken[0].field.join(".")),
        (FaultCode::Taken, "input.slug".into())
    );
    update(&store, &ada, made.id, slug("group")).await.unwrap();
    let found = by_slug(&store, &ada, "circle").await.unwrap().unwrap();
    assert_eq!(found.slug, "group");
    assert_eq!(
        faults(
            create(
                &store,
                &ada,
                CreateCommunity {
                    slug: Some("group".into()),
                    ..input("x")
                }
            )
            .await
        )[0]
        .code,
        FaultCode::Taken
    );
}

#[tokio::test]
async fn what_is_hidden_answers_as_what_never_was() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let bob = person(&store, "bob").await;
    let hidden = CreateCommunity {
        visibility: Some(CommunityVisibility::Unlisted),
        ..input("Hidden")
    };
    let hidden = create(&store, &ada, hidden).await.unwrap().value;
    let own = create(&store, &bob, input("Own")).await.unwrap().value;
    let never = Uuid::now_v7();
    let rename = || UpdateCommunity {
        name: Patch::Value("Mine".into()),
        ..UpdateCommunity::default()
    };
    let under = |id| UpdateCommunity {
        parent_id: Patch::Value(id),
        ..UpdateCommunity::default()
    };
    assert_eq!(
        faults(update(&store, &bob, hidden.id, rename()).await),
        faults(update(&store, &bob, never, rename()).await)
    );
    assert_eq!(
        faults(update(&store, &bob, own.id, under(hidden.id)).await),
        faults(update(&store, &bob, own.id, under(never)).await)
    );
    for restoring in [true, false] {
        let set = async |id| {
            if restoring {
                restore(&store, &bob, id).await
            } else {
                archive(&store, &bob, id).await
            }
        };
        assert_eq!(faults(set(hidden.id).await), faults(set(never).await));
    }
    assert_eq!(
        faults(membership::join(&store, &bob, hidden.id).await),
        faults(membership::join(&store, &bob, never).await)
    );
    assert_eq!(
        faults(membership::leave(&store, &bob, hidden.id).await),
        faults(membership::leave(&store, &bob, never).await)
    );
    assert!(by_slug(&store, &bob, "hidden").await.unwrap().is_none());
    assert!(by_ids(&store, &bob, &[hidden.id]).await.unwrap().is_empty());
    assert_eq!(
        count(&store, &bob, &CommunityFilter::default())
            .await
            .unwrap(),
        1
    );
    let ada = membership::reread(&store, &ada, hidden.id).await.unwrap();
    assert!(by_slug(&store, &ada, "hidden").await.unwrap().is_some());
    assert!(!about_only(&ada, &hidden));
}

#[tokio::test]
async fn filters_combine() {
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    for (name, kind, sector, language) in [
        (
            "Alpha",
            CommunityKind::Helping,
            Some(Sector::Education),
            "en",
        ),
        ("Beta", CommunityKind::BestPractice, None, "fr"),
        (
            "Gamma",
            CommunityKind::Helping,
            Some(Sector::Business),
            "fr-CA",
        ),
    ] {
        let input = CreateCommunity {
            sector,
            languages: vec![language.into()],
            ..CreateCommunity::new(name, "To test.", kind)
        };
        create(&store, &ada, input).await.unwrap();
    }
    let anyone = Viewer::anonymous();
    let names = async |filter: CommunityFilter| {
        let order = CommunityOrder {
            field: CommunityOrderField::CreatedAt,
            direction: Direction::Descending,
        };
        let request = PageRequest::default();
        let page = page(&store, &anyone, &filter, order, &request)
            .await
            .unwrap();
        let total = count(&store, &anyone, &filter).await.unwrap();
        assert_eq!(total, page.rows.len() as u64);
        page.rows
            .into_iter()
            .map(|(_, row)| row.name)
            .collect::<Vec<_>>()
    };
    let any = CommunityFilter::default;
    let helping = || CommunityFilter {
        kinds: vec![CommunityKind::Helping],
        ..any()
    };
    let education = || CommunityFilter {
        sectors: vec![Sector::Education],
        ..any()
    };
    assert_eq!(names(any()).await, ["Gamma", "Beta", "Alpha"]);
    assert_eq!(names(helping()).await, ["Gamma", "Alpha"]);
    let not = |filter| CommunityFilter {
        not: Some(Box::new(filter)),
        ..any()
    };
    assert_eq!(names(not(education())).await, ["Gamma", "Beta"]);
    assert_eq!(names(not(any())).await, Vec::<String>::new());
    let languages = |tag: &str| CommunityFilter {
        languages: vec![tag.into()],
        ..any()
    };
    assert_eq!(names(languages("FR")).await, ["Beta"]);
    let either = CommunityFilter {
        or: vec![education(), languages("fr")],
        ..any()
    };
    assert_eq!(names(either.clone()).await, ["Beta", "Alpha"]);
    assert_eq!(
        names(CommunityFilter {
            and: vec![either],
            ..helping()
        })
        .await,
        ["Alpha"]
    );
    let prefix = CommunityFilter {
        name_starts_with: Some("gÄm".into()),
        ..any()
    };
    assert_eq!(names(prefix).await, ["Gamma"]);
}

#[tokio::test]
async fn a_filter_too_large_or_malformed_is_refused() {
    let (_directory, store) = testing::store().await;
    let anyone = Viewer::anonymous();
    let any = CommunityFilter::default;
    let mut deep = any();
    for _ in 0..6 {
        deep = CommunityFilter {
            not: Some(Box::new(deep)),
            ..any()
        };
    }
    let wide = CommunityFilter {
        or: vec![any(); 50],
        ..any()
    };
    let long = CommunityFilter {
        domain_ids: vec![Uuid::nil(); 501],
        ..any()
    };
    let malformed = CommunityFilter {
        languages: vec!["no language".into()],
        ..any()
    };
    for filter in [deep, wide, long, malformed] {
        assert!(matches!(
            count(&store, &anyone, &filter).await,
            Err(Error::BadArgument {
                argument: "filter",
                ..
            })
        ));
    }
}
