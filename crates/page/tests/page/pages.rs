//! Promises that every page keeps, and what the pages say.

use crate::reading::visible;
use crate::sample::{self, pages};
use base64::Engine as _;
use model::plan::Purpose;
use sha2::Digest as _;
use std::collections::BTreeSet;

/// A tag with its attributes, lower case; enough for pages that we write ourselves.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let inside = &rest[at + 1..];
        let mut quoted = false;
        let end = inside.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let end = end.expect("a tag ends");
        out.push(tag(&inside[..end]));
        rest = &inside[end + 1..];
    }
    out
}

fn tag(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest == "/" {
            break;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_lowercase();
        rest = &rest[end..];
        let value = rest.strip_prefix("=\"").map_or("", |tail| {
            let close = tail.find('"').expect("a value is closed");
            rest = &tail[close + 1..];
            &tail[..close]
        });
        attributes.push((key, value.to_owned()));
    }
    Tag { name: name.to_lowercase(), attributes }
}

#[test]
fn what_the_pages_say_is_as_it_was_reviewed() {
    let reviewed = [
        "index",
        "plan",
        "plan_refused",
        "routine",
        "run",
        "run_halted",
        "case",
        "mail",
        "status",
        "status_index",
        "owner_ask_wait",
        "owner_code",
        "owner_account",
        "owner_account_disputed",
        "check_yes",
        "error",
    ];
    let pages = pages();
    for name in reviewed {
        let (_, html) = pages.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no page {name}"));
        insta::assert_snapshot!(format!("page_{name}"), html);
    }
}

#[test]
fn no_page_needs_more_than_the_policy_allows() {
    for (name, html) in pages() {
        for tag in tags(&html) {
            assert!(!matches!(tag.name.as_str(), "script" | "style" | "object" | "embed" | "base"), "{name}");
            for (key, value) in &tag.attributes {
                assert!(key != "style" && !key.starts_with("on"), "{name}: {key} on {}", tag.name);
                let is_address = matches!(key.as_str(), "href" | "src" | "action");
                assert!(
                    !is_address || value.starts_with(['/', '#']),
                    "{name}: {key}={value} leaves the site"
                );
            }
            if tag.name == "iframe" {
                assert_eq!(tag.get("sandbox"), Some(""), "{name}: a frame may do nothing");
            }
        }
    }
}

#[test]
fn the_policy_names_the_letters_own_style() {
    let letter = sample::recovery().render().unwrap().html;
    let style = letter.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(page::CSP.contains(&format!("'sha256-{hash}'")), "the style's hash is {hash}");
    assert!(!page::CSP.contains("unsafe"));
}

#[test]
fn headings_begin_with_one_and_skip_no_level() {
    for (name, html) in pages() {
        let levels: Vec<u8> = tags(&html)
            .iter()
            .filter_map(|t| t.name.strip_prefix('h').filter(|n| n.len() == 1).and_then(|n| n.parse().ok()))
            .collect();
        assert_eq!(levels.first(), Some(&1), "{name}");
        assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1, "{name}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
    }
}

#[test]
fn every_page_has_its_landmarks_language_and_a_title_of_its_own() {
    let mut titles = BTreeSet::new();
    for (name, html) in pages() {
        let tags = tags(&html);
        let first = tags.iter().find(|t| t.name == "html").unwrap();
        assert_eq!((first.get("lang"), first.get("dir")), (Some("en"), Some("ltr")), "{name}");
        assert_eq!(tags.iter().filter(|t| t.name == "main").count(), 1, "{name}");
        assert!(tags.iter().any(|t| t.name == "header"), "{name}");
        assert!(
            tags.iter().any(|t| t.get("href") == Some("#content")),
            "{name} can be skipped to its content"
        );
        assert!(tags.iter().filter(|t| t.name == "nav").all(|t| t.get("aria-label").is_some()), "{name}");
        let ids: Vec<&str> = tags.iter().filter_map(|t| t.get("id")).collect();
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "{name}: an id is used twice: {ids:?}"
        );
        for tag in &tags {
            for pointer in ["aria-labelledby", "aria-describedby", "for"] {
                for id in tag.get(pointer).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(&id), "{name}: {pointer} points to {id}, which is not there");
                }
            }
        }
        let title = html.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned();
        assert!(title.trim() == title && !title.contains('\n') && !title.is_empty(), "{name}: {title:?}");
        titles.insert(title);
    }
    assert!(titles.len() > 20, "{titles:?}");
}

#[test]
fn every_field_has_a_label_and_every_form_a_token() {
    for (name, html) in pages() {
        let tags = tags(&html);
        let labelled: BTreeSet<&str> =
            tags.iter().filter(|t| t.name == "label").filter_map(|t| t.get("for")).collect();
        for input in tags.iter().filter(|t| t.name == "input" && t.get("type") != Some("hidden")) {
            let id = input.get("id").unwrap_or_default();
            assert!(labelled.contains(id) || input.get("aria-label").is_some(), "{name}: {id} has no label");
            assert!(
                input.get("autocomplete").is_some() || matches!(input.get("type"), Some("radio" | "date"))
            );
        }
        let forms: Vec<&Tag> = tags.iter().filter(|t| t.name == "form").collect();
        assert!(forms.iter().all(|f| f.get("method") == Some("post")), "{name}");
        let tokens = tags.iter().filter(|t| t.get("name") == Some(page::owner::field::CSRF)).count();
        assert_eq!(tokens, forms.len(), "{name}: each form has its token");
        let buttons = tags.iter().filter(|t| t.name == "button").count();
        assert_eq!(buttons, forms.len(), "{name}: each form has one button");
    }
}

#[test]
fn the_console_has_nothing_to_press() {
    for (name, html) in pages() {
        if html.contains("<body class=\"console\">") {
            assert!(
                tags(&html).iter().all(|t| !matches!(t.name.as_str(), "form" | "button" | "input")),
                "{name}"
            );
        }
    }
}

#[test]
fn every_table_has_a_caption_and_scoped_headings() {
    for (name, html) in pages() {
        let tags = tags(&html);
        let count = |tag: &str| tags.iter().filter(|t| t.name == tag).count();
        assert_eq!(count("table"), count("caption"), "{name}");
        assert!(tags.iter().filter(|t| t.name == "th").all(|t| t.get("scope").is_some()), "{name}");
    }
}

#[test]
fn every_picture_is_named_or_hidden_from_readers() {
    for (name, html) in pages() {
        for svg in tags(&html).iter().filter(|t| t.name == "svg") {
            let named =
                svg.get("role") == Some("img") && svg.get("aria-label").is_some_and(|l| !l.is_empty());
            assert!(named || svg.get("aria-hidden") == Some("true"), "{name}");
        }
    }
}

#[test]
fn every_class_is_in_the_style_sheet() {
    let css = page::asset::ALL[0].body;
    let without_style = [
        "state-draft",
        "state-checked",
        "state-sealed",
        "state-reviewed",
        "state-approved",
        "state-skipped",
        "state-owed",
        "state-void",
        "line",
        "post",
        "plan",
        "head",
    ];
    let mut seen = BTreeSet::new();
    for (_, html) in pages() {
        for tag in tags(&html) {
            seen.extend(tag.get("class").unwrap_or_default().split_whitespace().map(str::to_owned));
        }
    }
    for class in seen {
        assert!(css.contains(&format!(".{class}")) || without_style.contains(&class.as_str()), ".{class}");
    }
}

#[test]
fn what_others_wrote_stays_text() {
    let bad = "<script>alert(1)</script>\"'><img src=x onerror=y>";
    let mut owner = sample::owner::account();
    owner.account_name = bad.into();
    owner.hidden_posts[0].text = Some(bad.into());
    owner.hidden_posts[0].object = bad.into();
    owner.done.apps_revoked = vec![bad.into()];
    owner.csrf = bad.into();
    let mut plan = sample::console::plan();
    plan.cohort[0].account = bad.into();
    plan.cohort[0].reason = bad.into();
    plan.cohort[0].evidence[0].summary = bad.into();
    plan.header.author = bad.into();
    plan.left_out[0].some[0].account = bad.into();
    let mut index = sample::console::index();
    index.console.service_name = bad.into();
    index.owners[0].account = bad.into();
    let mut run = sample::runs::run();
    run.halts[0].reason = bad.into();
    run.waves[0].gates[1].row.findings[0].reason = bad.into();
    for html in [owner.render(), plan.render(), index.render(), run.render()].map(Result::unwrap) {
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(visible(&html).contains(bad), "it is shown as it is");
        assert!(tags(&html).iter().all(|t| t.get("onerror").is_none()));
    }
}

#[test]
fn an_account_is_found_again_behind_its_link() {
    let mut plan = sample::console::plan();
    plan.cohort[0].account = "did:plc:a/b?c#d".into();
    assert!(plan.render().unwrap().contains("href=\"/console/cases/did%3Aplc%3Aa%2Fb%3Fc%23d\""));
}

#[test]
fn a_page_says_what_its_figures_say() {
    let pages = pages();
    let said = |name: &str| visible(&pages.iter().find(|(n, _)| *n == name).unwrap().1);
    assert!(said("plan").contains("At most 1.99 % of the plan can be wrong"));
    assert!(said("plan").contains("2 of 2 needed"), "a consent that no longer holds is not counted");
    assert!(said("plan_refused").contains("This plan is refused"));
    assert!(said("run_halted").contains("80 accounts not begun; they stay as they are"));
    assert!(said("run").contains("For 2 the service must be asked what happened"));
    assert!(said("status").contains("fewer than 10") && said("status").contains("12,408"));
    assert!(said("status_first").contains("Not known yet"));
    assert!(said("owner_account").contains("At least 15 characters"));
    assert!(!said("owner_account").contains("203.0.113.77"), "an owner is not shown network addresses");
    assert!(said("case").contains("203.0.113.77"), "operators are");
}

/// WCAG 2.1, relative luminance and contrast ratio.
#[test]
fn words_stand_out_from_their_ground_in_light_and_dark() {
    let css = page::asset::ALL[0].body;
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let pairs = [
        ("ink", "paper"),
        ("ink", "sheet"),
        ("ink", "sunk"),
        ("soft", "paper"),
        ("soft", "sheet"),
        ("link", "paper"),
        ("link", "sheet"),
        ("accent", "paper"),
        ("accent-ink", "accent"),
        ("good", "good-wash"),
        ("good", "sheet"),
        ("bad", "bad-wash"),
        ("bad", "paper"),
        ("soft", "bad-wash"),
        ("warn", "warn-wash"),
        ("warn", "paper"),
        ("warn", "sheet"),
        ("mid", "mid-wash"),
        ("mid", "sheet"),
        ("us", "us-wash"),
        ("us", "paper"),
        ("soft", "us-wash"),
        ("soft", "warn-wash"),
        ("soft", "good-wash"),
        ("ink", "bad-wash"),
        ("ink", "us-wash"),
    ];
    for (scheme, part) in [("light", light), ("dark", dark)] {
        for (fore, back) in pairs {
            let ratio = contrast(colour(part, fore), colour(part, back));
            assert!(ratio >= 4.5, "{scheme}: {fore} on {back} is {ratio:.2}");
        }
    }
}

fn colour(css: &str, name: &str) -> [f64; 3] {
    let mark = format!("--{name}: #");
    let at = css.find(&mark).unwrap_or_else(|| panic!("no colour {name}")) + mark.len();
    [0, 2, 4].map(|i| f64::from(u8::from_str_radix(&css[at + i..at + i + 2], 16).unwrap()) / 255.0)
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |c: [f64; 3]| {
        let [r, g, b] = c.map(|x| if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (x, y) = (luminance(a), luminance(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

#[test]
fn an_addendum_says_so_and_of_which_plan() {
    let purpose = Purpose::Addendum { run: "r-1".into(), to: model::id::Digest::of(b"plan two") };
    let of_plan = model::id::Digest::of(b"plan two").short();
    let mut plan = sample::console::plan();
    let mut run = sample::runs::run();
    for page in [plan.render(), run.render()] {
        assert!(!visible(&page.unwrap()).contains("An addendum to"), "a containment is none");
    }
    plan.header.purpose = purpose.clone();
    run.purpose = purpose;
    for page in [plan.render(), run.render()] {
        let said = visible(&page.unwrap());
        assert!(said.contains("An addendum to") && said.contains(&of_plan) && said.contains("r-1"), "{said}");
    }
    assert!(!visible(&plan.render().unwrap()).contains("What is really tried"), "it revokes nothing");
}
