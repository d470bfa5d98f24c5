//! A ledger with one plan, its run, two contained owners and an incident, and a visitor who asks the doors.

use super::fake::{Box, Counted, Service, StoppedClock};
use crate::context::{Context, Named, SHIPPED_POLICY};
use crate::ops;
use crate::web::{App, CaughtMail, Mails, console_router, demo_router, public_router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use ed25519_dalek::SigningKey;
use model::account::{ContactKind, Reach};
use model::event::{Event, Kind};
use model::id::{AccountId, Digest, IncidentId, PlanId, RunId};
use model::incident::{Cause, IncidentState};
use model::operator::{Consent, Decision, Operator, sign};
use model::plan::{
    Act, ContactRef, Draft, Entry, FORMAT, Header, LeftOut, LeftOutCode, Purpose, Template, Tier,
};
use model::policy::Policy;
use model::seal::seal;
use model::secret::Secret;
use model::verdict::{Evidence, Family, Hand, Moment, Route, Timeline, Window};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::plans::OwnerContact;
use store::{Store, Url};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(super) const START: i64 = 1_793_700_000_000;
pub(super) const DAY: &str = "2026-11-03";

pub(super) struct World {
    pub(super) app: App,
    pub(super) service: Arc<Service>,
    pub(super) mails: Arc<Box>,
    pub(super) clock: Arc<StoppedClock>,
    pub(super) plan: PlanId,
    pub(super) run: RunId,
    pub(super) incident: IncidentId,
    /// Dropped last: the ledger is in it.
    pub(super) folder: TempDir,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    /// The value of the hidden token on the page.
    pub(super) fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").expect("the page has a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A browser: one address, its cookies.
pub(super) struct Browser {
    router: Router,
    host: &'static str,
    pub(super) from: &'static str,
    pub(super) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(super) async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = request.body(body).unwrap();
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(self.host.parse().unwrap());
        headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let peer = std::net::SocketAddr::new(self.from.parse().unwrap(), 4711);
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => drop(self.cookies.remove(name)),
                _ => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(k, v)| format!("{}={}", encoded(k), encoded(v))).collect();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(pairs.join("&"))).await
    }

    /// Loads a page and sends its form with these fields.
    pub(super) async fn fill(&mut self, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(page).await.csrf();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post(to, &all).await
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Arc::new(Service::of(&["ana", "ben", "clara"]));
        let mails = Arc::new(Box::default());
        let clock = Arc::new(StoppedClock(AtomicI64::new(START)));
        let chance = Arc::new(Counted::default());
        let store = Store::open(&Url::Sqlite(folder.path().join("l.db")), {
            let chance = Arc::clone(&chance);
            Arc::new(move || respond::port::Chance::bytes(&*chance))
        });
        let ctx = Arc::new(Context {
            store: store.unwrap(),
            policy: Policy::parse(SHIPPED_POLICY).unwrap(),
            service: crate::context::Service {
                named: Named { name: "Forum".to_owned(), domain: "forum.example".to_owned() },
                directory: service.clone(),
                content: service.clone(),
                prober: service.clone(),
                rate: respond::port::Rate::default(),
            },
            mailer: mails.clone(),
            clock: clock.clone(),
            chance,
            data: folder.path().to_owned(),
            contacts: BTreeMap::new(),
            pace: ops::footing::Pace::default(),
        });
        let (plan, run) = contained(&ctx, &service);
        let incident = told(&ctx, &run);
        let held = Arc::clone(&mails);
        let app = App::new(ctx).with_mails(Mails::new(move || {
            let mail = |m: &respond::port::Mail| CaughtMail {
                to: m.to.reveal().to_owned(),
                raw: format!("Message-ID: <{}>\r\nSubject: {}\r\n\r\n{}", m.message_id, m.subject, m.text)
                    .into(),
            };
            held.mails.lock().unwrap().iter().map(mail).collect()
        }));
        Self { app, service, mails, clock, plan, run, incident, folder }
    }

    pub(super) fn ctx(&self) -> &Context {
        &self.app.ctx
    }

    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(super) fn public(&self) -> Browser {
        self.browser(public_router(self.app.clone()), "forum.example")
    }

    pub(super) fn console(&self) -> Browser {
        self.browser(console_router(self.app.clone()), "localhost:8081")
    }

    pub(super) fn demo(&self) -> Browser {
        self.browser(demo_router(self.app.clone()), "127.0.0.1:8080")
    }

    fn browser(&self, router: Router, host: &'static str) -> Browser {
        Browser { router, host, from: "192.0.2.7", cookies: BTreeMap::new() }
    }

    pub(super) fn later(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The recovery code in the newest mail; it is sent behind the answer.
    pub(super) async fn code(&self) -> String {
        for _ in 0..2_000 {
            let last = self.mails.mails.lock().unwrap().last().cloned();
            if let Some(mail) = last.filter(|m| m.subject.contains("code you asked for")) {
                let is_code = |line: &&str| line.len() == 14 && line.matches('-').count() == 2;
                return mail
                    .text
                    .lines()
                    .map(str::trim)
                    .find(is_code)
                    .expect("the mail has a code")
                    .to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("no code was sent");
    }

    /// A browser of this account's owner, signed in to their case.
    pub(super) async fn owner(&self, account: &str) -> Browser {
        let mut browser = self.public();
        let asked = browser.fill("/recover", "/recover", &[("account", account)]).await;
        assert_eq!(asked.status, StatusCode::OK);
        let code = self.code().await;
        let fields = [("csrf", asked.csrf()), ("account", account.to_owned()), ("code", code.to_lowercase())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let entered = browser.post("/recover/code", &fields).await;
        assert_eq!(
            (entered.status, entered.location()),
            (StatusCode::SEE_OTHER, "/account"),
            "{}",
            entered.body
        );
        browser
    }
}

fn address(account: &str) -> String {
    format!("{account}@mail.example")
}

fn entry(account: &str, service: &Service) -> Entry {
    Entry {
        account: account.into(),
        wave: 0,
        tier: Tier::Evidence,
        route: Route::Credential,
        reason: "somebody else is in".to_owned(),
        confidence: 0.99,
        window: Window { start: START - 7_200_000, end: START - 3_600_000 },
        evidence: vec![Evidence {
            signal: "new_machine".to_owned(),
            family: Family::Novelty,
            weight: 3.0,
            summary: "a machine never seen before".to_owned(),
            events: vec!["e2".into()],
            campaign: None,
        }],
        acts: vec![
            Act::RequireNewCredential { guard: service.credential(account) },
            Act::EndSessions,
            Act::HideObjects { objects: vec!["post-1".into(), "post-2".into()] },
        ],
        quiet: None,
        if_moved: Vec::new(),
        segment: None,
        reach: Reach::Mail,
        contact: Some(ContactRef {
            kind: ContactKind::Mail,
            version: Digest::of(address(account).as_bytes()),
        }),
        notice: Template::Credential,
        tries: Vec::new(),
    }
}

fn timeline(account: &str) -> Timeline {
    let event = |id: &str, ago: i64, kind| Event::new(id.into(), START - ago, account.into(), kind);
    let mut post = event("e3", 5_000_000, Kind::Post);
    post.object = Some("post-1".into());
    post.text = Some("buy <cheap> pills".to_owned());
    let moments = vec![
        Moment { hand: Hand::Owner, event: event("e1", 90_000_000, Kind::Login) },
        Moment { hand: Hand::Intruder, event: event("e2", 7_200_000, Kind::Login) },
        Moment { hand: Hand::Intruder, event: post },
    ];
    Timeline { account: account.into(), moments }
}

/// A plan of two accounts, sealed, approved by two, and carried out.
fn contained(ctx: &Context, service: &Service) -> (PlanId, RunId) {
    let plan = PlanId::new("plan-1");
    let members = ["ana", "ben"];
    let header = Header {
        format: FORMAT.to_owned(),
        plan: plan.clone(),
        purpose: Purpose::Contain,
        author: "olga".into(),
        drafted_at: START,
        expires_at: START + 3_600_000,
        accounts: 2,
        waves: vec![2],
        probes: 0,
        policy: ctx.policy.digest().unwrap(),
        hunt: Digest::of(b"hunt"),
        connector: "fake:here".to_owned(),
    };
    let left_out = LeftOut {
        account: "clara".into(),
        code: LeftOutCode::OnlySuspected,
        reason: "a person must look first".to_owned(),
    };
    let entries = members.iter().map(|a| entry(a, service)).collect();
    let draft = Draft { header, entries, probes: Vec::new(), left_out: vec![left_out] };
    let timelines: Vec<Timeline> = members.iter().map(|a| timeline(a)).collect();
    approved(ctx, &draft, &timelines);
    let run = ops::run::arm(ctx, &plan, "paul").unwrap();
    ops::run::start(ctx, &run, "paul").unwrap();
    ops::run::halt(ctx, &run, "rita", "a second look").unwrap();
    ops::run::start(ctx, &run, "paul").unwrap();
    ops::run::advance(ctx, &run, &|_| {}).unwrap();
    (plan, run)
}

/// A post of ana's intruder that a later hunt shows, hidden by an addendum; gives the addendum and its run.
pub(super) fn added(world: &World) -> (PlanId, RunId) {
    world.later(60_000);
    let (ctx, plan) = (world.ctx(), PlanId::new("addendum-1"));
    let (mut header, to) =
        ctx.store.read(|r| Ok((r.plan(&world.plan)?.header, r.run(&world.run)?.digest))).unwrap();
    header.plan = plan.clone();
    header.purpose = Purpose::Addendum { run: world.run.clone(), to };
    (header.accounts, header.waves) = (1, vec![1]);
    let mut more = entry("ana", &world.service);
    more.acts = vec![Act::HideObjects { objects: vec!["post-9".into()] }];
    more.notice = Template::Addendum;
    let draft = Draft { header, entries: vec![more], probes: Vec::new(), left_out: Vec::new() };
    let mut later = timeline("ana");
    let mut post = later.moments[2].clone();
    post.event.id = "e9".into();
    post.event.object = Some("post-9".into());
    post.event.text = Some("and pills again".to_owned());
    later.moments.push(post);
    approved(ctx, &draft, &[later]);
    let run = ops::run::arm(ctx, &plan, "paul").unwrap();
    ops::run::start(ctx, &run, "paul").unwrap();
    ops::run::advance(ctx, &run, &|_| {}).unwrap();
    (plan, run)
}

/// Seals a draft; paul and rita sign.
fn approved(ctx: &Context, draft: &Draft, timelines: &[Timeline]) {
    let plan = &draft.header.plan;
    let contact = |entry: &Entry| OwnerContact {
        account: entry.account.clone(),
        version: Digest::of(address(entry.account.as_str()).as_bytes()),
        kind: ContactKind::Mail,
        value: Secret::new(address(entry.account.as_str())),
        language: None,
        time_zone: Some("Europe/Lisbon".to_owned()),
    };
    let contacts: Vec<OwnerContact> = draft.entries.iter().map(contact).collect();
    let (sealed, values) = seal(draft.clone(), || ctx.chance.bytes()).unwrap();
    ctx.store
        .write(ctx.now(), |tx| {
            tx.put_draft(draft, &ctx.policy)?;
            tx.put_contacts(plan, &contacts)?;
            tx.put_timelines(plan, timelines)?;
            tx.check_plan(plan, &[], "olga")?;
            tx.seal_plan(&sealed, &values, "olga")?;
            tx.mark_reviewed(plan, "olga", serde_json::json!({}))?;
            for (name, seed) in [("paul", 1), ("rita", 2)] {
                let key = SigningKey::from_bytes(&[seed; 32]);
                let public_key = Digest(key.verifying_key().to_bytes());
                if tx.operator(&name.into())?.is_none() {
                    tx.add_operator(&Operator { name: name.into(), public_key, added_at: START }, "olga")?;
                }
                let (digest, decision) = (sealed.digest(), Decision::Approve);
                let expires_at = START + 3_600_000;
                let consent = Consent { digest, decision, expires_at, operator: name.into() };
                tx.put_approval(plan, &sign(consent, &key).unwrap())?;
            }
            tx.mark_approved(plan, "rita", serde_json::json!({}))
        })
        .unwrap();
}

fn told(ctx: &Context, run: &RunId) -> IncidentId {
    let incident =
        ops::incident::open(ctx, "Taken accounts", std::slice::from_ref(run), None, "olga").unwrap();
    let saying = ops::incident::Saying {
        state: IncidentState::Monitoring,
        title: None,
        cause: Cause::NotYet,
        body: "We gave accounts back.".to_owned(),
        correction: false,
    };
    ops::incident::publish(ctx, &incident, saying, "olga").unwrap();
    incident
}

pub(super) fn id(account: &str) -> AccountId {
    account.into()
}
