//! The judges: tests that look at the whole house from outside. Never shipped, and no code but tests.
//!
//! All of it is one integration binary, `tests/main.rs`, with a module a subject. A judge shares no code with what it
//! judges, and each has a broken twin beside it that it must catch.
