//! How hard a text is to read, and what a page says when its marks are taken away.

/// Flesch–Kincaid grade level (Kincaid et al. 1975): 0.39 words/sentences + 11.8 syllables/words − 15.59.
pub(crate) fn grade(text: &str) -> f64 {
    let mut sentences = 0.0_f64;
    let (mut words, mut syllables) = (0.0_f64, 0.0_f64);
    for part in text.split(['.', '?']) {
        let said: Vec<&str> = part
            .split(|c: char| !c.is_alphabetic() && c != '’' && c != '\'')
            .filter(|w| !w.is_empty())
            .collect();
        if said.is_empty() {
            continue;
        }
        sentences += 1.0;
        words += said.len() as f64;
        syllables += said.iter().map(|w| syllables_of(w) as f64).sum::<f64>();
    }
    0.39 * words / sentences + 11.8 * syllables / words - 15.59
}

/// Groups of vowels, a silent final e not counted; the usual estimate.
fn syllables_of(word: &str) -> usize {
    let lower = word.to_lowercase();
    let is_vowel = |c: char| "aeiouy".contains(c);
    let mut groups = 0;
    let mut was_vowel = false;
    for c in lower.chars() {
        groups += usize::from(is_vowel(c) && !was_vowel);
        was_vowel = is_vowel(c);
    }
    let silent = lower.ends_with('e') && !lower.ends_with("le") || lower.ends_with("ed");
    (groups - usize::from(silent && groups > 1)).max(1)
}

/// What is inside `<body>`, without tags, entities read, spaces and marks of lists made one.
pub(crate) fn visible(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, rest)| rest);
    let mut out = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                out.push(' ');
            }
            c if !in_tag => out.push(c),
            _ => {}
        }
    }
    normal(&unescaped(&out))
}

/// The sentences of a letter: its paragraphs and list items, without headings, facts and codes, which are not read
/// as prose and would make it look easier than it is.
pub(crate) fn spoken(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, rest)| rest);
    let is_prose = |part: &&str| part.starts_with("p>") || part.starts_with("li>");
    let said: Vec<&str> = body
        .split('<')
        .filter(is_prose)
        .filter_map(|part| part.split_once('>').map(|(_, said)| said))
        .collect();
    unescaped(&said.join(". "))
}

/// Words with one space between, list marks and underlines left out.
pub(crate) fn normal(text: &str) -> String {
    text.split_whitespace()
        .filter(|w| {
            *w != "*" && !w.chars().all(|c| c == '-') && !matches!(*w, "1." | "2." | "3." | "4." | "5.")
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads the entities that askama writes.
pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

#[test]
fn syllables_and_grades_are_as_a_reader_would_count() {
    let cases = [("the", 1), ("password", 2), ("account", 2), ("someone", 2), ("signed", 1), ("little", 2)];
    for (word, count) in cases {
        assert_eq!(syllables_of(word), count, "{word}");
    }
    assert!(grade("The cat sat on the mat.") < 1.0);
    assert!(
        grade(
            "Notwithstanding contractual obligations, unauthorised authentication necessitates remediation."
        ) > 16.0
    );
}
