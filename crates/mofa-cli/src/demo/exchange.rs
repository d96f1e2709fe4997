//! Sends one request and looks at everything that came of it.

use super::cases::{Case, Door};
use super::client;
use super::house::House;
use super::observed::{Observed, Read, problems};
use super::records;
use crate::error::CliError;
use std::fs;

pub(super) async fn run(house: &House, case: Case) -> Result<Observed, CliError> {
    let serving = match case.door {
        Door::Enforcing | Door::WrongKey => &house.enforcing,
        Door::Watching => &house.watching,
    };
    let wrong_key = house.key.expose().to_ascii_uppercase();
    let key = match case.door {
        Door::WrongKey => wrong_key.replacen("MOFA_DEMO", "mofa_demo", 1),
        Door::Enforcing | Door::Watching => house.key.expose().to_owned(),
    };
    let before = house.model.received().len();
    let body = case.request.to_string();
    let path = "/v1/chat/completions";
    let response = client::post(serving.address, path, &key, body.as_bytes()).await;
    let response = response.map_err(CliError::Client)?;
    let read = Read::new(&response);
    let reached = house
        .model
        .received()
        .get(before)
        .map(|received| String::from_utf8_lossy(&received.body).into_owned());
    let records = records::read(&serving.audit)?;
    let unreadable = |source| CliError::Read { path: serving.audit.clone(), source };
    let log = fs::read_to_string(&serving.audit).map_err(unreadable)?;
    let mut observed = Observed {
        name: case.name,
        status: response.status,
        code: read.code.clone(),
        asked: records::decided(&records, read.asked.as_deref()),
        answered: records::decided(&records, read.answered.as_deref()),
        reached,
        answer: read.text.clone(),
        problems: Vec::new(),
    };
    observed.problems = problems(&observed, &read, &case.expect, &log);
    let is_recorded = records.iter().any(|record| record.event_type == "authentication_failed");
    if case.door == Door::WrongKey && !is_recorded {
        observed.problems.push("the failed attempt should be in the log".to_owned());
    }
    Ok(observed)
}
