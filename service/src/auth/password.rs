//! Passwords: what is allowed, and hashing with Argon2id away from the threads that serve requests.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::Secret;
use crate::error::{Error, FaultCode, Result};
use crate::text::fold;
use crate::validation::Faults;

/// Fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 10;
/// Most characters of a password.
pub const LONGEST_PASSWORD: usize = 200;

/// Hashes that may wait for their turn, beyond which callers are told to come back.
const WAITING: usize = 256;

/// How much memory and time one hash costs. A cost is never below what OWASP's Password Storage Cheat Sheet holds
/// sufficient for Argon2id, in whichever of its trades of memory against passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A cost that is too low to protect passwords, or beyond what the algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a password cost of {memory_kib} KiB, {passes} passes and {lanes} lanes is out of bounds: it needs at least 7168 KiB, memory times passes of at least 35840, and 1 to 16 lanes; at most 1048576 KiB and 64 passes"
)]
pub struct CostOutOfBounds {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl PasswordCost {
    /// A cost of so many KiB of memory, passes over it, and lanes.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CostOutOfBounds> {
        let enough = memory_kib >= 7_168 && u64::from(memory_kib) * u64::from(passes) >= 35_840;
        let bounded = memory_kib <= 1_048_576 && passes <= 64 && (1..=16).contains(&lanes);
        if enough && bounded {
            Ok(Self {
                memory_kib,
                passes,
                lanes,
            })
        } else {
            Err(CostOutOfBounds {
                memory_kib,
                passes,
                lanes,
            })
        }
    }

    /// A cost that protects nothing, so that tests are quick. In a release build it is the default cost.
    #[must_use]
    pub fn for_tests() -> Self {
        if cfg!(debug_assertions) {
            Self {
                memory_kib: 64,
                passes: 1,
                lanes: 1,
            }
        } else {
            Self::default()
        }
    }

    fn argon2(self) -> Result<Argon2<'static>> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(Error::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    fn is_of(self, hash: &PasswordHash) -> bool {
        Params::try_from(hash).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (self.memory_kib, self.passes, self.lanes)
        })
    }
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

/// What the comparison of a password with a stored hash said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// It is the password.
    Same,
    /// It is the password, but the hash was made at another cost: hash it anew.
    SameAtAnotherCost,
    /// It is not.
    Different,
}

/// Hashes and compares passwords, a bounded number at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    cost: PasswordCost,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Compared with where there is no account, so that the answer takes as long.
    dummy: Arc<str>,
}

impl Passwords {
    /// Hashes at that cost, at most so many at once: each takes a thread and the memory of the cost. Makes one hash, so
    /// it takes some tens of milliseconds.
    pub fn new(cost: PasswordCost, at_once: usize) -> Result<Self> {
        Ok(Self {
            cost,
            running: Arc::new(Semaphore::new(at_once.clamp(1, 64))),
            waiting: Arc::new(Semaphore::new(WAITING)),
            dummy: hash_now(cost, super::secret::generate("").expose())?.into(),
        })
    }

    /// The PHC string of a password's hash.
    #[crate::boxed]
    pub async fn hash(&self, password: &Secret) -> Result<String> {
        let (cost, password) = (self.cost, normalize(password.expose()));
        self.run(move || hash_now(cost, &password)).await
    }

    /// Compares a password with the stored hash; without one the answer is no, after the same work.
    pub(super) async fn compare(
        &self,
        password: &Secret,
        stored: Option<String>,
    ) -> Result<Comparison> {
        let cost = self.cost;
        let password = normalize(password.expose());
        let dummy = Arc::clone(&self.dummy);
        self.run(move || {
            let known = stored.is_some();
            let text = stored.as_deref().unwrap_or(&dummy);
            let hash = PasswordHash::new(text).map_err(Error::internal)?;
            let same = cost
                .argon2()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok();
            Ok(match (known && same, cost.is_of(&hash)) {
                (false, _) => Comparison::Different,
                (true, true) => Comparison::Same,
                (true, false) => Comparison::SameAtAnotherCost,
            })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy = || {
            Error::Unavailable("Too many people are signing in at this moment; try again.".into())
        };
        let _place = self.waiting.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        tokio::task::spawn_blocking(move || {
            // Held by the work, not by its caller, who may go away meanwhile.
            let _turn = turn;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn hash_now(cost: PasswordCost, password: &str) -> Result<String> {
    let hash: PasswordHash = cost
        .argon2()?
        .hash_password(password.as_bytes())
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// The same password typed on another keyboard may come as other code points.
fn normalize(password: &str) -> String {
    password.nfc().collect()
}

/// Whether a text is short enough to be a password, so that it need not be hashed to be refused.
pub(super) fn may_be_password(password: &Secret) -> bool {
    password.expose().len() <= LONGEST_PASSWORD * 4
        && normalize(password.expose()).chars().count() <= LONGEST_PASSWORD
}

/// Checks a new password; `forbidden` holds what it must not be equal to, such as the e-mail address.
pub(super) fn check_new(faults: &mut Faults, path: &[&str], password: &Secret, forbidden: &[&str]) {
    let length = if password.expose().len() > LONGEST_PASSWORD * 4 {
        password.expose().len()
    } else {
        normalize(password.expose()).chars().count()
    };
    if length == 0 {
        faults.add(FaultCode::Required, path, "Choose a password.");
    } else if length < SHORTEST_PASSWORD {
        faults.add(
            FaultCode::TooShort,
            path,
            format!(
                "A password needs at least {SHORTEST_PASSWORD} characters, and this has {length}."
            ),
        );
    } else if length > LONGEST_PASSWORD {
        faults.add(
            FaultCode::TooLong,
            path,
            format!("A password may have at most {LONGEST_PASSWORD} characters."),
        );
    } else if forbidden
        .iter()
        .any(|text| fold(text) == fold(password.expose()))
    {
        faults.add(
            FaultCode::Invalid,
            path,
            "The password must differ from the e-mail address, the handle and the name.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(PasswordCost::for_tests(), 2).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_recognized_however_it_is_typed() {
        let passwords = passwords();
        let hash = passwords.hash(&"crème brûlée".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        let decomposed = "cre\u{300}me bru\u{302}le\u{301}e".into();
        for (typed, comparison) in [
            (decomposed, Comparison::Same),
            ("creme brulee".into(), Comparison::Different),
        ] {
            assert_eq!(
                passwords.compare(&typed, Some(hash.clone())).await.unwrap(),
                comparison
            );
        }
        let none = passwords
            .compare(&"crème brûlée".into(), None)
            .await
            .unwrap();
        assert_eq!(none, Comparison::Different);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_told() {
        let costly = Passwords::new(PasswordCost::new(7_168, 5, 1).unwrap(), 1).unwrap();
        let hash = costly.hash(&"correct horse".into()).await.unwrap();
        assert!(hash.contains("m=7168,t=5,p=1"), "{hash}");
        let comparison = passwords()
            .compare(&"correct horse".into(), Some(hash))
            .await
            .unwrap();
        assert_eq!(comparison, Comparison::SameAtAnotherCost);
    }

    #[test]
    fn the_default_cost_is_enough_and_less_is_refused() {
        let default = PasswordCost::default();
        assert_eq!(
            PasswordCost::new(default.memory_kib, default.passes, default.lanes),
            Ok(default)
        );
        for (memory, passes, lanes) in [(64, 1, 1), (7_168, 4, 1), (19_456, 2, 0), (u32::MAX, 1, 1)]
        {
            assert!(PasswordCost::new(memory, passes, lanes).is_err());
        }
    }

    #[test]
    fn weak_passwords_are_refused() {
        for (password, code) in [
            ("", Some(FaultCode::Required)),
            ("too short", Some(FaultCode::TooShort)),
            ("Ada@Example.org", Some(FaultCode::Invalid)),
            ("correct horse", None),
            (&"é".repeat(200), None),
            (&"x".repeat(201), Some(FaultCode::TooLong)),
            (&"x".repeat(10_000_000), Some(FaultCode::TooLong)),
        ] {
            let mut faults = Faults::default();
            check_new(
                &mut faults,
                &["input", "password"],
                &password.into(),
                &["ada@example.org"],
            );
            let found = match faults.check() {
                Err(Error::Refused(faults)) => faults.first().map(|fault| fault.code),
                _ => None,
            };
            assert_eq!(found, code, "{} characters", password.len());
        }
    }
}
