//! The binary as its users have it: whole threads through the command line, killed, fed with wrong files.

mod bad_input;
mod demo;
mod kill;
mod thread;
mod world;
