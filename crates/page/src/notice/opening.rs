//! A letter's first words, as an owner types them off to ask whether it is ours.

/// The fewest words that say something.
const WORDS_MIN: usize = 3;

/// Whether a letter's plain part begins with these words, with or without its greeting.
///
/// Case, spaces and punctuation do not matter; fewer than three words never match.
#[must_use]
pub fn opens_with(text: &str, typed: &str) -> bool {
    let typed = words(typed);
    let body = text.split_once("\n\n").map_or(text, |(_, body)| body);
    typed.len() >= WORDS_MIN && (words(text).starts_with(&typed) || words(body).starts_with(&typed))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::opens_with;

    #[test]
    fn first_words_are_known_however_they_are_typed() {
        let text =
            "Hello ines,\n\nSomeone other than you signed in\nto your account. We have shut that door.\n";
        for typed in [
            "Someone other than you",
            "someone OTHER, than",
            "Hello Ines, someone other",
            " someone other than you signed in to",
        ] {
            assert!(opens_with(text, typed), "{typed}");
        }
        for typed in ["", "Someone", "Someone other", "We have shut that door", "Someone else than you"] {
            assert!(!opens_with(text, typed), "{typed}");
        }
    }
}
