//! The few forms a letter's paragraphs have, read from its template.
//!
//! A blank line ends a block; facts after facts, and items after items, are joined. `Subject: …` is the subject, `## …` a heading, `= …` a code on a line of its own,
//! lines of `- Key: value` are facts, of `* …` a list, of `1. …` steps; all else is a paragraph. Values are one line
//! each before they are put in (`quoted`), so none can begin a block.

/// One paragraph of a letter, of some form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Heading(String),
    Paragraph(String),
    Code(String),
    Facts(Vec<(String, String)>),
    List(Vec<String>),
    Steps(Vec<String>),
}

/// The subject and the blocks of a letter's source.
pub(crate) fn read(source: &str) -> (String, Vec<Block>) {
    let mut subject = String::new();
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in source.lines().map(str::trim).chain([""]) {
        if let Some(words) = line.strip_prefix("Subject: ") {
            words.clone_into(&mut subject);
        } else if !line.is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            add(&mut blocks, block(&lines));
            lines.clear();
        }
    }
    (subject, blocks)
}

/// Facts after facts, and items after items, are one block: a condition in a template leaves an empty line.
fn add(blocks: &mut Vec<Block>, next: Block) {
    match (blocks.last_mut(), next) {
        (Some(Block::Facts(all)), Block::Facts(more)) => all.extend(more),
        (Some(Block::List(all)), Block::List(more)) | (Some(Block::Steps(all)), Block::Steps(more)) => {
            all.extend(more);
        }
        (_, next) => blocks.push(next),
    }
}

fn block(lines: &[&str]) -> Block {
    let all = |mark: &str| lines.iter().map(|l| l.strip_prefix(mark)).collect::<Option<Vec<&str>>>();
    if let [line] = lines {
        if let Some(words) = line.strip_prefix("## ") {
            return Block::Heading(words.to_owned());
        }
        if let Some(code) = line.strip_prefix("= ") {
            return Block::Code(code.to_owned());
        }
    }
    if let Some(facts) = all("- ") {
        let fact = |line: &str| {
            line.split_once(": ")
                .map_or_else(|| (String::new(), line.to_owned()), |(k, v)| (k.to_owned(), v.to_owned()))
        };
        return Block::Facts(facts.into_iter().map(fact).collect());
    }
    if let Some(items) = all("* ") {
        return Block::List(items.into_iter().map(str::to_owned).collect());
    }
    if let Some(steps) = all("1. ") {
        return Block::Steps(steps.into_iter().map(str::to_owned).collect());
    }
    Block::Paragraph(lines.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let source = "Subject: Hello\n\n## Head\n\nA\nB\n\n- K: v: w\n\n* x\n\n* y\n\n1. a\n1. b\n\n= CODE\n";
        let (subject, blocks) = read(source);
        assert_eq!(subject, "Hello");
        assert_eq!(
            blocks,
            [
                Block::Heading("Head".into()),
                Block::Paragraph("A B".into()),
                Block::Facts(vec![("K".into(), "v: w".into())]),
                Block::List(vec!["x".into(), "y".into()]),
                Block::Steps(vec!["a".into(), "b".into()]),
                Block::Code("CODE".into()),
            ]
        );
    }
}
