//! A hunt over files, for measuring: `hunt OUT FILE…`
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).map(std::path::PathBuf::from);
    let out = args.next().ok_or("usage: hunt OUT FILE…")?;
    let summary = hunt::run(&hunt::Request::new(args.collect(), out.clone()), &|_| {})?;
    println!("{} events, {} accounts, {:?}", summary.events, summary.accounts, summary.verdicts);
    println!("{}", std::fs::read_to_string(out.join("timing.json"))?);
    Ok(())
}
