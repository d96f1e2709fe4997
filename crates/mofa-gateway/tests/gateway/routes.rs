//! Every route, who may use it, and what is said to those who may not.

use crate::house::{House, chat};
use mofa_gateway::Route;
use mofa_gateway::scripted::Script;
use mofa_sdk::security::StageMode;

#[tokio::test]
async fn open_routes_answer_without_a_key() {
    let house = House::start(Script::new()).await;
    let mut client = house.client().await;
    for (path, expected) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = client.request("GET", path, &[], b"").await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &expected.into()));
        assert_eq!(client.request("GET", path, &[], b"").await.status, 200, "kept alive");
    }
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    let answer = client.request("GET", "/metrics", &[], b"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let counted = r#"http_requests_total{route="/v1/chat/completions",status="200"} 1"#;
    assert!(answer.body.contains(counted) && answer.body.ends_with("# EOF\n"), "{}", answer.body);
    for route in Route::all() {
        let answer = house.client().await.request(route.method(), route.path(), &[], b"{}").await;
        assert_eq!(answer.status == 401, route.needs_key(), "{route:?}: {answer:?}");
        assert!(matches!(answer.status, 200 | 401), "{route:?}: {answer:?}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_named() {
    let house = House::start(Script::new()).await;
    let answer = house.get("/v1/completions").await;
    assert_eq!((answer.status, answer.error("code")), (404, "not_found".into()));
    let answer = house.get("/v1/chat/completions").await;
    assert_eq!((answer.status, answer.error("code")), (405, "method_not_allowed".into()));
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = house.client().await.request("POST", "/v1/models", &[], b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn only_a_known_key_opens() {
    let house = House::start(Script::new()).await;
    let bearer = format!("Bearer {}", house.key);
    let wrong = format!("Bearer {}x", &house.key[..house.key.len() - 1]);
    let basic = format!("Basic {}", house.key);
    for header in [None, Some(wrong.as_str()), Some(&basic), Some("Bearer "), Some("Bearer")] {
        let headers = header.map(|value| ("authorization", value));
        for (method, path) in [("GET", "/v1/models"), ("POST", "/v1/chat/completions")] {
            let mut client = house.client().await;
            let answer = client.request(method, path, headers.as_slice(), b"{}").await;
            assert_eq!((answer.status, answer.error("code")), (401, "invalid_api_key".into()));
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert!(!answer.body.contains(&house.key[..20]), "{header:?}");
        }
    }
    let lower = [("authorization", bearer.replacen("Bearer", "bearer", 1))];
    let headers = lower.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = house.client().await.request("GET", "/v1/models", &headers, b"").await;
    assert_eq!(answer.status, 200);
    assert!(house.received().is_empty());

    let failed = house.records().into_iter().filter(|r| r.event_type == "authentication_failed");
    let reasons: Vec<String> =
        failed.map(|record| record.metadata["reason"].as_str().unwrap().to_owned()).collect();
    let expected = ["missing", "unknown_key", "malformed", "malformed", "malformed"];
    assert_eq!(reasons, expected.map(|reason| [reason; 2]).concat());
    let log = std::fs::read_to_string(house.audit_path()).unwrap();
    assert!(!log.contains(&house.key) && !log.contains(&wrong["Bearer ".len()..]));
}

#[tokio::test]
async fn two_keys_are_none() {
    let house = House::start(Script::new()).await;
    let bearer = format!("Bearer {}", house.key);
    for other in ["Bearer other", "", &bearer] {
        let mut headers = [("authorization", bearer.as_str()), ("authorization", other)];
        for _ in 0..2 {
            let answer = house.client().await.request("GET", "/v1/models", &headers, b"").await;
            let found = (answer.status, answer.error("code"));
            assert_eq!(found, (401, "invalid_api_key".into()), "{other}");
            headers.reverse();
        }
    }
}

#[tokio::test]
async fn a_flood_of_wrong_keys_does_not_fill_the_log() {
    let mut house = House::start(Script::new()).await;
    let mut client = house.client().await;
    for _ in 0..200 {
        let answer = client.request("GET", "/v1/models", &[], b"").await;
        assert_eq!(answer.status, 401);
    }
    drop(client);
    house.stop();
    house.ended().await;
    let records = house.records();
    let suppressed: u64 =
        records.iter().map(|r| r.metadata["suppressed_before"].as_u64().unwrap()).sum();
    let recorded = records.iter().filter(|r| r.metadata["reason"] == "missing").count() as u64;
    assert!(recorded < 50, "{recorded} records");
    assert_eq!(recorded + suppressed, 200, "every attempt is recorded or counted");
}

#[tokio::test]
async fn models_are_those_that_the_caller_may_invoke() {
    let house = House::start(Script::new()).await;
    let ids = |answer: crate::client::Answer| -> Vec<String> {
        assert_eq!(answer.json()["object"], "list");
        let data = answer.json()["data"].as_array().unwrap().clone();
        data.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(house.get("/v1/models").await), ["small"]);
    assert!(house.records().is_empty(), "a list is no decision");

    let off = "[security.rbac]\nmode = \"off\"\n";
    let house = House::start_with(Script::new(), off, |deployment| {
        let mode = deployment.service.config().mode(mofa_sdk::security::Stage::Rbac);
        assert_eq!(mode, StageMode::Off);
    })
    .await;
    assert_eq!(ids(house.get("/v1/models").await), ["small", "large"]);
}
