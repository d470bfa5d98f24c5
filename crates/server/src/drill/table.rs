//! The rows as people read them: a line each while it goes on, a summary, a Markdown table.

use super::mistake::Drill;
use super::row::Row;
use std::collections::BTreeMap;

/// One row in one line.
pub(crate) fn line(row: &Row) -> String {
    let name = if row.twin { format!("{} (twin)", row.drill) } else { row.drill.to_owned() };
    let verdict =
        if row.breach { format!("BREACH: {}", row.breaches.join("; ")) } else { row.outcome.clone() };
    format!(
        "seed {:>3}  {name:<28} victims {:>3}/{:<3} outside {} innocents {}/{} {verdict}",
        row.seed,
        row.victims_contained,
        row.victims,
        row.contained_outside_plan,
        row.contained_innocent,
        row.innocent_bound,
    )
}

/// Rows of one drill, over its seeds, in one.
struct Sum<'a> {
    rows: Vec<&'a Row>,
}

impl Sum<'_> {
    fn total(&self, of: fn(&Row) -> u64) -> u64 {
        self.rows.iter().map(|r| of(r)).sum()
    }

    fn most(&self, of: fn(&Row) -> u64) -> u64 {
        self.rows.iter().map(|r| of(r)).max().unwrap_or(0)
    }
}

fn sums(rows: &[Row]) -> Vec<((&'static str, bool), Sum<'_>)> {
    let mut order = Vec::new();
    let mut by: BTreeMap<(&str, bool), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let key = (row.drill, row.twin);
        if !by.contains_key(&key) {
            order.push(key);
        }
        by.entry(key).or_default().push(row);
    }
    order.into_iter().map(|key| (key, Sum { rows: by.remove(&key).unwrap_or_default() })).collect()
}

/// What all rows say together.
pub(crate) fn summary(rows: &[Row]) -> String {
    let all = Sum { rows: rows.iter().collect() };
    format!(
        "{} rehearsals, {} breaches: {} accounts touched, {} told, {} objects hidden outside a sealed plan; \
         {} old credentials given back to a victim",
        rows.len(),
        rows.iter().filter(|r| r.breach).count(),
        all.total(|r| r.contained_outside_plan),
        all.total(|r| r.told_outside_plan),
        all.total(|r| r.hidden_outside_plan),
        all.total(|r| r.victims_restored),
    )
}

/// The page `docs/drill.md`.
pub(crate) fn markdown(rows: &[Row], drills: &[&Drill]) -> String {
    let seeds: std::collections::BTreeSet<u64> = rows.iter().map(|r| r.seed).collect();
    let (first, last) = (seeds.first().unwrap_or(&0), seeds.last().unwrap_or(&0));
    let mut text = format!(
        "# The drill\n\nMistakes that real services made, rehearsed on a seeded service; each with its twin without the \
         mistake, which must contain at least nine in ten victims. Counted from the service's own tables, its mail \
         server and the truth. Seeds {first} to {last}; made by `rightful drill --seed {first} --seeds {} --table \
         docs/drill.md`.\n\n{}.\n\n\
         | drill | what happens | how it ended | victims contained | outside the plan: touched, told, hidden | innocents \
         contained (most, bound) | owners' objects hidden, follows taken back | not brought back | old credentials to victims | hours to \
         halt (most) |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        seeds.len(),
        summary(rows)
    );
    for ((name, twin), sum) in sums(rows) {
        let what = drills.iter().find(|d| d.name == name).map_or("", |d| d.what);
        let mut outcomes: Vec<&str> = sum.rows.iter().map(|r| r.outcome.as_str()).collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        let halt = sum.rows.iter().filter_map(|r| r.ms_to_halt).max();
        let halt = halt.map_or("–".to_owned(), |ms| format!("{:.1}", ms as f64 / 3_600_000.0));
        text.push_str(&format!(
            "| {} | {} | {} | {} of {} | {}, {}, {} | {}, {} | {}, {} | {} | {} | {halt} |\n",
            if twin { "– its twin" } else { name },
            if twin { "without the mistake" } else { what },
            outcomes.join("; "),
            sum.total(|r| r.victims_contained),
            sum.total(|r| r.victims),
            sum.total(|r| r.contained_outside_plan),
            sum.total(|r| r.told_outside_plan),
            sum.total(|r| r.hidden_outside_plan),
            sum.most(|r| r.contained_innocent),
            sum.most(|r| r.innocent_bound),
            sum.total(|r| r.owner_objects_hidden),
            sum.total(|r| r.owner_follows_taken_back),
            sum.total(|r| r.not_brought_back),
            sum.total(|r| r.victims_restored),
        ));
    }
    text + &broken(rows)
}

/// What broke, a line a rehearsal.
fn broken(rows: &[Row]) -> String {
    let lines: Vec<String> = rows
        .iter()
        .filter(|r| r.breach)
        .map(|r| {
            let twin = if r.twin { ", its twin" } else { "" };
            format!("- `{}`{twin}, seed {}: {}\n", r.drill, r.seed, r.breaches.join("; "))
        })
        .collect();
    if lines.is_empty() { String::new() } else { format!("\nWhat broke:\n\n{}", lines.concat()) }
}
