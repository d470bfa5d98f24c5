//! The command line: noun, then verb. What each command does stands in `ops`; here it is called and shown.

mod audit;
mod calibrate;
mod case;
mod db;
mod directory;
mod hunt;
mod incident;
mod notice;
mod operator;
mod plan;
mod policy;
mod privacy;
mod probe;
mod rehearsal;
mod routine;
mod run;
pub(crate) mod show;
mod undo;
mod work;

use crate::config::Config;
use crate::context::Context;
use crate::error::{Kind, Result};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Finds the accounts that somebody else is using, and gives exactly those back to their rightful owners.
#[derive(Parser)]
#[command(name = "rightful", version, arg_required_else_help = true)]
struct Cli {
    /// The configuration file; otherwise RIGHTFUL_CONFIG, or rightful.toml beside the working folder.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON value on standard output; progress goes to standard error.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole way on a seeded service: an attack, the answer, two mistakes and how they end; then pages to look at.
    Demo(crate::demo::Request),
    /// Rehearse the mistakes that real services made, each with its twin that must complete.
    Drill(crate::drill::Request),
    /// Write a seeded service's events, with the truth beside them.
    Simulate(hunt::Simulate),
    /// Find the accounts that somebody else is using, in files of events.
    Hunt(hunt::Hunt),
    /// Measurements that anybody can repeat.
    #[command(subcommand)]
    Bench(crate::bench::BenchCommand),
    /// A timeline with both hands, the evidence, and what was done.
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// From cohort to approved plan.
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// The daily routine under a standing order: small plans, sealed and armed by themselves.
    Routine(routine::Routine),
    /// Carry a plan out, stop, go on, take back.
    #[command(subcommand)]
    Run(run::RunCommand),
    /// What owners read.
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// What the public is told.
    #[command(subcommand)]
    Incident(incident::IncidentCommand),
    /// The log of everything done, checkable from files alone.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The limits.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// People who may use it.
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Erasure, legal holds, what is past its time.
    #[command(subcommand)]
    Privacy(privacy::PrivacyCommand),
    /// Accounts of ours that plans contain and really try.
    #[command(subcommand)]
    Probe(probe::ProbeCommand),
    /// Keys outside the ledger.
    #[command(subcommand)]
    Key(privacy::KeyCommand),
    /// The connected service.
    #[command(subcommand)]
    Directory(directory::DirectoryCommand),
    /// The ledger.
    #[command(subcommand)]
    Db(db::DbCommand),
    /// Carry out the runs that are started, beside other workers on the same ledger; each run is one's at a time.
    Work(work::Work),
    /// Owners' pages, the public status, and a read-only console.
    Serve(ServeArguments),
}

#[derive(Args)]
struct ServeArguments {}

/// What commands are given.
pub(crate) struct Call {
    /// The configuration.
    pub(crate) config: Config,
    /// Whether one JSON value is wanted.
    pub(crate) json: bool,
}

impl Call {
    /// Opens the ledger and the service.
    pub(crate) fn context(&self) -> Result<Context> {
        Context::open(&self.config)
    }
}

/// Runs the command line to its exit code.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if json && !error.is_said {
                show::json(&error.json());
            }
            eprintln!("rightful: {error}");
            if error.kind == Kind::Usage {
                eprintln!("  see: rightful --help");
            }
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    let call = Call { config: Config::load(cli.config.as_deref())?, json: cli.json };
    match cli.command {
        Command::Demo(request) => crate::demo::run(&request, call.json),
        Command::Drill(request) => crate::drill::run(&request, call.json),
        Command::Simulate(arguments) => hunt::simulate(&arguments, call.json),
        Command::Hunt(arguments) => hunt::hunt(&call, &arguments),
        Command::Bench(command) => crate::bench::bench(&command, call.json),
        Command::Case(command) => case::case(&call, command),
        Command::Plan(command) => plan::plan(&call, command),
        Command::Routine(arguments) => routine::routine(&call, arguments),
        Command::Run(command) => run::run(&call, command),
        Command::Notice(command) => notice::notice(&call, &command),
        Command::Incident(command) => incident::incident(&call, command),
        Command::Audit(command) => audit::audit(&call, command),
        Command::Policy(command) => policy::policy(&call, command),
        Command::Operator(command) => operator::operator(&call, command),
        Command::Privacy(command) => privacy::privacy(&call, command),
        Command::Probe(command) => probe::probe(&call, command),
        Command::Key(command) => privacy::key(&call, &command),
        Command::Directory(command) => directory::directory(&call, command),
        Command::Db(command) => db::db(&call, &command),
        Command::Work(asked) => work::work(&call, &asked),
        Command::Serve(_) => crate::web::serve(&std::sync::Arc::new(call.context()?), &call.config),
    }
}
