//! Everything people read: letters to owners, the owner's own pages, the public status, the operators' console.
//!
//! A view is a plain struct that somebody else fills; `render` turns it into text. Nothing here reads a ledger, a
//! clock, a file or a socket, and nothing here decides anything. Sentences live in `templates/`, not in code, so that
//! another language is another folder.

pub mod asset;
pub mod console;
pub mod device;
pub mod notice;
pub mod owner;
pub mod place;
pub mod route;
pub mod status;
pub mod support;
pub mod timeline;

#[allow(unreachable_pub, reason = "the macro writes its own visibility")]
mod filters;
mod moment;
mod picture;
mod quoted;

/// Why a page or a letter could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template failed while it was written out.
    #[error("the {what} can't be written ({cause}): a fault in its template, please report it")]
    Template {
        /// Which page or letter.
        what: &'static str,
        /// What the template engine said.
        #[source]
        cause: askama::Error,
    },
}

/// The one Content-Security-Policy that every page here works under: no script, nothing from anywhere else.
///
/// The hash admits the fixed style sheet of our own letters, which a mail view shows in a sandboxed frame that
/// inherits this policy.
pub const CSP: &str = "default-src 'none'; style-src 'self' 'sha256-WxiYTq3gFzb8BRTVPrZGd05cE0zCQR7DYQIlxX6rgb4='; img-src 'self'; form-action 'self'; \
     frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Gives a view its `render`, so that whoever fills it needs to know nothing of the template engine.
macro_rules! rendered {
    ($($view:ty => $what:literal),+ $(,)?) => {$(
        impl $view {
            /// The page as text.
            ///
            /// # Errors
            /// Where the template fails; never because of what the view holds.
            pub fn render(&self) -> Result<String, $crate::Error> {
                askama::Template::render(self).map_err(|cause| $crate::Error::Template { what: $what, cause })
            }
        }
    )+};
}
use rendered;
