//! How a source file is laid out: it says what it is for, it is short, and nothing in it is left for later.

use crate::checkout::{Text, crates, sources};
use crate::rust::code;
use crate::{caught, none};

const LINES_MAX: usize = 500;

/// What would leave work for later or a test unrun.
const LEFT: &[&str] = &["#[ignore", "todo!", "unimplemented!"];

fn layout(file: &Text) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = file.text.lines().count();
    if !file.text.starts_with("//!") {
        findings.push(format!("{} does not open with //!", file.path));
    }
    if lines > LINES_MAX {
        findings.push(format!("{} has {lines} lines, over {LINES_MAX}", file.path));
    }
    let code = code(&file.text);
    let left = LEFT.iter().filter(|word| code.contains(**word));
    findings.extend(left.map(|word| format!("{} holds {word}", file.path)));
    findings
}

#[test]
fn files_are_short_and_finished_and_say_what_they_are_for() {
    let findings: Vec<String> =
        crates().iter().flat_map(|name| sources(name)).flat_map(|file| layout(&file)).collect();
    none(&findings);
}

#[test]
fn a_file_out_of_shape_is_caught() {
    let shaped = |text: String| layout(&Text { path: "a.rs".to_owned(), text });
    none(&shaped(format!("//! For `todo!`.\n{}", "\n".repeat(LINES_MAX - 1))));
    caught(&shaped("// For something.\n".to_owned()), &["a.rs", "//!"]);
    caught(&shaped(format!("//! For.\n{}", "\n".repeat(LINES_MAX))), &["a.rs", "501 lines"]);
    caught(&shaped("//! For.\n#[ignore = \"slow\"]\n".to_owned()), &["a.rs", "#[ignore"]);
    caught(&shaped("//! For.\nfn a() { todo!() }\n".to_owned()), &["a.rs", "todo!"]);
    caught(&shaped("//! For.\nfn a() { unimplemented!(\"b\") }\n".to_owned()), &["a.rs", "unimplemented!"]);
}
