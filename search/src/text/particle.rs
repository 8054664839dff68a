//! Korean particles, which are written together with the noun before them.

/// A noun has so many letters at least: shorter ones, the particle included, may be nouns themselves.
const MIN_NOUN: usize = 2;
/// Letters of the longest particle.
const MAX_PARTICLE: usize = 3;

#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "로", "만",
    "에서", "에게", "에는", "에도", "에만", "으로", "로서", "로써", "로의", "까지", "부터", "처럼", "보다", "이나",
    "이란", "와의", "과의", "만을", "만이", "들은", "들이", "들을", "들의", "들에", "들과", "들도",
    "에서는", "에서도", "에서의", "에게는", "으로는", "으로서", "으로써", "으로의", "까지의", "까지는", "부터의",
    "들에게", "들에서", "들에는", "이라는",
];

/// Whether this is a particle and nothing else.
pub(crate) fn is_particle(folded: &str) -> bool {
    PARTICLES.contains(&folded)
}

/// How many of the letters are a particle behind a noun.
pub(crate) fn particle_letters(letters: &[String]) -> usize {
    (1..=MAX_PARTICLE)
        .rev()
        .filter_map(|length| Some((length, letters.len().checked_sub(length)?)))
        .find(|(_, noun)| *noun >= MIN_NOUN && is_particle(&letters[*noun..].concat()))
        .map_or(0, |(length, _)| length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_word;

    #[test]
    fn the_longest_particle_behind_a_noun_is_found() {
        for (word, expected) in [
            ("학습을", 1),
            ("학습에서", 2),
            ("학습에서는", 3),
            ("공동체", 0),
            ("평가", 0),
            ("学习法", 0),
        ] {
            let letters: Vec<String> = word.chars().map(String::from).collect();
            assert_eq!(particle_letters(&letters), expected, "{word}");
        }
    }

    #[test]
    fn particles_are_folded() {
        for particle in PARTICLES {
            assert_eq!(fold_word(particle), *particle);
            assert!(particle.chars().count() <= MAX_PARTICLE, "{particle}");
        }
    }
}
