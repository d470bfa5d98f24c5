//! What a drill is given and what it leaves: the scenes of its seed, the weather it is played in, and the play with
//! what was expected of it.

use super::mistake::Drill;
use super::weather::Weather;
use crate::error::Result;
use crate::stage::people::Owners;
use crate::stage::play::{Ended, Play};
use crate::stage::{Scene, Setting, Stage};
use model::id::{AccountId, Millis};
use rehearse::people::{Habits, People};
use rehearse::simulate::{Attack, Settings};
use respond::port::Clock;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Accounts of a drill's service.
const ACCOUNTS: u32 = 3000;

/// What befalls the service while mistakes are made.
const ATTACKS: [Attack; 2] = [Attack::StuffingSpam, Attack::OauthApp];

/// What drills of one seed share.
pub(crate) struct Cast {
    pub(crate) seed: u64,
    pub(crate) weather: Weather,
    attacked: Mutex<Option<Arc<Scene>>>,
}

impl Cast {
    /// Of a seed.
    pub(crate) fn new(seed: u64, weather: Weather) -> Self {
        Self { seed, weather, attacked: Mutex::new(None) }
    }

    /// The settings of an attacked service without any change of its own.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            accounts: ACCOUNTS,
            attacked_share: 0.04,
            attacks: ATTACKS.to_vec(),
            shifts: Vec::new(),
            ..Settings::default()
        }
    }

    /// The attacked service, played once a seed.
    pub(crate) fn attacked(&self) -> Result<Arc<Scene>> {
        let mut attacked = self.attacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scene) = &*attacked {
            return Ok(Arc::clone(scene));
        }
        let scene = Arc::new(Scene::play(&self.settings())?);
        Ok(Arc::clone(attacked.insert(scene)))
    }

    /// Begins a drill on a scene, under the shipped policy and this cast's weather.
    pub(crate) fn begin<'a>(
        &self,
        drill: &Drill,
        twin: bool,
        scene: Arc<Scene>,
        say: &'a dyn Fn(&str),
    ) -> Result<Drilled<'a>> {
        let mut setting = Setting::shipped(self.seed);
        setting.deferred = self.weather.deferred;
        (drill.set)(&mut setting);
        let stage = Stage::set(scene, &setting)?;
        stage.service.set_faults(self.weather.faults(self.seed));
        let began_at = stage.clock.now();
        let owners = Owners::new(People::new(self.seed, Habits::default()));
        let mut play = Play::begin(stage, owners, self.seed, say)?;
        play.restless = self.weather.restless;
        Ok(Drilled {
            drill: drill.name,
            seed: self.seed,
            twin,
            play,
            began_at,
            innocent_bound: 0,
            hands: BTreeSet::new(),
            ms_to_halt: None,
            let_through: false,
            outcome: String::new(),
            unmet: Vec::new(),
        })
    }
}

/// A drill while it is played, and after.
pub(crate) struct Drilled<'a> {
    pub(crate) drill: &'static str,
    pub(crate) seed: u64,
    pub(crate) twin: bool,
    pub(crate) play: Play<'a>,
    pub(crate) began_at: Millis,
    /// The most innocents that may be contained.
    pub(crate) innocent_bound: u64,
    /// Accounts that owners or intruders changed themselves meanwhile.
    pub(crate) hands: BTreeSet<AccountId>,
    pub(crate) ms_to_halt: Option<i64>,
    /// Whether the run of a wrong plan went to its end.
    pub(crate) let_through: bool,
    /// How the mistake ended, in a few words.
    pub(crate) outcome: String,
    /// What was expected and did not happen.
    pub(crate) unmet: Vec<String>,
}

impl Drilled<'_> {
    /// Expects something; where it does not hold, the drill is a breach.
    pub(crate) fn expect(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.unmet.push(otherwise.into());
        }
    }

    /// The routine answer to the scene's own attack, which must complete.
    pub(crate) fn answer_the_attack(&mut self) -> Result<Ended> {
        self.play.stage.scene.answer()?;
        let answer = self.play.stage.scene.answer_folder();
        let ended = self.play.respond_to_all(&answer, None)?;
        self.innocent_bound += self.reviewed_bound()?;
        self.expect(ended.done, format!("the right plan halted: {}", ended.why));
        Ok(ended)
    }

    /// What the review leaves open of a plan made from the scene's own answer: the policy's wrong share of it.
    pub(crate) fn reviewed_bound(&self) -> Result<u64> {
        let accounts = self.play.stage.scene.answer()?.verdicts.len() as f64;
        Ok((accounts * self.play.stage.ctx.policy.review.wrong_share_max).floor() as u64)
    }

    /// The canary and the wave after it: what a wrong plan may reach before owners stop it.
    pub(crate) fn two_waves(&self) -> u64 {
        let policy = &self.play.stage.ctx.policy;
        let canary = policy.run.canary_accounts;
        canary + decide::waves::after(canary, policy, true)
    }

    /// Records how a run that was wrong ended.
    pub(crate) fn halted(&mut self, ended: &Ended) {
        self.let_through = ended.done;
        self.ms_to_halt = (!ended.done).then_some(ended.ended_at - ended.began_at);
    }

    /// Says how the mistake ended.
    pub(crate) fn ends(&mut self, outcome: impl Into<String>) {
        self.outcome = outcome.into();
    }
}
