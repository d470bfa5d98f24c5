//! `rightful`: the one binary; its doors are the command line and the web pages.

mod bench;
mod cli;
mod config;
mod context;
mod demo;
mod drill;
mod error;
mod keys;
mod ops;
mod outside;
mod stage;
mod web;

fn main() -> std::process::ExitCode {
    cli::main()
}
