//! Chance from a seed: one ChaCha stream for each account and purpose, so that no life depends on another's length.
//!
//! The draws are made here, not by a library of distributions, so that the bytes stay the same when one is updated.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream is for; each has streams of its own.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    World = 1,
    Community,
    Person,
    Life,
    Cast,
    Intruder,
    Trap,
    Finish,
    People,
    Service,
    Asked,
    Suit,
    Settings,
}

/// A stream of chance.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The `n`-th stream of a purpose.
    pub(crate) fn of(seed: u64, purpose: Purpose, n: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((purpose as u64) << 48) | n);
        Self(rng)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in `0..n`; 0 for an empty range.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Uniform in `from..to`; `from` for an empty range.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(usize::try_from(to - from).unwrap_or(0)) as i64
    }

    /// Uniform in `from..to`.
    pub(crate) fn real(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of a list of words.
    pub(crate) fn one(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    /// A place in a list of weights.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            left -= w;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Standard normal (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Log-normal with a median.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with a mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Poisson (Knuth's product below 30, the normal limit above).
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean > 30.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as usize;
        }
        let floor = (-mean).exp();
        let mut product = self.unit();
        let mut n = 0;
        while product > floor {
            product *= self.unit();
            n += 1;
        }
        n
    }

    /// A place in `0..n`, small ones far more often (Zipf-like).
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        (((n as f64 + 1.0).powf(self.unit()) - 1.0) as usize).min(n.saturating_sub(1))
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            let j = self.below(i + 1);
            list.swap(i, j);
        }
    }
}

/// A bijection on 64 bits (the finaliser of splitmix64): different numbers give different, opaque ones.
pub(crate) fn mix(n: u64) -> u64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Mixes two numbers into one.
pub(crate) fn mix2(a: u64, b: u64) -> u64 {
    mix(mix(a) ^ b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stream_gives_the_same_draws_and_another_gives_others() {
        let draw = |seed, n| Dice::of(seed, Purpose::Life, n).bits();
        assert_eq!(draw(1, 5), draw(1, 5));
        assert_ne!(draw(1, 5), draw(1, 6));
        assert_ne!(draw(1, 5), draw(2, 5));
    }

    #[test]
    fn draws_have_the_mean_they_claim() {
        let mut dice = Dice::of(7, Purpose::Life, 0);
        let n = 20_000;
        let mean = (0..n).map(|_| dice.poisson(3.0)).sum::<usize>() as f64 / f64::from(n);
        assert!((mean - 3.0).abs() < 0.1, "poisson mean {mean}");
        let mean = (0..n).map(|_| dice.exponential(2.0)).sum::<f64>() / f64::from(n);
        assert!((mean - 2.0).abs() < 0.1, "exponential mean {mean}");
        assert!((0..n).all(|_| dice.zipf(9) < 9));
    }
}
