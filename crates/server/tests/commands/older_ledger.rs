//! A ledger restored from an older copy: found by what this machine saw, and by what the service holds; nothing is
//! done twice.

use crate::world::{World, text};
use std::path::{Path, PathBuf};

fn ledger(data: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(data).expect("the data folder").map(|f| f.expect("a file").path());
    files
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("ledger.sqlite3")))
        .collect()
}

/// Copies the ledger from one data folder over that of another.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    ledger(to).iter().for_each(|old| std::fs::remove_file(old).expect("it is removed"));
    for file in ledger(from) {
        std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("it is copied");
    }
}

#[test]
fn a_ledger_restored_from_an_older_copy_is_found_and_nothing_is_done_twice() {
    let world = World::new(41, 1000, 10);
    let (_, run) = world.armed();
    let data = world.path("rightful-data");
    copy(&data, &world.path("yesterday"));
    assert_eq!(text(&world.ok(&["run", "start", &run]), "state"), "done");
    let (writes, mails) = (world.writes().len(), world.catcher.mails().len());
    assert!(writes > 0 && mails > 0);

    copy(&world.path("yesterday"), &data);
    let said = world.refused(&["run", "start", &run], 4);
    assert!(said.contains("restored from an older copy") && said.contains("ledger.seen"), "{said}");

    // Who takes the mark away is still stopped: the service holds what this run makes.
    std::fs::remove_file(data.join("ledger.seen")).expect("the mark is there");
    let said = world.refused(&["run", "start", &run], 4);
    assert!(said.contains("the ledger is an older copy"), "{said}");
    assert_eq!(
        (world.writes().len(), world.catcher.mails().len()),
        (writes, mails),
        "something was done twice"
    );
}
