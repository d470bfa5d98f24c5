//! The operators' pages.

use super::public::statement;
use super::runs::{halted, run};
use super::{HOUR, MINUTE, T, notice, owner};
use model::account::{CredentialVersion, Reach};
use model::id::Digest;
use model::labels::Label;
use model::note::Sure;
use model::notice::NoticeState;
use model::operator::Decision;
use model::order::Per;
use model::plan::{
    Act, ActKind, Entry, Grants, Header, LeftOut, LeftOutCode, PlanState, Purpose, Template, Tier,
};
use model::probe::ProbeKind;
use model::run::{PersonNeeded, RunState, StepState};
use model::verdict::{Belief, Evidence, Family, Intruder, Route, Verdict, Window};
use page::console::{
    ApprovalRow, BatchRow, BoundRow, CasePage, Console, Contained, Dispute, Figure, IndexPage, Labelled,
    LeftOutGroup, MailList, MailRow, MailView, MatchGroup, Need, Note, NoticeRow, OrderView, OwnerRow,
    PlanPage, PlanRow, PlanTally, QueueRow, Review, Reviewer, RoutinePage, RunPage, RunRow, Severity,
    StepTally, Stop, Stopped,
};

pub(crate) fn console() -> Console {
    Console {
        service_name: "Murmur".into(),
        badge: Some("demonstration".into()),
        shown_at: T + 40 * HOUR,
        has_mails: true,
        refresh_s: None,
    }
}

fn evidence() -> Vec<Evidence> {
    let found = |signal: &str, family, weight, summary: &str| Evidence {
        signal: signal.into(),
        family,
        weight,
        summary: summary.into(),
        events: vec!["e1".into(), "e2".into()],
        campaign: (family == Family::Campaign).then(|| "c7f2".into()),
    };
    vec![
        found(
            "new_device_and_country",
            Family::Novelty,
            3.2,
            "signed in from a device and a country not seen on this account in 412 days",
        ),
        found(
            "shared_text",
            Family::Campaign,
            4.1,
            "one of 48 accounts that posted the same text within 6 h from devices new to them",
        ),
        found("lure_burst", Family::Abuse, 2.4, "4 posts with a link in 27 min; its usual is 2 posts a week"),
    ]
}

fn entry(at: usize) -> Entry {
    let route = [Route::Credential, Route::Credential, Route::Session, Route::App][at % 4];
    let mut acts = Vec::new();
    if route != Route::App {
        acts.push(Act::EndSessions);
        acts.push(Act::RequireNewCredential { guard: CredentialVersion(Digest::of(b"old")) });
    } else {
        acts.push(Act::RevokeGrants { grants: Grants::Of(vec!["PhotoPrint".into()]) });
    }
    acts.push(Act::HideObjects { objects: vec!["p1".into(), "p2".into()] });
    Entry {
        segment: None,
        account: format!("u{:06}", 11 + at * 37).as_str().into(),
        wave: u32::from(at >= 3),
        tier: if at == 5 { Tier::Precaution } else { Tier::Evidence },
        route,
        reason: "a device and country new to it posted a text that 48 accounts posted".into(),
        confidence: 0.9996 - at as f64 * 0.003,
        window: Window { start: T, end: T + 29 * MINUTE },
        evidence: evidence(),
        acts,
        quiet: None,
        if_moved: Vec::new(),
        reach: if at == 6 { Reach::InProduct } else { Reach::Mail },
        contact: None,
        notice: Template::Credential,
        tries: Vec::new(),
    }
}

/// An account of ours, tried with its password and a session of it.
fn probe() -> Entry {
    Entry {
        account: "probe-1".into(),
        tier: Tier::Probe,
        evidence: Vec::new(),
        reach: Reach::None,
        tries: vec![ProbeKind::Password, ProbeKind::Session],
        ..entry(0)
    }
}

fn header(plan: &str, accounts: u64, waves: &[u64]) -> Header {
    Header {
        format: model::plan::FORMAT.into(),
        plan: plan.into(),
        purpose: Purpose::Contain,
        author: "noor".into(),
        drafted_at: T + 2 * HOUR,
        expires_at: T + 50 * HOUR,
        accounts,
        waves: waves.to_vec(),
        probes: 1,
        policy: Digest::of(b"policy"),
        hunt: Digest::of(b"hunt"),
        connector: "murmur (directory, content, mailer)".into(),
    }
}

fn left_out(code: LeftOutCode, accounts: usize, reason: &str) -> Vec<LeftOut> {
    (0..accounts)
        .map(|at| LeftOut { account: format!("u9{at:05}").as_str().into(), code, reason: reason.into() })
        .collect()
}

pub(crate) fn plan() -> PlanPage {
    let entries: Vec<Entry> = (0..8).map(entry).collect();
    let mut tally = PlanTally::of(&entries);
    tally.accounts = 203;
    let approval = |name: &str, decision, holds| ApprovalRow {
        operator: name.into(),
        decision,
        at: T + 4 * HOUR,
        expires_at: T + 50 * HOUR,
        holds,
    };
    let note = |severity, code: &str, text: &str, todo: &str| Note {
        severity,
        code: code.into(),
        text: text.into(),
        sure: Some(Sure::Exact),
        todo: todo.into(),
    };
    let mut gone =
        left_out(LeftOutCode::OnlySuspected, 31, "suspected at 0.71; no second family of evidence");
    gone.extend(left_out(LeftOutCode::Protected, 2, "its record says: by hand only"));
    gone.extend(left_out(
        LeftOutCode::LabelledNotCompromised,
        1,
        "ana looked on 3 November: its owner moved",
    ));
    PlanPage {
        console: console(),
        header: header("p-2", 203, &[20, 80, 103]),
        state: PlanState::Approved,
        state_reason: None,
        digest: Some(Digest::of(b"plan two")),
        sealed_at: Some(T + 3 * HOUR),
        tally,
        guard_not_atomic: 12,
        notes: vec![
            note(
                Severity::Info,
                "size",
                "203 accounts, 0.4 % of the 51,200 active in the last 30 days (limit 10 %).",
                "",
            ),
            note(
                Severity::Warn,
                "segment_share",
                "Segment “students” carries 41 of 203 accounts, 2.1 % of its active members.",
                "Look at ten of them before you approve.",
            ),
        ],
        review: Some(Review {
            looked_at: 149,
            unlabelled: 0,
            wrong: 0,
            wrong_share_bound: 0.0199,
            wrong_share_max: 0.02,
            passes: true,
            reviewers: vec![
                Reviewer { name: "ana".into(), planted: 9, missed: 0 },
                Reviewer { name: "tomas".into(), planted: 8, missed: 1 },
            ],
        }),
        approvals: vec![
            approval("ana", Decision::Approve, true),
            approval("tomas", Decision::Approve, true),
            approval("lena", Decision::Approve, false),
        ],
        approvals_needed: 2,
        cohort: entries,
        probes: vec![probe()],
        unprobed: vec![ProbeKind::Grant],
        left_out: LeftOutGroup::of(&gone, 5),
        matches: vec![MatchGroup {
            campaign: "c1f0a2b3c4d5".into(),
            accounts: 14,
            some: vec![
                ("u700001".into(), "carries the domain, by a hand that is the owner's".into()),
                ("u700002".into(), "only suspected: a person must look first".into()),
            ],
        }],
        run: None,
    }
}

fn refused() -> PlanPage {
    let mut gone =
        left_out(LeftOutCode::NoEvidence, 2406, "on the list, but no hunt has found anything against it");
    gone.extend(left_out(
        LeftOutCode::UnknownAccount,
        12,
        "on the list, but the service has no such account",
    ));
    let text = "2,418 of the 2,621 accounts on the list are without evidence: 92.3 % (limit 5 %).";
    PlanPage {
        header: header("p-3", 203, &[20, 80, 103]),
        state: PlanState::Refused,
        state_reason: Some(
            "The list is over-wide: a wrong file must not be trimmed into a right one.".into(),
        ),
        digest: None,
        sealed_at: None,
        guard_not_atomic: 0,
        notes: vec![Note {
            severity: Severity::Refuse,
            code: "list_left_out".into(),
            text: text.into(),
            sure: None,
            todo:
                "Ask where the list comes from. If you want just those with evidence, draft without a list."
                    .into(),
        }],
        review: None,
        approvals: Vec::new(),
        cohort: Vec::new(),
        probes: Vec::new(),
        unprobed: ProbeKind::ALL.to_vec(),
        left_out: LeftOutGroup::of(&gone, 5),
        matches: Vec::new(),
        ..plan()
    }
}

fn case() -> CasePage {
    let contained = |act, state, note: Option<&str>| Contained {
        act,
        state,
        at: Some(T + 5 * HOUR),
        note: note.map(str::to_owned),
    };
    CasePage {
        console: console(),
        account: "ines".into(),
        verdict: Some(Verdict {
            account: "ines".into(),
            verdict: Belief::Compromised,
            route: Route::Credential,
            confidence: 0.9987,
            window: Window { start: T, end: T + 29 * MINUTE },
            evidence: evidence(),
            intruder: Intruder::default(),
        }),
        tier: Some(Tier::Evidence),
        plans: vec![("p-2".into(), Some("r-1".into()))],
        timeline: owner::timeline(),
        contained: vec![
            contained(ActKind::EndSessions, StepState::Done, Some("3 sessions")),
            contained(ActKind::RequireNewCredential, StepState::Done, None),
            contained(ActKind::HideObjects, StepState::Skipped, Some("one post had been deleted meanwhile")),
        ],
        notices: vec![NoticeRow {
            template: Template::Credential,
            state: NoticeState::Sent,
            code: "7KM3-9QTX".into(),
            at: T + 5 * HOUR,
            mail: Some("17".into()),
        }],
        labels: vec![Labelled { by: "tomas".into(), label: Label::Compromised, at: T + 4 * HOUR }],
        disputes: vec![Dispute { at: T + 8 * HOUR, proved: false }],
        needs: vec![Need {
            why: PersonNeeded::SetByUnknown,
            saying: "a mail address in place was set by nobody knows whom".into(),
            since: T + 3 * HOUR,
        }],
        recovered_at: Some(T + 9 * HOUR),
    }
}

pub(crate) fn index() -> IndexPage {
    let figure = |value: &str, name: &str, note: Option<&str>| Figure {
        value: value.into(),
        name: name.into(),
        note: note.map(str::to_owned),
    };
    let stop = |title: &str, text: &str, href: String| Stop { title: title.into(), text: text.into(), href };
    let row = |plan: &str, state, digest: Option<&[u8]>, accounts, remark: Option<&str>| PlanRow {
        plan: plan.into(),
        state,
        digest: digest.map(Digest::of),
        purpose: match plan {
            "p-5" => Purpose::Addendum { run: "r-1".into(), to: Digest::of(b"plan two") },
            "p-4" => Purpose::Undo { run: "r-2".into() },
            _ => Purpose::Contain,
        },
        accounts,
        author: "noor".into(),
        drafted_at: T + 2 * HOUR,
        remark: remark.map(str::to_owned),
    };
    let run_row = |run: &str, plan: &str, state, page: &RunPage, remark: Option<&str>| RunRow {
        run: run.into(),
        plan: plan.into(),
        state,
        accounts: page.waves.iter().fold(StepTally::default(), |sum, wave| sum.plus(wave.accounts)),
        started_at: Some(T + 5 * HOUR),
        remark: remark.map(str::to_owned),
    };
    IndexPage {
        console: console(),
        figures: vec![
            figure("203", "accounts somebody else used", Some("of 51,200 active")),
            figure("201", "contained", Some("99 %")),
            figure("0", "contained outside a plan", None),
            figure("18", "contained by mistake", Some("all put back")),
            figure("219", "notices accepted", None),
            figure("74", "owners back", None),
        ],
        tour: vec![
            stop(
                "The routine answer",
                "A plan of 203 accounts, reviewed blind, signed by two.",
                "/console/plans/p-2".into(),
            ),
            stop(
                "The wrong list, refused",
                "2,621 names of which 203 had evidence.",
                "/console/plans/p-3".into(),
            ),
            stop(
                "The run that halted",
                "Its canary met owners who said: that was me.",
                "/console/runs/r-2".into(),
            ),
            stop("A mail to an owner", "What one of them read.", "/console/mails/17".into()),
        ],
        plans: vec![
            row("p-5", PlanState::Sealed, Some(b"five"), 4, None),
            row("p-4", PlanState::Done, Some(b"four"), 20, None),
            row("p-3", PlanState::Refused, None, 203, Some("over-wide list")),
            row("p-2", PlanState::Running, Some(b"plan two"), 203, None),
        ],
        runs: vec![
            run_row("r-2", "p-1", RunState::Halted, &halted(), Some("proved disputes after the canary")),
            run_row("r-1", "p-2", RunState::Running, &run(), None),
        ],
        incidents: vec![statement(2)],
        owners: vec![
            OwnerRow {
                account: "ines".into(),
                text: "Came back after four hours; both hands in her timeline".into(),
            },
            OwnerRow {
                account: "u000344".into(),
                text: "Contained by mistake, said so, and was put back".into(),
            },
        ],
        queue: vec![QueueRow {
            account: "u000713".into(),
            why: PersonNeeded::Unreachable,
            since: T + 3 * HOUR,
        }],
    }
}

fn mails() -> (MailList, MailView) {
    let letter = notice(Template::Credential).render().unwrap();
    let row = |id: &str, at| MailRow {
        id: id.into(),
        at,
        to: "ines@mail.test".into(),
        subject: letter.subject.clone(),
    };
    let list = MailList {
        console: console(),
        mails: vec![row("17", T + 5 * HOUR), row("16", T + 5 * HOUR - MINUTE)],
        total: 219,
    };
    let view = MailView {
        console: console(),
        subject: letter.subject.clone(),
        at: T + 5 * HOUR,
        headers: vec![
            ("From".into(), "Murmur account safety <safety@notice.murmur.example>".into()),
            ("To".into(), "ines@mail.test".into()),
            ("Message-ID".into(), "<7km3-9qtx@notice.murmur.example>".into()),
            ("Auto-Submitted".into(), "auto-generated".into()),
        ],
        text: letter.text,
        html: Some(letter.html),
        newer: None,
        older: Some("16".into()),
    };
    (list, view)
}

fn routine() -> RoutinePage {
    let bound = |name: &str, per, used, max| BoundRow { name: name.into(), per, used, max };
    let order = |name: &str, standing: &str, stopped| OrderView {
        name: name.into(),
        digest: Digest::of(name.as_bytes()),
        standing: standing.into(),
        stopped,
        starts_at: T,
        ends_at: T + 30 * 24 * HOUR,
        calibrated_on: "labels".into(),
        is_for_practice: false,
    };
    let stopped = Stopped {
        reason: "61 accounts are wanted, and 40 of 50 are used of accounts per day".into(),
        at: T + 39 * HOUR,
        plan: Some("plan-9".into()),
    };
    RoutinePage {
        console: console(),
        order: Some(order("daily", "suspended until two people have looked", vec![stopped])),
        bounds: vec![
            bound("accounts per hour", Per::Hour, 12, 20),
            bound("accounts per day", Per::Day, 50, 50),
            bound("segment per day: small segments together", Per::Day, 0, 4),
        ],
        finding: Some("8 dry days, 160 labels, none wrong: below 1.9 % at 95 %".into()),
        batches: vec![
            BatchRow { plan: "plan-7".into(), is_dry: true, accounts: 1, made_at: T + 30 * HOUR },
            BatchRow { plan: "plan-8".into(), is_dry: false, accounts: 40, made_at: T + 38 * HOUR },
        ],
        samples: vec!["2026-11-07".into()],
        others: vec![order("last month", "its time is over", Vec::new())],
    }
}

fn no_routine() -> RoutinePage {
    RoutinePage {
        order: None,
        bounds: Vec::new(),
        finding: None,
        batches: Vec::new(),
        samples: Vec::new(),
        others: Vec::new(),
        ..routine()
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let (list, view) = mails();
    let mut draft = plan();
    draft.state = PlanState::Draft;
    draft.digest = None;
    draft.sealed_at = None;
    draft.review = None;
    draft.notes.clear();
    draft.approvals.clear();
    let empty = IndexPage {
        figures: Vec::new(),
        tour: Vec::new(),
        plans: Vec::new(),
        runs: Vec::new(),
        incidents: Vec::new(),
        owners: Vec::new(),
        queue: Vec::new(),
        console: console(),
    };
    let clear = CasePage {
        verdict: None,
        tier: None,
        timeline: Vec::new(),
        contained: Vec::new(),
        notices: Vec::new(),
        labels: Vec::new(),
        disputes: Vec::new(),
        needs: Vec::new(),
        recovered_at: None,
        ..case()
    };
    vec![
        ("index", index().render().unwrap()),
        ("index_empty", empty.render().unwrap()),
        ("plan", plan().render().unwrap()),
        ("plan_draft", draft.render().unwrap()),
        ("plan_refused", refused().render().unwrap()),
        ("routine", routine().render().unwrap()),
        ("routine_none", no_routine().render().unwrap()),
        ("run", run().render().unwrap()),
        ("run_halted", halted().render().unwrap()),
        ("case", case().render().unwrap()),
        ("case_clear", clear.render().unwrap()),
        ("mails", list.render().unwrap()),
        ("mail", view.render().unwrap()),
    ]
}
