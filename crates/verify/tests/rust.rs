//! Rust source as the walls read it: the code without its comments, texts and tests, and the paths that it names.
//!
//! A reader for our own formatted files, not a compiler: it must never miss a name that rustfmt can write, and may take
//! a harmless name for a path.

use crate::checkout::Text;

/// The files of a crate as they are shipped: comments, texts and `#[cfg(test)]` items blanked, test files left out.
pub(crate) fn shipped(sources: &[Text]) -> Vec<Text> {
    let bare: Vec<Text> =
        sources.iter().map(|it| Text { path: it.path.clone(), text: code(&it.text) }).collect();
    let tests: Vec<String> = bare.iter().flat_map(test_files).collect();
    bare.iter()
        .filter(|it| !tests.iter().any(|test| it.path.starts_with(test)))
        .map(|it| Text { path: it.path.clone(), text: without_tests(&it.text) })
        .collect()
}

/// The code alone: each comment, text and character literal becomes spaces; lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Every path that code names: `a::b::c`, each leaf of a `use` written out, a macro with its `!`, an alias as
/// `a::b as c`.
pub(crate) fn paths(code: &str) -> Vec<String> {
    let words = words(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "use" {
            let end = (at..words.len()).find(|&i| words[i] == ";").unwrap_or(words.len());
            leaves(&words[at + 1..end], "", &mut found);
            at = end;
        } else if is_name(&words[at]) {
            let (path, end) = straight(&words, at);
            found.push(path);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Whether one of the paths is this one or lies below it.
pub(crate) fn under(paths: &[String], root: &str) -> bool {
    let below = format!("{root}::");
    let alias = format!("{root} as ");
    paths.iter().any(|path| path == root || path.starts_with(&below) || path.starts_with(&alias))
}

/// Whether one of the paths has these parts next to each other.
pub(crate) fn within(paths: &[String], parts: &[&str]) -> bool {
    paths.iter().any(|path| {
        let all: Vec<&str> = path.split([':', ' ']).filter(|part| !part.is_empty()).collect();
        all.windows(parts.len()).any(|window| window == parts)
    })
}

fn skipped(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    let inside_name = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match rest {
        ['/', '/', ..] => at + rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => at + block_comment(rest),
        ['"', ..] => at + quoted(rest),
        ['b' | 'c', '"', ..] if !inside_name => at + 1 + quoted(&rest[1..]),
        ['b', '\'', ..] if !inside_name => at + 1 + character(&rest[1..]),
        ['b' | 'c', 'r', '"' | '#', ..] if !inside_name => at + raw(rest, 2),
        ['r', '"' | '#', ..] if !inside_name => at + raw(rest, 1),
        ['\'', ..] => at + character(rest),
        _ => at,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    rest.len().min(at + 1)
}

fn character(rest: &[char]) -> usize {
    match rest {
        ['\'', '\\', _, tail @ ..] => {
            3 + tail.iter().position(|&c| c == '\'').map_or(tail.len(), |close| close + 1)
        }
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn raw(rest: &[char], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|&&c| c == '#').count();
    let start = prefix + hashes;
    if rest.get(start) != Some(&'"') {
        return 0;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let tail = &rest[start + 1..];
    let end = tail.windows(close.len()).position(|window| window == close);
    end.map_or(rest.len(), |end| start + 1 + end + close.len())
}

const TEST: &str = "#[cfg(test)]";

fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    while let Some(start) = out.find(TEST) {
        let end = start + TEST.len() + item(&out[start + TEST.len()..]);
        let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &blank);
    }
    out
}

/// How long the item is that the text begins with: to the brace that closes it, or its semicolon.
fn item(text: &str) -> usize {
    let (mut depth, mut braces) = (0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => (depth, braces) = (depth + 1, braces || (c == '{' && depth == 0)),
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == ';' || (c == '}' && braces)) {
            return at + 1;
        }
    }
    text.len()
}

/// What the paths of the files begin with that `#[cfg(test)] mod name;` brings in.
fn test_files(file: &Text) -> Vec<String> {
    let folder = module_folder(&file.path);
    let after = file.text.split(TEST).skip(1);
    let declared = after.filter_map(|rest| rest[..item(rest)].trim().strip_suffix(';'));
    declared
        .filter_map(|head| head.split_whitespace().skip_while(|word| *word != "mod").nth(1))
        .flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")])
        .collect()
}

fn module_folder(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        named => format!("{folder}/{}", named.trim_end_matches(".rs")),
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names (with their `!`, for macros), `::`, and single signs.
fn words(code: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut word = c.to_string();
        if c.is_alphanumeric() || c == '_' {
            while let Some(next) = chars.next_if(|&next| next.is_alphanumeric() || next == '_') {
                word.push(next);
            }
            let mut ahead = chars.clone();
            if is_name(&word) && ahead.next() == Some('!') && ahead.next() != Some('=') {
                word.extend(chars.next());
            }
        } else if c == ':' {
            word.extend(chars.next_if_eq(&':'));
        }
        words.push(word);
    }
    words
}

fn straight(words: &[String], at: usize) -> (String, usize) {
    let (mut path, mut at) = (words[at].clone(), at + 1);
    while words.get(at).is_some_and(|word| word == "::")
        && words.get(at + 1).is_some_and(|word| is_name(word))
    {
        path = format!("{path}::{}", words[at + 1]);
        at += 2;
    }
    (path, at)
}

/// The leaves of a `use` tree, each written out.
fn leaves(tree: &[String], prefix: &str, found: &mut Vec<String>) {
    for branch in branches(tree) {
        let open = branch.iter().position(|word| word == "{").unwrap_or(branch.len());
        let alias = branch[..open].iter().position(|word| word == "as").unwrap_or(open);
        let names: Vec<&str> =
            branch[..alias].iter().map(String::as_str).filter(|word| *word != "::").collect();
        let path =
            if prefix.is_empty() { names.join("::") } else { format!("{prefix}::{}", names.join("::")) };
        if open < branch.len() {
            leaves(&branch[open + 1..branch.len() - 1], &path, found);
        } else if let Some(name) = branch.get(alias + 1) {
            found.push(format!("{path} as {name}"));
        } else {
            found.push(path.trim_end_matches("::self").to_owned());
        }
    }
}

fn branches(tree: &[String]) -> Vec<&[String]> {
    let (mut depth, mut start, mut found) = (0_i32, 0, Vec::new());
    for (at, word) in tree.iter().enumerate() {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => {
                found.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&tree[start..]);
    found.retain(|branch| !branch.is_empty());
    found
}

#[test]
fn comments_texts_and_characters_are_no_code() {
    let text = "/// std::fs\nlet a = \"std::io \\\" std::net\"; /* x /* std::fs */ */ let b = '\"'; let c: &'a str = r#\"std::fs \"\"#;\n";
    let code = code(text);
    assert!(!code.contains("std"), "{code}");
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>().join(" "),
        "let a = ; let b = ; let c: &'a str = ;"
    );
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn a_path_is_found_however_it_is_written() {
    for text in [
        "use std::{fs, io};",
        "use std::{collections::{BTreeMap}, fs::{self, File}};",
        "let a = std::fs::read(b);",
        "let a = ::std ::\n fs :: read(b);",
        "pub(crate) use std::fs as disk;",
    ] {
        assert!(under(&paths(&code(text)), "std::fs"), "{text}: {:?}", paths(text));
    }
    assert!(!under(&paths("use std::fsx; let a = my::std::fs;"), "std::fs"));
    assert_eq!(paths("println!(); a != b; x.rand"), ["println!", "a", "b", "x", "rand"]);
    assert!(within(&paths("a::Permit::new()"), &["Permit", "new"]));
    assert!(!within(&paths("a::OwnerPermit::new()"), &["Permit", "new"]));
}

#[test]
fn tests_are_not_shipped() {
    let file = |path: &str, text: &str| Text { path: path.to_owned(), text: text.to_owned() };
    let shipped = shipped(&[
        file("crates/a/src/lib.rs", "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n"),
        file("crates/a/src/tests.rs", "use std::fs;"),
        file(
            "crates/a/src/b.rs",
            "#[cfg(test)]\n#[allow(x)]\nmod tests { fn c(d: [u8; 2]) { println!() } }\nfn e() {}",
        ),
        file("crates/a/src/tester.rs", "fn f() {}"),
    ]);
    let all: String = shipped.iter().map(|it| format!("{} {};", it.path, it.text)).collect();
    assert_eq!(shipped.len(), 3, "{all}");
    assert!(
        all.contains("fn a()") && all.contains("fn b()") && all.contains("fn e()") && all.contains("fn f()")
    );
    assert!(!all.contains("println") && !all.contains("fn c("), "{all}");
}
