//! MMDB files: which network an address belongs to, and which country. The forms of MaxMind, DB-IP and IPinfo are read. A
//! damaged file is an error, never an address of which nothing is known.

use super::bytes;
use crate::error::HuntError;
use decide::detect::Source;
use maxminddb::Reader;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// What is known of an address, with which file knows it; nothing where none does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network<'a> {
    pub(crate) asn: Option<(u32, usize)>,
    /// Two capitals (ISO 3166).
    pub(crate) country: Option<(&'a str, usize)>,
}

/// The files, in order.
#[derive(Default)]
pub(crate) struct Networks(Vec<File>);

struct File {
    path: PathBuf,
    source: Source,
    reader: Reader<Vec<u8>>,
}

impl Networks {
    /// Reads files whole.
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, HuntError> {
        let open = |path: &PathBuf| {
            let (source, bytes) = bytes(path)?;
            let reader = Reader::from_source(bytes).map_err(|e| refused(path, e.to_string()))?;
            Ok(File { path: path.clone(), source, reader })
        };
        Ok(Self(files.iter().map(open).collect::<Result<_, _>>()?))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the files are known by.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().map(|file| &file.source)
    }

    /// Looks an address up; what is none is in no network.
    pub(crate) fn of(&self, ip: &str) -> Result<Network<'_>, HuntError> {
        let mut known = Network::default();
        let Ok(address) = ip.trim().parse::<IpAddr>() else { return Ok(known) };
        for (at, file) in self.0.iter().enumerate() {
            let Some(record) = file.record(address.to_canonical())? else { continue };
            let asn = record.autonomous_system_number.or(record.asn).map(|Asn(n)| n).filter(|n| *n != 0);
            known.asn = known.asn.or(asn.map(|asn| (asn, at)));
            let code = record.country.and_then(|Country(code)| code).or(record.country_code);
            if let Some(code) = code.filter(|code| !code.is_empty() && known.country.is_none()) {
                if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                    let what =
                        format!("gives {code:?} as the country of {address}, and not a code of two capitals");
                    return Err(refused(&file.path, what));
                }
                known.country = Some((code, at));
            }
        }
        Ok(known)
    }
}

impl File {
    fn record(&self, address: IpAddr) -> Result<Option<Record<'_>>, HuntError> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let damaged = |e: maxminddb::MaxMindDbError| refused(&self.path, e.to_string());
        self.reader.lookup(address).map_err(damaged)?.decode().map_err(damaged)
    }
}

fn refused(file: &Path, what: String) -> HuntError {
    HuntError::BadMmdb { file: file.to_owned(), what }
}

/// What is read of a record.
#[derive(Deserialize)]
struct Record<'a> {
    autonomous_system_number: Option<Asn>,
    asn: Option<Asn>,
    #[serde(borrow)]
    country: Option<Country<'a>>,
    #[serde(borrow)]
    country_code: Option<&'a str>,
}

/// A number, or the number behind `AS`.
struct Asn(u32);

impl<'de> Deserialize<'de> for Asn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Asn;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an AS number")
            }
            fn visit_u64<E: Error>(self, n: u64) -> Result<Asn, E> {
                u32::try_from(n).map(Asn).map_err(|_| E::custom("an AS number has 32 bits"))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Asn, E> {
                let number = text.strip_prefix("AS").unwrap_or(text).parse().map(Asn);
                // An address that no network announces has an empty one.
                if text.is_empty() { Ok(Asn(0)) } else { number.map_err(E::custom) }
            }
        }
        from.deserialize_any(Either)
    }
}

/// A code, or a map with it.
struct Country<'a>(Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Country<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Country<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a country")
            }
            fn visit_borrowed_str<E: Error>(self, code: &'de str) -> Result<Country<'de>, E> {
                Ok(Country(Some(code)))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Country<'de>, M::Error> {
                let mut code = None;
                while let Some(key) = map.next_key::<&str>()? {
                    if key == "iso_code" {
                        code = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Country(code))
            }
        }
        from.deserialize_any(Either)
    }
}
