//! What the shipped gates let through: whole runs, canary, gates and waves, against owners who answer as late and as
//! rarely as the literature says. `gates docs` writes docs/gates.md and docs/gates.svg; `gates` prints the page.
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

mod page;
mod play;
mod plot;
mod tally;

use model::policy::Policy;
use std::path::Path;

const SHIPPED: &str = include_str!("../../../../policy/shipped.toml");
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::parse(SHIPPED)?;
    let (page, plot) = page::page(&policy)?;
    match std::env::args().nth(1).as_deref() {
        Some("docs") => {
            let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
            std::fs::write(docs.join("gates.md"), page)?;
            std::fs::write(docs.join("gates.svg"), plot)?;
        }
        Some(other) => return Err(format!("{other:?} is unknown; gates [docs]").into()),
        None => println!("{page}"),
    }
    Ok(())
}
