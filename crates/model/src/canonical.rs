//! Canonical JSON (RFC 8785): the one way a value becomes the bytes that are hashed or signed.

use serde::Serialize;

/// A value that has no canonical JSON form (a map with keys that are not strings, a float that is not finite).
#[derive(Debug, thiserror::Error)]
#[error("no canonical JSON form: {0}")]
pub struct CanonicalError(#[from] serde_json::Error);

/// The canonical JSON line of a value, without a line feed.
///
/// # Errors
/// Where the value can't be written as JSON at all.
pub fn canonical<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(serde_json_canonicalizer::to_string(value)?)
}
