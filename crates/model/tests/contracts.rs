//! The contracts with the outside: the policy file, and the seal.

#![cfg(test)]

use model::id::Digest;
use model::plan::{Act, Draft, Entry, FORMAT, Header, Purpose, Template, Tier};
use model::policy::{LIMITS, Limit, Policy, PolicyError};
use model::seal::{SealError, Sealed, Value, seal};
use model::verdict::{Route, Window};

const SHIPPED: &str = include_str!("../../../policy/shipped.toml");

#[test]
fn the_shipped_policy_is_good() {
    Policy::parse(SHIPPED).unwrap();
}

#[test]
fn every_limit_must_be_stated_and_nothing_else() {
    let lines: Vec<&str> = SHIPPED.lines().collect();
    for (i, line) in lines.iter().enumerate().filter(|(_, l)| l.contains('=') && !l.starts_with('#')) {
        let mut without = lines.clone();
        without.remove(i);
        assert!(Policy::parse(&without.join("\n")).is_err(), "left out: {line}");
    }
    let error =
        Policy::parse(&SHIPPED.replace("accounts_max = 1000000", "accounts_max = 1000000\nacounts_max = 3"))
            .unwrap_err();
    assert!(error.to_string().contains("acounts_max"), "{error}");
}

#[test]
fn every_limit_has_a_row_in_the_table_with_its_own_value() {
    let all = format!(
        "{SHIPPED}\n[solo]\naccounts_max = 20\ndelay_ms = 1800000\n\
         [reference]\nhunts = 3\naccounts = 10\nactive = 3000\nmultiple_max = 5.0\n"
    );
    let policy = Policy::parse(&all).unwrap();
    let json = serde_json::to_value(&policy).unwrap();
    let mut stated = std::collections::BTreeMap::new();
    for (section, keys) in json.as_object().unwrap() {
        for (key, value) in keys.as_object().into_iter().flatten() {
            stated.insert(format!("{section}.{key}"), value.as_f64().unwrap());
        }
    }
    let told: std::collections::BTreeMap<String, f64> =
        LIMITS.iter().map(|l| (l.key.to_owned(), (l.value)(&policy).unwrap())).collect();
    assert_eq!(told, stated);
    assert_eq!(told.len(), LIMITS.len(), "no limit twice");
    let shipped = Policy::parse(SHIPPED).unwrap();
    assert_eq!(
        Limit::of("solo.accounts_max").map(|l| (l.value)(&shipped)),
        Some(None),
        "what is absent is absent"
    );
}

#[test]
fn contradictions_are_named() {
    let cases = [
        ("families_min = 2", "families_min = 1", "cohort.families_min"),
        ("large_people = 3", "large_people = 1", "approval.large_people"),
        ("batch_accounts = 25", "batch_accounts = 81", "run.batch_accounts"),
        ("active_share_max = 0.10", "active_share_max = 1.0", "preflight.active_share_max"),
        ("signal_leap_max = 3.0", "signal_leap_max = 0.9", "preflight.signal_leap_max"),
        ("placebo_share_max = 0.05", "placebo_share_max = 0.0", "preflight.placebo_share_max"),
        (
            "[order]\n",
            "[reference]\nhunts = 1\naccounts = 9\nactive = 8\nmultiple_max = 2.0\n[order]\n",
            "reference.active",
        ),
        ("watch_ms = 1209600000", "watch_ms = 1", "gate.watch_ms"),
        ("valid_ms = 1814400000", "valid_ms = 1209599999", "approval.valid_ms"),
        ("canary_accounts = 80", "canary_accounts = 40", "run.canary_accounts"),
        ("heard_share = 0.15", "heard_share = 0.05", "run.canary_accounts"),
        ("usual_proved_share = 0.02", "usual_proved_share = 0.03", "gate.usual_proved_share"),
        ("wronged_proved_share = 0.5", "wronged_proved_share = 0.03", "gate.wrong_share_stopped"),
        ("wrong_share_watched = 0.30", "wrong_share_watched = 0.76", "gate.wrong_share_watched"),
        ("pass_error = 0.05", "pass_error = 0.0", "gate.pass_error"),
        ("wrong_accounts_max = 100", "wrong_accounts_max = 0", "gate.wrong_accounts_max"),
        ("calling_share = 0.05", "calling_share = 0.15", "support.calling_share"),
        ("owners_per_day = 200", "owners_per_day = 3", "support.owners_per_day"),
        ("attempts_max = 3", "attempts_max = 0", "run.attempts_max"),
        ("acts_per_second_max = 50", "acts_per_second_max = 0", "run.acts_per_second_max"),
        ("busy_ms_max = 900000", "busy_ms_max = 4999", "run.busy_ms_max"),
        ("longer_ms = 28800000", "longer_ms = 79200001", "brake.longer_ms"),
        ("from_ms = 79200000", "from_ms = 86400000", "quiet.from_ms"),
        ("until_ms = 25200000", "until_ms = 36000001", "quiet.until_ms"),
        ("[order]\n", "[solo]\naccounts_max = 21\ndelay_ms = 1800000\n[order]\n", "solo.accounts_max"),
        ("[order]\n", "[solo]\naccounts_max = 20\ndelay_ms = 1799999\n[order]\n", "solo.delay_ms"),
        ("unreached_ms = 86400000", "unreached_ms = 86400001", "hold.unreached_ms"),
        ("lasts_ms_max = 86400000", "lasts_ms_max = 7199999", "hold.unreached_ms"),
        ("valid_ms_max = 2592000000", "valid_ms_max = 2592000001", "order.valid_ms_max"),
        ("confidence_min = 0.97", "confidence_min = 0.89", "order.confidence_min"),
    ];
    for (from, to, named) in cases {
        match Policy::parse(&SHIPPED.replace(from, to)).unwrap_err() {
            PolicyError::Limit { key, .. } => assert_eq!(key, named),
            PolicyError::Form(why) => panic!("{named}: {why}"),
        }
    }
}

fn draft(accounts: &[&str]) -> Draft {
    let entries: Vec<Entry> = accounts
        .iter()
        .map(|a| Entry {
            account: (*a).into(),
            wave: 0,
            tier: Tier::Evidence,
            route: Route::Credential,
            reason: "seen".to_owned(),
            confidence: 0.99,
            window: Window { start: 1, end: 2 },
            evidence: Vec::new(),
            acts: vec![Act::EndSessions],
            quiet: None,
            if_moved: Vec::new(),
            tries: Vec::new(),
            segment: None,
            reach: model::account::Reach::Mail,
            contact: None,
            notice: Template::Credential,
        })
        .collect();
    let header = Header {
        format: FORMAT.to_owned(),
        plan: "p1".into(),
        purpose: Purpose::Contain,
        author: "ana".into(),
        drafted_at: 1,
        expires_at: 2,
        accounts: entries.len() as u64,
        waves: vec![entries.len() as u64],
        probes: 0,
        policy: Digest::of(b"policy"),
        hunt: Digest::of(b"hunt"),
        connector: "x".to_owned(),
    };
    Draft { header, entries, probes: Vec::new(), left_out: Vec::new() }
}

fn with_probes(accounts: &[&str], probes: &[&str]) -> Draft {
    let mut draft = draft(accounts);
    draft.probes = self::draft(probes).entries;
    draft.probes.iter_mut().for_each(|p| p.tier = Tier::Probe);
    draft.header.probes = probes.len() as u64;
    draft
}

fn sealed() -> (Sealed, Vec<Value>) {
    let mut n = 0_u8;
    seal(with_probes(&["b", "c"], &["a"]), || {
        n += 1;
        [n; 32]
    })
    .unwrap()
}

#[test]
fn a_sealed_plan_is_read_back_from_its_file() {
    let (plan, values) = sealed();
    let read = Sealed::parse(&plan.file().unwrap()).unwrap();
    assert_eq!(read, plan);
    for value in values {
        assert_eq!(read.open(value.clone()).unwrap().entry(), &value.entry);
    }
}

#[test]
fn every_changed_byte_is_another_digest_or_no_plan() {
    let (plan, _) = sealed();
    let file = plan.file().unwrap();
    for at in 0..file.len() {
        let mut bytes = file.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if let Ok(other) = Sealed::parse(&text) {
            assert_ne!(other.digest(), plan.digest(), "byte {at}");
        }
    }
}

#[test]
fn an_entry_that_was_changed_moved_or_added_does_not_open() {
    let (plan, values) = sealed();
    let mut changed = values[0].clone();
    changed.entry.account = "z".into();
    let mut moved = values[0].clone();
    moved.n = 2;
    let mut added = values[2].clone();
    added.n = 4;
    for value in [changed, moved, added] {
        assert!(matches!(plan.open(value), Err(SealError::Entry { .. })));
    }
}

#[test]
fn a_line_left_out_or_doubled_is_not_the_sealed_plan() {
    let (plan, _) = sealed();
    let mut fewer = plan.lines().to_vec();
    fewer.pop();
    let mut doubled = plan.lines().to_vec();
    doubled.push(doubled[0]);
    for lines in [fewer, doubled] {
        let read = Sealed::read(plan.header().clone(), lines, plan.digest());
        assert!(matches!(read, Err(SealError::Digest { .. })));
    }
}

#[test]
fn a_draft_that_is_out_of_order_miscounted_or_holds_an_undo_is_not_sealed() {
    let nonce = || [0; 32];
    assert!(matches!(seal(draft(&["b", "a"]), nonce), Err(SealError::Order { place: 2, .. })));
    assert!(matches!(seal(draft(&["a", "a"]), nonce), Err(SealError::Order { place: 2, .. })));
    let mut miscounted = draft(&["a", "b"]);
    miscounted.header.waves = vec![1];
    assert!(matches!(seal(miscounted, nonce), Err(SealError::Count { .. })));
    let mut wrong_wave = draft(&["a", "b"]);
    wrong_wave.entries[1].wave = 7;
    assert!(matches!(seal(wrong_wave, nonce), Err(SealError::Count { .. })));
    let mut undoes = draft(&["a"]);
    undoes.entries[0].acts.push(Act::RestoreCredential);
    assert!(matches!(seal(undoes, nonce), Err(SealError::Act { .. })));
    // Where nobody knows who moved the credential, nothing that the owner may have chosen is overwritten.
    let guard = model::account::CredentialVersion(Digest::of(b"theirs"));
    let instead = |acts: Vec<Act>| {
        let mut draft = draft(&["a"]);
        draft.entries[0].if_moved = acts;
        seal(draft, nonce)
    };
    assert!(instead(vec![Act::Hold { lasts_ms: 1 }, Act::EndSessions]).is_ok());
    let overwrites = instead(vec![Act::EndSessions, Act::RequireNewCredential { guard }]);
    assert!(matches!(overwrites, Err(SealError::Act { act: "require_new_credential", .. })));
    let undoes = instead(vec![Act::Release]);
    assert!(matches!(undoes, Err(SealError::Act { act: "release", .. })));
}

#[test]
fn an_addendum_is_sealed_with_objects_to_hide_and_with_nothing_else() {
    let purpose = Purpose::Addendum { run: "r".into(), to: Digest::of(b"plan") };
    let hides = || vec![Act::HideObjects { objects: vec!["post".into()] }];
    let addendum = |change: fn(&mut Draft)| {
        let mut draft = draft(&["a", "b"]);
        draft.header.purpose = purpose.clone();
        draft.entries.iter_mut().for_each(|e| e.acts = hides());
        change(&mut draft);
        seal(draft, || [0; 32])
    };
    let (plan, _) = addendum(|_| {}).unwrap();
    assert_eq!(Sealed::parse(&plan.file().unwrap()).unwrap().header().purpose, purpose);
    let others = [
        Act::EndSessions,
        Act::Unlike { objects: vec!["post".into()] },
        Act::Unfollow { accounts: vec!["star".into()] },
        Act::ShowObjects { objects: vec!["post".into()] },
        Act::Hold { lasts_ms: 1 },
    ];
    for act in others {
        let mut draft = draft(&["a"]);
        draft.header.purpose = purpose.clone();
        draft.entries[0].acts = vec![hides().remove(0), act.clone()];
        let refused = seal(draft, || [0; 32]);
        assert!(matches!(refused, Err(SealError::Act { .. })), "{act:?}");
    }
    assert!(matches!(
        addendum(|d| d.entries[0].if_moved = vec![Act::EndSessions]),
        Err(SealError::Act { .. })
    ));
    // It revokes nothing that could be tried.
    let mut probing = with_probes(&["b", "c"], &["a"]);
    probing.header.purpose = purpose.clone();
    probing.entries.iter_mut().chain(&mut probing.probes).for_each(|e| e.acts = hides());
    assert!(matches!(seal(probing, || [0; 32]), Err(SealError::Probe { .. })));
}

#[test]
fn probes_are_sealed_after_the_owners_accounts_and_never_among_them() {
    let (plan, values) = sealed();
    let order: Vec<&str> = values.iter().map(|v| v.entry.account.as_str()).collect();
    assert_eq!((order, plan.header().accounts, plan.header().probes), (vec!["b", "c", "a"], 2, 1));
    // A plan without any is written as it was before there were any.
    let (bare, _) = seal(draft(&["a"]), || [0; 32]).unwrap();
    assert!(!bare.file().unwrap().contains("probes"));

    let refused = |change: fn(&mut Draft)| {
        let mut draft = with_probes(&["b", "c"], &["a"]);
        assert!(seal(draft.clone(), || [0; 32]).is_ok());
        change(&mut draft);
        seal(draft, || [0; 32]).unwrap_err()
    };
    let astray: [fn(&mut Draft); 4] = [
        |d| d.entries[0].tier = Tier::Probe,
        |d| d.probes[0].tier = Tier::Evidence,
        |d| d.probes[0].account = "b".into(),
        |d| d.probes[0].wave = 1,
    ];
    for change in astray {
        assert!(matches!(refused(change), SealError::Probe { .. }));
    }
    assert!(matches!(refused(|d| d.header.probes = 0), SealError::Count { .. }));
    assert!(matches!(refused(|d| d.probes[0].acts = vec![Act::Waive]), SealError::Act { .. }));
    let file = plan.file().unwrap();
    let uncounted = file.replace("\"probes\":1,", "");
    assert!(uncounted != file && matches!(Sealed::parse(&uncounted), Err(SealError::Count { .. })));
}
