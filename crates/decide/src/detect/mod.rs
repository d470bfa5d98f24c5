//! Finding the accounts that somebody else is using.
