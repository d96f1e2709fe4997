//! A model call under the same pipeline: the model takes the permit, or refuses.

use crate::account::Account;
use crate::policies;
use mofa_foundation::llm::{ChatMessage, ChatModel, ChatRequest, LlmError, ScriptedModel};
use mofa_kernel::Provenance;
use mofa_runtime::SecurityService;
use mofa_runtime::security::{
    Act, Direction, Exchange, Label, Permit, Refusal, Subject, SubjectId,
};
use std::error::Error;

pub(crate) async fn run(
    account: &mut Account,
    service: &SecurityService,
) -> Result<(), Box<dyn Error>> {
    account.heading("A model is called with a permit for that model");
    let model = ScriptedModel::new().with_reply("hello", "Hello!");
    let request = ChatRequest::new("small", [ChatMessage::user("hello")]);
    let subject = Subject::new(SubjectId::new("agent-1")?, policies::acme()?);

    let permit = ask(service, subject.clone(), "model:small").await?;
    let answer = model.chat(permit, &request).await?;
    account.claim("with it the model answers", answer.message.content == "Hello!");

    let permit = ask(service, subject.clone(), "model:small").await?;
    let other = ChatRequest::new("large", [ChatMessage::user("hello")]);
    let refused = model.chat(permit, &other).await;
    account.claim("it opens no other model", matches!(refused, Err(LlmError::Permit(_))));

    let refused = ask(service, subject, "model:large").await;
    account.claim("and for `large` there is none", refused.is_err());
    Ok(())
}

async fn ask(
    service: &SecurityService,
    subject: Subject,
    model: &'static str,
) -> Result<Permit, Refusal> {
    let mut exchange =
        Exchange::text(subject, Act::new("invoke", model), Direction::Input, "hello")
            .labelled(Label::untrusted(Provenance::User))
            .into_parts();
    service.inspect(&mut exchange).await
}
