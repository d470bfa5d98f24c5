//! A small service in which each attack is found and its look-alike stays clear.

mod attacks;
mod crowds;
mod evasions;
mod intelligence;
mod invariants;
mod logins;
mod returns;
mod sequels;
mod stories;
mod village;
