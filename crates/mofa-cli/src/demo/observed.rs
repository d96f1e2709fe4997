//! What came of a request, and whether it is what should have: [`Observed`].

use super::cases::Expect;
use super::client::Response;
use super::records::Decided;
use serde::Serialize;
use serde_json::Value;

/// What came of a request.
#[derive(Debug, Serialize)]
pub(super) struct Observed {
    pub(super) name: &'static str,
    pub(super) status: u16,
    pub(super) code: Option<String>,
    pub(super) asked: Option<Decided>,
    pub(super) answered: Option<Decided>,
    /// What reached the model.
    pub(super) reached: Option<String>,
    /// What the caller got to read.
    pub(super) answer: String,
    /// What is not as it should be.
    pub(super) problems: Vec<String>,
}

/// An answer as a caller reads it.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) text: String,
    pub(super) code: Option<String>,
    /// The decision about the request, and the one about the answer.
    pub(super) asked: Option<String>,
    pub(super) answered: Option<String>,
    /// Whether a stream ended as streams end.
    is_ended: bool,
}

impl Read {
    pub(super) fn new(response: &Response) -> Self {
        let body = String::from_utf8_lossy(&response.body);
        let is_stream = response
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        let mut read = Self { is_ended: !is_stream, ..Self::default() };
        if is_stream {
            body.lines().filter_map(|line| line.strip_prefix("data:")).for_each(|data| {
                read.event(data.trim());
            });
        } else {
            read.document(&serde_json::from_str(&body).unwrap_or_default(), "message");
        }
        let decision = response.header("x-mofa-decision").map(str::to_owned);
        match response.header("x-mofa-request-decision") {
            Some(asked) => (read.asked, read.answered) = (Some(asked.to_owned()), decision),
            None => read.asked = decision,
        }
        read
    }

    fn event(&mut self, data: &str) {
        if data == "[DONE]" {
            self.is_ended = true;
        } else {
            self.document(&serde_json::from_str(data).unwrap_or_default(), "delta");
        }
    }

    fn document(&mut self, document: &Value, member: &str) {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        if let Some(said) = text(&format!("/choices/0/{member}/content")) {
            self.text.push_str(said);
        }
        if let Some(code) = text("/error/code") {
            self.code = Some(code.to_owned());
        }
    }
}

/// Everything that is not as `expect` says. `log` is the audit log as text.
pub(super) fn problems(
    observed: &Observed,
    read: &Read,
    expect: &Expect,
    log: &str,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |holds: bool, what: String| {
        if !holds {
            problems.push(what);
        }
    };
    require(observed.status == expect.status, format!("status {} expected", expect.status));
    require(observed.code.as_deref() == expect.code, format!("code {:?} expected", expect.code));
    require(read.is_ended, "the stream has no end".to_owned());
    let asked = words(observed.asked.as_ref());
    let expected = expect.asked.as_ref().map(|words| words.to_vec());
    require(asked == expected, format!("on the request {expected:?} expected"));
    let answered = words(observed.answered.as_ref());
    let expected = expect.answered.as_ref().map(|words| words.to_vec());
    require(answered == expected, format!("on the answer {expected:?} expected"));
    require(
        observed.reached.is_some() == expect.reached.is_some(),
        "the model should have been reached only by what may pass".to_owned(),
    );
    if let (Some(reached), Some(expected)) = (&observed.reached, expect.reached) {
        require(reached.contains(expected), format!("the model should have got `{expected}`"));
    }
    if let Some(expected) = expect.answer {
        require(observed.answer.contains(expected), format!("the answer should say `{expected}`"));
    }
    let reached = observed.reached.as_deref().unwrap_or_default();
    for hidden in &expect.hidden {
        for (place, text) in [("model", reached), ("answer", &observed.answer), ("log", log)] {
            require(!text.contains(hidden), format!("`{hidden}` shows in the {place}"));
        }
    }
    problems
}

fn words(decided: Option<&Decided>) -> Option<Vec<&'static str>> {
    decided.map(|decided| decided.stages.iter().map(|stage| stage.word).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed() -> Observed {
        Observed {
            name: "a",
            status: 200,
            code: None,
            asked: None,
            answered: None,
            reached: Some("got a@b.io".to_owned()),
            answer: "said so".to_owned(),
            problems: Vec::new(),
        }
    }

    #[track_caller]
    fn check(expect: &Expect, log: &str, count: usize) {
        let read = Read { is_ended: true, ..Read::default() };
        let problems = problems(&observed(), &read, expect, log);
        assert_eq!(problems.len(), count, "{problems:?}");
    }

    #[test]
    fn each_difference_is_a_problem() {
        let right = || Expect {
            status: 200,
            reached: Some("got"),
            answer: Some("said"),
            ..Expect::default()
        };
        check(&right(), "", 0);
        check(&Expect { status: 403, ..right() }, "", 1);
        check(&Expect { code: Some("x"), ..right() }, "", 1);
        check(&Expect { asked: Some(["ok"; 4]), ..right() }, "", 1);
        check(&Expect { answered: Some(["ok"; 3]), ..right() }, "", 1);
        check(&Expect { reached: None, ..right() }, "", 1);
        check(&Expect { reached: Some("else"), ..right() }, "", 1);
        check(&Expect { answer: Some("else"), ..right() }, "", 1);
        check(&Expect { hidden: vec!["a@b.io"], ..right() }, "", 1);
        check(&Expect { hidden: vec!["x"], ..right() }, "x", 1);
    }
}
