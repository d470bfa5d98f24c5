//! What the protected service tells us, one event at a time (event schema v1).

use crate::id::{AccountId, AppId, EventId, Millis, ObjectId, SessionId};
use serde::{Deserialize, Serialize};

/// What kind of act an event tells of; a kind we don't know is kept under its own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum Kind {
    Login,
    Logout,
    Post,
    DeletePost,
    Message,
    Like,
    Follow,
    Unfollow,
    ProfileChange,
    PasswordChange,
    EmailChange,
    PhoneChange,
    MfaChange,
    AppAuthorize,
    AppRevoke,
    RecoveryRequest,
    Report,
    Dispute,
    Action,
    /// An effect of our own: never evidence, never profile.
    Rightful,
    /// A kind this version does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// Whether a sign-in succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum Outcome {
    Success,
    Failure,
}

/// Whose act it was, in CAEP's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum Initiator {
    #[default]
    User,
    Admin,
    Policy,
    System,
}

/// One event of the service. Field meanings: the event schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub struct Event {
    pub id: EventId,
    #[serde(deserialize_with = "time_ms")]
    pub time: Millis,
    pub account: AccountId,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashtags: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiator: Option<Initiator>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl Event {
    /// An event with only what every event has.
    #[must_use]
    pub fn new(id: EventId, time: Millis, account: AccountId, kind: Kind) -> Self {
        Self {
            id,
            time,
            account,
            kind,
            outcome: None,
            session: None,
            device: None,
            ip: None,
            asn: None,
            country: None,
            user_agent: None,
            app: None,
            object: None,
            text: None,
            lang: None,
            urls: None,
            mentions: None,
            hashtags: None,
            initiator: None,
            previous: None,
            change: None,
        }
    }

    /// Whether the account's own user did it (and not the service, its staff, or we).
    #[must_use]
    pub fn is_users_own(&self) -> bool {
        self.kind != Kind::Rightful && self.initiator.unwrap_or_default() == Initiator::User
    }
}

/// Reads a moment: an integer of milliseconds since 1970 UTC, or an RFC 3339 string.
fn time_ms<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Millis, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Moment {
        Millis(i64),
        Text(String),
    }
    match Moment::deserialize(from)? {
        Moment::Millis(ms) => Ok(ms),
        Moment::Text(text) => text
            .parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_millisecond)
            .map_err(|e| serde::de::Error::custom(format!("time is neither milliseconds nor RFC 3339: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let a: Event =
            serde_json::from_str(r#"{"id":"1","time":1790479503797,"account":"u","kind":"post"}"#).unwrap();
        let b: Event = serde_json::from_str(
            r#"{"id":"1","time":"2026-09-27T03:25:03.797Z","account":"u","kind":"post"}"#,
        )
        .unwrap();
        assert_eq!(a.time, b.time);
    }

    #[test]
    fn an_unknown_kind_is_kept() {
        let e: Event = serde_json::from_str(r#"{"id":"1","time":1,"account":"u","kind":"poke"}"#).unwrap();
        assert_eq!(e.kind, Kind::Unknown("poke".to_owned()));
        assert!(serde_json::to_string(&e).unwrap().contains(r#""kind":"poke""#));
    }
}
