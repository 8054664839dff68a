//! Limits of attempts that lock nobody else out: by the address that asks, and by that address together with the
//! e-mail address it tries. Whoever fails for somebody else's account fails for themselves alone.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Result};

/// Callers remembered by one limit at most; the least loaded are forgotten first.
const MOST_CALLERS: usize = 100_000;

/// So many at once, and one more each time the interval has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once.
    pub burst: u32,
    /// How long until one more may come.
    pub every: TimeDelta,
}

/// The limits of sign-in, of sign-up, and of what is done by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitOptions {
    /// Whether there are limits at all: load tests do without.
    pub enabled: bool,
    /// Attempts to sign in from one address. A school's pupils share one.
    pub sign_in: Rate,
    /// Attempts to sign up from one address.
    pub sign_up: Rate,
    /// Failed attempts to sign in from one address with one e-mail address.
    pub failures: Rate,
    /// Requests for mails, and uses of what they bring, from one address.
    pub mail: Rate,
}

impl Default for LimitOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            sign_in: Rate {
                burst: 300,
                every: TimeDelta::milliseconds(200),
            },
            sign_up: Rate {
                burst: 100,
                every: TimeDelta::seconds(6),
            },
            failures: Rate {
                burst: 10,
                every: TimeDelta::minutes(1),
            },
            mail: Rate {
                burst: 60,
                every: TimeDelta::seconds(10),
            },
        }
    }
}

/// Where a request comes from, as far as limits tell addresses apart: of an IPv6 address the first 64 bits, which one
/// household or machine has to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<u128>);

impl ClientAddress {
    /// An address that is not known, as in a command of the operator. All such share their limits.
    #[must_use]
    pub fn unknown() -> Self {
        Self(None)
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => (address.to_bits() & (u128::MAX << 64)) | (1 << 63),
        }))
    }
}

/// A bounded number of token buckets, each a single time: until when its caller has spent their allowance.
#[derive(Debug)]
struct Buckets<K> {
    rate: Rate,
    spent_until: Mutex<HashMap<K, DateTime<Utc>>>,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(rate: Rate) -> Self {
        Self {
            rate,
            spent_until: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one, or answers how long until one can be taken.
    fn take(&self, key: K, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let mut spent_until = self
            .spent_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let start = spent_until.get(&key).copied().unwrap_or(now).max(now);
        let end = start + self.rate.every;
        let allowance = now
            + i32::try_from(self.rate.burst)
                .ok()
                .and_then(|burst| self.rate.every.checked_mul(burst))
                .unwrap_or(TimeDelta::days(365));
        if end > allowance {
            return Err(end - allowance);
        }
        if spent_until.len() >= MOST_CALLERS && !spent_until.contains_key(&key) {
            forget(&mut spent_until, now);
        }
        spent_until.insert(key, end);
        Ok(())
    }

    /// Gives one back.
    fn give_back(&self, key: K) {
        let mut spent_until = self
            .spent_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = spent_until.get_mut(&key) {
            *end -= self.rate.every;
        }
    }
}

/// Forgets whoever has their whole allowance again, and the less loaded half or more when that is not enough.
fn forget<K: Eq + Hash>(spent_until: &mut HashMap<K, DateTime<Utc>>, now: DateTime<Utc>) {
    spent_until.retain(|_, end| *end > now);
    if spent_until.len() > MOST_CALLERS / 2 {
        let mut ends: Vec<_> = spent_until.values().copied().collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        spent_until.retain(|_, end| *end > median);
    }
}

/// The limits of this process.
#[derive(Debug)]
pub(super) struct Limits {
    enabled: bool,
    sign_in: Buckets<ClientAddress>,
    sign_up: Buckets<ClientAddress>,
    failures: Buckets<(ClientAddress, u64)>,
    mail: Buckets<ClientAddress>,
    /// Hashes e-mail addresses by a key of this process, so that nobody can make two of them share a bucket.
    hasher: RandomState,
}

/// An attempt to sign in that counts as failed until it is known to have succeeded.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    limits: &'a Limits,
    key: (ClientAddress, u64),
}

impl Attempt<'_> {
    /// It was no failure.
    pub(super) fn succeeded(self) {
        if self.limits.enabled {
            self.limits.failures.give_back(self.key);
        }
    }
}

impl Limits {
    pub(super) fn new(options: &LimitOptions) -> Self {
        Self {
            enabled: options.enabled,
            sign_in: Buckets::new(options.sign_in),
            sign_up: Buckets::new(options.sign_up),
            failures: Buckets::new(options.failures),
            mail: Buckets::new(options.mail),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn sign_up(&self, client: ClientAddress, now: DateTime<Utc>) -> Result<()> {
        if self.enabled {
            self.sign_up.take(client, now).map_err(limited)?;
        }
        Ok(())
    }

    pub(super) fn mail(&self, client: ClientAddress, now: DateTime<Utc>) -> Result<()> {
        if self.enabled {
            self.mail.take(client, now).map_err(limited)?;
        }
        Ok(())
    }

    pub(super) fn sign_in(
        &self,
        client: ClientAddress,
        email_key: &str,
        now: DateTime<Utc>,
    ) -> Result<Attempt<'_>> {
        let key = (client, self.hasher.hash_one(email_key));
        if self.enabled {
            self.sign_in.take(client, now).map_err(limited)?;
            self.failures.take(key, now).map_err(limited)?;
        }
        Ok(Attempt { limits: self, key })
    }
}

fn limited(wait: TimeDelta) -> Error {
    let milliseconds = u64::try_from(wait.num_milliseconds()).unwrap_or(0);
    Error::RateLimited {
        retry_after_seconds: milliseconds.div_ceil(1_000).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn address(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn failures_of_one_lock_nobody_else_out() {
        let limits = Limits::new(&LimitOptions::default());
        let now = Clock::default().now();
        let attacker = address("203.0.113.7");
        for _ in 0..10 {
            limits.sign_in(attacker, "victim@example.org", now).unwrap();
        }
        let Err(Error::RateLimited {
            retry_after_seconds,
        }) = limits.sign_in(attacker, "victim@example.org", now)
        else {
            panic!("ten failures are the limit")
        };
        assert_eq!(retry_after_seconds, 60);
        limits.sign_in(attacker, "other@example.org", now).unwrap();
        limits
            .sign_in(address("198.51.100.1"), "victim@example.org", now)
            .unwrap();
        limits
            .sign_in(attacker, "victim@example.org", now + TimeDelta::minutes(1))
            .unwrap();
    }

    #[test]
    fn success_is_no_failure() {
        let limits = Limits::new(&LimitOptions::default());
        let now = Clock::default().now();
        for _ in 0..100 {
            limits
                .sign_in(address("203.0.113.7"), "ada@example.org", now)
                .unwrap()
                .succeeded();
        }
    }

    #[test]
    fn addresses_are_told_apart_as_households_are() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::2"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        assert_eq!(address("::ffff:203.0.113.7"), address("203.0.113.7"));
        assert_ne!(address("203.0.113.7"), address("203.0.113.8"));
        assert_ne!(address("0.0.0.0"), address("::"));
    }

    #[test]
    fn memory_is_bounded_and_the_loaded_are_kept() {
        let buckets = Buckets::new(Rate {
            burst: 2,
            every: TimeDelta::hours(1),
        });
        let now = Clock::default().now();
        for _ in 0..2 {
            buckets.take(usize::MAX, now).unwrap();
        }
        for key in 0..MOST_CALLERS * 2 {
            buckets.take(key, now).unwrap();
        }
        assert!(buckets.spent_until.lock().unwrap().len() <= MOST_CALLERS);
        assert!(buckets.take(usize::MAX, now).is_err());
    }

    #[test]
    fn limits_can_be_switched_off() {
        let limits = Limits::new(&LimitOptions {
            enabled: false,
            ..LimitOptions::default()
        });
        let now = Clock::default().now();
        for _ in 0..1_000 {
            limits.sign_up(ClientAddress::unknown(), now).unwrap();
        }
    }
}
