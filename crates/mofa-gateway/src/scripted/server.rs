//! Listens and answers by the script.

use super::body::ScriptedBody;
use super::completion::{self, Asked};
use super::{Ending, Reply, Script};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How many requests are kept; the oldest give way.
pub const MAX_RECEIVED: usize = 1024;

/// The largest body that is taken.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A request, as it arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Its path.
    pub path: String,
    /// Its headers, in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
}

/// Sizes only: headers hold keys, and bodies what people wrote.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Received");
        debug.field("path", &self.path).field("headers", &self.headers.len());
        debug.field("body_bytes", &self.body.len()).finish()
    }
}

/// A model server that is running; it stops when it is dropped.
#[derive(Debug)]
pub struct ScriptedUpstream {
    address: SocketAddr,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct State {
    script: Script,
    received: Mutex<VecDeque<Received>>,
}

impl ScriptedUpstream {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// What the system says if there is no port to be had.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), script).await
    }

    /// Starts at `address`.
    ///
    /// # Errors
    /// What the system says if the address cannot be had.
    pub async fn start_at(address: SocketAddr, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { script, received: Mutex::new(VecDeque::new()) });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, _tasks: tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of its API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The chat requests that arrived, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.received().iter().cloned().collect()
    }
}

impl State {
    fn received(&self) -> std::sync::MutexGuard<'_, VecDeque<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, request: Received) {
        let mut received = self.received();
        if received.len() >= MAX_RECEIVED {
            received.pop_front();
        }
        received.push_back(request);
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(&state, request).await) }
    });
    let _ = Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(state: &State, request: Request<Incoming>) -> Response<ScriptedBody> {
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/v1/chat/completions") => {
            let (head, body) = request.into_parts();
            let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
                return error(StatusCode::BAD_REQUEST, "the body broke off");
            };
            let body = body.to_bytes();
            let headers = head.headers.iter().map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
            let (path, headers) = (head.uri.path().to_owned(), headers.collect());
            state.keep(Received { path, headers, body: body.clone() });
            match Asked::read(&body) {
                Some(asked) => complete(&state.script, &asked),
                None => error(StatusCode::BAD_REQUEST, "this is no chat completion request"),
            }
        }
        (&Method::GET, "/v1/models") => {
            let models = state.script.models().iter();
            let data: Vec<Value> =
                models.map(|model| json!({"id": model, "object": "model"})).collect();
            document(StatusCode::OK, &json!({"object": "list", "data": data}))
        }
        (&Method::GET, "/__received") => {
            let lines = state.received().iter().map(line).collect::<String>();
            respond(StatusCode::OK, "application/jsonl", [Bytes::from(lines)], Ending::Complete)
        }
        _ => error(StatusCode::NOT_FOUND, "there is nothing at this path"),
    }
}

/// A request as one line of JSON; the body in base64, because it may be anything.
fn line(received: &Received) -> String {
    let Received { path, headers, body } = received;
    let line = json!({"path": path, "headers": headers, "body_base64": STANDARD.encode(body)});
    format!("{line}\n")
}

fn complete(script: &Script, asked: &Asked) -> Response<ScriptedBody> {
    let stream = |events: Vec<String>| {
        let pieces = events.into_iter().map(Bytes::from);
        respond(StatusCode::OK, "text/event-stream", pieces, Ending::Complete)
    };
    let chunk_chars = script.chunk_chars();
    match script.reply(&asked.said) {
        Reply::Texts(texts) if asked.stream => {
            stream(completion::text_events(asked, &texts, chunk_chars))
        }
        Reply::Texts(texts) => document(StatusCode::OK, &completion::texts(asked, &texts)),
        Reply::ToolCalls(calls) if asked.stream => {
            stream(completion::call_events(asked, &calls, chunk_chars))
        }
        Reply::ToolCalls(calls) => document(StatusCode::OK, &completion::tool_calls(asked, &calls)),
        Reply::Document { status, body } => {
            document(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), &body)
        }
        Reply::Raw { content_type, pieces, ending } => {
            respond(StatusCode::OK, &content_type, pieces.into_iter().map(Bytes::from), ending)
        }
    }
}

fn error(status: StatusCode, message: &str) -> Response<ScriptedBody> {
    document(status, &json!({"error": {"message": message, "type": "invalid_request_error"}}))
}

fn document(status: StatusCode, document: &Value) -> Response<ScriptedBody> {
    let body = Bytes::from(document.to_string());
    respond(status, "application/json", [body], Ending::Complete)
}

fn respond(
    status: StatusCode,
    content_type: &str,
    pieces: impl IntoIterator<Item = Bytes>,
    ending: Ending,
) -> Response<ScriptedBody> {
    let mut response = Response::new(ScriptedBody::new(pieces, ending));
    *response.status_mut() = status;
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    response
}
