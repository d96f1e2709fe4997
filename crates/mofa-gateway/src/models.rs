//! `GET /v1/models`: the models that the caller may invoke, and no others.

use crate::answer::{Answer, json_answer};
use crate::state::Shared;
use crate::target::invoke;
use http::StatusCode;
use mofa_sdk::security::Subject;
use serde_json::{Value, json};

/// The list for `subject`.
pub(crate) async fn list(shared: &Shared, subject: &Subject) -> Answer {
    let deployment = &shared.deployment;
    let mut data: Vec<Value> = Vec::new();
    for model in deployment.upstreams.models() {
        let act = invoke(model);
        if deployment.service.could(subject, &act).await {
            data.push(json!({"id": model, "object": "model", "created": 0, "owned_by": "mofa"}));
        }
    }
    json_answer(StatusCode::OK, json!({"object": "list", "data": data}).to_string())
}
