//! The mistakes, each a short play. What happened in the world stands beside each name.

mod detector;
mod first;
mod flood;
mod half;
mod lists;
mod notices;
mod operators;
mod routine;
mod scope;
mod shifts;
mod time;
mod undoing;

use super::cast::{Cast, Drilled};
use crate::error::Result;
use crate::stage::{Scene, Setting};
use std::sync::Arc;

/// A rehearsed mistake.
pub(crate) struct Drill {
    /// The name it is asked for by.
    pub(crate) name: &'static str,
    /// What goes wrong, in one sentence.
    pub(crate) what: &'static str,
    /// The service it is played on; the twin's may be another.
    pub(crate) scene: fn(&Cast, bool) -> Result<Arc<Scene>>,
    /// How its stage differs from the usual one.
    pub(crate) set: fn(&mut Setting),
    /// The play; `twin` is in what it is given.
    pub(crate) play: fn(&mut Drilled<'_>) -> Result<()>,
}

fn attacked(cast: &Cast, _twin: bool) -> Result<Arc<Scene>> {
    cast.attacked()
}

fn as_shipped(_: &mut Setting) {}

/// Every drill.
pub(crate) const DRILLS: &[Drill] = &[
    Drill {
        name: "wider-than-believed",
        what: "a list from outside names five times those with evidence",
        scene: attacked,
        set: as_shipped,
        play: lists::wider_than_believed,
    },
    Drill {
        name: "routine-flood",
        what: "the daily routine, and one day its input is twenty times the usual",
        scene: routine::much_attacked,
        set: routine::small,
        play: routine::flood,
    },
    Drill {
        name: "routine-creep",
        what: "the routine's input grows by 10 % a day",
        scene: routine::much_attacked,
        set: routine::small,
        play: routine::creep,
    },
    Drill {
        name: "wrong-join",
        what: "a hunt joined on the wrong key: each account carries another's evidence",
        scene: attacked,
        set: as_shipped,
        play: detector::wrong_join,
    },
    Drill {
        name: "signal-flood",
        what: "a clean-up of the service raises one signal on clean accounts",
        scene: flood::cleaned_up_scene,
        set: as_shipped,
        play: flood::signal_flood,
    },
    Drill {
        name: "bad-detector",
        what: "three in ten of those it names are innocent; then the reviewers are taken in too",
        scene: attacked,
        set: as_shipped,
        play: detector::bad_detector,
    },
    Drill {
        name: "framed",
        what: "somebody makes accounts look hijacked, with failed sign-ins and a mob of reports",
        scene: detector::framed_scene,
        set: as_shipped,
        play: detector::framed,
    },
    Drill {
        name: "broken-proxy",
        what: "a front end writes its own address on everybody's events",
        scene: shifts::broken_proxy_scene,
        set: as_shipped,
        play: shifts::explained_away,
    },
    Drill {
        name: "renamed-app",
        what: "the official app reports under a new name",
        scene: shifts::renamed_app_scene,
        set: as_shipped,
        play: shifts::explained_away,
    },
    Drill {
        name: "stale-plan",
        what: "approved on Friday, run on Monday; owners changed their passwords meanwhile",
        scene: attacked,
        set: as_shipped,
        play: time::stale_plan,
    },
    Drill {
        name: "intruder-moves-first",
        what: "between sealing and wave the intruder changes password and mail, and adds a passkey",
        scene: attacked,
        set: as_shipped,
        play: first::intruder_moves_first,
    },
    Drill {
        name: "run-twice",
        what: "the job is run again after its end",
        scene: attacked,
        set: as_shipped,
        play: operators::run_twice,
    },
    Drill {
        name: "two-operators",
        what: "two operators drive one run at once",
        scene: attacked,
        set: as_shipped,
        play: operators::two_operators,
    },
    Drill {
        name: "crash",
        what: "the process is killed (SIGKILL) at random moments of the run",
        scene: operators::crash_scene,
        set: operators::on_disk,
        play: operators::crash,
    },
    Drill {
        name: "wrong-template",
        what: "owners are told what did not happen to them",
        scene: attacked,
        set: as_shipped,
        play: notices::wrong_template,
    },
    Drill {
        name: "phishy-mail",
        what: "a notice is taken for phishing",
        scene: attacked,
        set: as_shipped,
        play: notices::phishy_mail,
    },
    Drill {
        name: "half-revoked",
        what: "access tokens live on for half a day, whatever is reset and ended",
        scene: attacked,
        set: half::by_day,
        play: half::half_revoked,
    },
    Drill {
        name: "says-done",
        what: "the service says that sessions are ended, and ends none",
        scene: attacked,
        set: as_shipped,
        play: half::says_done,
    },
    Drill {
        name: "mail-down",
        what: "the mail server takes nothing for a day",
        scene: attacked,
        set: as_shipped,
        play: notices::mail_down,
    },
    Drill {
        name: "bounces",
        what: "three in ten of the addresses do not exist any more",
        scene: attacked,
        set: as_shipped,
        play: notices::bounces,
    },
    Drill {
        name: "under-scoped",
        what: "the plan holds half of those found",
        scene: attacked,
        set: as_shipped,
        play: scope::under_scoped,
    },
    Drill {
        name: "victims-undone",
        what: "in panic somebody undoes the whole run",
        scene: attacked,
        set: as_shipped,
        play: undoing::victims_undone,
    },
    Drill {
        name: "undo",
        what: "a rule that is all wrong, taken back",
        scene: attacked,
        set: as_shipped,
        play: undoing::undo,
    },
];
