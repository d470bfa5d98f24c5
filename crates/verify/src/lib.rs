//! The judges: tests that look at the whole house from outside. Never shipped, and no code but tests.
//!
//! Two integration binaries, with a module a subject: `tests/main.rs`, and `tests/mutants`, whose broken twins hold for a
//! whole process. A judge shares no code with what it
//! judges, and each has a broken twin beside it that it must catch.
