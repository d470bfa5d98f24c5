//! One line of JSON as an event whose strings still stand in the line. Only what the event schema says is read; a
//! field of the wrong type is an error, an unknown field is passed over.

use decide::detect::Deed;
use model::event::{Initiator, Kind, Outcome};
use model::id::Millis;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A string that borrows from the line where it can (`Option<Cow<str>>` never would).
pub(crate) struct Str<'a>(pub(crate) Cow<'a, str>);

impl AsRef<str> for Str<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Borrowing)
    }
}

/// A moment: milliseconds, or RFC 3339.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) Millis);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("milliseconds since 1970 or an RFC 3339 string")
            }
            fn visit_i64<E: Error>(self, ms: i64) -> Result<Moment, E> {
                Ok(Moment(ms))
            }
            fn visit_u64<E: Error>(self, ms: u64) -> Result<Moment, E> {
                i64::try_from(ms).map(Moment).map_err(|_| E::custom("time is beyond all years"))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
                rfc3339(text).map(Moment).map_err(E::custom)
            }
        }
        from.deserialize_any(Either)
    }
}

/// Reads an RFC 3339 moment as milliseconds.
pub(crate) fn rfc3339(text: &str) -> Result<Millis, String> {
    let moment = text.parse::<jiff::Timestamp>();
    moment
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|e| format!("time is neither milliseconds nor RFC 3339: {e}"))
}

/// An event as it stands in a line or a row.
#[derive(Deserialize)]
pub(crate) struct Line<'a> {
    #[serde(borrow)]
    pub(crate) id: Str<'a>,
    pub(crate) time: Moment,
    #[serde(borrow)]
    pub(crate) account: Str<'a>,
    #[serde(borrow)]
    pub(crate) kind: Str<'a>,
    pub(crate) outcome: Option<Outcome>,
    #[serde(borrow)]
    pub(crate) session: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) device: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) ip: Option<Str<'a>>,
    pub(crate) asn: Option<u32>,
    #[serde(borrow)]
    pub(crate) country: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) user_agent: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) app: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) object: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) text: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) lang: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) urls: Option<Vec<Str<'a>>>,
    #[serde(borrow)]
    pub(crate) mentions: Option<Vec<Str<'a>>>,
    #[serde(borrow)]
    pub(crate) hashtags: Option<Vec<Str<'a>>>,
    pub(crate) initiator: Option<Initiator>,
    #[serde(borrow)]
    pub(crate) previous: Option<Str<'a>>,
    #[serde(borrow)]
    pub(crate) change: Option<Str<'a>>,
}

impl<'a> Line<'a> {
    /// Reads a line of bytes; the error is the reason it can't be.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let text =
            std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8 from byte {}", e.valid_up_to() + 1))?;
        let line: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        line.checked()
    }

    /// Refuses what the schema needs and is not there.
    fn checked(self) -> Result<Self, String> {
        let deed = Deed::from(&kind(self.kind.as_ref()));
        check([self.id.as_ref(), self.account.as_ref()], !self.kind.0.is_empty(), deed, self.outcome)?;
        Ok(self)
    }
}

/// Refuses what the schema needs and is not there: id and account, a kind with a name, the outcome of a login.
pub(crate) fn check(
    needed: [&str; 2],
    has_kind: bool,
    deed: Deed,
    outcome: Option<Outcome>,
) -> Result<(), String> {
    if needed.iter().any(|text| text.is_empty()) || !has_kind {
        return Err("id, account and kind must not be empty".to_owned());
    }
    if deed == Deed::Login && outcome.is_none() {
        return Err("a login without its outcome".to_owned());
    }
    Ok(())
}

/// A kind, in the schema's words.
pub(crate) fn kind(name: &str) -> Kind {
    match name {
        "login" => Kind::Login,
        "logout" => Kind::Logout,
        "post" => Kind::Post,
        "delete_post" => Kind::DeletePost,
        "message" => Kind::Message,
        "like" => Kind::Like,
        "follow" => Kind::Follow,
        "unfollow" => Kind::Unfollow,
        "profile_change" => Kind::ProfileChange,
        "password_change" => Kind::PasswordChange,
        "email_change" => Kind::EmailChange,
        "phone_change" => Kind::PhoneChange,
        "mfa_change" => Kind::MfaChange,
        "app_authorize" => Kind::AppAuthorize,
        "app_revoke" => Kind::AppRevoke,
        "recovery_request" => Kind::RecoveryRequest,
        "report" => Kind::Report,
        "dispute" => Kind::Dispute,
        "action" => Kind::Action,
        "rightful" => Kind::Rightful,
        unknown => Kind::Unknown(unknown.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_refused_with_its_reason_and_what_is_unknown_is_passed_over() {
        let good = [
            r#"{"id":"e1","time":5,"account":"u1","kind":"post","colour":"red","device":null}"#,
            r#"{"id":"e1","time":"2026-01-02T03:04:05Z","account":"u1","kind":"login","outcome":"failure"}"#,
            r#"{"id":"e\u0031","time":5,"account":"u1","kind":"dance","urls":[]}"#,
        ];
        for line in good {
            assert!(Line::read(line.as_bytes()).is_ok(), "{line}");
        }
        let bad: [(&[u8], &str); 8] = [
            (br#"{"id":"e1","time":5,"account":"u1","kind":"login"}"#, "outcome"),
            (br#"{"id":"e1","time":5.5,"account":"u1","kind":"post"}"#, "floating"),
            (br#"{"id":7,"time":5,"account":"u1","kind":"post"}"#, "integer"),
            (br#"{"id":"","time":5,"account":"u1","kind":"post"}"#, "empty"),
            (br#"{"id":"e1","time":5,"account":"u1","kind":"post","asn":"AS1"}"#, "u32"),
            (br#"{"id":"e1","time":"yesterday","account":"u1","kind":"post"}"#, "RFC 3339"),
            (br#"{"id":"e1","time":5,"acc"#, "EOF"),
            (b"{\"id\":\"\xff\"}", "UTF-8"),
        ];
        for (line, why) in bad {
            let reason = Line::read(line).err().unwrap_or_default();
            assert!(reason.contains(why), "{reason} lacks {why}");
        }
    }

    #[test]
    fn every_known_kind_reads_as_the_model_reads_it() {
        for name in
            ["login", "delete_post", "mfa_change", "app_revoke", "recovery_request", "rightful", "dance"]
        {
            let line = format!(r#"{{"id":"e","time":1,"account":"u","kind":"{name}","outcome":"success"}}"#);
            let ours = kind(Line::read(line.as_bytes()).unwrap().kind.as_ref());
            let model: model::event::Event = serde_json::from_str(&line).unwrap();
            assert_eq!(ours, model.kind);
        }
    }
}
