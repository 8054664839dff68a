use super::*;
use crate::search::{SearchQuery, search};

const NOTHING: [Uuid; 0] = [];

async fn found(circle: &Circle, viewer: &Viewer, words: &str) -> Vec<Uuid> {
    let query = SearchQuery {
        query: words.to_owned(),
        ..SearchQuery::default()
    };
    let answer = search(&circle.store, &circle.index, viewer, query)
        .await
        .unwrap();
    assert_eq!(answer.total, answer.hits.len() as u64);
    answer.hits.into_iter().map(|hit| hit.id).collect()
}

#[tokio::test]
async fn posts_are_found_in_their_discussion_and_hidden_ones_at_once_no_more() {
    let circle = Circle::new(CommunityVisibility::Public).await;
    let asked = circle.ask("Fractions").await;
    let id = asked.item.id;
    let post = circle.post(&circle.helper, &asked, "Take an abacus.").await;
    circle.follow().await;
    let nobody = Viewer::anonymous();
    assert_eq!(found(&circle, &nobody, "abacus").await, [id]);
    hide_post(&circle.store, &circle.steward, post.id, "No.".to_owned())
        .await
        .unwrap();
    assert_eq!(found(&circle, &nobody, "abacus").await, NOTHING);
    circle.follow().await;
    assert_eq!(found(&circle, &nobody, "abacus").await, NOTHING);
    assert_eq!(found(&circle, &nobody, "fractions").await, [id]);
    show_post(&circle.store, &circle.steward, post.id)
        .await
        .unwrap();
    circle.follow().await;
    assert_eq!(found(&circle, &nobody, "abacus").await, [id]);
}

#[tokio::test]
async fn similar_ones_are_resolved_and_seen_by_the_viewer() {
    let circle = Circle::new(CommunityVisibility::Private).await;
    let (resolved, _) = circle.resolved("How to teach fractions with paper").await;
    let (other, _) = circle.resolved("Borrowing laptops over the summer").await;
    circle.ask("Teaching fractions: which paper").await;
    let asked = circle.ask("Fractions and paper in grade five").await;
    circle.follow().await;
    let wanted = [(asked.item.id, 5)];
    let of = async |viewer: &Viewer| {
        let found = similar(&circle.store, &circle.index, viewer, &wanted).await;
        found.unwrap().remove(&asked.item.id).unwrap_or_default()
    };
    assert_eq!(of(&circle.helper).await.first(), Some(&resolved.item.id));
    assert!(!of(&circle.helper).await.contains(&other.item.id));
    assert_eq!(of(&circle.stranger).await, NOTHING);
    reopen(&circle.store, &circle.asker, resolved.item.id)
        .await
        .unwrap();
    circle.follow().await;
    assert!(!of(&circle.helper).await.contains(&resolved.item.id));
}
