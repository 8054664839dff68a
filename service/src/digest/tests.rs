//! Mails about notifications, on a database.

use chrono::TimeDelta;
use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::mail as outbox;
use entity::mail::MailPurpose;
use entity::membership::{MembershipRole, MembershipState};
use entity::notification as told;
use entity::user::{self, NotificationEmail, PlatformRole, UserStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use tempfile::TempDir;

use entity::notification::NotificationReason;

use super::*;
use crate::auth::{AuthOptions, PasswordCost, SigningKeys};
use crate::link::End;
use crate::testing;

struct World {
    _directory: TempDir,
    auth: Auth,
    ada: user::Model,
    community: Uuid,
}

impl World {
    async fn new() -> Self {
        let (directory, store) = testing::store().await;
        let settings = MailSettings::new("r@example.org", "https://learn.example.org", None);
        let options = AuthOptions {
            password_cost: PasswordCost::for_tests(),
            mail: Some(settings.unwrap()),
            ..AuthOptions::default()
        };
        let keys = SigningKeys::ephemeral().unwrap();
        let auth = Auth::new(store, keys, options).unwrap();
        let ada = testing::user(auth.store(), "ada", PlatformRole::Member).await;
        let private = CommunityVisibility::Private;
        let community = testing::community(auth.store(), "readers", private).await;
        testing::membership(
            auth.store(),
            community.id,
            ada.id,
            MembershipRole::Member,
            MembershipState::Active,
        )
        .await;
        let world = Self {
            _directory: directory,
            auth,
            ada,
            community: community.id,
        };
        let now = world.auth.store().clock().now();
        world
            .change(|row| {
                row.email_verified_at = Set(Some(now));
            })
            .await;
        world
    }

    async fn change(&self, change: impl FnOnce(&mut user::ActiveModel)) {
        let mut row = self.ada.clone().into_active_model();
        change(&mut row);
        row.update(self.auth.store().migration_connection())
            .await
            .unwrap();
    }

    async fn raise(&self, reason: NotificationReason) {
        self.raise_about(reason, (EntityType::Community, self.community))
            .await;
    }

    async fn raise_about(&self, reason: NotificationReason, about: End) {
        let (store, user) = (self.auth.store(), self.ada.id);
        store
            .write(None, move |unit| {
                async move { notification::raise(unit, reason, about, &[user]).await }.boxed()
            })
            .await
            .unwrap();
    }

    /// Turns the clock to the next noon, where it was seven o'clock already.
    fn turn_to_noon(&self) {
        let clock = self.auth.store().clock();
        let midnight = clock.now().date_naive().succ_opt().unwrap();
        let noon = midnight.and_hms_opt(12, 0, 0).unwrap().and_utc();
        clock.advance(noon - clock.now());
    }

    /// Makes Ada a member of the community, or one no more, who may not read of it.
    async fn set_membership(&self, state: MembershipState) {
        let connection = self.auth.store().migration_connection();
        let row = entity::membership::Entity::find().one(connection).await;
        let mut row = row.unwrap().unwrap().into_active_model();
        row.state = Set(state);
        row.update(connection).await.unwrap();
    }

    async fn queue_due(&self) -> u64 {
        queue_due(&self.auth).await.unwrap()
    }

    async fn bodies(&self) -> Vec<String> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Purpose.eq(MailPurpose::Notifications))
            .order_by_asc(outbox::Column::Id)
            .all(self.auth.store().reader())
            .await
            .unwrap();
        rows.into_iter().map(|row| row.body.unwrap()).collect()
    }
}

fn at_once(row: &mut user::ActiveModel) {
    row.notification_email = Set(Some(NotificationEmail::AtOnce));
}

#[tokio::test]
async fn what_waits_is_mailed_once_in_one_mail() {
    let world = World::new().await;
    world.change(at_once).await;
    world.raise(NotificationReason::Due).await;
    world.raise(NotificationReason::Escalated).await;
    let rounds = (0..4).map(|_| {
        let auth = world.auth.clone();
        tokio::spawn(async move { queue_due(&auth).await.unwrap() })
    });
    let mut queued = 0;
    for round in futures_util::future::join_all(rounds).await {
        queued += round.unwrap();
    }
    assert_eq!(queued, 1, "whichever process came first");
    let [body] = &world.bodies().await[..] else {
        panic!("one mail")
    };
    assert!(
        body.starts_with("- Overdue – readers\n- Due – readers\n"),
        "{body}"
    );
    assert!(
        body.contains("https://learn.example.org/notifications\n"),
        "{body}"
    );

    world.raise(NotificationReason::Due).await;
    assert_eq!(world.queue_due().await, 1, "it was raised again");
    assert_eq!(world.queue_due().await, 0);
}

#[tokio::test]
async fn the_daily_mail_waits_for_the_morning() {
    let world = World::new().await;
    world.turn_to_noon();
    let clock = world.auth.store().clock();
    world.raise(NotificationReason::Due).await;
    assert_eq!(world.queue_due().await, 0);
    clock.advance(TimeDelta::hours(18));
    assert_eq!(world.queue_due().await, 0, "it is six o'clock");
    clock.advance(TimeDelta::hours(2));
    assert_eq!(world.queue_due().await, 1);
}

#[tokio::test]
async fn nobody_gets_mail_who_may_not_or_will_not() {
    for (what, change) in [
        (
            "unconfirmed",
            (|row| row.email_verified_at = Set(None)) as fn(&mut user::ActiveModel),
        ),
        ("no mail wanted", |row| {
            row.notification_email = Set(Some(NotificationEmail::None));
        }),
        ("suspended", |row| row.status = Set(UserStatus::Suspended)),
        ("invented", |row| row.is_demo = Set(true)),
    ] {
        let world = World::new().await;
        world.raise(NotificationReason::Due).await;
        world
            .change(|row| {
                at_once(row);
                change(row);
            })
            .await;
        assert_eq!(world.queue_due().await, 0, "{what}");
    }
}

#[tokio::test]
async fn what_may_no_longer_be_read_is_not_mailed() {
    let world = World::new().await;
    world.change(at_once).await;
    world.raise(NotificationReason::Due).await;
    world.set_membership(MembershipState::Removed).await;
    // What a private community is about every signed-in person may see.
    let mut unlisted = entity::community::Entity::find_by_id(world.community)
        .one(world.auth.store().reader())
        .await
        .unwrap()
        .unwrap()
        .into_active_model();
    unlisted.visibility = Set(CommunityVisibility::Unlisted);
    unlisted
        .update(world.auth.store().migration_connection())
        .await
        .unwrap();
    assert_eq!(world.queue_due().await, 0);
    assert_eq!(world.bodies().await, [""; 0]);
}

#[tokio::test]
async fn what_is_concealed_does_not_make_a_daily_mail_due() {
    let world = World::new().await;
    let ben = testing::user(world.auth.store(), "ben", PlatformRole::Member).await;
    world.turn_to_noon();
    world.raise(NotificationReason::Due).await;
    world.set_membership(MembershipState::Removed).await;
    let clock = world.auth.store().clock();
    clock.advance(TimeDelta::hours(24));
    assert_eq!(world.queue_due().await, 0);
    let about = (EntityType::User, ben.id);
    world.raise_about(NotificationReason::Followed, about).await;
    assert_eq!(
        world.queue_due().await,
        0,
        "what is new waits for a morning"
    );
    clock.advance(TimeDelta::hours(24));
    assert_eq!(world.queue_due().await, 1);
    assert_eq!(world.queue_due().await, 0);

    // What may be read again is told then.
    world.set_membership(MembershipState::Active).await;
    assert_eq!(world.queue_due().await, 1);
    let [first, second] = &world.bodies().await[..] else {
        panic!("two mails")
    };
    assert!(first.starts_with("- News – ben\n"), "{first}");
    assert!(!first.contains("readers"), "{first}");
    assert!(second.starts_with("- Due – readers\n"), "{second}");
}

#[tokio::test]
async fn what_is_no_news_any_more_does_not_go_out_with_what_is() {
    let world = World::new().await;
    world.change(at_once).await;
    world.raise(NotificationReason::Due).await;
    world.auth.store().clock().advance(TimeDelta::days(9));
    assert_eq!(world.queue_due().await, 0);
    world.raise(NotificationReason::Escalated).await;
    assert_eq!(world.queue_due().await, 1);
    let [body] = &world.bodies().await[..] else {
        panic!("one mail")
    };
    assert!(body.starts_with("- Overdue – readers\n"), "{body}");
    assert!(!body.contains("- Due"), "{body}");
}

#[tokio::test]
async fn one_whose_mail_cannot_be_written_holds_up_nobody_else() {
    let world = World::new().await;
    world.change(at_once).await;
    let store = world.auth.store();
    let eve = testing::user(store, "eve", PlatformRole::Member).await;
    let mut row = eve.clone().into_active_model();
    at_once(&mut row);
    row.email_verified_at = Set(Some(store.clock().now()));
    row.update(store.migration_connection()).await.unwrap();
    world.raise(NotificationReason::Due).await;
    let about = (EntityType::User, world.ada.id);
    store
        .write(None, move |unit| {
            async move {
                notification::raise(unit, NotificationReason::Followed, about, &[eve.id]).await
            }
            .boxed()
        })
        .await
        .unwrap();
    // People come in the order of their ids.
    assert!(world.ada.id < eve.id);
    // A reason of which this version has not heard.
    let set_reason = async |reason: &str| {
        told::Entity::update_many()
            .col_expr(told::Column::Reason, Expr::value(reason))
            .filter(told::Column::UserId.eq(world.ada.id))
            .exec(store.migration_connection())
            .await
            .unwrap();
    };
    set_reason("UNHEARD_OF").await;
    assert!(queue_due(&world.auth).await.is_err());
    let [body] = &world.bodies().await[..] else {
        panic!("one mail")
    };
    assert!(body.starts_with("- News – ada\n"), "{body}");
    set_reason("DUE").await;
    assert_eq!(world.queue_due().await, 1, "it was not given up");
}

#[tokio::test]
async fn a_server_that_sends_no_mail_queues_none() {
    let world = World::new().await;
    world.change(at_once).await;
    world.raise(NotificationReason::Due).await;
    let options = AuthOptions {
        mail: None,
        ..world.auth.options().clone()
    };
    let keys = SigningKeys::ephemeral().unwrap();
    let silent = Auth::new(world.auth.store().clone(), keys, options).unwrap();
    assert_eq!(queue_due(&silent).await.unwrap(), 0);
    assert_eq!(world.queue_due().await, 1);
}
