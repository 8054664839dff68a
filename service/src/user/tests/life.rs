//! What somebody leaves in every table that may name them.

use chrono::TimeDelta;
use entity::activity::{ActivityKind, ActivityMode};
use entity::attendance::AttendanceState;
use entity::discussion::DiscussionKind;
use entity::mail::{MailPurpose, MailState};
use entity::notification::NotificationReason;
use entity::operation::{OperationFormat, OperationKind, OperationState};
use entity::resource::ResourceKind;
use entity::webhook::WebhookEvent;
use entity::{
    TextList, external_identity, imported_item, invitation, item_byline, mail, notification,
    operation, search_alert,
};
use sea_orm::ActiveValue::Set;

use super::*;
use crate::activity::{self, ActivityContent, CreateActivity};
use crate::auth::{CreateApiToken, create_api_token};
use crate::discussion::{self, CreateDiscussion};
use crate::expertise::{self, Subject};
use crate::item::ItemContent;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::saved_search::{self, SaveSearch};
use crate::schedule::whole_seconds;
use crate::validation::Patch;
use crate::viewer::Scope;
use crate::webhook::{self, CreateWebhook, WebhookOptions};
use crate::{follow, review};

/// How somebody signs in, beside what signing up made.
pub(super) async fn sign_in(world: &World) {
    let (store, now) = (world.store(), world.store().clock().now());
    let elsewhere = external_identity::ActiveModel {
        id: Set(Uuid::now_v7()),
        issuer: Set("https://school.example".to_owned()),
        subject: Set("ada".to_owned()),
        user_id: Set(world.ada_id()),
        created_at: Set(now),
    };
    put(store, elsewhere).await;
    let token = CreateApiToken {
        name: "Sync".to_owned(),
        scopes: vec![Scope::Read],
        community_id: None,
        expires_at: None,
    };
    create_api_token(store, &world.ada().await, token)
        .await
        .unwrap();
}

/// Mails and invitations by her and to her.
pub(super) async fn letters(world: &World) {
    let (store, now) = (world.store(), world.store().clock().now());
    let (ada, ben) = (world.ada_id(), id(&world.ben));
    let invited = |address: &str, inviter: Uuid, by: Option<Uuid>| invitation::ActiveModel {
        id: Set(Uuid::now_v7()),
        email: Set(address.to_owned()),
        email_key: Set(address.to_owned()),
        community_id: Set(None),
        inviter_id: Set(inviter),
        hash: Set(Uuid::new_v4().to_string()),
        mailed: Set(true),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::days(14)),
        used_at: Set(by.map(|_| now)),
        user_id: Set(by),
    };
    put(store, invited("guest@example.org", ada, None)).await;
    put(store, invited("ben@example.org", ada, Some(ben))).await;
    put(store, invited("ada@example.org", ben, None)).await;
    put(store, invited("ada@former.example.org", ben, Some(ada))).await;
    let letter = mail::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(None),
        recipient: Set("guest@example.org".to_owned()),
        purpose: Set(MailPurpose::Invitation),
        subject: Set(Some("Ada Lovelace invites you".to_owned())),
        body: Set(Some("Come.".to_owned())),
        unsubscribe_url: Set(None),
        state: Set(MailState::Pending),
        attempts: Set(0),
        due_at: Set(now),
        give_up_at: Set(now + TimeDelta::days(1)),
        last_error: Set(None),
        created_at: Set(now),
        finished_at: Set(None),
    };
    put(store, letter).await;
}

/// What she wants to hear of, and what works for her.
pub(super) async fn matters(world: &World) {
    let (store, now, ada) = (
        world.store(),
        world.store().clock().now(),
        world.ada().await,
    );
    let (me, ben) = (world.ada_id(), id(&world.ben));
    for (viewer, other) in [(&ada, ben), (&world.ben, me)] {
        follow::follow(store, viewer, (EntityType::User, other))
            .await
            .unwrap();
    }
    let told =
        |user: Uuid, about: (EntityType, Uuid), actor: Option<Uuid>| notification::ActiveModel {
            id: Set(Uuid::now_v7()),
            user_id: Set(user),
            reason: Set(NotificationReason::Followed),
            about_type: Set(about.0),
            about_id: Set(about.1),
            actor_id: Set(actor),
            raised_at: Set(now),
            read_at: Set(None),
            mailed_at: Set(None),
        };
    let here = (EntityType::Community, world.community.id);
    put(store, told(me, here, Some(ben))).await;
    put(store, told(ben, here, Some(me))).await;
    put(store, told(ben, (EntityType::User, me), None)).await;
    let search = SaveSearch {
        name: "Mine".to_owned(),
        query: "fractions".to_owned(),
        alerts: true,
        ..SaveSearch::default()
    };
    let search = saved_search::save(store, &ada, search).await.unwrap();
    let alert = search_alert::ActiveModel {
        saved_search_id: Set(search.value.id),
        about_id: Set(Uuid::now_v7()),
    };
    put(store, alert).await;
    let hook = CreateWebhook {
        url: "https://hooks.example.org/ada".to_owned(),
        events: vec![WebhookEvent::ResourcePublished],
        community_id: None,
    };
    webhook::create(store, WebhookOptions::default(), &ada, hook)
        .await
        .unwrap();
    let export = operation::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(me),
        kind: Set(OperationKind::Export),
        format: Set(OperationFormat::Ndjson),
        restore: Set(false),
        state: Set(OperationState::Succeeded),
        scopes: Set(TextList(Vec::new())),
        done: Set(0),
        created: Set(0),
        unchanged: Set(0),
        failed: Set(0),
        read_to: Set(0),
        created_at: Set(now),
        finished_at: Set(Some(now)),
        ..Default::default()
    };
    put(store, export).await;
}

/// What she gave, and what others say of her.
pub(super) async fn contributions(world: &World) {
    let (store, ada) = (world.store(), world.ada().await);
    let titled = |title: &str| ItemContent {
        title: Patch::Value(title.to_owned()),
        ..ItemContent::default()
    };
    let made = CreateResource {
        community_id: world.community.id,
        content: titled("Fractions"),
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish: true,
    };
    let made = resource::create(store, &ada, made).await.unwrap();
    let made = made.value.item.id;
    let keeps = Patch::Value(world.ada_id());
    review::set_steward(store, &world.ben, made, keeps, Patch::Absent)
        .await
        .unwrap();
    let imported = imported_item::ActiveModel {
        community_id: Set(world.community.id),
        user_id: Set(world.ada_id()),
        source: Set("a line".to_owned()),
        item_id: Set(made),
    };
    put(store, imported).await;
    let named = item_byline::ActiveModel {
        item_id: Set(made),
        user_id: Set(world.ada_id()),
        name: Set("Ada Lovelace".to_owned()),
    };
    put(store, named).await;
    let question = CreateDiscussion {
        community_id: world.community.id,
        content: ItemContent {
            body: Patch::Value("@ada, what now?".to_owned()),
            ..titled("Help")
        },
        kind: DiscussionKind::HelpRequest,
        about_id: None,
    };
    discussion::create(store, &world.ben, question)
        .await
        .unwrap();
    let subject = || Subject {
        domain_id: None,
        tag: Some("maths".to_owned()),
    };
    expertise::declare(store, &ada, subject()).await.unwrap();
    let (me, ben) = (world.ada_id(), id(&world.ben));
    for (viewer, other) in [(&ada, ben), (&world.ben, me)] {
        expertise::endorse(store, viewer, other, subject())
            .await
            .unwrap();
    }
    let now = whole_seconds(store.clock().now());
    for days in [1, 10] {
        let start = now + TimeDelta::days(days);
        let meeting = CreateActivity {
            community_id: world.community.id,
            content: titled("Meeting"),
            activity: ActivityContent {
                kind: Patch::Value(ActivityKind::Meeting),
                mode: Patch::Value(ActivityMode::Online),
                starts_at: Patch::Value(start),
                ends_at: Patch::Value(start + TimeDelta::hours(1)),
                time_zone: Patch::Value("Europe/Paris".to_owned()),
                join_url: Patch::Value("https://meet.example.org/readers".to_owned()),
                ..ActivityContent::default()
            },
        };
        let meeting = activity::create(store, &world.ben, meeting).await.unwrap();
        let going = AttendanceState::Going;
        activity::set_attendance(store, &ada, meeting.value.item.id, start, going, None)
            .await
            .unwrap();
    }
}
