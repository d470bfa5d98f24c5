//! Small pictures, drawn as SVG by the templates: here is only their geometry.
//!
//! Widths are percent of the picture, so a bar fits any screen without a style attribute.

/// One part of a stacked bar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// Its class in the style sheet: what colour it has.
    pub class: &'static str,
    /// What it is, in a word.
    pub name: &'static str,
    /// How many.
    pub count: u64,
    /// Where it begins, percent.
    pub x: f64,
    /// How wide it is, percent.
    pub width: f64,
}

/// Parts one after the other, in proportion to their counts; what counts nothing is left out.
pub(crate) fn stacked(parts: &[(&'static str, &'static str, u64)]) -> Vec<Part> {
    let all = parts.iter().map(|(_, _, count)| count).sum::<u64>();
    let mut x = 0.0;
    let mut out = Vec::new();
    for &(class, name, count) in parts.iter().filter(|(_, _, count)| *count > 0) {
        let width = percent(count, all);
        out.push(Part { class, name, count, x, width });
        x = rounded(x + width);
    }
    out
}

/// A count as percent of the whole, for a width; nothing of nothing is nothing.
pub(crate) fn percent(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { rounded(count as f64 / of as f64 * 100.0) }
}

fn rounded(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_and_nothing_is_left_out_of_it() {
        let parts = stacked(&[("a", "A", 1), ("b", "B", 0), ("c", "C", 3)]);
        let spans: Vec<(&str, f64, f64)> = parts.iter().map(|p| (p.name, p.x, p.width)).collect();
        assert_eq!(spans, [("A", 0.0, 25.0), ("C", 25.0, 75.0)]);
        assert!(stacked(&[("a", "A", 0)]).is_empty());
    }
}
