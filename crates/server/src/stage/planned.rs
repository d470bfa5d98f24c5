//! What sealed plans name, read back from exported files as somebody else would: never from our journal.

use super::Stage;
use crate::error::Result;
use crate::ops;
use model::id::{AccountId, ObjectId};
use model::seal::Sealed;
use std::collections::BTreeSet;

/// Accounts that any sealed plan names, objects that it would hide, and follows and likes that it would take back.
pub(crate) struct Planned {
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) objects: BTreeSet<(AccountId, ObjectId)>,
    pub(crate) taken_back: BTreeSet<(AccountId, String)>,
}

impl Planned {
    /// Reads every sealed plan of a stage; each entry is held against its line.
    pub(crate) fn of(stage: &Stage) -> Result<Self> {
        let mut planned =
            Self { accounts: BTreeSet::new(), objects: BTreeSet::new(), taken_back: BTreeSet::new() };
        for plan in stage.ctx.store.read(store::Read::plans)?.into_iter().filter(|p| p.digest.is_some()) {
            let (file, entries) = ops::plan::export(&stage.ctx, &plan.id)?;
            let sealed = Sealed::parse(&file)?;
            for line in entries.lines() {
                let opened = sealed.open(serde_json::from_str(line)?)?;
                let entry = opened.entry();
                for act in &entry.acts {
                    let of = |what: &str| (entry.account.clone(), what.to_owned());
                    planned.objects.extend(act.hides().iter().map(|o| (entry.account.clone(), o.clone())));
                    planned.taken_back.extend(act.unfollows().iter().map(|a| of(a.as_str())));
                    planned.taken_back.extend(act.unlikes().iter().map(|o| of(o.as_str())));
                }
                planned.accounts.insert(entry.account.clone());
            }
        }
        Ok(planned)
    }
}
