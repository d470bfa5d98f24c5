//! Who may make a permit: the executor from a sealed plan's step, or from a probe account that it names, and the recovery in
//! the owner's own case.

use crate::checkout::{Text, sources};
use crate::rust::{paths, shipped, within};
use crate::{caught, none};

/// Where permits are defined.
const DEFINED: &str = "crates/respond/src/permit.rs";

/// Each permit, and the rooms (a file or a folder) that may make one.
const MAKERS: &[(&str, &[&str])] = &[
    ("Permit", &["crates/respond/src/execute.rs", "crates/respond/src/execute/"]),
    ("TrialPermit", &["crates/respond/src/execute/probes.rs"]),
    ("OwnerPermit", &["crates/respond/src/recover.rs", "crates/respond/src/recover/"]),
];

fn makers(files: &[Text]) -> Vec<String> {
    let mut findings = Vec::new();
    for (permit, rooms) in MAKERS {
        let mut made = false;
        for file in files.iter().filter(|file| file.path != DEFINED) {
            let named = paths(&file.text);
            let here = within(&named, &[permit, "new"]);
            let allowed = rooms.iter().any(|room| file.path.starts_with(room));
            if here && !allowed {
                findings.push(format!("{} makes a {permit}", file.path));
            }
            if within(&named, &[permit, "as"]) {
                findings.push(format!("{} gives {permit} another name", file.path));
            }
            made |= here;
        }
        if !made {
            findings.push(format!("nobody makes a {permit}: has it another maker now? Name it in this wall"));
        }
    }
    findings
}

/// The permits' own file: their makers are for this crate alone, and nothing else makes one.
fn definition(code: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let crate_only = code.matches("pub(crate) fn new(").count();
    if crate_only != MAKERS.len() || code.matches("fn new(").count() != MAKERS.len() {
        findings.push(format!("{DEFINED}: each permit has one `pub(crate) fn new`"));
    }
    let others = paths(code).into_iter().filter(|path| path == "Default" || path.ends_with("Deserialize"));
    findings.extend(others.map(|way| format!("{DEFINED}: {way} makes permits out of nothing")));
    let heads = [
        "-> Self",
        "-> Permit",
        "-> OwnerPermit",
        "-> TrialPermit",
        "impl Permit",
        "impl OwnerPermit",
        "impl TrialPermit",
        "struct Permit",
        "struct OwnerPermit",
        "struct TrialPermit",
    ];
    let bodies = heads.iter().fold(code.to_owned(), |text, head| text.replace(head, ""));
    let makes = bodies.matches("Self {").count() + bodies.matches("Permit {").count();
    if makes != MAKERS.len() {
        findings.push(format!("{DEFINED}: a permit is made in {makes} places"));
    }
    findings
}

#[test]
fn permits_are_made_in_their_rooms() {
    let house = shipped(&sources("respond"));
    none(&makers(&house));
    let file = house.iter().find(|file| file.path == DEFINED).expect("respond defines its permits");
    none(&definition(&file.text));
}

#[test]
fn a_permit_from_another_room_is_caught() {
    let house = [
        text(DEFINED, "impl Permit { pub(crate) fn new() {} }"),
        text("crates/respond/src/execute.rs", "use crate::permit::Permit; fn a() { Permit::new(b, 0); }"),
        text("crates/respond/src/execute/probes.rs", "fn a() { crate::permit::TrialPermit::new(b); }"),
        text("crates/respond/src/recover/mod.rs", "fn a() { crate::permit::OwnerPermit::new(b); }"),
        text("crates/respond/src/undo.rs", "fn a(permit: &Permit) {}"),
    ];
    none(&makers(&house));
    for (line, words) in [
        ("fn b() { Permit::new(c, 0); }", ["undo.rs", "makes a Permit"]),
        ("fn b() { OwnerPermit::new(c); }", ["undo.rs", "makes a OwnerPermit"]),
        ("fn b() { TrialPermit::new(c); }", ["undo.rs", "makes a TrialPermit"]),
        ("use crate::permit::Permit as Paper;", ["undo.rs", "another name"]),
        ("let make = Permit::new;", ["undo.rs", "makes a Permit"]),
    ] {
        let mut twin = house.clone();
        twin[4].text.push_str(line);
        caught(&makers(&twin), &words);
    }
    caught(&makers(&house[2..]), &["nobody makes a Permit"]);
}

#[test]
fn a_looser_permit_is_caught() {
    let house = shipped(&sources("respond"));
    let file = house.iter().find(|file| file.path == DEFINED).expect("respond defines its permits");
    none(&definition(&file.text));
    caught(&definition(&file.text.replace("pub(crate) fn new", "pub fn new")), &["pub(crate)"]);
    caught(&definition(&file.text.replace("Clone,", "Clone, Default,")), &["Default"]);
    for body in ["Self { account }", "Permit { account, key }"] {
        caught(&definition(&format!("{} fn other() -> Permit {{ {body} }}", file.text)), &["4 places"]);
    }
}

fn text(path: &str, text: &str) -> Text {
    Text { path: path.to_owned(), text: text.to_owned() }
}
