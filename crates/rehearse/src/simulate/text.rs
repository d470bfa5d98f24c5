//! Texts from phrases: what people write, what applications write for them, what lures say.

use super::dice::Dice;
use super::lexicon::{Lexicon, lexicon};
use super::names;
use super::person::Person;
use super::settings::Style;
use super::world::World;

/// A text with what can be read from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) lang: &'static str,
    pub(crate) urls: Vec<String>,
    pub(crate) mentions: Vec<String>,
    pub(crate) hashtags: Vec<String>,
}

const EMOJI: [&str; 16] =
    ["🙂", "😂", "🎉", "🙏", "🔥", "☕", "🌧️", "🚲", "🍅", "🎸", "😅", "👏", "❤️", "🤔", "✨", "👀"];

impl Text {
    fn word(&mut self, gap: &str, word: &str) {
        if !self.text.is_empty() {
            self.text.push_str(gap);
        }
        self.text.push_str(word);
    }

    /// Appends a link.
    pub(crate) fn link(&mut self, url: String) {
        self.word(" ", &url);
        self.urls.push(url);
    }

    /// Names an account, in front.
    pub(crate) fn address(&mut self, account: String) {
        self.text = format!("@{account} {}", self.text);
        self.mentions.push(account);
    }

    fn tag(&mut self, tag: &str) {
        self.word(" ", &format!("#{tag}"));
        self.hashtags.push(tag.to_owned());
    }
}

/// What a person writes: a sentence or two on their topics, in their own habits.
pub(crate) fn ordinary(world: &World, person: &Person, dice: &mut Dice, private: bool, time: i64) -> Text {
    let words = person.words;
    if dice.chance(if private { 0.12 } else { 0.04 }) {
        return Text { text: dice.one(words.stock).to_owned(), lang: words.code, ..Text::default() };
    }
    if person.promotes && !private && dice.chance(0.35) {
        return advert(world, person, dice);
    }
    let topic = if dice.chance(0.85) { person.topics[dice.below(2)] } else { dice.below(6) };
    let mut text = Text { lang: words.code, ..Text::default() };
    let sentences = 1 + usize::from(dice.chance(0.35)) + usize::from(dice.chance(0.1));
    for _ in 0..sentences {
        sentence(&mut text, words, topic, dice);
    }
    if !private {
        if dice.chance(person.links) {
            let viral = if dice.chance(0.15) { world.viral(dice, time) } else { None };
            let host = if dice.chance(0.7) {
                &world.hosts[*dice.pick(&person.favourites)]
            } else {
                &world.hosts[dice.zipf(world.hosts.len())]
            };
            let own = format!("https://{host}{}", names::path(dice));
            text.link(viral.map_or(own, str::to_owned));
        }
        if dice.chance(person.hashes) {
            text.tag(words.tags[topic]);
        }
        if dice.chance(person.mentions) && !person.friends.is_empty() {
            text.address(world.account(*dice.pick(&person.friends)));
        }
    } else if dice.chance(person.links * 0.4) {
        let host = &world.hosts[dice.zipf(world.hosts.len())];
        text.link(format!("https://{host}{}", names::path(dice)));
    }
    if dice.chance(person.emoji) {
        text.word(" ", dice.one(&EMOJI));
    }
    if let Some(handle) = &person.handle
        && dice.chance(0.15)
    {
        text.word(" ", &names::spelt(handle, dice));
    }
    text
}

fn sentence(text: &mut Text, words: &Lexicon, topic: usize, dice: &mut Dice) {
    let gap = words.gap;
    if dice.chance(0.4) {
        text.word(gap, dice.one(words.openers));
    }
    let thing = dice.one(words.things[topic]);
    match dice.below(3) {
        0 if words.gap.is_empty() => {
            text.word(gap, dice.one(words.places));
            text.word(gap, thing);
            text.word(gap, dice.one(words.verbs));
        }
        0 => {
            text.word(gap, dice.one(words.verbs));
            text.word(gap, thing);
            text.word(gap, dice.one(words.places));
        }
        _ if words.gap.is_empty() => {
            text.word(gap, dice.one(words.times));
            text.word(gap, thing);
            text.word(gap, dice.one(words.verbs));
        }
        1 => {
            text.word(gap, dice.one(words.verbs));
            text.word(gap, thing);
            text.word(gap, dice.one(words.times));
        }
        _ => {
            text.word(gap, dice.one(words.verbs));
            text.word(gap, thing);
            text.word(gap, dice.one(words.places));
            text.word(gap, dice.one(words.times));
        }
    }
    if dice.chance(0.6) {
        if !gap.is_empty() {
            text.text.push(',');
        }
        text.word(if gap.is_empty() { "。" } else { gap }, dice.one(words.remarks));
    }
    text.text.push_str(if gap.is_empty() { "。" } else { "." });
}

/// A shop's or club's own advertisement, on its own site, from the phrases that lures use too.
fn advert(world: &World, person: &Person, dice: &mut Dice) -> Text {
    let words = person.words;
    let mut text = Text { lang: words.code, ..Text::default() };
    let fixed = person.favourites[0];
    text.word(words.gap, words.hooks[(fixed + dice.below(3)) % words.hooks.len()]);
    text.word(words.gap, words.claims[(fixed + dice.below(3)) % words.claims.len()]);
    text.word(words.gap, dice.one(words.calls));
    text.link(format!("https://{}{}", world.hosts[fixed], names::path(dice)));
    text
}

/// What an application writes for its user.
pub(crate) fn boast(words: &'static Lexicon, which: usize, host: &str, dice: &mut Dice) -> Text {
    let figure = dice.lognormal(40.0, 1.0).round() as i64 + 1;
    let line = words.boasts[which % words.boasts.len()].replace('#', &figure.to_string());
    let mut text = Text { text: line, lang: words.code, ..Text::default() };
    text.link(format!("https://{host}{}", names::path(dice)));
    text
}

/// What intruders write for a dot.
const DOTS: [&str; 6] = [" [dot] ", "(.)", "[.]", "\u{3002}", " (dot) ", " . "];

/// How much an intruder's texts differ from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variation {
    /// Word for word but for names and links.
    Stamped,
    /// One of two ways to say each part; digits and signs added.
    Spun,
    /// Written anew each time.
    Fresh,
}

/// What a wave of intruders says.
#[derive(Clone, Debug)]
pub(crate) struct Lure {
    /// The language it is written in; `None`: the victim's.
    pub(crate) language: Option<&'static str>,
    pub(crate) hook: usize,
    pub(crate) claim: usize,
    pub(crate) call: usize,
    pub(crate) variation: Variation,
    pub(crate) hosts: Vec<String>,
    /// Each link has a host of its own under the domain.
    pub(crate) subdomains: bool,
    pub(crate) names_friends: bool,
    pub(crate) emoji: usize,
    /// Some only ask to be answered.
    pub(crate) no_link: bool,
    /// Where to pay or to call, in place of a link.
    pub(crate) handle: Option<String>,
    /// How the dot of a link is hidden from filters.
    pub(crate) dot: Option<&'static str>,
}

impl Lure {
    /// A wave's lure.
    pub(crate) fn draw(world: &World, dice: &mut Dice, variation: Variation) -> Self {
        const LANGUAGES: [&str; 7] = ["en", "en", "es", "pt", "de", "fr", "ja"];
        let drawn = Self {
            language: dice.chance(0.45).then(|| dice.one(&LANGUAGES)),
            hook: dice.below(64),
            claim: dice.below(64),
            call: dice.below(64),
            variation,
            hosts: (0..dice.between(1, 5)).map(|_| names::host(dice)).collect(),
            subdomains: dice.chance(0.25),
            names_friends: dice.chance(0.5),
            emoji: dice.below(EMOJI.len() * 2),
            no_link: dice.chance(0.06),
            handle: None,
            dot: None,
        };
        let to_contact = match world.style {
            Style::Microblog => false,
            Style::Forum => dice.chance(0.4),
            Style::Marketplace => dice.chance(0.9),
        };
        let variation = if world.style == Style::Microblog { variation } else { Variation::Fresh };
        let dot = (world.hard && drawn.hook.is_multiple_of(4)).then(|| DOTS[drawn.claim % DOTS.len()]);
        let at_messenger = world.hard && drawn.hook % 4 == 1;
        let handle = if at_messenger {
            Some(format!("telegram {}{}", names::word(dice), dice.between(100, 9999)))
        } else {
            to_contact.then(|| names::handle(dice))
        };
        Self { variation, handle, dot, ..drawn }
    }

    /// One message of it, to one friend or to all.
    pub(crate) fn write(&self, world: &World, victim: &Person, friend: Option<u32>, dice: &mut Dice) -> Text {
        let words = self.language.map_or(victim.words, lexicon);
        let spin = match self.variation {
            Variation::Stamped => [0; 3],
            Variation::Spun => [dice.below(2), dice.below(2), dice.below(2)],
            Variation::Fresh => [dice.below(64), dice.below(64), dice.below(64)],
        };
        let mut text = Text { lang: words.code, ..Text::default() };
        if self.variation == Variation::Fresh && dice.chance(0.8) {
            sentence(&mut text, words, dice.below(6), dice);
        }
        text.word(words.gap, words.hooks[(self.hook + spin[0]) % words.hooks.len()]);
        if self.variation != Variation::Fresh || dice.chance(0.6) {
            text.word(words.gap, words.claims[(self.claim + spin[1]) % words.claims.len()]);
        }
        text.word(words.gap, words.calls[(self.call + spin[2]) % words.calls.len()]);
        if self.variation == Variation::Spun && dice.chance(0.4) {
            text.word(" ", &dice.between(10, 99_999).to_string());
        }
        if let Some(handle) = &self.handle {
            text.word(" ", &names::spelt(handle, dice));
        } else if !self.no_link {
            let host = dice.pick(&self.hosts);
            let front = if self.subdomains { format!("{}.", names::word(dice)) } else { String::new() };
            let path = names::path(dice);
            match self.dot {
                Some(dot) => text.word(" ", &format!("{}{path}", format!("{front}{host}").replace('.', dot))),
                None => text.link(format!("https://{front}{host}{path}")),
            }
        }
        if self.emoji < EMOJI.len() && (self.variation == Variation::Stamped || dice.chance(0.6)) {
            text.word(" ", EMOJI[self.emoji]);
        }
        if let Some(friend) = friend.filter(|_| self.names_friends) {
            text.address(world.account(friend));
        }
        text
    }
}

/// A petition, the same for all who share it.
pub(crate) fn petition(words: &'static Lexicon, which: usize, url: &str) -> Text {
    let mut text = Text { lang: words.code, ..Text::default() };
    text.word(words.gap, words.causes[which % words.causes.len()]);
    text.word(if words.gap.is_empty() { "！" } else { "! " }, words.pleas[which % words.pleas.len()]);
    text.link(url.to_owned());
    text
}
