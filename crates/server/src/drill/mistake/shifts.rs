//! Changes of the service itself: explained away and named, and no verdict rests on one.

use crate::drill::cast::{Cast, Drilled};
use crate::error::Result;
use crate::stage::Scene;
use rehearse::simulate::{Settings, Shift};
use std::sync::Arc;

/// With a front end that writes its address on everybody; the twin without.
pub(super) fn broken_proxy_scene(cast: &Cast, twin: bool) -> Result<Arc<Scene>> {
    shifted(cast, twin, Shift::ProxyEverybody)
}

/// With an official app under a new name; the twin without.
pub(super) fn renamed_app_scene(cast: &Cast, twin: bool) -> Result<Arc<Scene>> {
    shifted(cast, twin, Shift::RenamedApp)
}

fn shifted(cast: &Cast, twin: bool, shift: Shift) -> Result<Arc<Scene>> {
    if twin {
        return cast.attacked();
    }
    Ok(Arc::new(Scene::play(&Settings { shifts: vec![shift], ..cast.settings() })?))
}

/// The attack is answered, and nobody is contained for what the service did.
pub(super) fn explained_away(drill: &mut Drilled<'_>) -> Result<()> {
    let named = drill.play.stage.scene.answer()?.summary.shifts.len();
    drill.answer_the_attack()?;
    if !drill.twin {
        drill.expect(named > 0, "the change of the service was not found");
    }
    drill.ends(if drill.twin { "contained" } else { "named and explained away; the victims are contained" });
    Ok(())
}
