//! What the public reads of an incident. Made of `model::incident` alone, whose types cannot hold an account.

use crate::{Error, filters, rendered};
use askama::Template;
use model::incident::{Cause, PublicCount, Statement};

/// One incident: the newest statement, its figures, and every earlier version.
#[derive(Clone, Debug, Template)]
#[template(path = "status/incident.html", whitespace = "minimize")]
pub struct StatusPage {
    /// The service's name.
    pub service_name: String,
    /// The domain to type, as in the notices.
    pub service_domain: String,
    /// Every version, in any order; at least one.
    pub statements: Vec<Statement>,
}

/// All incidents: the newest statement of each.
#[derive(Clone, Debug, Template)]
#[template(path = "status/index.html", whitespace = "minimize")]
pub struct StatusIndex {
    /// The service's name.
    pub service_name: String,
    /// One a incident, in the order they are shown.
    pub statements: Vec<Statement>,
}

rendered!(StatusIndex => "list of incidents");

impl StatusPage {
    /// The page as text; without a statement it says that nothing was published yet.
    ///
    /// # Errors
    /// Where the template fails; never because of what the view holds.
    pub fn render(&self) -> Result<String, Error> {
        let mut sorted = self.clone();
        sorted.statements.sort_by_key(|s| std::cmp::Reverse(s.version));
        Template::render(&sorted).map_err(|cause| Error::Template { what: "incident page", cause })
    }

    fn newest(&self) -> Option<&Statement> {
        self.statements.first()
    }

    fn corrections(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.correction)
    }

    /// A count with its thousands set apart.
    fn shown(count: &PublicCount) -> String {
        match count {
            PublicCount::About(n) => filters::grouped(*n),
            PublicCount::Few(_) => count.to_string(),
        }
    }

    /// Nothing at all, said exactly.
    fn is_none(count: &PublicCount) -> bool {
        *count == PublicCount::About(0)
    }
}
