//! The walls of the house: who may import whom, what a room never names, and how a file is laid out.
//!
//! Each wall is a function from a graph or from text to findings. One test runs it on the house, another on a broken
//! twin of the house that it must catch.

mod drivers;
mod files;
mod graph;
mod imports;
mod inside;
mod migrations;
mod mutants;
mod permits;
mod pure;
