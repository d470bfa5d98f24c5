//! Opens a rehearsed service and says how long that took: `open DIR`.

use rehearse::service::Service;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: open DIR")?;
    let begun = std::time::Instant::now();
    let service = Service::open(std::path::Path::new(&dir))?;
    eprintln!("{} compromised accounts, opened in {:?}", service.truth().len(), begun.elapsed());
    Ok(())
}
