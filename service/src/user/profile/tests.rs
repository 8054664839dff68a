use entity::change::EntityType;
use entity::user::PlatformRole;

use super::*;
use crate::testing;

fn value(text: &str) -> Patch<String> {
    Patch::Value(text.to_owned())
}

#[tokio::test]
async fn a_profile_is_changed_emptied_and_left_alone() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, ada.id).await;
    let update = UpdateProfile {
        bio: value("Wrote the first program.\n"),
        locale: value("en-gb"),
        time_zone: value("Europe/London"),
        ..UpdateProfile::default()
    };
    let written = update_profile(&store, &viewer, update.clone())
        .await
        .unwrap();
    assert_eq!(
        written.value.bio.as_deref(),
        Some("Wrote the first program.")
    );
    assert_eq!(written.value.locale.as_deref(), Some("en-GB"));
    assert_eq!(written.value.display_name, "ada");
    let again = update_profile(&store, &viewer, update).await.unwrap();
    assert_eq!(again.position, written.position);
    assert_eq!(again.value, written.value);
    let emptied = UpdateProfile {
        bio: Patch::Null,
        ..UpdateProfile::default()
    };
    let emptied = update_profile(&store, &viewer, emptied)
        .await
        .unwrap()
        .value;
    assert_eq!(
        (emptied.bio, emptied.time_zone.as_deref()),
        (None, Some("Europe/London"))
    );
    let fields: Vec<_> = testing::changes(&store, EntityType::User)
        .await
        .into_iter()
        .map(|change| change.fields.0)
        .collect();
    assert_eq!(fields, [vec!["bio", "locale", "timeZone"], vec!["bio"]]);
}

fn settings(texts: &[&str]) -> Patch<Vec<String>> {
    Patch::Value(texts.iter().map(|&text| text.to_owned()).collect())
}

#[tokio::test]
async fn where_somebody_practises_is_a_list_of_short_texts_each_once() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, ada.id).await;
    let update = async |practice_settings: Patch<Vec<String>>| {
        let input = UpdateProfile {
            practice_settings,
            ..UpdateProfile::default()
        };
        update_profile(&store, &viewer, input).await
    };
    let two = ["Élementary school", "A night class"];
    let said = [" Élementary school ", "A night class", "elementary SCHOOL"];
    let written = update(settings(&said)).await.unwrap();
    assert_eq!(written.value.practice_settings.0, two);
    let same = update(settings(&two)).await.unwrap();
    assert_eq!(same.position, written.position, "nothing has changed");
    let kept = update(Patch::Absent).await.unwrap().value;
    assert_eq!(kept.practice_settings.0, two);
    let emptied = update(Patch::Null).await.unwrap().value;
    assert_eq!(emptied.practice_settings, TextList::default());
    let told: Vec<_> = testing::changes(&store, EntityType::User)
        .await
        .into_iter()
        .map(|change| change.fields.0)
        .collect();
    assert_eq!(told, [["practiceSettings"], ["practiceSettings"]]);

    let numbered = |count: usize| {
        (0..count)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    };
    let most = Patch::Value(numbered(MAX_PRACTICE_SETTINGS));
    update(most).await.unwrap();
    let long = "x".repeat(TITLE.max + 1);
    for (wrong, code, path) in [
        (
            Patch::Value(numbered(MAX_PRACTICE_SETTINGS + 1)),
            FaultCode::TooLong,
            "input.practiceSettings",
        ),
        (
            settings(&[&long]),
            FaultCode::TooLong,
            "input.practiceSettings.0",
        ),
        (
            settings(&["Two\nlines"]),
            FaultCode::Invalid,
            "input.practiceSettings.0",
        ),
    ] {
        let Err(Error::Refused(faults)) = update(wrong).await else {
            panic!("{path}")
        };
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault.code, fault.field.join(".")))
            .collect();
        assert_eq!(found, [(code, path.to_owned())]);
    }
}

#[tokio::test]
async fn all_faults_of_a_profile_are_told_at_once() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    testing::user(&store, "bob", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, ada.id).await;
    let update = UpdateProfile {
        display_name: Patch::Null,
        handle: value("bob\0"),
        bio: value("a\0b"),
        practice_settings: settings(&["A school", " "]),
        locale: value("not a language"),
        time_zone: value("Mars/Olympus"),
        avatar_url: value("javascript:alert(1)"),
        organization_id: Patch::Value(Uuid::now_v7()),
    };
    let Err(Error::Refused(faults)) = update_profile(&store, &viewer, update).await else {
        panic!("eight faults")
    };
    let mut paths: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "input.avatarUrl",
            "input.bio",
            "input.displayName",
            "input.handle",
            "input.locale",
            "input.organizationId",
            "input.practiceSettings.1",
            "input.timeZone"
        ]
    );
    assert_eq!(testing::changes(&store, EntityType::User).await, []);
}

#[tokio::test]
async fn a_handle_is_one_persons() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    testing::user(&store, "bob", PlatformRole::Member).await;
    let viewer = testing::viewer(&store, ada.id).await;
    for (handle, free) in [("bob", false), ("ada", true), ("countess", true)] {
        let update = UpdateProfile {
            handle: value(handle),
            ..UpdateProfile::default()
        };
        let updated = update_profile(&store, &viewer, update).await;
        assert_eq!(updated.is_ok(), free, "{handle}");
    }
}

#[tokio::test]
async fn nobody_without_the_right_changes_a_profile() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let reading = testing::viewer_with(&store, ada.id, &[Scope::Read], None).await;
    for (viewer, wanted) in [
        (Viewer::anonymous(), "sign-in needed"),
        (reading, "the token lacks the scope WRITE"),
    ] {
        let error = update_profile(&store, &viewer, UpdateProfile::default())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), wanted);
    }
}

#[test]
fn handles_have_their_shape() {
    for (handle, sound) in [
        ("ada", true),
        ("ada_l-2", true),
        ("ab", false),
        ("2ada", false),
        ("Ada", false),
        ("adá", false),
        ("former-abcdef", false),
        (&"a".repeat(40), true),
        (&"a".repeat(41), false),
    ] {
        let mut faults = Faults::default();
        check_handle(&mut faults, &["handle"], handle);
        assert_eq!(faults.is_empty(), sound, "{handle}");
    }
}
