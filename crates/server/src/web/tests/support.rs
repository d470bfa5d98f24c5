//! The support desk's messages, as it sends them.

use super::world::{Answer, Browser, World};
use crate::web::SupportKey;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use std::os::unix::fs::PermissionsExt as _;

const KEY: &[u8; 24] = b"twenty-four bytes of key";

fn signature(id: &str, moment: i64, body: &str) -> String {
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(KEY).unwrap();
    mac.update(format!("{id}.{moment}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

async fn send(desk: &mut Browser, moment: i64, body: &str, signature: &str) -> Answer {
    let request = Request::post("/hooks/support")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", moment.to_string())
        .header("webhook-signature", signature);
    desk.send(request, Body::from(body.to_owned())).await
}

fn with_a_key(world: &mut World) {
    let file = world.folder().join("desk.key");
    std::fs::write(&file, format!("whsec_{}\n", BASE64_STANDARD.encode(KEY))).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    world.app = world.app.clone().with_support_key(SupportKey::read(&file).unwrap());
}

#[tokio::test]
async fn an_owner_who_turned_to_support_counts_once_and_only_what_is_signed_does() {
    let mut world = World::new();
    let now = world.ctx().now() / 1000;
    let body = r#"{"account":"ana","ticket":4711}"#;
    let unset = send(&mut world.public(), now, body, &signature("msg_1", now, body)).await;
    assert_eq!(unset.status, StatusCode::NOT_FOUND, "nothing listens without a key");
    with_a_key(&mut world);
    let count = || world.ctx().store.read(|r| r.gate_counts(&world.run, world.ctx().now())).unwrap();
    let mut desk = world.public();
    let foreign = send(&mut desk, now, body, "v1,AAAA").await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
    assert_eq!(foreign.headers["content-type"], "application/problem+json");
    assert_eq!(count().support_contacts, 0);

    let first = send(&mut desk, now, body, &signature("msg_1", now, body)).await;
    let expected = format!(r#"{{"account":"ana","run":"{}","counted":true}}"#, world.run);
    assert_eq!((first.status, first.body), (StatusCode::OK, expected));
    let again = send(&mut desk, now, body, &signature("msg_1", now, body)).await;
    assert!(again.body.ends_with(r#""counted":false}"#), "{}", again.body);
    assert_eq!(count().support_contacts, 1);

    let untouched = r#"{"account":"clara"}"#;
    let none = send(&mut desk, now, untouched, &signature("msg_1", now, untouched)).await;
    assert_eq!(none.body, r#"{"account":"clara","run":null,"counted":false}"#);
    let nonsense = r#"["ana"]"#;
    let refused = send(&mut desk, now, nonsense, &signature("msg_1", now, nonsense)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count().support_contacts, 1);
}
