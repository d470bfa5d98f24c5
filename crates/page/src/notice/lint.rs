//! What a program can say against a mail before anybody reads it: what phishing looks like, and what would make ours
//! be taken for it. Nothing said is no proof that it is good.

/// Words of haste, threat and asking that phishing is made of; in lower case.
const HASTE: [&str; 14] = [
    "urgent",
    "immediately",
    "within 24 hours",
    "suspended",
    "verify your account",
    "verify your identity",
    "confirm your identity",
    "click",
    "dear customer",
    "dear user",
    "act now",
    "final warning",
    "will be deleted",
    "log in here",
];

/// What a link, or something that is fetched or sent, looks like; in lower case.
const LINKS: [&str; 9] = ["http:", "https:", "www.", "href=", "src=", "<form", "<script", "<iframe", "url("];

/// What can be said against a mail's subject, text and HTML; a sentence each.
#[must_use]
pub fn lint(subject: &str, text: &str, html: &str) -> Vec<String> {
    let all = format!("{subject}\n{text}\n{html}").to_lowercase();
    let words = format!("{subject}\n{text}").to_lowercase();
    let mut said: Vec<String> = Vec::new();
    said.extend(
        LINKS
            .iter()
            .filter(|l| all.contains(**l))
            .map(|l| format!("it holds a link or a part to be fetched: {l}")),
    );
    said.extend(
        HASTE
            .iter()
            .filter(|w| words.contains(**w))
            .map(|w| format!("it sounds like phishing: \u{201c}{w}\u{201d}")),
    );
    if words.contains('!') {
        said.push("it shouts".to_owned());
    }
    if subject.chars().any(char::is_control) || subject.trim().is_empty() {
        said.push("its subject is empty or holds control characters".to_owned());
    }
    if text.trim().is_empty() {
        said.push("it has no plain text".to_owned());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::lint;

    #[test]
    fn a_crude_phish_is_called_one_and_a_plain_note_is_not() {
        let phish = lint(
            "URGENT: your account will be suspended!",
            "Dear customer, verify your account within 24 hours: http://192.0.2.7/login",
            "<form action=x><a href=\"http://192.0.2.7\">click</a></form>",
        );
        assert!(phish.len() >= 6, "{phish:?}");
        let note = lint(
            "Someone else signed in to your account",
            "We ended that. Open your browser and type meadow.example.",
            "<p>We ended that. Open your browser and type meadow.example.</p>",
        );
        assert!(note.is_empty(), "{note:?}");
    }
}
