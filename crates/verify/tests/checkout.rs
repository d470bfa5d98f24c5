//! The checkout as text: where it is, its source files, the files that git has or would take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file and its place under the checkout, with `/` between folders.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The checkout's folder.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("crates/verify lies two folders deep")
}

/// One text of the checkout; `None` where there is no such file, or it is no UTF-8.
pub(crate) fn read(path: &str) -> Option<Text> {
    let text = fs::read_to_string(root().join(path)).ok()?;
    Some(Text { path: path.to_owned(), text })
}

/// Every `.rs` file of a crate's `src`, by name.
pub(crate) fn sources(name: &str) -> Vec<Text> {
    let paths = below(&format!("crates/{name}/src"));
    let texts: Vec<Text> =
        paths.iter().filter(|path| path.ends_with(".rs")).filter_map(|path| read(path)).collect();
    assert!(!texts.is_empty(), "no source of {name} was read");
    texts
}

/// The names of our crates: the folders in `crates/`.
pub(crate) fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .expect("crates/ is there")
        .map(|entry| entry.expect("crates/ can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every file below a folder of the checkout, by name; none where there is no such folder.
pub(crate) fn below(folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.expect("a folder that opens can be read");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files that git has, and those that it would take: in a fresh clone the two are the same.
pub(crate) fn listed() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
    names
        .split('\0')
        .filter(|name| !name.is_empty() && root().join(name).is_file())
        .map(str::to_owned)
        .collect()
}
