//! Puts what is said to a model, and what it says back, through the pipeline.
//!
//! Called by whoever asks a model in this process; the gateway reads wire formats by itself.
//!
//! # Invariants
//! The permit is for exactly the request that comes back with it. Who is trusted is decided by the
//! role of a message alone: system messages are, nothing else is. What one role says is read one
//! message after another. Names, ids and the model cannot
//! be replaced: a request that would need it is refused.
//!
//! # Failure
//! [`InspectError`]; there is no permit then, and nothing to send. Each leaves a record, also that of
//! what cannot be taken apart.

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::document;
use mofa_kernel::{Provenance, ToolName};
use mofa_runtime::security::{
    Act, Direction, DocumentError, Exchange, JsonRef, Label, Labelling, Permit, Refusal,
    SecurityService, Skip, Subject,
};
use thiserror::Error;

/// The longest name of a tool that records name, in bytes.
const MAX_TOOL_NAME: usize = 64;

/// Whose messages are read one after another. Results of tools stand by themselves.
const SPEAKERS: [&str; 3] = ["system", "user", "assistant"];

/// What records say of a text that has too much in it to be taken apart.
const UNREADABLE: &str = "invalid_json";

/// How many digits such a name may have: fewer than any number of a person or a card.
const MAX_TOOL_DIGITS: usize = 4;

/// Why a request may not be sent, or an answer not be used.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InspectError {
    /// The pipeline refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It has more in it than can be taken apart.
    #[error("the {what} cannot be inspected: {error}")]
    Document {
        /// `request` or `answer`.
        what: &'static str,
        /// What is too much.
        error: DocumentError,
    },
    /// What the pipeline left of it is none any more.
    #[error("the {what} cannot be read back after what was taken out of it")]
    Rewritten {
        /// `request` or `answer`.
        what: &'static str,
    },
}

impl ChatRequest {
    /// The one JSON text that stands for this request: what is inspected, and what the permit to
    /// send it is for. It is no provider's wire format.
    #[must_use]
    pub fn document(&self) -> String {
        document::of_request(self)
    }

    /// Puts this request through the pipeline of `service`, as the act `invoke` on `model:NAME`.
    /// Gives the permit to send, and the request to send with it: without what had to be taken
    /// out.
    ///
    /// # Errors
    /// [`InspectError`] if it may not be sent, or that could not be decided.
    ///
    /// # Example
    /// ```
    /// use mofa_foundation::llm::{ChatMessage, ChatModel, ChatRequest, ScriptedModel};
    /// use mofa_runtime::security::{
    ///     SecurityConfig, SecurityService, Subject, SubjectId, TenantId,
    /// };
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    /// # runtime.block_on(async {
    /// // A service with every control off, for want of engines.
    /// let service = SecurityService::builder(SecurityConfig::permissive()).build()?;
    /// let subject = Subject::new(SubjectId::new("demo")?, TenantId::default());
    ///
    /// let request = ChatRequest::new("small", [ChatMessage::user("hello")]);
    /// let (permit, request) = request.inspect(&service, subject).await?;
    /// let answer = ScriptedModel::new().chat(permit, &request).await?;
    /// assert_eq!(answer.message.content, "You said: hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn inspect(
        self,
        service: &SecurityService,
        subject: Subject,
    ) -> Result<(Permit, Self), InspectError> {
        let what = "request";
        let mut exchange = match request_exchange(&self, subject.clone()) {
            Ok(exchange) => exchange,
            Err(error) => {
                let act = invocation(&self.model);
                let _recorded =
                    service.reject(&subject, &act, Direction::Input, UNREADABLE).await?;
                return Err(InspectError::Document { what, error });
            }
        };
        let permit = service.inspect(&mut exchange).await?;
        if !exchange.is_edited() {
            return Ok((permit, self));
        }
        let request = document::to_request(&exchange.into_document())
            .filter(|request| permit.require_document(&request.document()).is_ok())
            .ok_or(InspectError::Rewritten { what })?;
        Ok((permit, request))
    }
}

impl ChatResponse {
    /// Puts this answer of `model` through the pipeline of `service` on its way back to `subject`,
    /// and gives it without what had to be taken out.
    ///
    /// # Errors
    /// [`InspectError`] if it may not be used, or that could not be decided.
    pub async fn inspect(
        self,
        service: &SecurityService,
        subject: Subject,
        model: &str,
    ) -> Result<Self, InspectError> {
        let what = "answer";
        let mut exchange = match response_exchange(&self, subject.clone(), model) {
            Ok(exchange) => exchange,
            Err(error) => {
                let act = invocation(model);
                let _recorded =
                    service.reject(&subject, &act, Direction::Output, UNREADABLE).await?;
                return Err(InspectError::Document { what, error });
            }
        };
        // An answer is used here and now: nothing asks for this permit.
        let _released = service.inspect(&mut exchange).await?;
        if !exchange.is_edited() {
            return Ok(self);
        }
        document::to_response(self, &exchange.into_document())
            .ok_or(InspectError::Rewritten { what })
    }
}

/// What `model` is invoked by.
fn invocation(model: &str) -> Act {
    Act::new("invoke", format!("model:{model}"))
}

fn request_exchange(
    request: &ChatRequest,
    subject: Subject,
) -> Result<Exchange<'static>, DocumentError> {
    let act = invocation(&request.model);
    let labelling = Exchange::json(subject, act, Direction::Input, request.document())?;
    let mut marks = Marks::default();
    if let Some(root) = labelling.root() {
        marks.request(root);
    }
    Ok(marks.apply(labelling).into_parts().bound())
}

fn response_exchange(
    response: &ChatResponse,
    subject: Subject,
    model: &str,
) -> Result<Exchange<'static>, DocumentError> {
    let raw = document::of_response(response);
    let labelling = Exchange::json(subject, invocation(model), Direction::Output, raw)?;
    let mut marks = Marks::default();
    if let Some(root) = labelling.root() {
        marks.labels.push((root.index(), Label::untrusted(Provenance::Model)));
        if let Some(message) = root.get("message") {
            marks.message(message, &Label::untrusted(Provenance::Model));
        }
    }
    Ok(marks.apply(labelling).into_parts())
}

/// What of a document is whose, by node.
#[derive(Default)]
struct Marks {
    labels: Vec<(usize, Label)>,
    skips: Vec<(usize, Skip)>,
    /// What each of [`SPEAKERS`] says, and in a row.
    said: [Vec<Vec<usize>>; SPEAKERS.len()],
    /// Who said the last of it.
    last: Option<usize>,
}

impl Marks {
    fn request(&mut self, root: JsonRef<'_>) {
        for (key, value) in root.entries() {
            match key.as_str().as_deref() {
                Some("model") => self.fixed(value, &Label::untrusted(Provenance::User)),
                Some("messages") => {
                    for message in value.elements() {
                        self.message(message, &speaker(message));
                        self.say(message);
                    }
                }
                Some("tools") => value.elements().for_each(|tool| self.tool(tool)),
                Some("temperature" | "top_p" | "max_tokens") => {
                    self.skips.push((value.index(), Skip::WireNumber));
                }
                // The texts that end an answer are the asker's own words.
                _ => {}
            }
        }
    }

    /// Everything in `message` is `label`; its names and ids cannot be replaced.
    fn message(&mut self, message: JsonRef<'_>, label: &Label) {
        self.labels.push((message.index(), label.clone()));
        for (key, value) in message.entries() {
            match key.as_str().as_deref() {
                Some("role" | "tool_call_id") => self.fixed(value, label),
                // Of anybody else it is free text.
                Some("name") if is_tool(label) => self.fixed(value, label),
                Some("tool_calls") => value.elements().for_each(|call| self.call(call)),
                _ => {}
            }
        }
    }

    fn say(&mut self, message: JsonRef<'_>) {
        let role = message.get("role").and_then(JsonRef::as_str);
        let at = SPEAKERS.iter().position(|own| role.as_deref() == Some(*own));
        let in_a_row = self.last == at;
        self.last = at;
        let said = at.and_then(|at| self.said.get_mut(at));
        let (Some(said), Some(content)) = (said, message.get("content")) else { return };
        match said.last_mut() {
            Some(row) if in_a_row => row.push(content.index()),
            _ => said.push(vec![content.index()]),
        }
    }

    /// Whoever says it, a call was written by a model.
    fn call(&mut self, call: JsonRef<'_>) {
        let label = Label::untrusted(Provenance::Model);
        self.labels.push((call.index(), label.clone()));
        for (key, value) in call.entries() {
            if matches!(key.as_str().as_deref(), Some("id" | "name" | "signature")) {
                self.fixed(value, &label);
            }
        }
    }

    /// Descriptions of tools come from tool servers: nobody vouches for what they say. The
    /// names of arguments are keys, which are never replaced.
    fn tool(&mut self, tool: JsonRef<'_>) {
        let label = Label::untrusted(Provenance::Developer);
        self.labels.push((tool.index(), label.clone()));
        if let Some(name) = tool.get("name") {
            self.fixed(name, &label);
        }
    }

    fn fixed(&mut self, value: JsonRef<'_>, label: &Label) {
        self.labels.push((value.index(), label.clone().fixed()));
    }

    fn apply(self, labelling: Labelling<'_>) -> Labelling<'_> {
        let labelling = labelling.vocabulary(document::is_word);
        let labelling = self.said.into_iter().fold(labelling, Labelling::joined);
        labelling.labels(self.labels).skips(self.skips)
    }
}

/// Who says `message`, by its role.
fn speaker(message: JsonRef<'_>) -> Label {
    let text = |key: &str| message.get(key).and_then(JsonRef::as_str);
    match text("role").as_deref() {
        Some("system") => Label::trusted(Provenance::System),
        Some("assistant") => Label::untrusted(Provenance::Model),
        Some("tool") => Label::untrusted(tool(text("name").as_deref())),
        _ => Label::untrusted(Provenance::User),
    }
}

fn is_tool(label: &Label) -> bool {
    matches!(label.provenance, Provenance::Tool(_) | Provenance::Retrieved)
}

/// Who produced the result of the tool `name`. Records name the producer, so what does not look
/// like a tool's name is not repeated there.
fn tool(name: Option<&str>) -> Provenance {
    let name = name.filter(|name| is_plain(name)).unwrap_or("unknown");
    ToolName::new(name).map_or(Provenance::Retrieved, Provenance::Tool)
}

fn is_plain(name: &str) -> bool {
    name.len() <= MAX_TOOL_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && name.bytes().filter(u8::is_ascii_digit).count() <= MAX_TOOL_DIGITS
}

#[cfg(test)]
mod tests;
