//! What people type, read kindly: codes with spaces and look-alikes, first words of a letter.

/// A code as we write it: three groups of four, capitals, no look-alikes. `None` where it can't be one.
pub(super) fn code(typed: &str) -> Option<String> {
    let signs: Vec<char> = typed
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        })
        .collect();
    let is_code = signs.len() == 12 && signs.iter().all(char::is_ascii_alphanumeric);
    is_code.then(|| signs.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

/// A name as it may be looked up: not empty, of a sane length, and without signs that no name has.
pub(super) fn name(typed: &str) -> Option<&str> {
    let name = typed.trim();
    (!name.is_empty() && name.len() <= 512 && !name.chars().any(char::is_control)).then_some(name)
}

/// Fewer words than these say nothing of a letter.
const WORDS_MIN: usize = 3;

/// Whether these are a letter's first words, with its greeting or after it. Only letters and digits count.
pub(super) fn begins(letter: &str, typed: &str) -> bool {
    let typed = words(typed);
    let after_greeting = letter.split_once("\n\n").map_or("", |(_, rest)| rest);
    typed.len() >= WORDS_MIN
        && (words(letter).starts_with(&typed) || words(after_greeting).starts_with(&typed))
}

fn words(text: &str) -> Vec<String> {
    let text = text.replace(['\'', '\u{2019}'], "");
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_typed() {
        for typed in ["0A1B-2C3D-4E5F", " oa1b 2c3d 4e5f ", "OAlB2C3D4E5F", "0a1b–2c3d–4e5f"] {
            assert_eq!(code(typed).as_deref(), Some("0A1B-2C3D-4E5F"), "{typed}");
        }
        for typed in ["", "0A1B-2C3D-4E5", "0A1B-2C3D-4E5F6", "ÄA1B-2C3D-4E5F"] {
            assert_eq!(code(typed), None, "{typed}");
        }
    }

    #[test]
    fn first_words_are_compared_as_words() {
        let letter = "Hello ana,\r\n\r\nSomeone other than you signed in\nto your account.".replace('\r', "");
        for typed in
            ["someone other than", "SOMEONE, other  than you signed in to", "Hello Ana, someone other"]
        {
            assert!(begins(&letter, typed), "{typed}");
        }
        for typed in ["", "someone", "someone other", "than you signed in", "someone else signed in"] {
            assert!(!begins(&letter, typed), "{typed}");
        }
    }

    #[test]
    fn names_that_no_ledger_takes_are_not_looked_up() {
        assert_eq!(name("  ana "), Some("ana"));
        assert_eq!(name(&"a".repeat(513)), None);
        assert_eq!((name(" "), name("a\0b"), name("a\nb")), (None, None, None));
    }
}
