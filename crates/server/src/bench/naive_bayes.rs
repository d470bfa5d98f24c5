//! Naive Bayes with updating over blocks of tokens (Maxion and Townsend, DSN 2002, on Schonlau's data): a bar to measure
//! against. Detection has nothing like it.

use super::masquerade::{BLOCK, Data};
use std::collections::HashMap;

/// What is added to each token's count, so that none is impossible.
const PSEUDO: f64 = 0.01;

/// How often each token came.
#[derive(Clone)]
struct Counts {
    of: Vec<u32>,
    all: u32,
}

impl Counts {
    fn new(tokens: usize) -> Self {
        Self { of: vec![0; tokens], all: 0 }
    }

    fn learn(&mut self, tokens: &[usize]) {
        tokens.iter().for_each(|t| self.of[*t] += 1);
        self.all += tokens.len() as u32;
    }

    /// All of these that are not another's.
    fn without(&self, other: &Self) -> Self {
        let of = self.of.iter().zip(&other.of).map(|(all, other)| all - other).collect();
        Self { of, all: self.all - other.all }
    }

    fn ln_chance(&self, token: usize) -> f64 {
        let tokens = self.of.len() as f64;
        ((f64::from(self.of[token]) + PSEUDO) / (f64::from(self.all) + PSEUDO * tokens)).ln()
    }
}

/// Each block that is not the owner's for certain: its score, above 0 where others would rather write it, and whether it
/// is a stranger's.
pub(super) fn scores(data: &Data) -> Vec<(f64, bool)> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let users: Vec<Vec<usize>> = data
        .users
        .iter()
        .map(|user| {
            let mut number = |token| {
                let next = numbers.len();
                *numbers.entry(token).or_insert(next)
            };
            user.tokens.iter().map(|token| number(token.as_str())).collect()
        })
        .collect();
    let certain = data.certain * BLOCK;
    let own: Vec<Counts> = users
        .iter()
        .map(|tokens| {
            let mut counts = Counts::new(numbers.len());
            counts.learn(&tokens[..certain]);
            counts
        })
        .collect();
    let mut everybody = Counts::new(numbers.len());
    users.iter().for_each(|tokens| everybody.learn(&tokens[..certain]));
    let mut scores = Vec::new();
    for ((tokens, user), mut profile) in users.iter().zip(&data.users).zip(own) {
        let others = everybody.without(&profile);
        for (block, stranger) in tokens[certain..].chunks(BLOCK).zip(&user.strangers) {
            let score: f64 = block.iter().map(|t| others.ln_chance(*t) - profile.ln_chance(*t)).sum();
            if score < 0.0 {
                profile.learn(block);
            }
            scores.push((score, *stranger));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::super::masquerade::User;
    use super::*;

    fn user(certain: &str, blocks: &[(&str, bool)]) -> User {
        let many = |token: &str| vec![token.to_owned(); BLOCK];
        let mut tokens = many(certain);
        blocks.iter().for_each(|(token, _)| tokens.extend(many(token)));
        User { tokens, strangers: blocks.iter().map(|(_, stranger)| *stranger).collect() }
    }

    /// Two users of three tokens. The first block of `a` scores 100 (ln p_others - ln p_self), by hand:
    /// p_self(a) = 100.01 / 100.03, p_others(a) = 0.01 / 100.03.
    #[test]
    fn a_worked_example() {
        let data = Data {
            certain: 1,
            users: vec![user("a", &[("a", false), ("b", true)]), user("b", &[("c", false)])],
        };
        let scores = scores(&data);
        let own = 100.0 * ((0.01_f64 / 100.03).ln() - (100.01_f64 / 100.03).ln());
        assert!((scores[0].0 - own).abs() < 1e-9, "{}", scores[0].0);
        // The owner's block was learnt: p_self(b) = 0.01 / 200.03.
        let strange = 100.0 * ((100.01_f64 / 100.03).ln() - (0.01_f64 / 200.03).ln());
        assert!((scores[1].0 - strange).abs() < 1e-9, "{}", scores[1].0);
        // What nobody wrote is as likely with either.
        assert!(scores[2].0.abs() < 1e-9 && scores[2].0.is_finite());
    }

    #[test]
    fn a_strangers_block_teaches_the_profile_nothing() {
        let after = |first: &str| {
            let blocks = [(first, false), ("a", false)];
            let data = Data { certain: 1, users: vec![user("a", &blocks), user("b", &[("b", false)])] };
            scores(&data)[1].0
        };
        assert!(after("a") < after("b"), "own blocks make the profile surer, strange ones do not");
        let alone = Data { certain: 1, users: vec![user("a", &[("a", false)]), user("b", &[("b", false)])] };
        assert!((after("b") - scores(&alone)[0].0).abs() < 1e-9);
    }
}
