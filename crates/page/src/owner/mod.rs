//! What an owner sees on the way back into their account: works without JavaScript, by keyboard, with a screen
//! reader, on a phone.
//!
//! Each form's field names are in [`field`], its address in [`crate::route`]. Every form that changes something
//! carries a hidden CSRF token and is sent by POST.

mod account;
mod check;
mod code;
mod done;

pub use account::{HiddenPost, Message, OwnerPage, PasswordProblem};
pub use check::{CheckAnswer, CheckPage};
pub use code::{AskCodePage, CodeProblem, EnterCodePage};
pub use done::{Confirmation, DonePage};

/// The names of the forms' fields.
pub mod field {
    /// The hidden CSRF token of every form.
    pub const CSRF: &str = "csrf";
    /// The account's name, as its owner types it.
    pub const ACCOUNT: &str = "account";
    /// The recovery code.
    pub const CODE: &str = "code";
    /// The new password.
    pub const PASSWORD: &str = "password";
    /// The new password once more.
    pub const PASSWORD_AGAIN: &str = "password_again";
    /// A hidden post's answer is named by this and its id: `post.` + object; the value is [`SHOW`] or [`LEAVE`].
    pub const POST_PREFIX: &str = "post.";
    /// Show the post again.
    pub const SHOW: &str = "show";
    /// Leave it hidden.
    pub const LEAVE: &str = "leave";
    /// The notice code to be checked.
    pub const NOTICE_CODE: &str = "notice_code";
    /// The first words of the message to be checked.
    pub const FIRST_WORDS: &str = "first_words";
    /// The day the message came, `2026-11-03`.
    pub const DAY: &str = "day";
}

/// Whose pages these are.
#[derive(Clone, Debug)]
pub struct Site {
    /// The service's name.
    pub service_name: String,
    /// The domain to type.
    pub service_domain: String,
}
