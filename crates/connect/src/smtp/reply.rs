//! What the server's answer means for a notice; never with the address in it.

use lettre::transport::smtp::Error;
use model::secret::Secret;
use respond::port::Delivery;
use std::error::Error as _;

/// Which word of ours was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, TLS, greeting, sign-in.
    Connection,
    /// MAIL FROM.
    Sender,
    /// RCPT TO, and DATA's first answer.
    Recipient,
    /// The message after its last line.
    Message,
}

const TEXT_MAX: usize = 200;

/// Whether the connection can't be used any more: it broke, or the server said 421.
pub(super) fn is_over(error: &Error) -> bool {
    error.status().is_none_or(|code| code.to_string() == "421")
}

/// Refused for good, or to be tried later.
pub(super) fn meaning(stage: Stage, error: &Error, to: &Secret) -> Delivery {
    let Some(code) = error.status() else {
        let reason = match stage {
            Stage::Connection if error.is_tls() => "no private connection to the mail server (TLS failed)",
            Stage::Connection => "no connection to the mail server",
            Stage::Sender | Stage::Recipient => "the mail server ended the connection",
            Stage::Message => "the mail server's answer was lost; the same Message-ID goes again",
        };
        return Delivery::Later { reason: reason.into() };
    };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let said = format!("{code} {}", without_address(&text, to)).trim().to_owned();
    // 530: the server wants a sign-in or TLS, 535: it refuses ours, 503: it lost the order; none is about the owner
    let ours = matches!(code.to_string().as_str(), "530" | "535" | "503");
    match stage {
        Stage::Recipient | Stage::Message if error.is_permanent() && !ours => {
            Delivery::Refused { reply: said }
        }
        Stage::Connection | Stage::Sender => Delivery::Later {
            reason: format!("the mail server refuses us, see its configuration and ours: {said}"),
        },
        Stage::Recipient | Stage::Message => Delivery::Later { reason: said },
    }
}

/// The server's text with every word taken out that is, or could hold, an address or its name.
fn without_address(text: &str, to: &Secret) -> String {
    let address = to.reveal().to_lowercase();
    let name = address.split('@').next().unwrap_or_default();
    let is_name = |word: &str| word.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()) == name;
    let holds = |word: &str| {
        let word = word.to_lowercase();
        word.contains('@') || word.contains('=') || (name.len() > 2 && word.contains(name))
    };
    let words: Vec<&str> =
        text.split_whitespace().map(|w| if holds(w) || is_name(w) { "‹address›" } else { w }).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_the_address_is_passed_on() {
        let to = Secret::new("Ann.Bee@mail.test");
        for text in [
            "5.1.1 <ann.bee@mail.test>: Recipient address rejected",
            "5.1.1 user Ann.Bee unknown",
            "5.1.1 mailbox (ann.bee) is full",
            "bounce+ann.bee=mail.test is unknown",
            "/var/mail/ann.bee: no such box",
        ] {
            let shown = without_address(text, &to).to_lowercase();
            assert!(!shown.contains("ann.bee") && !shown.contains('@'), "{text}: {shown}");
        }
        assert_eq!(without_address("5.7.1 Spam score too high", &to), "5.7.1 Spam score too high");
        assert_eq!(without_address("no user a here", &Secret::new("a@b.test")), "no user ‹address› here");
    }
}
