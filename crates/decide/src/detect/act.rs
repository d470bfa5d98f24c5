//! One event in the form the fold reads: values are numbers of the hunt's dictionaries, so that ten million of them
//! fit in memory and compare by a machine word. Nothing here judges.

use super::words::{Sym, Words};
use model::event::{Event, Initiator, Kind, Outcome};
use model::id::Millis;

/// An event's kind without its text; the name of an unknown kind stands in [`Act::kind_name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum Deed {
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
    Rightful,
    Unknown,
}

impl Deed {
    /// Whether it changes how the owner can get in or be reached.
    #[must_use]
    pub fn changes_access(self) -> bool {
        matches!(self, Self::PasswordChange | Self::EmailChange | Self::PhoneChange | Self::MfaChange)
    }

    /// Whether it puts words before other people.
    #[must_use]
    pub fn speaks(self) -> bool {
        matches!(self, Self::Post | Self::Message)
    }

    /// Whether it shows that somebody was signed in: what others do *about* an account does not.
    #[must_use]
    pub fn shows_a_hand(self) -> bool {
        !matches!(self, Self::Report | Self::Dispute | Self::RecoveryRequest | Self::Rightful)
    }
}

impl From<&Kind> for Deed {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Login => Self::Login,
            Kind::Logout => Self::Logout,
            Kind::Post => Self::Post,
            Kind::DeletePost => Self::DeletePost,
            Kind::Message => Self::Message,
            Kind::Like => Self::Like,
            Kind::Follow => Self::Follow,
            Kind::Unfollow => Self::Unfollow,
            Kind::ProfileChange => Self::ProfileChange,
            Kind::PasswordChange => Self::PasswordChange,
            Kind::EmailChange => Self::EmailChange,
            Kind::PhoneChange => Self::PhoneChange,
            Kind::MfaChange => Self::MfaChange,
            Kind::AppAuthorize => Self::AppAuthorize,
            Kind::AppRevoke => Self::AppRevoke,
            Kind::RecoveryRequest => Self::RecoveryRequest,
            Kind::Report => Self::Report,
            Kind::Dispute => Self::Dispute,
            Kind::Action => Self::Action,
            Kind::Rightful => Self::Rightful,
            Kind::Unknown(_) => Self::Unknown,
        }
    }
}

/// One event, compact. Symbols belong to the dictionary of the same name in [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the event schema's")]
pub struct Act {
    pub time: Millis,
    pub id: Sym,
    pub account: Sym,
    pub session: Sym,
    pub device: Sym,
    pub ip: Sym,
    pub country: Sym,
    pub agent: Sym,
    pub app: Sym,
    pub object: Sym,
    pub text: Sym,
    pub previous: Sym,
    pub change: Sym,
    pub lang: Sym,
    /// The name of a kind this version does not know.
    pub kind_name: Sym,
    /// `urls`, `mentions` and `hashtags` as given, packed by [`pack_lists`].
    pub lists: Sym,
    /// 0 where absent.
    pub asn: u32,
    pub deed: Deed,
    pub outcome: Option<Outcome>,
    pub initiator: Option<Initiator>,
}

impl Act {
    /// Whether the account's own user did it (and not the service, its staff, or we).
    #[must_use]
    pub fn is_users_own(&self) -> bool {
        self.deed != Deed::Rightful && self.initiator.unwrap_or_default() == Initiator::User
    }

    /// A sign-in that was refused.
    #[must_use]
    pub fn is_failed_login(&self) -> bool {
        self.deed == Deed::Login && self.outcome == Some(Outcome::Failure)
    }

    /// A sign-in that was let in.
    #[must_use]
    pub fn is_login(&self) -> bool {
        self.deed == Deed::Login && self.outcome == Some(Outcome::Success)
    }

    /// The whole event again, as it was read.
    #[must_use]
    pub fn event(&self, words: &Words) -> Event {
        let text = |sym: Sym, of: &super::words::Dictionary| of.get(sym).map(str::to_owned);
        let kind = match self.deed {
            Deed::Login => Kind::Login,
            Deed::Logout => Kind::Logout,
            Deed::Post => Kind::Post,
            Deed::DeletePost => Kind::DeletePost,
            Deed::Message => Kind::Message,
            Deed::Like => Kind::Like,
            Deed::Follow => Kind::Follow,
            Deed::Unfollow => Kind::Unfollow,
            Deed::ProfileChange => Kind::ProfileChange,
            Deed::PasswordChange => Kind::PasswordChange,
            Deed::EmailChange => Kind::EmailChange,
            Deed::PhoneChange => Kind::PhoneChange,
            Deed::MfaChange => Kind::MfaChange,
            Deed::AppAuthorize => Kind::AppAuthorize,
            Deed::AppRevoke => Kind::AppRevoke,
            Deed::RecoveryRequest => Kind::RecoveryRequest,
            Deed::Report => Kind::Report,
            Deed::Dispute => Kind::Dispute,
            Deed::Action => Kind::Action,
            Deed::Rightful => Kind::Rightful,
            Deed::Unknown => Kind::Unknown(words.names.text(self.kind_name).to_owned()),
        };
        let [urls, mentions, hashtags] = unpack_lists(words.lists.get(self.lists));
        Event {
            id: words.ids.text(self.id).into(),
            time: self.time,
            account: words.accounts.text(self.account).into(),
            kind,
            outcome: self.outcome,
            session: words.sessions.get(self.session).map(Into::into),
            device: text(self.device, &words.devices),
            ip: text(self.ip, &words.ips),
            asn: (self.asn != 0).then_some(self.asn),
            country: text(self.country, &words.names),
            user_agent: text(self.agent, &words.agents),
            app: words.apps.get(self.app).map(Into::into),
            object: words.objects.get(self.object).map(Into::into),
            text: text(self.text, &words.texts),
            lang: text(self.lang, &words.names),
            urls,
            mentions,
            hashtags,
            initiator: self.initiator,
            previous: text(self.previous, &words.objects),
            change: text(self.change, &words.names),
        }
    }
}

/// Separates the three lists, and the items of one: control characters no URL, mention or hashtag holds.
const LIST: char = '\u{1d}';
const ITEM: char = '\u{1e}';

/// The three lists of an event as one string, so that they are a single symbol; `None` where all are absent.
#[must_use]
pub fn pack_lists<S: AsRef<str>>(lists: [Option<&[S]>; 3]) -> Option<String> {
    if lists.iter().all(Option::is_none) {
        return None;
    }
    let mut packed = String::new();
    for list in lists {
        if let Some(items) = list {
            packed.push(ITEM);
            for item in items {
                packed.extend(item.as_ref().chars().filter(|c| *c != LIST && *c != ITEM));
                packed.push(ITEM);
            }
        }
        packed.push(LIST);
    }
    Some(packed)
}

fn unpack_lists(packed: Option<&str>) -> [Option<Vec<String>>; 3] {
    let mut parts = packed.unwrap_or_default().split(LIST);
    std::array::from_fn(|_| {
        let items = parts.next()?.strip_prefix(ITEM)?;
        Some(items.split_terminator(ITEM).map(str::to_owned).collect())
    })
}

/// The links of an event as given, without making the lists.
pub(crate) fn listed_urls(packed: &str) -> Option<impl Iterator<Item = &str>> {
    let items = packed.split(LIST).next()?.strip_prefix(ITEM)?;
    Some(items.split_terminator(ITEM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_were() {
        let cases: [[Option<Vec<&str>>; 3]; 4] = [
            [Some(vec!["https://a.example/x", "b"]), None, Some(vec!["t"])],
            [Some(vec![]), Some(vec!["m"]), None],
            [None, None, Some(vec![])],
            [Some(vec![""]), None, None],
        ];
        for case in cases {
            let packed = pack_lists([case[0].as_deref(), case[1].as_deref(), case[2].as_deref()]);
            let back = unpack_lists(packed.as_deref());
            let expected = case.map(|l| l.map(|l| l.into_iter().map(str::to_owned).collect::<Vec<_>>()));
            assert_eq!(back, expected);
        }
        assert_eq!(pack_lists::<&str>([None, None, None]), None);
        assert_eq!(unpack_lists(None), [None, None, None]);
    }

    #[test]
    fn an_act_is_no_larger_than_it_must_be() {
        assert!(size_of::<Act>() <= 80);
    }
}
