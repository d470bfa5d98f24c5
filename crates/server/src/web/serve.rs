//! Listening, until somebody says stop.

use super::{App, SupportKey, console_router, demo_router, public_router, timer};
use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::privacy;
use axum::Router;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How often what is past its time is let go.
const EXPIRE_EVERY: Duration = Duration::from_secs(3600);
/// How often holds whose time is over are ended.
const END_HOLDS_EVERY: Duration = Duration::from_secs(60);
/// How long answers under way may still take once somebody said stop, s.
const STOP_MAX_S: u64 = 5;

/// Serves owners' pages and the public status on one address, the console on another; ends on ctrl-c or SIGTERM.
pub(crate) fn serve(ctx: &Arc<Context>, config: &config::Config) -> Result<()> {
    let serve = &config.serve;
    if !serve.console.ip().is_loopback() {
        return Err(Error::failed(format!(
            "the console is only served to this machine, not on {}",
            serve.console
        ))
        .hint("use a loopback address for serve.console"));
    }
    let _timer = timer::start(ctx, &config.routine)?;
    let mut app = App::new(Arc::clone(ctx));
    if let Some(file) = &serve.support_key {
        app = app.with_support_key(SupportKey::read(file)?);
    }
    until_stopped(|runtime| {
        let public = bind(runtime, serve.public)?;
        let console = bind(runtime, serve.console)?;
        let (public_at, console_at) = (address(&public)?, address(&console)?);
        eprintln!("rightful: owners' pages and the public status: http://{public_at}/");
        eprintln!("rightful: the console, for this machine alone: http://{console_at}/");
        eprintln!("rightful: ctrl-c ends it");
        runtime.spawn(expire_hourly(Arc::clone(ctx)));
        runtime.spawn(end_holds_by_the_minute(Arc::clone(ctx)));
        let mut beside = app.clone();
        beside.public_base = Some(format!("http://{}", reachable(public_at)));
        Ok(vec![(public, public_router(app)), (console, console_router(beside))])
    })
}

/// Every hour: keys whose undo window is over are destroyed, and what is past its time is let go.
async fn expire_hourly(ctx: Arc<Context>) {
    loop {
        let ctx = Arc::clone(&ctx);
        let expire = move || privacy::expire(&ctx, "rightful", privacy::Scrub::AfterDestroying);
        match tokio::task::spawn_blocking(expire).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => eprintln!("rightful: what is past its time was not let go: {error}"),
            Err(error) => eprintln!("rightful: what is past its time was not let go: {error}"),
        }
        tokio::time::sleep(EXPIRE_EVERY).await;
    }
}

/// Every minute: accounts whose hold is over are given back.
async fn end_holds_by_the_minute(ctx: Arc<Context>) {
    loop {
        let ctx = Arc::clone(&ctx);
        match tokio::task::spawn_blocking(move || crate::ops::run::end_holds(&ctx)).await {
            Ok(Ok(ended)) => {
                for (account, why) in ended.open {
                    eprintln!("rightful: {account}: its hold is over and it is still off: {why}");
                }
            }
            Ok(Err(error)) => eprintln!("rightful: holds that are over were not ended: {error}"),
            Err(error) => eprintln!("rightful: holds that are over were not ended: {error}"),
        }
        tokio::time::sleep(END_HOLDS_EVERY).await;
    }
}

/// Serves everything on one port of this machine; `ready` is told the address. Ends on ctrl-c or SIGTERM.
pub(crate) fn serve_demo(app: App, at: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    if !at.ip().is_loopback() {
        return Err(Error::failed(format!("a demonstration is only served to this machine, not on {at}")));
    }
    // The last to hold the ledger must not be one of the runtime's threads.
    let kept = Arc::clone(&app.ctx);
    let ended = until_stopped(|runtime| {
        let listener = bind(runtime, at)?;
        ready(address(&listener)?);
        Ok(vec![(listener, demo_router(app))])
    });
    drop(kept);
    ended
}

fn bind(runtime: &Runtime, at: SocketAddr) -> Result<TcpListener> {
    runtime.block_on(TcpListener::bind(at)).map_err(|e| {
        Error::failed(format!("{at} can't be listened on: {e}"))
            .hint("another program may hold it; name another address under [serve] in rightful.toml")
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(Error::failed)
}

/// An address that a browser on this machine can open.
fn reachable(at: SocketAddr) -> SocketAddr {
    match at.ip() {
        IpAddr::V4(four) if four.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], at.port())),
        IpAddr::V6(six) if six.is_unspecified() => {
            SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), at.port())
        }
        IpAddr::V4(_) | IpAddr::V6(_) => at,
    }
}

/// Runs doors until a signal, then lets answers under way end.
fn until_stopped(open: impl FnOnce(&Runtime) -> Result<Vec<(TcpListener, Router)>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::failed)?;
    let doors = open(&runtime)?;
    let ended = runtime.block_on(async {
        let (stop, stopped) = watch::channel(());
        let mut open = tokio::task::JoinSet::new();
        for (listener, router) in doors {
            open.spawn(door(listener, router, stopped.clone()));
        }
        tokio::select! {
            asked = signal() => asked?,
            // A door ends by itself only where it broke.
            Some(broken) = open.join_next() => return broken.map_err(Error::failed)?,
        }
        drop(stop);
        let last = async { while open.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(STOP_MAX_S), last).await.is_err() {
            eprintln!("rightful: stopped with answers still under way");
        }
        Ok(())
    });
    runtime.shutdown_timeout(Duration::from_secs(STOP_MAX_S));
    ended
}

async fn door(listener: TcpListener, router: Router, mut stopped: watch::Receiver<()>) -> Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let until = async move {
        // The sender is only ever dropped.
        drop(stopped.changed().await);
    };
    axum::serve(listener, service).with_graceful_shutdown(until).await.map_err(Error::failed)
}

#[cfg(unix)]
fn signal() -> impl Future<Output = Result<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    async {
        let mut term = signal(SignalKind::terminate()).map_err(Error::failed)?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map_err(Error::failed),
            _ = term.recv() => Ok(()),
        }
    }
}

#[cfg(not(unix))]
async fn signal() -> Result<()> {
    tokio::signal::ctrl_c().await.map_err(Error::failed)
}
