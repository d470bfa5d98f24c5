//! A ledger that dies, comes back and is cut off at random while a worker is at it, and the worker killed besides: each account
//! is acted on once, and the run comes to its end.

use crate::kill::{Dice, check};
use crate::world::{World, text};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::testing::Database;

/// Blows that fall in one run at least.
const BLOWS: u32 = 12;

/// What stands between the worker and its ledger: it passes everything on, until it is cut.
struct Between {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    fn set_up(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let port = listener.local_addr().expect("it is bound").port();
        let open = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&open);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                all.lock().expect("it is whole").push(near.try_clone().expect("it is open"));
                pass_on(near, &socket);
            }
        });
        Self { port, open }
    }

    fn cut(&self) {
        for stream in self.open.lock().expect("it is whole").drain(..) {
            // One that is over already has nothing to be cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass_on(near: TcpStream, socket: &Path) {
    // While the server is down nobody is there: the caller hears that its connection is closed.
    let Ok(far) = UnixStream::connect(socket) else { return };
    let (near_out, far_out) = (near.try_clone().expect("it is open"), far.try_clone().expect("it is open"));
    std::thread::spawn(move || {
        copy(near, far_out.try_clone().expect("it is open"));
        let _ = far_out.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        copy(far, near_out.try_clone().expect("it is open"));
        let _ = near_out.shutdown(Shutdown::Both);
    });
}

fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..n]).is_err() {
            return;
        }
    }
}

fn worker(world: &World) -> Child {
    let mut command = world.command(&["work", "--until-done"]);
    let log = std::fs::File::create(world.path("worker.log")).expect("the temporary folder can be written");
    command.stdout(Stdio::null()).stderr(log).spawn().expect("the binary starts")
}

#[test]
fn a_ledger_that_dies_and_is_cut_off_loses_nothing() {
    let seed = 51;
    let mut dice = Dice(seed);
    let database = Database::postgres_of_its_own();
    let between = Between::set_up(database.socket().expect("it has a server of its own"));
    let url = format!("postgres://postgres@127.0.0.1:{}/ledger", between.port);
    let world = World::with_ledger(seed, 1500, 1, Some(&url));
    let (plan, run) = world.armed();
    let accounts = world.planned(&plan);
    world.start(&run);
    let (mut hands, mut blows) = (worker(&world), 0);
    let ended = loop {
        std::thread::sleep(Duration::from_millis(100 + dice.below(500)));
        if let Some(ended) = hands.try_wait().expect("it is ours") {
            if ended.success() {
                break ended;
            }
            // One that is started while the ledger is not there says so, and ends; whoever runs it starts it again.
            let said = world.read("worker.log");
            assert!(said.contains("ledger"), "seed {seed}: {ended}: {said}");
            hands = worker(&world);
        }
        match dice.below(3) {
            0 => between.cut(),
            1 => database.dies_and_comes_back(),
            _ => {
                hands.kill().expect("SIGKILL");
                hands.wait().expect("it ends");
                hands = worker(&world);
            }
        }
        blows += 1;
        check(&world, &accounts, false, seed);
        if blows > 10 * BLOWS {
            // Enough: what is left is done in peace.
            break hands.wait().expect("it ends");
        }
    };
    let shown = || world.ok(&["run", "show", &run]);
    assert!(ended.success(), "seed {seed}: {ended}: {}", shown());
    assert!(blows >= BLOWS, "seed {seed}: only {blows} blows fell");
    check(&world, &accounts, true, seed);
    assert_eq!(text(&world.ok(&["run", "show", &run]), "state"), "done");
}
