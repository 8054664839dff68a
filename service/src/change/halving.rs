//! Finding what is at fault among many.

use uuid::Uuid;

/// Things that are tried together, and in halves where one of them is at fault, so that all others go on: at most twice
/// as often as there are things.
pub(super) struct Halving(Vec<Vec<Uuid>>);

impl Halving {
    pub(super) fn of(ids: Vec<Uuid>) -> Self {
        Self(vec![ids])
    }

    /// Those to be tried now; none when all were.
    pub(super) fn pop(&mut self) -> Option<Vec<Uuid>> {
        self.0.pop()
    }

    /// One of these is at fault: has them tried in halves, or answers it when there is no other.
    pub(super) fn halve(&mut self, mut ids: Vec<Uuid>) -> Option<Uuid> {
        if ids.len() < 2 {
            return ids.pop();
        }
        let half = ids.split_off(ids.len() / 2);
        self.0.extend([half, ids]);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_fault_is_found_and_all_others_go_on_once() {
        let ids: Vec<Uuid> = (0..1_000).map(Uuid::from_u128).collect();
        let bad = [ids[0], ids[3], ids[4], ids[999]];
        let mut halving = Halving::of(ids.clone());
        let (mut gone_on, mut found, mut tries) = (Vec::new(), Vec::new(), 0);
        while let Some(some) = halving.pop() {
            tries += 1;
            if some.iter().any(|id| bad.contains(id)) {
                found.extend(halving.halve(some));
            } else {
                gone_on.extend(some);
            }
        }
        assert_eq!(found, bad);
        assert!(tries < 100, "{tries}");
        gone_on.extend(found);
        gone_on.sort_unstable();
        assert_eq!(gone_on, ids);
    }

    #[test]
    fn where_there_is_nothing_nothing_is_at_fault() {
        let mut halving = Halving::of(Vec::new());
        let none = halving.pop().unwrap();
        assert_eq!(halving.halve(none), None);
        assert_eq!(halving.pop(), None);
    }
}
