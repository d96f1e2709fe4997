//! Writes answers: documents, and errors as the OpenAI API shapes them.
//!
//! # Invariants
//! An error names what was expected and never repeats a key or inspected text. What was decided
//! about can be found by the id in `decision_id` and in the header `x-mofa-decision`.

use crate::body::AnswerBody;
use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use mofa_sdk::llm::LlmError;
use mofa_sdk::security::{DecisionId, Refusal, RefusalCause, Stage};
use serde_json::json;
use std::borrow::Cow;

/// Names the decision about what is answered.
const DECISION: &str = "x-mofa-decision";

/// Names the decision about what was asked.
const REQUEST_DECISION: &str = "x-mofa-request-decision";

pub(crate) type Answer = Response<AnswerBody>;

/// Which decisions an answer rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    /// The one about the request.
    pub(crate) request: DecisionId,
    /// The one about the answer.
    pub(crate) answer: DecisionId,
}

/// An error, as the caller sees it.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct ApiError(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    param: Option<String>,
    decision: Option<DecisionId>,
    request_decision: Option<DecisionId>,
    header: Option<(HeaderName, HeaderValue)>,
    closes: bool,
}

impl ApiError {
    /// An error with a stable word for programs and a sentence for people.
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Details {
            status,
            code: code.into(),
            message: message.into(),
            param: None,
            decision: None,
            request_decision: None,
            header: None,
            closes: false,
        }))
    }

    /// Names the member of the request that is wrong.
    pub(crate) fn with_param(mut self, param: Option<&str>) -> Self {
        self.0.param = param.map(str::to_owned);
        self
    }

    /// Names the decision that it comes from.
    pub(crate) fn with_decision(mut self, decision: DecisionId) -> Self {
        self.0.decision = Some(decision);
        self
    }

    /// Names the decision about the request, if the error is about its answer.
    pub(crate) fn with_request_decision(mut self, decision: DecisionId) -> Self {
        self.0.request_decision = Some(decision);
        self
    }

    /// `other` in its place, on a connection that ends if it was to end.
    pub(crate) fn replaced_by(self, other: Self) -> Self {
        if self.0.closes { other.closing() } else { other }
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, header: (HeaderName, HeaderValue)) -> Self {
        self.0.header = Some(header);
        self
    }

    /// Says when it is worth another attempt.
    pub(crate) fn with_retry_after(self, retry_after: HeaderValue) -> Self {
        self.with_header((RETRY_AFTER, retry_after))
    }

    /// Says which methods there are.
    pub(crate) fn with_allow(self, methods: &'static str) -> Self {
        self.with_header((ALLOW, HeaderValue::from_static(methods)))
    }

    /// Ends the connection: what is left of the request is not read.
    pub(crate) fn closing(mut self) -> Self {
        self.0.closes = true;
        self
    }

    /// What a refusal of the pipeline means to the caller.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let error = match refusal.cause {
            RefusalCause::Audit => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "audit_unavailable",
                "refused because the decision could not be recorded",
            ),
            cause => Self::new(
                StatusCode::FORBIDDEN,
                format!("blocked_by_policy.{}", cause.as_str()),
                format!("{cause}: {}", refusal.reason),
            ),
        };
        let param = matches!(refusal.cause, RefusalCause::Stage(Stage::Rbac)).then_some("model");
        error.with_decision(refusal.decision).with_param(param)
    }

    /// What a failure of the model server means to the caller. Reasons of the machinery stay in
    /// the log.
    pub(crate) fn upstream(error: &LlmError) -> Self {
        tracing::warn!(%error, "the model server gave no usable answer");
        match error {
            LlmError::Connect { .. } => Self::new(
                StatusCode::BAD_GATEWAY,
                "upstream_unreachable",
                "the model server cannot be reached",
            ),
            LlmError::TimeOut { .. } => Self::upstream_timeout(),
            LlmError::TooLarge { limit, .. } => Self::upstream_too_large(*limit),
            LlmError::Interrupted { .. } | LlmError::Aborted { .. } => Self::upstream_interrupted(),
            _ => Self::upstream_invalid(),
        }
    }

    /// The model server's answer ended in the middle.
    pub(crate) fn upstream_interrupted() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "upstream_interrupted",
            "the model server broke off its answer",
        )
    }

    /// The model server's answer is longer than `limit` bytes.
    pub(crate) fn upstream_too_large(limit: usize) -> Self {
        let message = format!("the model server's answer is longer than {limit} bytes");
        Self::new(StatusCode::BAD_GATEWAY, "upstream_too_large", message)
    }

    /// The model server took too long.
    pub(crate) fn upstream_timeout() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "upstream_timeout",
            "the model server took too long to answer",
        )
    }

    /// What is said in the place of an answer about the gateway's own credentials, or with them in
    /// it.
    pub(crate) fn credentials(status: StatusCode) -> Self {
        tracing::error!(%status, "the model server answered about the gateway's credentials");
        let message = "the model server did not accept the gateway's credentials, or repeated them";
        Self::new(StatusCode::BAD_GATEWAY, "upstream_credentials", message)
    }

    /// The model server did not speak its own format.
    pub(crate) fn upstream_invalid() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "upstream_invalid",
            "the model server's answer is not a chat completion",
        )
    }

    /// The error as a JSON document.
    pub(crate) fn to_json(&self) -> String {
        let kind = match self.0.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        let body = json!({"error": {
            "message": self.0.message,
            "type": kind,
            "param": self.0.param,
            "code": self.0.code,
            "decision_id": self.0.decision.map(|id| id.to_string()),
        }});
        body.to_string()
    }

    /// The error as an answer.
    pub(crate) fn into_answer(self) -> Answer {
        let mut answer = json_answer(self.0.status, self.to_json());
        let headers = answer.headers_mut();
        if let Some(decision) = self.0.decision {
            put(headers, DECISION, decision);
        }
        if let Some(decision) = self.0.request_decision {
            put(headers, REQUEST_DECISION, decision);
        }
        if let Some((name, value)) = self.0.header {
            headers.insert(name, value);
        }
        if self.0.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    /// The stable word for programs; records repeat it.
    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// The status, for what is not answered through hyper.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }
}

/// A JSON document as an answer.
pub(crate) fn json_answer(status: StatusCode, document: impl Into<Bytes>) -> Answer {
    with_type(status, "application/json", AnswerBody::whole(document.into()))
}

/// An answer of the media type `content_type`.
pub(crate) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: AnswerBody,
) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Names the decisions that `answer` rests on.
pub(crate) fn name_decisions(answer: &mut Answer, decided: Decided) {
    put(answer.headers_mut(), DECISION, decided.answer);
    put(answer.headers_mut(), REQUEST_DECISION, decided.request);
}

fn put(headers: &mut HeaderMap, name: &'static str, decision: DecisionId) {
    if let Ok(value) = HeaderValue::try_from(decision.to_string()) {
        headers.insert(name, value);
    }
}
