//! Words to write from: one list of phrases a language. Texts are composed, never quoted.
//!
//! Each phrase stands in a slot of a simple sentence (opener, verb, thing, place, time, remark), so that a few dozen
//! words give millions of different posts. Nothing here knows who writes: owners and intruders share the lists of
//! lures, since shops and clubs advertise too.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod ja;
mod pt;

/// The phrases of one language.
pub(crate) struct Lexicon {
    /// BCP 47 code.
    pub(crate) code: &'static str,
    /// What stands between two phrases.
    pub(crate) gap: &'static str,
    pub(crate) openers: &'static [&'static str],
    pub(crate) verbs: &'static [&'static str],
    /// Things to speak of, by topic.
    pub(crate) things: [&'static [&'static str]; 6],
    pub(crate) places: &'static [&'static str],
    pub(crate) times: &'static [&'static str],
    pub(crate) remarks: &'static [&'static str],
    /// Short things that everybody writes word for word.
    pub(crate) stock: &'static [&'static str],
    pub(crate) tags: [&'static str; 6],
    /// Advertising: how it opens, what it claims, what it asks for. The link follows the call.
    pub(crate) hooks: &'static [&'static str],
    pub(crate) claims: &'static [&'static str],
    pub(crate) calls: &'static [&'static str],
    /// Causes that people sign for.
    pub(crate) causes: &'static [&'static str],
    /// How a petition asks.
    pub(crate) pleas: &'static [&'static str],
    /// What an application writes in its user's name; `#` is a figure.
    pub(crate) boasts: &'static [&'static str],
}

const ALL: [&Lexicon; 7] =
    [&en::WORDS, &de::WORDS, &es::WORDS, &pt::WORDS, &ja::WORDS, &fr::WORDS, &ar::WORDS];

/// The phrases of a language, English where there is none.
pub(crate) fn lexicon(code: &str) -> &'static Lexicon {
    ALL.into_iter().find(|l| l.code == code).unwrap_or(&en::WORDS)
}
