//! The gateway starts, says where it is, answers, and ends as it is asked to.

use crate::house;
use crate::run::Folder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

/// A server that prints where it listens as JSON.
struct Server {
    child: Child,
    says: Value,
}

impl Server {
    fn start(folder: &Folder, args: &[&str]) -> Self {
        let mut child = folder.command(args).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let says = serde_json::from_str(&line).unwrap();
        Self { child, says }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// How it ended, and what it said on standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

/// The answer to `request`, whole.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: &str, path: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
}

#[test]
fn it_serves_until_it_is_asked_to_end() {
    let (folder, _) = house::folder("");
    for signal in ["-TERM", "-INT"] {
        let server = Server::start(&folder, &["serve", "--format", "json"]);
        let address = server.says["listening"].as_str().unwrap();
        assert!(get(address, "/healthz").starts_with("HTTP/1.1 200 "));
        assert!(get(address, "/v1/models").starts_with("HTTP/1.1 401 "));
        assert!(folder.read("audit.jsonl").contains("authentication_failed"));
        server.signal(signal);
        let (code, stderr) = server.end();
        assert_eq!(code, Some(0), "{stderr}");
        for part in ["listening on http://", "audit.jsonl", "rbac enforce", "warning: "] {
            assert!(stderr.contains(part), "{part} in {stderr}");
        }
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (folder, key) = house::folder("");
    let server = Server::start(&folder, &["serve", "--format", "json"]);
    let address = server.says["listening"].as_str().unwrap();
    // A request whose body never comes keeps the gateway from finishing.
    let mut open = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
        key.expose()
    );
    open.write_all(request.as_bytes()).unwrap();
    let mut head = [0; 12];
    open.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 100");
    server.signal("-TERM");
    let mut server = server;
    let mut stderr = BufReader::new(server.child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("second signal") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it should wait");
    }
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_address_that_is_taken_is_a_failure() {
    let (folder, _) = house::folder("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = folder.run(&["serve", "--listen", &address]).with_code(1);
    assert!(ended.stderr.contains(&format!("cannot listen on `{address}`")), "{}", ended.stderr);
    assert!(ended.stderr.contains("hint: "));
}

#[test]
fn the_scripted_model_says_what_it_is_told() {
    let script = r#"{"rules":[{"contains":"weather","texts":["Sunny."]}]}"#;
    let folder = Folder::new().with("script.json", script).with("wrong.json", "{\"rule\":1}");
    let args = ["scripted-model", "--script", "script.json"];
    let server = Server::start(&folder, &args);
    let body = r#"{"model":"m","messages":[{"role":"user","content":"the weather"}]}"#;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(server.says["address"].as_str().unwrap(), &request);
    assert!(answer.contains("Sunny."), "{answer}");
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
    folder.run(&["scripted-model", "--script", "wrong.json"]).with_code(2);
}
