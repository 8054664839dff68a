//! New accounts.

use super::*;
use crate::auth::PasswordCost;
use crate::testing;
use proptest::prelude::*;

fn new(email: &str, name: &str) -> NewUser {
    NewUser {
        email: email.into(),
        display_name: name.into(),
        handle: None,
        role: PlatformRole::Member,
        password: Some("correct horse".into()),
        is_demo: false,
    }
}

#[tokio::test]
async fn people_of_one_name_get_handles_of_their_own() {
    let (_directory, store) = testing::store().await;
    let passwords = Passwords::new(PasswordCost::for_tests(), 2).unwrap();
    let mut handles = Vec::new();
    for number in 0..12 {
        let email = format!("{number}@example.org");
        let made = create_user(&store, &passwords, new(&email, "Zoë O’Neill")).await;
        handles.push(made.unwrap().value.handle);
    }
    assert_eq!(handles[..3], ["zoe-oneill", "zoe-oneill-2", "zoe-oneill-3"]);
    handles.sort();
    handles.dedup();
    assert_eq!(handles.len(), 12);
    let changes = testing::changes(&store, EntityType::User).await;
    assert_eq!(changes.len(), 12);
    assert_eq!(changes[0].operation, Operation::Created);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let (_directory, store) = testing::store().await;
    let passwords = Passwords::new(PasswordCost::for_tests(), 2).unwrap();
    testing::user(&store, "ada", PlatformRole::Member).await;
    let mut wrong = new("ADA@example.org", "");
    wrong.handle = Some("ada".into());
    wrong.password = Some("short".into());
    let Err(Error::Refused(faults)) = create_user(&store, &passwords, wrong).await else {
        panic!("four faults")
    };
    let mut found: Vec<_> = faults
        .iter()
        .map(|fault| (fault.field.join("."), fault.code))
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        found,
        [
            ("input.displayName".to_owned(), FaultCode::Required),
            ("input.email".to_owned(), FaultCode::Taken),
            ("input.handle".to_owned(), FaultCode::Taken),
            ("input.password".to_owned(), FaultCode::TooShort),
        ]
    );
}

#[test]
fn e_mail_addresses_have_their_shape() {
    for (email, valid) in [
        ("ada@example.org", true),
        (" Ada.Lovelace+x@sub.example.org ", true),
        ("zoë@exämple.org", true),
        ("ada", false),
        ("ada@", false),
        ("@example.org", false),
        ("ada@localhost", false),
        ("a@b@example.org", false),
        ("ada@example..org", false),
        ("ada@-example.org", false),
        ("a b@example.org", false),
        ("a\u{202e}b@example.org", false),
        ("<ada@example.org>", false),
    ] {
        let mut faults = Faults::default();
        check_email(&mut faults, &["email"], email);
        assert_eq!(faults.is_empty(), valid, "{email}");
    }
}

proptest! {
    #[test]
    fn any_name_makes_a_valid_handle(name in "\\PC{0,60}") {
        let mut faults = Faults::default();
        let base = handle_base(&name);
        check_handle(&mut faults, &["handle"], &base);
        check_handle(&mut faults, &["handle"], &format!("{base}-0123456789"));
        prop_assert!(faults.is_empty(), "{}", base);
    }
}
