//! The configuration file: what it may say, and what a mistake in it is told.

use crate::error::{Error, Result, at};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// `rightful.toml`. Every key is optional; without a file everything is embedded in `./rightful-data/`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The folder of ledger, keys and the `HALT` file.
    pub(crate) data: Option<PathBuf>,
    /// The ledger: `sqlite:PATH` or `postgres://…`.
    pub(crate) ledger: Option<String>,
    /// The limits; the shipped ones where it is not said.
    pub(crate) policy: Option<PathBuf>,
    /// The protected service.
    pub(crate) service: Service,
    /// How mail is sent.
    pub(crate) mail: Option<connect::smtp::SmtpSettings>,
    /// Where the server listens.
    pub(crate) serve: Serve,
    /// The daily routine.
    pub(crate) routine: Routine,
}

/// The daily routine: what it looks at, and how often while the server runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Routine {
    /// Minutes between two turns; none by itself where it is not said. A turn that was missed is not made up for.
    pub(crate) every_minutes: Option<u32>,
    /// Files of events that it hunts over.
    pub(crate) events: Vec<PathBuf>,
}

/// The protected service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Service {
    /// What owners know it as.
    pub(crate) name: String,
    /// Its own domain, as owners type it.
    pub(crate) domain: String,
    /// A folder written by `rightful simulate`, as a service to practise on.
    pub(crate) rehearsed: Option<PathBuf>,
    /// A Django site's own database.
    pub(crate) django: Option<connect::django::Settings>,
    /// A snapshot of the directory from before the compromise: contacts as they were then.
    pub(crate) contacts: Option<PathBuf>,
    /// Acts in any second, where that is less than the policy's `run.acts_per_second_max`.
    pub(crate) acts_per_second: Option<NonZeroU32>,
    /// Calls at once, where that is less than the policy's `run.parallel`.
    pub(crate) parallel: Option<NonZeroU32>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            name: "the service".to_owned(),
            domain: "service.example".to_owned(),
            rehearsed: None,
            django: None,
            contacts: None,
            acts_per_second: None,
            parallel: None,
        }
    }
}

/// Where the server listens. The console is only ever served to this machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Serve {
    /// Owners' and public pages.
    pub(crate) public: std::net::SocketAddr,
    /// The read-only console; a loopback address.
    pub(crate) console: std::net::SocketAddr,
    /// The file with the key that a support desk signs its messages with; nothing listens to one without it.
    pub(crate) support_key: Option<PathBuf>,
}

impl Default for Serve {
    fn default() -> Self {
        let local = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        Self { public: local(8080), console: local(8081), support_key: None }
    }
}

impl Config {
    /// Reads the file named, the one `RIGHTFUL_CONFIG` names, `rightful.toml` beside the working folder, or none.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self> {
        let beside = Path::new("rightful.toml");
        let by_environment = std::env::var_os("RIGHTFUL_CONFIG").map(PathBuf::from);
        let file = match (named, by_environment) {
            (Some(named), _) => named.to_owned(),
            (None, Some(variable)) => variable,
            (None, None) if beside.exists() => beside.to_owned(),
            (None, None) => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&file).map_err(at(&file))?;
        let mut config = Self::parse(&text, &file)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        config.relative_to(folder);
        Ok(config)
    }

    fn parse(text: &str, file: &Path) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|e| form_error(&e, text, file))?;
        if !config.serve.console.ip().is_loopback() {
            return Err(Error::failed(format!(
                "{}: serve.console is {}, and the console is only served to this machine",
                file.display(),
                config.serve.console
            ))
            .hint("use a loopback address, and a tunnel or a proxy with its own sign-in in front of it"));
        }
        if config.routine.every_minutes == Some(0) {
            return Err(Error::failed(format!(
                "{}: routine.every_minutes must be at least 1",
                file.display()
            )));
        }
        Ok(config)
    }

    /// Paths in the file are meant from where the file is.
    fn relative_to(&mut self, folder: &Path) {
        let paths = [
            &mut self.data,
            &mut self.policy,
            &mut self.service.rehearsed,
            &mut self.service.contacts,
            &mut self.serve.support_key,
        ];
        for path in paths.into_iter().flatten().chain(&mut self.routine.events) {
            *path = folder.join(&path);
        }
        if self.data.is_none() {
            self.data = Some(folder.join("rightful-data"));
        }
    }

    /// The data folder.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("rightful-data"))
    }
}

/// A key nobody knows is refused with the nearest one that is known.
fn form_error(error: &toml::de::Error, text: &str, file: &Path) -> Error {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = format!("{}, line {line}: {}", file.display(), error.message());
    let mut names = error.message().split('`').skip(1).step_by(2);
    let (Some(unknown), known) = (names.next(), names.collect::<Vec<_>>()) else {
        return Error::failed(place);
    };
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, unknown).total_cmp(&strsim::jaro_winkler(b, unknown)));
    match nearest {
        Some(nearest) => Error::failed(place).hint(format!("did you mean `{nearest}`?")),
        None => Error::failed(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Config::parse(text, Path::new("rightful.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_known() {
        let said = refusal("data = \"x\"\n\n[service]\nname = \"a\"\ndomian = \"b\"\n");
        assert!(said.contains("line 5") && said.contains("did you mean `domain`?"), "{said}");
        assert!(refusal("ledgr = 1").contains("did you mean `ledger`?"));
    }

    #[test]
    fn the_console_is_not_served_to_the_world() {
        assert!(refusal("[serve]\nconsole = \"0.0.0.0:8081\"").contains("only served to this machine"));
        assert!(Config::parse("[serve]\nconsole = \"127.0.0.1:9\"", Path::new("x")).is_ok());
    }

    #[test]
    fn a_rate_of_none_is_refused() {
        assert!(refusal("[service]\nacts_per_second = 0").contains("line 2"));
        let slow = Config::parse("[service]\nacts_per_second = 2\nparallel = 1", Path::new("x")).unwrap();
        assert_eq!(slow.service.acts_per_second.map(NonZeroU32::get), Some(2));
    }

    #[test]
    fn an_empty_file_is_a_good_one() {
        assert!(Config::parse("", Path::new("x")).is_ok());
    }
}
