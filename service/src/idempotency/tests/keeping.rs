//! What is kept of a request, and until when.

use chrono::TimeDelta;

use super::*;

#[tokio::test]
async fn what_is_forgotten_goes_in_transactions_of_bounded_size() {
    let office = Office::open().await;
    let clock = office.store.clock();
    for number in 0..5 {
        clock.advance(TimeDelta::minutes(1));
        let slug = format!("school-{number}");
        office.create(&office.ada, &slug, &slug).await.ran();
    }
    clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(1));
    assert_eq!(remove_by(&office.store, 2).await.unwrap(), 4);
    assert_eq!(office.rows().await.len(), 1, "the last one is told still");
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 1);
    assert_eq!(office.rows().await, []);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let office = Office::open().await;
    office.create(&office.ada, "key", "school").await.ran();
    let clock = office.store.clock();
    clock.advance(TimeDelta::hours(23) + TimeDelta::minutes(59));
    office.create(&office.ada, "key", "school").await.again();
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 0);

    clock.advance(TimeDelta::minutes(1));
    assert_eq!(
        outcome(&office.store, &office.ada, "key").await.unwrap(),
        None
    );
    let made = office.create(&office.ada, "key", "library").await.ran();
    let again = office.create(&office.ada, "key", "library").await.again();
    assert_eq!(
        again.nodes,
        named(&made.value),
        "the row is renewed, though it was there still"
    );

    clock.advance(TimeDelta::hours(24));
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 1);
    assert_eq!(office.rows().await, []);
}

#[tokio::test]
async fn whoever_reads_the_table_learns_neither_who_nor_what() {
    let office = Office::open().await;
    let (key, slug) = ("e8b6e4a2-6f3b-4b53-9a35", "a-school-of-its-own");
    office.create(&office.ada, key, slug).await.ran();
    let rows = format!("{:?}", office.rows().await).to_lowercase();
    let user = office.ada.user_id().unwrap();
    for secret in [key, slug, &user.to_string(), &user.simple().to_string()] {
        assert!(!rows.contains(secret), "{secret} is in {rows}");
    }
}
