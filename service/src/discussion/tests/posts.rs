use entity::change::EntityType;
use entity::mention;
use sea_orm::EntityTrait;

use super::*;
use crate::paging::PageRequest;

#[tokio::test]
async fn posts_are_read_as_a_tree_and_paged_in_a_stable_order() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    let first = circle.post(&circle.helper, &asked, "one").await;
    let second = circle.post(&circle.steward, &asked, "two").await;
    let mut answer = first.clone();
    for (level, body) in [(2, "one.one"), (3, "one.one.one"), (4, "one.one.one.one")] {
        let to = Some(answer.id);
        answer = circle
            .try_post(&circle.asker, asked.item.id, to, body)
            .await
            .unwrap();
        assert_eq!(answer.depth, level);
    }
    let late = circle
        .try_post(&circle.asker, asked.item.id, Some(first.id), "one.two")
        .await
        .unwrap();
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            first: Some(2),
            after,
            ..PageRequest::default()
        };
        let page = page_of_posts(&circle.store, asked.item.id, &request)
            .await
            .unwrap();
        read.extend(page.rows.iter().map(|(_, post)| post.body.clone()));
        if !page.has_next {
            break;
        }
        // What is added meanwhile neither drops nor repeats anything.
        if read.len() == 2 {
            circle.post(&circle.asker, &asked, "three").await;
        }
        after = page.rows.last().map(|(cursor, _)| cursor.clone());
    }
    assert_eq!(
        read,
        [
            "one",
            "one.one",
            "one.one.one",
            "one.one.one.one",
            "one.two",
            "two",
            "three"
        ]
    );
    let request = PageRequest {
        last: Some(2),
        ..PageRequest::default()
    };
    let end = page_of_posts(&circle.store, asked.item.id, &request)
        .await
        .unwrap();
    let end: Vec<_> = end
        .rows
        .iter()
        .map(|(_, post)| post.body.as_str())
        .collect();
    assert_eq!(end, ["two", "three"]);
    assert_eq!((second.depth, late.depth), (1, 2));
    assert_eq!(circle.row(asked.item.id).await.post_count, 7);
}

#[tokio::test]
async fn posts_that_lead_nowhere_are_refused_and_nothing_is_written() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let (asked, other) = (circle.ask("One").await, circle.ask("Two").await);
    let elsewhere = circle.post(&circle.helper, &other, "elsewhere").await;
    let mut deepest = circle.post(&circle.helper, &asked, "1").await;
    for _ in 2..=DEEPEST {
        let to = Some(deepest.id);
        deepest = circle
            .try_post(&circle.helper, asked.item.id, to, "deeper")
            .await
            .unwrap();
    }
    let before = circle.store.position().await.unwrap();
    let id = asked.item.id;
    let huge = "x".repeat(50_001);
    for (parent, body, expected) in [
        (Some(elsewhere.id), "text", FaultCode::NotFound),
        (Some(Uuid::now_v7()), "text", FaultCode::NotFound),
        (Some(deepest.id), "text", FaultCode::LimitReached),
        (None, " \n\t ", FaultCode::Required),
        (None, huge.as_str(), FaultCode::TooLong),
        (None, "nul\0", FaultCode::Invalid),
    ] {
        let refused = circle.try_post(&circle.helper, id, parent, body).await;
        assert_eq!(code(refused), expected, "{parent:?}");
    }
    let nowhere = circle
        .try_post(&circle.helper, Uuid::now_v7(), None, "text")
        .await;
    assert_eq!(code(nowhere), FaultCode::NotFound);
    let stranger = circle.try_post(&circle.stranger, id, None, "text").await;
    assert_eq!(code(stranger), FaultCode::Forbidden);
    let all = circle
        .try_post(&circle.helper, id, Some(elsewhere.id), "")
        .await;
    let Err(Error::Refused(faults)) = all else {
        panic!("two faults at once")
    };
    let paths: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(paths, ["input.body", "input.parentId"]);
    assert_eq!(circle.store.position().await.unwrap(), before);
}

#[tokio::test]
async fn who_has_left_no_longer_acts() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    let answer = circle.post(&circle.helper, &asked, "Like this.").await;
    circle.leave(&circle.helper).await;
    circle.leave(&circle.asker).await;
    let (store, id) = (&circle.store, asked.item.id);
    let posted = circle.try_post(&circle.helper, id, None, "more").await;
    let changed = update_post(store, &circle.helper, answer.id, "other".to_owned()).await;
    let accepted = accept_post(store, &circle.asker, answer.id).await;
    let closed = close(store, &circle.asker, id, CloseReason::Stale).await;
    let input = CaptureDiscussion::default();
    let captured = capture(store, &circle.helper, id, input).await;
    let begun = create(
        store,
        &circle.asker,
        circle.input(DiscussionKind::Discussion, "Again"),
    )
    .await;
    let codes = [
        code(posted),
        code(changed),
        code(accepted),
        code(closed),
        code(captured),
        code(begun),
    ];
    assert_eq!(codes, [FaultCode::Forbidden; 6]);
}

#[tokio::test]
async fn a_post_is_changed_by_its_author_alone() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    let answer = circle.post(&circle.helper, &asked, "Like this.").await;
    for viewer in [&circle.asker, &circle.steward, &circle.facilitator] {
        let refused = update_post(&circle.store, viewer, answer.id, "mine".to_owned()).await;
        assert_eq!(code(refused), FaultCode::Forbidden);
    }
    let changed = update_post(&circle.store, &circle.helper, answer.id, "So.".to_owned())
        .await
        .unwrap();
    assert_eq!(changed.value.body, "So.");
    let again = update_post(&circle.store, &circle.helper, answer.id, "So.".to_owned())
        .await
        .unwrap();
    assert_eq!(
        again.position, changed.position,
        "the same text changes nothing"
    );
    let of_posts = testing::changes(&circle.store, EntityType::Post).await;
    assert_eq!(of_posts.len(), 2);
    let of_discussions = testing::changes(&circle.store, EntityType::Discussion).await;
    assert_eq!(
        of_discussions.len(),
        3,
        "each time the index is told of the discussion"
    );
}

#[tokio::test]
async fn what_is_hidden_counts_for_nothing_until_it_is_shown_again() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let (asked, answer) = circle.resolved("Fractions").await;
    let id = asked.item.id;
    let (store, reason) = (&circle.store, "Rude.".to_owned());
    for viewer in [&circle.asker, &circle.helper] {
        let refused = hide_post(store, viewer, answer.id, reason.clone()).await;
        assert_eq!(code(refused), FaultCode::Forbidden);
    }
    let unexplained = hide_post(store, &circle.steward, answer.id, "  ".to_owned()).await;
    assert_eq!(fault(unexplained).field, ["reason"]);
    let hidden = hide_post(store, &circle.steward, answer.id, reason.clone())
        .await
        .unwrap();
    assert!(hidden.value.hidden);
    let row = circle.row(id).await;
    assert_eq!(
        row.state,
        DiscussionState::Open,
        "its answer is none any more"
    );
    assert_eq!((row.accepted_post_id, row.first_answered_at), (None, None));
    let refused = accept_post(store, &circle.asker, answer.id).await;
    assert_eq!(code(refused), FaultCode::InvalidTransition);
    let again = hide_post(store, &circle.steward, answer.id, reason)
        .await
        .unwrap();
    assert_eq!(again.position, hidden.position);
    let shown = show_post(store, &circle.steward, answer.id).await.unwrap();
    assert_eq!(
        (shown.value.hidden, shown.value.hidden_reason),
        (false, None)
    );
    let row = circle.row(id).await;
    assert_eq!(row.first_answered_at, Some(answer.created_at));
    assert_eq!(row.state, DiscussionState::Open);
}

#[tokio::test]
async fn members_who_may_read_are_mentioned() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let mut input = circle.input(DiscussionKind::HelpRequest, "Hello");
    input.content.body = Patch::Value("@ben @eve @nobody and I, @ada".to_owned());
    let asked = create(&circle.store, &circle.asker, input)
        .await
        .unwrap()
        .value;
    let mentioned = async || {
        let rows = mention::Entity::find()
            .all(circle.store.reader())
            .await
            .unwrap();
        let mut users: Vec<Uuid> = rows.iter().map(|row| row.user_id).collect();
        users.sort_unstable();
        users
    };
    let id = |viewer: &Viewer| viewer.user_id().unwrap();
    assert_eq!(mentioned().await, [id(&circle.helper)]);
    let same = UpdateDiscussion {
        content: ItemContent {
            title: Patch::Value("Hello again".to_owned()),
            body: Patch::Value("@ben @eve @nobody and I, @ada".to_owned()),
            ..ItemContent::default()
        },
        ..UpdateDiscussion::default()
    };
    for _ in 0..2 {
        update(
            &circle.store,
            &circle.asker,
            asked.item.id,
            same.clone(),
            None,
        )
        .await
        .unwrap();
    }
    assert_eq!(mentioned().await, [id(&circle.helper)]);

    let post = circle
        .post(&circle.helper, &asked, "Ask @stella, @Fay")
        .await;
    let mut expected = vec![
        id(&circle.helper),
        id(&circle.steward),
        id(&circle.facilitator),
    ];
    expected.sort_unstable();
    assert_eq!(mentioned().await, expected);
    update_post(
        &circle.store,
        &circle.helper,
        post.id,
        "Ask @fay".to_owned(),
    )
    .await
    .unwrap();
    expected.retain(|user| *user != id(&circle.steward));
    assert_eq!(mentioned().await, expected);

    let mut input = circle.input(DiscussionKind::Discussion, "Among us");
    input.content.visibility = Patch::Value(entity::item::ItemVisibility::Stewards);
    input.content.body = Patch::Value("@ben @fay".to_owned());
    create(&circle.store, &circle.steward, input).await.unwrap();
    expected.push(id(&circle.facilitator));
    expected.sort_unstable();
    assert_eq!(
        mentioned().await,
        expected,
        "who may not read it is not mentioned"
    );
}
