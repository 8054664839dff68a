//! Numbers that look random and are the same in every run.

/// A xorshift generator: Marsaglia, "Xorshift RNGs", 2003.
#[derive(Clone, Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// A number from 0 to just below a bound, all alike; 0 for the bound 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % bound.max(1)
    }

    /// A number from 0 to just below a bound, small ones more often: about as Zipf has words.
    pub(crate) fn ranked(&mut self, bound: usize) -> usize {
        let bits = usize::BITS - bound.max(1).leading_zeros();
        let reach = 1_usize << (1 + self.below(usize::try_from(bits).unwrap_or(1)));
        self.below(reach.min(bound))
    }

    /// One of some values; none of none.
    pub(crate) fn pick<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        values.get(self.below(values.len()))
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(crate) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_their_bound_and_low_ranks_come_more_often() {
        let mut numbers = Numbers::new(7);
        let mut low = 0;
        for _ in 0..1_000 {
            assert!(numbers.below(10) < 10);
            let rank = numbers.ranked(1_000);
            assert!(rank < 1_000);
            low += usize::from(rank < 100);
        }
        assert!(low > 400, "{low}");
        assert_eq!(numbers.below(0), 0);
        assert_eq!(*numbers.pick(&[3]).unwrap(), 3);
    }
}
