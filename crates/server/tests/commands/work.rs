//! Three workers, each with a folder of its own, on one PostgreSQL: one of them is killed, and all runs come to their end,
//! each account acted on once.

use crate::kill::check;
use crate::world::{World, text};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use store::Url;
use store::testing::Database;

#[test]
fn three_workers_carry_out_what_is_started_and_one_that_dies_is_not_missed() {
    let database = Database::postgres();
    let Url::Postgres(url) = database.url() else { panic!("a PostgreSQL was asked for") };
    let world = World::with_ledger(41, 1500, 1, Some(url.reveal()));
    world.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
    let all = {
        let draft = text(&world.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]), "plan");
        world.planned(&draft)
    };
    assert!(all.len() > 30, "only {} accounts", all.len());
    let mut runs = Vec::new();
    for (n, part) in all.chunks(all.len().div_ceil(3)).enumerate() {
        let list = format!("part-{n}.txt");
        world.write(&list, &part.join("\n"));
        let (_, run) = world.approved(&["--list", &list]);
        // Started, and left at once: what is left is for the workers.
        world.start(&run);
        runs.push(run);
    }
    let workers = ["one", "two", "three"];
    for name in workers {
        world.second_folder(name);
    }
    let mut started: Vec<Child> = workers
        .iter()
        .map(|name| {
            let config = format!("{name}.toml");
            let mut command = world.command(&["work", "--until-done", "--config", &config]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
        })
        .collect();
    let began = Instant::now();
    while world.writes().len() < 12 {
        assert!(began.elapsed() < Duration::from_secs(120), "no worker begins");
        std::thread::sleep(Duration::from_millis(20));
    }
    started[0].kill().expect("SIGKILL");
    let ends: Vec<_> = started.iter_mut().map(|w| w.wait().expect("it ends")).collect();
    assert!(!ends[0].success() && ends[1].success() && ends[2].success(), "{ends:?}");
    check(&world, &all, true, 41);
    for run in runs {
        assert_eq!(text(&world.ok(&["run", "show", &run]), "state"), "done");
    }
}
