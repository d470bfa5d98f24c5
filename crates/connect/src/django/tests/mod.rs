//! The connector against a site's tables, on SQLite and PostgreSQL alike. A real Django is asked in `integrations/django`.

mod acts;
mod reading;
#[cfg(feature = "services")]
mod real;
mod site;
