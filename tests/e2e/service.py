"""Starts `mofa serve` and model servers on free ports, asks them things, and stops them."""

from __future__ import annotations

import base64
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 30.0
FOLDER = Path(__file__).parent

CONFIG = """\
default_role = "nobody"

[gateway]
listen = "127.0.0.1:0"

[gateway.limits]
max_body_bytes = 65536
max_header_bytes = 8192
header_read_timeout_seconds = 2
body_read_timeout_seconds = 2
shutdown_grace_seconds = {grace}

[security]
preset = "strict"

[security.moderation]
blocked = ["zorblax"]
flagged = ["quibbling"]

[audit]
path = "{audit}"

[roles.nobody]

[roles.chatter]
permissions = ["invoke:model:*"]
denied = ["invoke:model:chat-secret"]

[roles.insider]
permissions = ["invoke:model:chat-secret"]

{keys}

[[upstreams]]
name = "scripted"
base_url = "{scripted}"
api_key = "${{UPSTREAM_KEY}}"
models = ["chat-small", "chat-secret"]

[[upstreams]]
name = "held"
base_url = "{held}"
models = ["chat-held"]

[[upstreams]]
name = "gone"
base_url = "http://127.0.0.1:9/v1"
models = ["chat-gone"]
"""
UPSTREAM_KEY = "upstream-credential-4c1d"


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Returns once `done`; fails if that takes far too long."""
    deadline = time.monotonic() + LIMIT_S
    while not done():
        assert time.monotonic() < deadline, f"{what} did not come about within {LIMIT_S:g} s"
        time.sleep(0.02)


class Program:
    """A `mofa` command that says on one line of JSON where it listens, and runs until stopped."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        binary = os.environ.get("MOFA_BIN")
        assert binary, "MOFA_BIN must name the binary; `cargo xtask ci --only openai` sets it"
        self._log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [binary, *arguments], stdout=subprocess.PIPE, stderr=errors,
                stdin=subprocess.DEVNULL, env=os.environ | {"UPSTREAM_KEY": UPSTREAM_KEY})
        self.announced = self._first_line()

    def _first_line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT_S)
        line = self.process.stdout.readline() if ready else b""
        assert line, f"it said nothing and logged:\n{self.log}"
        announced: dict[str, Any] = json.loads(line)
        return announced

    @property
    def log(self) -> str:
        return self._log.read_text()

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Waits for the end; the exit code."""
        code = self.process.wait(LIMIT_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.wait()


@dataclass(frozen=True)
class Received:
    """A request as it reached the model server."""

    headers: dict[str, str]
    body: bytes


class ScriptedModel(Program):
    """The model server that answers from `script.json` and keeps what reached it."""

    def __init__(self, folder: Path) -> None:
        arguments = ["scripted-model", "--script", str(FOLDER / "script.json")]
        super().__init__(arguments, folder / "scripted-model.log")
        self.url: str = self.announced["url"]

    def received(self) -> list[Received]:
        host, _, port = self.announced["address"].partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=LIMIT_S)
        connection.request("GET", "/__received")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        found = [json.loads(line) for line in lines]
        return [Received(dict(one["headers"]), base64.b64decode(one["body_base64"]))
                for one in found]


class HeldModel:
    """A model server that sends the beginning of a stream and keeps the end until it is let go."""

    BEGIN, END = "Once upon a time", " they lived happily."

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._let_go = threading.Event()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def let_go(self) -> None:
        self._let_go.set()

    def stop(self) -> None:
        self._let_go.set()
        # A thread in accept() is not woken by close() alone.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in [self._accepting, *self._threads]:
            thread.join(LIMIT_S)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            stream.read(length)
            head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
            try:
                stream.write(head.encode() + self._chunk(self.BEGIN, None))
                stream.flush()
                self._let_go.wait(LIMIT_S)
                stream.write(self._chunk(self.END, None) + self._chunk("", "stop"))
                stream.write(b"data: [DONE]\n\n")
                stream.flush()
            except OSError:
                # The gateway is gone: that is what some tests are about.
                return

    @staticmethod
    def _chunk(content: str, finish_reason: str | None) -> bytes:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "chat-held",
                 "choices": [choice]}
        return f"data: {json.dumps(chunk)}\n\n".encode()


class Gateway(Program):
    """`mofa serve` with all four stages, in a folder of its own."""

    def __init__(self, folder: Path, scripted: str, held: str, audit: Path | None = None,
                 grace_s: int = 20) -> None:
        self.audit = audit or folder / "audit.jsonl"
        self.key, chatter = _key("chatter")
        self.insider_key, insider = _key("insider")
        config = folder / "mofa.toml"
        config.write_text(CONFIG.format(
            grace=grace_s, audit=self.audit, keys=f"{chatter}\n\n{insider}", scripted=scripted,
            held=held))
        super().__init__(
            ["serve", "-c", str(config), "--format", "json"], folder / "gateway.log")
        host, _, port = self.announced["listening"].partition(":")
        self.address = (host, int(port))
        self.url = f"http://{host}:{port}/v1"
        wait_until(lambda: self.get("/readyz") == 200, "readiness")

    def get(self, path: str) -> int:
        """The status of a GET; 0 if nobody answers."""
        connection = http.client.HTTPConnection(*self.address, timeout=LIMIT_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Posts exactly these bytes as a chat completion request."""
        connection = http.client.HTTPConnection(*self.address, timeout=LIMIT_S)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", body, headers)
        response = connection.getresponse()
        told = response.status, response.read()
        connection.close()
        return told

    def records(self) -> list[dict[str, Any]]:
        """Every audit record so far."""
        return [json.loads(line) for line in self.audit.read_text().splitlines() if line]

    def record(self, decision: str) -> dict[str, Any]:
        """The audit record of a decision."""
        found = [record for record in self.records() if record.get("id") == decision]
        assert len(found) == 1, f"{len(found)} records of decision {decision}"
        return found[0]


def stage(record: dict[str, Any], name: str) -> dict[str, Any]:
    """What one stage did, from an audit record."""
    [found] = [one for one in record["stages"] if one["stage"] == name]
    return dict(found)


def _key(role: str) -> tuple[str, str]:
    """A new key, and the section of the configuration that admits it."""
    arguments = ["key", "new", "--id", role, "--subject", f"{role}-1", "--role", role]
    made = subprocess.run([os.environ["MOFA_BIN"], *arguments, "--format", "json"],
                          capture_output=True, text=True, check=True)
    told = json.loads(made.stdout)
    return told["key"], told["section"]
