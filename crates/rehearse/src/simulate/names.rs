//! Made-up names from syllables: applications, hosts, people's mail names. One maker for all hands, so that a name
//! never tells whose it is.

use super::dice::Dice;

const STARTS: [&str; 24] = [
    "ba", "be", "ca", "co", "da", "de", "fa", "fi", "ga", "ha", "ju", "ka", "la", "li", "ma", "mo", "na",
    "no", "pa", "ro", "sa", "ta", "ve", "wi",
];
const MIDDLES: [&str; 16] =
    ["l", "r", "n", "m", "t", "d", "v", "s", "b", "ll", "nd", "rt", "st", "mb", "k", "p"];
const ENDS: [&str; 16] =
    ["a", "o", "i", "en", "ia", "er", "on", "is", "el", "ar", "um", "ix", "et", "ay", "ora", "eo"];
const TOPICS: [&str; 20] = [
    "news", "shop", "photo", "blog", "media", "club", "daily", "world", "music", "sport", "deals", "video",
    "today", "market", "local", "games", "forum", "guide", "press", "home",
];

/// A pronounceable word of two or three syllables.
pub(crate) fn word(dice: &mut Dice) -> String {
    let mut name = String::new();
    for _ in 0..=usize::from(dice.chance(0.4)) {
        name.push_str(dice.one(&STARTS));
        name.push_str(dice.one(&MIDDLES));
    }
    name.push_str(dice.one(&ENDS));
    name
}

/// A host under a reserved ending.
pub(crate) fn host(dice: &mut Dice) -> String {
    let name = word(dice);
    let ending = if dice.chance(0.7) { "example" } else { "test" };
    match dice.below(4) {
        0 => format!("{name}.{ending}"),
        1 => format!("{name}-{}.{ending}", dice.one(&TOPICS)),
        2 => format!("{}{name}.{ending}", dice.one(&TOPICS)),
        _ => format!("{name}{}.{ending}", dice.one(&TOPICS)),
    }
}

/// The name of an application that others may let in.
pub(crate) fn app(dice: &mut Dice) -> String {
    let name = word(dice);
    match dice.below(3) {
        0 => name,
        1 => format!("{name}-{}", dice.one(&TOPICS)),
        _ => format!("{name} for {}", dice.one(&TOPICS)),
    }
}

/// A mail address at one of the providers.
pub(crate) fn mail(dice: &mut Dice, providers: &[String]) -> String {
    let (a, b) = (word(dice), word(dice));
    let provider = &providers[dice.zipf(providers.len())];
    match dice.below(4) {
        0 => format!("{a}.{b}@{provider}"),
        1 => format!("{a}{}@{provider}", dice.between(1, 2000)),
        2 => format!("{a}_{b}{}@{provider}", dice.between(60, 110)),
        _ => format!("{a}{b}@{provider}"),
    }
}

/// A path such as links have.
pub(crate) fn path(dice: &mut Dice) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let token: String =
        (0..dice.between(5, 9)).map(|_| char::from(DIGITS[dice.below(DIGITS.len())])).collect();
    match dice.below(4) {
        0 => format!("/{token}"),
        1 => format!("/{}/{token}", dice.one(&TOPICS)),
        2 => format!("/{}-{}", dice.one(&TOPICS), dice.between(100, 99_999)),
        _ => format!("/2026/0{}/{}", dice.between(1, 10), word(dice)),
    }
}

/// Where to pay or to call: a telephone number or a name at a payment service.
pub(crate) fn handle(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!("+{}555{:07}", dice.between(10, 99), dice.between(0, 10_000_000)),
        1 => format!("${}{}", word(dice), dice.between(10, 9999)),
        _ => format!("{}{}@{}.example", word(dice), dice.between(10, 999), word(dice)),
    }
}

/// A handle as somebody writes it this time: telephone numbers in groups of their liking.
pub(crate) fn spelt(handle: &str, dice: &mut Dice) -> String {
    let gap = dice.one(&["", " ", "-", "."]);
    if !handle.starts_with('+') || gap.is_empty() {
        return handle.to_owned();
    }
    let step = 2 + dice.below(3);
    let mut out = String::new();
    for (place, c) in handle.chars().enumerate() {
        if place > 2 && (place - 3).is_multiple_of(step) {
            out.push_str(gap);
        }
        out.push(c);
    }
    out
}
