//! The preflight: what each check is for (a table of mutants), and what is said where something is unknown.
//!
//! The mutants stand here and not in `verify`: they are made by leaving a check out, which is a call of `decide` alone, and
//! the drafts come from the planner, which shares no code with what is tested.

#![cfg(test)]

mod addenda;
mod mutants;
mod outside;
mod placebo;
mod unknown;
mod world;
