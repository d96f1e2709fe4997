"""What is measured: how each target is configured, started and checked."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import processes
import traffic
from processes import Process

PORTKEY = "1.15.2"
REPOSITORY = Path(__file__).resolve().parents[2]

NGINX = """\
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{http}
}}
"""
UPSTREAM = """\
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    default_type application/json;
    location / {{ return 200 '{answer}'; }}
  }}"""
PROXY = """\
  upstream model {{
    server 127.0.0.1:{upstream};
    keepalive 128;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}"""

MOFA_OFF = """\
[security]
preset = "permissive"
"""
MOFA_FULL = """\
[security]
preset = "strict"

[security.moderation]
blocked = ["counterfeit invoice", "stolen goods"]
flagged = ["refund fraud"]
"""
MOFA = """\
[gateway]
listen = "127.0.0.1:{port}"

[gateway.limits]
max_in_flight = 4096

{security}
[audit]
path = "{folder}/audit.jsonl"

[roles.caller]
permissions = ["invoke:model:*"]

{key}

[[upstreams]]
name = "upstream"
base_url = "http://127.0.0.1:{upstream}/v1"
models = ["*"]
"""


@dataclass
class Target:
    """Something that answers at a port."""

    name: str
    about: str
    port: int
    process: Process
    headers: dict[str, str] = field(default_factory=dict)
    audit: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def check(self) -> None:
        """Makes sure that the answer is the upstream's, and that what should be enforced is."""
        status, body = processes.post(
            f"{self.url}/v1/chat/completions", traffic.request(), self.headers
        )
        content = _content(body)
        if status != 200 or content != traffic.ANSWER:
            raise processes.StartError(f"{self.name} answered {status}: {body[:500]!r}")
        if self.audit is not None:
            self._check_audit(self.audit, "enforce" if self.name == "mofa-full" else "off")

    def _check_audit(self, audit: Path, mode: str) -> None:
        records = [json.loads(line) for line in audit.read_text().splitlines() if line]
        modes = {stage["mode"] for record in records for stage in record.get("stages", [])}
        if modes != {mode}:
            raise processes.StartError(f"{self.name}: stages are {modes}, expected {mode}")


def upstream(folder: Path, workers: int) -> Target:
    """nginx with a fixed answer: the model server behind everything."""
    port = processes.free_port()
    answer = traffic.answer().decode().replace("'", "\\'").replace("$", "")
    http = UPSTREAM.format(port=port, answer=answer)
    return _nginx("direct", "the model server itself: nginx, a fixed answer", folder, port, http,
                  workers)


def nginx(folder: Path, upstream_port: int, workers: int) -> Target:
    """nginx as a bare reverse proxy that keeps connections: about as little as a hop can cost."""
    port = processes.free_port()
    http = PROXY.format(port=port, upstream=upstream_port)
    return _nginx("nginx", f"bare reverse proxy, {workers} worker(s)", folder, port, http, workers)


def mofa(folder: Path, upstream_port: int, binary: Path, full: bool) -> Target:
    """`mofa serve`, with everything or with nothing enabled; its records are synced either way."""
    name = "mofa-full" if full else "mofa-off"
    about = "four stages enforced, every decision synced" if full else \
        "no stage, fail-open; decisions are still recorded and synced"
    folder = _own(folder, name)
    port = processes.free_port()
    made = subprocess.run(
        [binary, "key", "new", "--id", "bench", "--subject", "bench", "--role", "caller",
         "--format", "json"], capture_output=True, text=True, check=True)
    key = json.loads(made.stdout)
    config = folder / "mofa.toml"
    config.write_text(MOFA.format(
        port=port, folder=folder, upstream=upstream_port, key=key["section"],
        security=MOFA_FULL if full else MOFA_OFF))
    process = Process([str(binary), "serve", "-c", str(config)], folder / "log")
    process.wait_until_open(port)
    headers = {"Authorization": f"Bearer {key['key']}"}
    return Target(name, about, port, process, headers, folder / "audit.jsonl")


def portkey(folder: Path, upstream_port: int, installed: Path) -> Target:
    """Portkey's gateway, which checks nothing in this set-up."""
    folder = _own(folder, "portkey")
    port = processes.free_port()
    script = installed / "node_modules/@portkey-ai/gateway/build/start-server.js"
    process = Process(
        ["node", str(script), f"--port={port}", "--headless"], folder / "log",
        {"NODE_ENV": "production"})
    process.wait_until_open(port)
    headers = {
        "Authorization": f"Bearer {secrets.token_hex(16)}",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{upstream_port}/v1",
    }
    return Target("portkey", f"@portkey-ai/gateway {PORTKEY}, no guardrails", port, process, headers)


def install_portkey() -> Path:
    """The folder that Portkey's gateway is installed in; installs it there once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "mofa" / "peers" / f"portkey-{PORTKEY}"
    if not (folder / "node_modules/@portkey-ai/gateway/build/start-server.js").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder),
             f"@portkey-ai/gateway@{PORTKEY}"], check=True)
    return folder


def build_mofa() -> Path:
    """The release binary: `MOFA_BIN` if set, built if not."""
    if given := os.environ.get("MOFA_BIN"):
        return Path(given).resolve()
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--package", "mofa-cli"],
        cwd=REPOSITORY, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    return (REPOSITORY / target / "release" / "mofa").resolve()


def _nginx(name: str, about: str, folder: Path, port: int, http: str, workers: int) -> Target:
    folder = _own(folder, name)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(workers=workers, folder=folder, http=http))
    # `-e`: where errors go before the file is read; the default is a folder of the system.
    command = ["nginx", "-e", str(folder / "error.log"), "-c", str(config), "-p", str(folder)]
    process = Process(command, folder / "log")
    process.wait_until_open(port)
    return Target(name, about, port, process)


def _own(folder: Path, name: str) -> Path:
    own = folder / name
    own.mkdir(mode=0o755)
    return own


def _content(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["choices"][0]["message"]["content"])
    except (ValueError, KeyError, IndexError, TypeError):
        return None
