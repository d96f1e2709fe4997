//! Chapter "Credential Management": keys come from the environment and are replaced while an agent
//! runs.
//!
//! A test that needs variables of its own runs itself once more, as a process that has them.

use mofa_kernel::SystemClock;
use mofa_runtime::env::var;
use mofa_runtime::security::{Act, Subject, SubjectId, TenantId, danger};
use mofa_sdk::llm::{
    ChatMessage, ChatModel, ChatRequest, LlmError, OpenAiProvider, ScriptedModel, SharedModel,
    openai_from_env,
};
use mofa_testkit::block_on;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

const OLD_KEY: &str = "sk-guide-old-0123456789";
const NEW_KEY: &str = "sk-guide-new-0123456789";

/// Set in the process that has variables of its own.
const CHILD: &str = "MOFA_GUIDE_CHILD";

/// Runs `test` of this file by itself, with these variables and no other of the provider.
fn in_own_process(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("credentials::{test}"), "--nocapture"]);
    for name in ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID"] {
        command.env_remove(name);
    }
    let output = command.env(CHILD, "1").envs(variables.iter().copied()).output().unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let said = format!("{out}{err}");
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(!said.contains(OLD_KEY) && !said.contains(NEW_KEY), "a key was printed");
    output
}

fn is_child() -> bool {
    var(CHILD).is_some()
}

/// A server of models, which answers by the name of the key that it is shown.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(stream.unwrap());
        }
    });
    format!("http://{address}/v1")
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut key, mut length, mut line) = ("no key", 0, String::new());
    while reader.read_line(&mut line)? > 2 {
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        } else if let Some(value) = header.strip_prefix("authorization: bearer ") {
            key = match value.trim() {
                OLD_KEY => "the old key",
                NEW_KEY => "the new key",
                _ => "another key",
            };
        }
        line.clear();
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    let body = serde_json::json!({"choices": [{
        "message": {"role": "assistant", "content": key}, "finish_reason": "stop",
    }]})
    .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}",
        body.len()
    );
    write!(stream, "{head}\r\n\r\n{body}")
}

/// What `model` says to a greeting.
async fn ask(model: &dyn ChatModel) -> Result<String, LlmError> {
    let request = ChatRequest::new("small", [ChatMessage::user("hello")]);
    let subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:small");
    let permit = danger::permit_without_inspection(subject, act, &SystemClock, "a test");
    Ok(model.chat(permit, &request).await?.message.content)
}

/// ```text
/// use mofa_sdk::llm::openai_from_env;
/// // Credentials are automatically loaded from environment
/// let provider = openai_from_env()?;
/// ```
/// Supplied: the variables of the same chapter (`export OPENAI_API_KEY="sk-..."`), and a server.
#[test]
fn credentials_are_loaded_from_the_environment() {
    if !is_child() {
        let test = "credentials_are_loaded_from_the_environment";
        in_own_process(
            test,
            &[
                ("OPENAI_API_KEY", NEW_KEY),
                ("OPENAI_BASE_URL", &server()),
                ("OPENAI_ORG_ID", "org-1"),
            ],
        );
        return;
    }
    let snippet = || -> Result<OpenAiProvider, LlmError> {
        use mofa_sdk::llm::openai_from_env;
        // Credentials are automatically loaded from environment
        let provider = openai_from_env()?;
        Ok(provider)
    };
    let provider = snippet().unwrap();
    assert_eq!(block_on(ask(&provider)).unwrap(), "the new key");
    assert!(!format!("{provider:?}").contains(NEW_KEY));
}

/// Without the variable there is no provider, and the error names what to set.
#[test]
fn a_missing_variable_is_named() {
    if !is_child() {
        in_own_process("a_missing_variable_is_named", &[]);
        return;
    }
    let error = openai_from_env().unwrap_err();
    assert!(
        matches!(&error, LlmError::Configuration { variable, .. } if variable == "OPENAI_API_KEY"),
        "{error}"
    );
}

/// ```text
/// use std::time::Duration;
/// // Reload provider periodically
/// tokio::spawn(async move {
/// let mut interval = tokio::time::interval(Duration::from_hours(24));
/// loop {
/// interval.tick().await;
/// // Reload credentials from environment
/// match openai_from_env() {
/// Ok(provider) => agent.update_provider(provider).await,
/// Err(e) => eprintln!("Failed to reload credentials: {}", e),
/// }
/// }
/// });
/// ```
/// Supplied: `agent`, a `SharedModel`: the handle through which an agent calls its model.
#[expect(clippy::disallowed_methods, reason = "the guide spawns like this")]
#[expect(
    clippy::uninlined_format_args,
    clippy::print_stderr,
    reason = "the guide prints like this"
)]
fn the_rotation_snippet(agent: SharedModel) {
    // Reload provider periodically
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(Duration::from_hours(24));
        loop {
            interval.tick().await;
            // Reload credentials from environment
            match openai_from_env() {
                Ok(provider) => agent.update_provider(provider).await,
                Err(e) => eprintln!("Failed to reload credentials: {}", e),
            }
        }
    });
}

/// "Implement rotation logic": the agent goes on with the key that the environment has now.
#[test]
fn a_new_key_is_used_without_a_restart() {
    if !is_child() {
        let test = "a_new_key_is_used_without_a_restart";
        in_own_process(test, &[("OPENAI_API_KEY", NEW_KEY), ("OPENAI_BASE_URL", &server())]);
        return;
    }
    let before = OpenAiProvider::from_source(|name| match name {
        "OPENAI_API_KEY" => Some(OLD_KEY.to_owned()),
        name => var(name),
    });
    let agent = SharedModel::new(before.unwrap());
    block_on(async {
        assert_eq!(ask(&agent).await.unwrap(), "the old key");
        the_rotation_snippet(agent.clone());
        // The first reload is at once; each call gives it a turn.
        for _ in 0..100 {
            if ask(&agent).await.unwrap() == "the new key" {
                return;
            }
        }
        unreachable!("the provider was never replaced");
    });
}

/// A reload that fails says so every day, and the agent goes on with what it has.
#[test]
fn a_failed_reload_is_reported_and_changes_nothing() {
    if !is_child() {
        let output = in_own_process("a_failed_reload_is_reported_and_changes_nothing", &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        let reports: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("Failed to reload credentials: "))
            .collect();
        assert!(reports.len() >= 3, "{said}");
        assert!(reports.iter().all(|report| report.contains("OPENAI_API_KEY")), "{said}");
        return;
    }
    let agent = SharedModel::new(ScriptedModel::new().with_reply("hello", "still here"));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        the_rotation_snippet(agent.clone());
        tokio::task::yield_now().await;
        for _ in 0..3 {
            tokio::time::advance(Duration::from_hours(24)).await;
            tokio::task::yield_now().await;
            assert_eq!(ask(&agent).await.unwrap(), "still here");
        }
    });
}
