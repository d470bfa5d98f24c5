//! The doors, asked as a browser asks them.

mod console;
mod fake;
mod guard;
mod owner;
mod support;
mod world;
