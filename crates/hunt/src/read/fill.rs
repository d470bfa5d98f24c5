//! Fills the network and country of events that state none, from MMDB files: each address is looked up once, and an event
//! takes what stands at its address's number. What an event states stays.

use super::sink::Shared;
use crate::error::HuntError;
use crate::intelligence::{Network, Networks};
use decide::detect::{Act, Dictionary, Sym, hash64};
use model::verdict::{IntelligenceFile, IntelligenceKind};
use rayon::prelude::*;

/// What is known of an address: 0 and nothing where no file knows it.
#[derive(Clone, Copy, Default)]
struct Known {
    asn: (u32, usize),
    country: (Sym, usize),
}

/// What is known of each address, by its number.
pub(super) struct Table {
    of: Vec<Known>,
    files: usize,
}

/// Looks each address up once.
pub(super) fn look_up(networks: &Networks, ips: &Dictionary, names: &Shared) -> Result<Table, HuntError> {
    let files = networks.sources().count();
    if networks.is_empty() {
        return Ok(Table { of: Vec::new(), files });
    }
    let all: Vec<(Sym, &str)> = ips.iter().collect();
    let known = |(sym, ip): &(Sym, &str)| -> Result<(Sym, Known), HuntError> {
        let Network { asn, country } = networks.of(ip)?;
        let country =
            country.map(|(code, file)| Ok((names.intern(code, hash64(code.as_bytes(), 0))?.0, file)));
        let country = country.transpose()?.unwrap_or_default();
        Ok((*sym, Known { asn: asn.unwrap_or_default(), country }))
    };
    let found: Vec<(Sym, Known)> = all.par_iter().map(known).collect::<Result<_, HuntError>>()?;
    let mut of = vec![Known::default(); ips.bound()];
    found.into_iter().for_each(|(sym, known)| of[sym.index()] = known);
    Ok(Table { of, files })
}

impl Table {
    /// Fills acts in; how many each file gave something to.
    pub(super) fn fill(&self, acts: &mut [Act]) -> Vec<u64> {
        let mut filled = vec![0; self.files];
        for act in acts {
            let Some(known) = self.of.get(act.ip.index()) else { continue };
            let asn = (act.asn == 0 && known.asn.0 != 0).then_some(known.asn);
            let country = (act.country.is_none() && known.country.0.is_some()).then_some(known.country);
            if let Some((number, file)) = asn {
                act.asn = number;
                filled[file] += 1;
            }
            if let Some((code, file)) = country {
                act.country = code;
                filled[file] += u64::from(asn.is_none_or(|(_, other)| other != file));
            }
        }
        filled
    }
}

/// What the files came to, for the summary.
pub(super) fn told(networks: &Networks, filled: &[u64]) -> Vec<IntelligenceFile> {
    let of = |(source, met): (&decide::detect::Source, &u64)| IntelligenceFile {
        kind: IntelligenceKind::Mmdb,
        file: source.name.clone(),
        digest: source.digest,
        names: None,
        met: *met,
        common: None,
        common_first: Vec::new(),
    };
    networks.sources().zip(filled).map(of).collect()
}
