//! Detection: who else is on an account. Pure: events in, verdicts out; whoever calls it decides on threads and files.
//!
//! The way: [`census`] looks at each account for what came to the whole population at once ([`Shifts`]); [`fold`]
//! makes actors of each account's acts; [`Doubts`], [`carried`] and [`attempts`] say what ties accounts together, which
//! [`Artefacts::weigh`] and [`Failures::count`] judge over the population; [`judge`] gives each account its verdict;
//! [`campaigns`] ties verdicts to one attacker's work; [`timeline`] shows both hands. [`heard`] is what is found before
//! it is weighed. [`Intelligence`] holds what others say against what the hunt saw; it never decides.

mod act;
mod actor;
mod apps;
mod artefact;
mod burden;
mod calibration;
mod campaign;
mod carriage;
mod company;
mod entry;
mod evasion;
mod fold;
mod handle;
mod heard;
mod intelligence;
mod login;
mod lore;
mod outside;
mod place;
mod profile;
mod shift;
mod signals;
mod standing;
mod text;
mod timeline;
mod verdict;
mod words;

pub use act::{Act, Deed, pack_lists};
pub use actor::{Actor, Origin};
pub use apps::{Apps, Use, uses};
pub use burden::Burden;
pub use calibration::Calibration;
pub use campaign::campaigns;
pub use carriage::{Carriage, Doubts, Hands, Patterns, Tried, carried};
pub use entry::{Attempt, Failures, attempts};
pub use fold::{Folded, NOBODY, fold};
pub use heard::{Heard, heard};
pub use intelligence::{Intelligence, Met};
pub use login::{Owner, SignIn};
pub use lore::Lore;
pub use outside::{Outside, Prefix, Source};
pub use shift::{Census, Shifts, census};
pub use signals::{Case, PRIOR, Signal};
pub use standing::Artefacts;
pub use timeline::timeline;
pub use verdict::{COMPROMISED_MIN, Judgement, SUSPECTED_MIN, judge, six_digits};
pub use words::{Dictionary, Lexicon, Sym, Words, hash64};

#[cfg(test)]
mod tests;
