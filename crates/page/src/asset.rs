//! The two files that pages ask for: one style sheet, one icon. Nothing else is ever loaded.

use crate::route;

/// A file to be served as it is.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Where.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub body: &'static str,
}

/// All of them.
pub const ALL: [Asset; 2] = [
    Asset {
        path: route::CSS,
        content_type: "text/css; charset=utf-8",
        body: include_str!("../assets/page.css"),
    },
    Asset { path: route::ICON, content_type: "image/svg+xml", body: include_str!("../assets/icon.svg") },
];
