//! A model call under the same pipeline: the model takes the permit for exactly the request that
//! was inspected, or refuses.

use crate::account::Account;
use crate::policies;
use mofa_foundation::llm::{
    ChatMessage, ChatModel, ChatRequest, InspectError, LlmError, ScriptedModel,
};
use mofa_runtime::SecurityService;
use mofa_runtime::security::{PermitError, RefusalCause, Stage, Subject, SubjectId};
use std::error::Error;

pub(crate) async fn run(
    account: &mut Account,
    service: &SecurityService,
) -> Result<(), Box<dyn Error>> {
    account.heading("A model is called with a permit for that very request");
    let model = ScriptedModel::new().with_reply("hello", "Hello! Write to ada@example.com");
    let subject = Subject::new(SubjectId::new("agent-1")?, policies::acme()?);

    let request = ask("small", "hello, I am ada@example.com");
    let (permit, request) = request.inspect(service, subject.clone()).await?;
    let answer = model.chat(permit, &request).await?;
    let seen = model.requests().iter().map(ChatRequest::document).collect::<String>();
    account.claim("with it the model answers", answer.message.content.starts_with("Hello!"));
    account.claim("and has seen no address", seen.contains("hello") && !seen.contains("ada@"));
    let answer = answer.inspect(service, subject.clone(), "small").await?;
    account.claim("nor does its answer hold one", !answer.message.content.contains("ada@"));

    let (permit, _) = ask("small", "hello").inspect(service, subject.clone()).await?;
    let refused = model.chat(permit, &ask("small", "I am ada@example.com")).await;
    let is_refused = matches!(refused, Err(LlmError::Permit(PermitError::Document)));
    account.claim("it lets no other text through", is_refused);

    let (permit, _) = ask("small", "hello").inspect(service, subject.clone()).await?;
    let refused = model.chat(permit, &ask("large", "hello")).await;
    let is_refused = matches!(refused, Err(LlmError::Permit(PermitError::Act { .. })));
    account.claim("it opens no other model", is_refused);

    let refused = ask("large", "hello").inspect(service, subject).await;
    let is_refused = matches!(refused, Err(InspectError::Refused(refusal))
        if refusal.cause == RefusalCause::Stage(Stage::Rbac));
    account.claim("and for `large` there is none", is_refused);
    Ok(())
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, [ChatMessage::user(text)])
}
