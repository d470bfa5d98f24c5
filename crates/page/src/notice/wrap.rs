//! The plain part of a letter: lines short enough for any mail program (RFC 5322 asks for 78).

use super::block::Block;

/// The most characters of a line; a single longer word is left whole.
const WIDTH: usize = 78;

/// The blocks as plain text, a blank line between each two.
pub(crate) fn text(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(block).collect();
    let mut out = parts.join("\n\n");
    out.push('\n');
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("{words}\n{}", "-".repeat(words.chars().count().min(WIDTH))),
        Block::Paragraph(words) => fill("", words),
        Block::Code(code) => format!("    {code}"),
        Block::Facts(facts) => lines(facts.iter().map(|(key, value)| fill("  ", &format!("{key}: {value}")))),
        Block::List(items) => lines(items.iter().map(|item| fill("* ", item))),
        Block::Steps(steps) => lines(steps.iter().zip(1..).map(|(step, at)| fill(&format!("{at}. "), step))),
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

/// Words in lines; the first begins with `lead`, the others are set in as far.
fn fill(lead: &str, words: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let mut out = lead.to_owned();
    let mut column = lead.chars().count();
    let mut is_first = true;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if !is_first && column + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(&indent);
            column = indent.len();
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        is_first = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn lines_are_short_and_set_in_and_a_long_word_stays_whole() {
        let filled = fill("* ", &"word ".repeat(40));
        assert!(filled.lines().all(|l| l.chars().count() <= 78));
        assert!(filled.lines().skip(1).all(|l| l.starts_with("  word")));
        assert_eq!(fill("", &"x".repeat(90)), "x".repeat(90));
    }
}
