//! A gallery to look at: every page and letter as a file, where `RIGHTFUL_GALLERY` names a folder.

use crate::sample::{LETTERS, notice, pages, recovery};
use std::path::Path;

#[test]
fn every_page_and_letter_can_be_written_out_to_look_at() {
    let mut files: Vec<(String, String)> =
        pages().into_iter().map(|(name, html)| (format!("{name}.html"), html)).collect();
    for (template, name) in LETTERS {
        files.push((format!("letter_{name}.html"), notice(template).render().unwrap().html));
    }
    files.push(("letter_recovery.html".into(), recovery().render().unwrap().html));
    for asset in page::asset::ALL {
        files.push((asset.path.trim_start_matches('/').into(), asset.body.into()));
    }
    assert!(files.iter().all(|(name, content)| !content.is_empty() && !name.is_empty()));
    let Ok(folder) = std::env::var("RIGHTFUL_GALLERY") else { return };
    for (name, content) in files {
        let path = Path::new(&folder).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}
