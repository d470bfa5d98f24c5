//! Words that others chose, made safe to quote in a letter.
//!
//! An intruder names their application and their browser as they like. Quoted as they are, those names could carry a
//! link, an invisible character or a second paragraph into our own mail.

/// The most characters of a quoted value.
const LENGTH_MAX: usize = 80;
/// And of a sentence of our own that quotes one.
const SENTENCE_MAX: usize = 400;

/// One line of printable text without anything a mail program would turn into a link.
pub(crate) fn words(value: &str) -> String {
    cut(&harmless(value), LENGTH_MAX)
}

/// The same for a sentence of our own that may quote what others chose.
pub(crate) fn sentence(value: &str) -> String {
    cut(&harmless(value), SENTENCE_MAX)
}

fn harmless(value: &str) -> String {
    let plain = line(value);
    let mut out = String::with_capacity(plain.len());
    let chars: Vec<char> = plain.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(at + 1);
        let inside = |f: fn(char) -> bool| before.is_some_and(|c| f(*c)) && after.is_some_and(|c| f(*c));
        match c {
            '.' if after.is_some_and(|c| c.is_alphabetic())
                && before.is_some_and(|c| c.is_alphanumeric()) =>
            {
                out.push_str(" dot ");
            }
            '@' if inside(char::is_alphanumeric) => out.push_str(" at "),
            _ => out.push(c),
        }
    }
    out
}

/// One line of printable text; a name keeps its dots, since some services name accounts by domain.
pub(crate) fn name(value: &str) -> String {
    cut(&line(value), LENGTH_MAX)
}

fn line(value: &str) -> String {
    let visible: String = value.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    let mut rest = visible.as_str();
    let mut without_scheme = String::with_capacity(rest.len());
    while let Some(at) = rest.find("://") {
        let head = rest.get(..at).unwrap_or_default();
        without_scheme.push_str(head.trim_end_matches(|c: char| c.is_ascii_alphanumeric()));
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    without_scheme.push_str(rest);
    without_scheme.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, and the marks that turn the direction of text or take no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn cut(value: &str, length_max: usize) -> String {
    if value.chars().count() <= length_max {
        return value.to_owned();
    }
    let mut short: String = value.chars().take(length_max - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_quoted_value_can_be_followed() {
        let cases = [
            ("PhotoPrint Pro", "PhotoPrint Pro"),
            ("Firefox 128.0 on Windows", "Firefox 128.0 on Windows"),
            ("Help: https://evil.example/x", "Help: evil dot example/x"),
            ("evil.example", "evil dot example"),
            ("mail me@evil.example", "mail me at evil dot example"),
            ("one\n\n## two", "one ## two"),
            ("a\u{202E}b\u{200B}c", "a b c"),
            ("HTTPhttp://x.y", "x dot y"),
        ];
        for (given, shown) in cases {
            assert_eq!(words(given), shown);
        }
    }

    #[test]
    fn a_name_keeps_its_dots_but_no_scheme() {
        assert_eq!(name("alice.pds.example"), "alice.pds.example");
        assert_eq!(name("http://a.example"), "a.example");
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(words(&"x".repeat(500)).chars().count(), LENGTH_MAX);
    }
}
