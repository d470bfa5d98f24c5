//! What sealed plans name, read back from exported files as somebody else would: never from our journal.

use super::Stage;
use crate::error::Result;
use crate::ops;
use model::id::{AccountId, ObjectId};
use model::plan::Act;
use model::seal::Sealed;
use std::collections::BTreeSet;

/// Accounts that any sealed plan names, and objects that it would hide.
pub(crate) struct Planned {
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) objects: BTreeSet<(AccountId, ObjectId)>,
}

impl Planned {
    /// Reads every sealed plan of a stage; each entry is held against its line.
    pub(crate) fn of(stage: &Stage) -> Result<Self> {
        let mut planned = Self { accounts: BTreeSet::new(), objects: BTreeSet::new() };
        for plan in stage.ctx.store.read(store::Read::plans)?.into_iter().filter(|p| p.digest.is_some()) {
            let (file, entries) = ops::plan::export(&stage.ctx, &plan.id)?;
            let sealed = Sealed::parse(&file)?;
            for line in entries.lines() {
                let opened = sealed.open(serde_json::from_str(line)?)?;
                let entry = opened.entry();
                for act in &entry.acts {
                    if let Act::HideObjects { objects } = act {
                        planned.objects.extend(objects.iter().map(|o| (entry.account.clone(), o.clone())));
                    }
                }
                planned.accounts.insert(entry.account.clone());
            }
        }
        Ok(planned)
    }
}
