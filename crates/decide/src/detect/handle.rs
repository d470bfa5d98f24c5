//! Contacts that a text gives: telephone numbers, mail addresses, names at payment services, account and wallet
//! numbers. Whoever writes each message anew must still say where to answer or to pay. It only reads; what is shared
//! by whom is judged elsewhere.

use super::words::hash64;

/// Messengers and payment services, as people name them before a name there.
const SERVICES: [&str; 24] = [
    "telegram",
    "tg",
    "tele",
    "whatsapp",
    "wa",
    "signal",
    "skype",
    "wechat",
    "weixin",
    "kakao",
    "viber",
    "snap",
    "snapchat",
    "discord",
    "line",
    "kik",
    "qq",
    "zalo",
    "instagram",
    "insta",
    "ig",
    "venmo",
    "cashapp",
    "zelle",
];
/// Letters of a name there.
const NAME_MIN: usize = 5;
/// Digits of a telephone number (E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// Letters and digits of a bank account's or wallet's number, without a break.
const NUMBER_MIN: usize = 18;
/// Of these, digits at least: words are long, too.
const NUMBER_DIGITS_MIN: usize = 4;

/// The contacts of a text in one spelling each, in their order.
#[must_use]
pub(super) fn handles(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut digits, mut lines, mut signs) = (0, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'_' => lines += 1,
            b'@' | b'$' => signs += 1,
            _other => {}
        }
    }
    if digits + lines > 0 {
        elsewhere(text, &mut found);
    }
    if signs > 0 || digits >= NUMBER_DIGITS_MIN {
        for word in text.split_whitespace() {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '$' && c != '@' && c != '+');
            if let Some(handle) = written(word) {
                found.push(handle);
            }
        }
    }
    if digits >= *PHONE_DIGITS.start() {
        phones(text, &mut found);
    }
    found
}

/// Names at other services: the word after a service's name, where it is none of a language.
fn elsewhere(text: &str, found: &mut Vec<String>) {
    let mut before = "";
    for word in text.split(|c: char| c.is_whitespace() || c == ':') {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if word.is_empty() {
            continue;
        }
        let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        let odd = word.bytes().any(|b| b.is_ascii_digit() || b == b'_');
        let is_name = plain && odd && word.len() >= NAME_MIN && word.bytes().any(|b| b.is_ascii_alphabetic());
        if is_name && SERVICES.iter().any(|service| before.eq_ignore_ascii_case(service)) {
            found.push(word.to_lowercase());
        }
        before = word;
    }
}

/// Who a text mentions, without the sign.
pub(super) fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let words = if text.as_bytes().contains(&b'@') { text } else { "" };
    words.split_whitespace().filter_map(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
        let name = word.strip_prefix('@')?;
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'));
        let name = name.get(..end.unwrap_or(name.len()))?.trim_end_matches(['.', '-']);
        (name.len() >= NAME_MIN).then_some(name)
    })
}

/// A contact as a key.
#[must_use]
pub(super) fn handle_key(handle: &str) -> u64 {
    hash64(handle.as_bytes(), 9)
}

/// A contact that is one word: a mail address, a name at a payment service, a long number.
fn written(word: &str) -> Option<String> {
    if word.contains("://") {
        return None;
    }
    if let Some((name, host)) = word.split_once('@') {
        let is_mail = !name.is_empty() && !host.contains('@') && host.contains('.') && host.len() > 3;
        return is_mail.then(|| word.to_lowercase());
    }
    if let Some(name) = word.strip_prefix('$') {
        // an amount or a share's short name is none
        let named = name.len() >= 4 && name.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_name = named && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        return (is_name && name.chars().any(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
            .then(|| word.to_lowercase());
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = word.len() >= NUMBER_MIN
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
        && digits >= NUMBER_DIGITS_MIN
        && digits < word.len();
    is_number.then(|| word.to_owned())
}

/// Telephone numbers, however their digits are grouped: with a plus, or a zero in front.
fn phones(text: &str, found: &mut Vec<String>) {
    let mut digits = String::new();
    let mut gap = 0;
    let mut led = false;
    let mut before = ' ';
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            if digits.is_empty() {
                led = before == '+' || (c == '0' && !before.is_alphanumeric() && before != '.');
            }
            digits.push(c);
            gap = 0;
        } else if !digits.is_empty() {
            gap += 1;
            if gap > 2 || !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/') {
                if led && PHONE_DIGITS.contains(&digits.len()) {
                    found.push(format!("+{}", digits.trim_start_matches('0')));
                }
                digits.clear();
            }
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_read_in_any_spelling() {
        let cases: [(&str, &[&str]); 10] = [
            ("free spins here telegram falcon849", &["falcon849"]),
            ("Wa: moon_river, ask me", &["moon_river"]),
            ("call +44 7700 900 123 now", &["+447700900123"]),
            ("call +44-7700-900123, or (+447700900123)!", &["+447700900123", "+447700900123"]),
            ("ruf an: 0049 7700.900.123", &["+497700900123"]),
            ("pay to $MoonFox77.", &["$moonfox77"]),
            ("Write me: Anna.B@mail.example, please", &["anna.b@mail.example"]),
            ("send to DE02120300000000202051 today", &["DE02120300000000202051"]),
            ("支付宝请联系 fox@pay.example", &["fox@pay.example"]),
            ("wa +10 555 012 3456", &["+105550123456"]),
        ];
        for (text, expected) in cases {
            assert_eq!(handles(text), expected, "{text}");
        }
    }

    #[test]
    fn mentions_are_names() {
        let text = "hi @moon_river, and (@anna-b.) or @ab, mail a@b.example";
        assert_eq!(mentions(text).collect::<Vec<_>>(), ["moon_river", "anna-b"]);
    }

    #[test]
    fn figures_names_and_links_are_no_contacts() {
        let clear = [
            "the signal strength is 5 of 10",
            "we sold 1 000 000 000 of them",
            "hello @anna and @bob",
            "it costs $20 or $1500",
            "on 2026-09-30 12:45:10 it rained",
            "$TSLA is up",
            "https://shop.example/a/1234567890123456789abc",
            "incomprehensibilities and antidisestablishmentarianism",
        ];
        for text in clear {
            assert!(handles(text).is_empty(), "{text}: {:?}", handles(text));
        }
    }
}
