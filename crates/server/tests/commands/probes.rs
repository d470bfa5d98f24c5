//! The register of probe accounts, as an operator calls it.

use crate::world::{World, lines, text};
use std::os::unix::fs::PermissionsExt;

#[test]
fn an_owners_account_is_never_registered_and_a_secret_that_others_can_read_is_refused() {
    let world = World::new(61, 300, 20);
    let shown = world.ok(&["probe", "list"]);
    assert_eq!(shown["can_try"], serde_json::json!(["password", "session", "grant", "passkey"]), "{shown}");
    assert_eq!(shown["probes"], serde_json::json!([]));
    let owner = text(&lines(&world.path("sim/accounts.jsonl"))[0], "account");
    world.write("held", "never-shown\n");
    let add = ["probe", "add", &owner, "--password", "held", "--operator", "ana"];
    std::fs::set_permissions(world.path("held"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let loose = world.refused(&add, 1);
    assert!(loose.contains("chmod 600") && !loose.contains("never-shown"), "{loose}");
    std::fs::set_permissions(world.path("held"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let refused = world.refused(&add, 1);
    assert!(refused.contains("does not say that") && !refused.contains("never-shown"), "{refused}");
    world.refused(&["probe", "add", &owner, "--operator", "ana"], 2);
    world.refused(&["probe", "remove", &owner, "--operator", "ana"], 1);
    assert_eq!(world.ok(&["probe", "list"])["probes"], serde_json::json!([]));
}
