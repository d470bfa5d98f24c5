//! Links written so that no filter reads them: `name [dot] com / page`. Who must be found by those they lure has to say
//! where, in a form that people can read; nobody writes their own link so. It only reads.

use std::borrow::Cow;

/// What stands for a dot within brackets.
const DOTS: [&str; 7] = [".", "dot", "punkt", "punto", "ponto", "point", "d0t"];
/// Other scripts' full stops.
const STOPS: [char; 3] = ['\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The links of a text that are written with a hidden dot, as they would be without it, in their order. A dot in brackets
/// is one wherever it stands; one apart from its words, in letters, or of another script only where a page follows: people
/// end their sentences with it. Not all
/// top-level domains are on the public list (other roots, those that are newer than the list): behind one that is not, a
/// page must adjoin, and one with a digit, which `on/off` does not hold, unless the dot stands in brackets.
#[must_use]
pub(super) fn hidden_links(text: &str) -> Vec<String> {
    if !may_hide(text.as_bytes()) {
        return Vec::new();
    }
    let (plain, dots) = plain(text);
    let mut found = Vec::new();
    for (dot, in_brackets) in dots {
        let name = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let before: String = plain[..dot].iter().rev().take_while(|c| name(c) || **c == '.').collect();
        let before: String = before.chars().rev().collect();
        let after: String = plain[dot + 1..].iter().take_while(|c| name(c) || **c == '.').collect();
        let host = format!("{before}.{}", after.trim_end_matches('.')).to_lowercase();
        let known = psl::domain(host.as_bytes()).is_some_and(|domain| domain.suffix().is_known());
        let rest: String = plain[dot + 1 + after.chars().count()..].iter().collect();
        let page = page(&rest);
        let digit = || page.as_ref().is_some_and(|p| p.contains(|c: char| c.is_ascii_digit()));
        let top = after.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let is_top = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
        let adjoins = is_top && page.is_some() && rest.starts_with('/');
        let leads = match in_brackets {
            true => known || adjoins,
            false => known && page.is_some() || adjoins && digit(),
        };
        if leads && !before.trim_matches('-').is_empty() {
            found.push(page.map_or_else(|| host.clone(), |page| format!("{host}/{page}")));
        }
    }
    found.dedup();
    found
}

/// Whether a text can hold a hidden dot: hardly any does, and to look for one costs more than to see that.
fn may_hide(text: &[u8]) -> bool {
    // The stops of other scripts begin with these in UTF-8.
    let open = |b: &u8| matches!(b, b'[' | b'(' | b'{');
    let apart = |w: &[u8]| matches!(w, [b' ', b'.', b' ', ..]) || w.eq_ignore_ascii_case(b" dot ");
    let stop = |b: &u8| matches!(b, 0xe3 | 0xef);
    text.iter().any(open) || text.contains(&b'/') && (text.iter().any(stop) || text.windows(5).any(apart))
}

/// The page behind a stroke that may stand apart.
fn page(rest: &str) -> Option<String> {
    let page = rest.trim_start().strip_prefix('/')?.trim_start();
    let page: String =
        page.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/')).collect();
    (!page.is_empty()).then_some(page)
}

/// The text with each hidden dot as one dot without blanks around it; where these are, and whether it stood in brackets.
fn plain(text: &str) -> (Vec<char>, Vec<(usize, bool)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut plain: Vec<char> = Vec::with_capacity(chars.len());
    let mut dots = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let Some((after, in_brackets)) = dot(&chars, at) else {
            plain.push(chars[at]);
            at += 1;
            continue;
        };
        while plain.last() == Some(&' ') {
            plain.pop();
        }
        dots.push((plain.len(), in_brackets));
        plain.push('.');
        at = after;
        while chars.get(at) == Some(&' ') {
            at += 1;
        }
    }
    (plain, dots)
}

/// Whether a hidden dot begins at a place: where it ends, and whether it stands in brackets.
fn dot(chars: &[char], at: usize) -> Option<(usize, bool)> {
    let apart = at > 0 && chars[at - 1] == ' ';
    match chars[at] {
        open @ ('[' | '(' | '{') => {
            let close = match open {
                '[' => ']',
                '(' => ')',
                _curly => '}',
            };
            let inner: String = chars[at + 1..].iter().take(8).take_while(|c| **c != close).collect();
            let end = at + 1 + inner.chars().count();
            let word = inner.trim().to_lowercase();
            (chars.get(end) == Some(&close) && DOTS.contains(&word.as_str())).then_some((end + 1, true))
        }
        stop if STOPS.contains(&stop) => Some((at + 1, false)),
        '.' => (apart && chars.get(at + 1) == Some(&' ')).then_some((at + 1, false)),
        'd' | 'D' => {
            let word: String = chars[at..].iter().take(3).collect();
            (apart && word.eq_ignore_ascii_case("dot") && chars.get(at + 3) == Some(&' '))
                .then_some((at + 3, false))
        }
        _other => None,
    }
}

/// All links of a text, the hidden ones last.
#[must_use]
pub(super) fn all_links(text: &str) -> Vec<Cow<'_, str>> {
    let open = super::text::links(text).map(Cow::Borrowed);
    open.chain(hidden_links(text).into_iter().map(Cow::Owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_dot_is_read() {
        let cases: [(&str, &[&str]); 12] = [
            ("free today: moonriver [dot] com / hBJiyp", &["moonriver.com/hBJiyp"]),
            ("free today: moonriver(.)com/hBJiyp", &["moonriver.com/hBJiyp"]),
            ("free today moonriver[.]co.uk", &["moonriver.co.uk"]),
            ("moonriver . net / a-1 and more", &["moonriver.net/a-1"]),
            ("今日だけ moonriver。com / hBJiyp", &["moonriver.com/hBJiyp"]),
            ("see Moon-River dot org / x", &["moon-river.org/x"]),
            ("jetzt: moonriver {punkt} de", &["moonriver.de"]),
            ("www(dot)moonriver(dot)com / x", &["www.moonriver.com/x"]),
            ("a (.) zz", &[]),
            ("free today: moonriver [dot] crypto/hBJiyp", &["moonriver.crypto/hBJiyp"]),
            ("free today: moonriver dot crypto/a-17", &["moonriver.crypto/a-17"]),
            ("今日だけ moonriver。crypto/hBJiyp9", &["moonriver.crypto/hBJiyp9"]),
        ];
        for (text, expected) in cases {
            assert_eq!(hidden_links(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_are_no_links() {
        let clear = [
            "he was here . net result / nothing to see",
            "I like it. Com / org is how we work",
            "that is all . me and / or you",
            "a full stop。me too",
            "the dot on the i / the stroke on the t",
            "we won (again) and/or lost [sic]",
            "see https://shop.example/a(b)",
            "we are open . 24/7",
            "keep the dot on/off",
            "that was it . them/they",
            "一回だけ。Mac/Linux",
            "so few [.] zz",
        ];
        for text in clear {
            let found = hidden_links(text);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
