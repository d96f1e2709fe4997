"""A model server that streams, for stream.py: `paced.py PORT`.

The model's name says what it answers: `paced-N` one word in each of N chunks, one every 4 ms; `bulk-N`
N bytes of text in chunks of 1 KB, as fast as they are taken. Each chunk has the time at which it was
written as its `created`, in nanoseconds of this machine's monotonic clock.
"""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import time

WORDS = ("The committee met again on Tuesday to talk about the new library and who would pay for it "
         "when the old one by the harbour closes next spring ").split(" ")
INTERVAL_S = 0.004
BULK = 1_000
HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        b"X-Accel-Buffering: no\r\n\r\n")


class Handler(socketserver.StreamRequestHandler):
    """Answers requests of one connection, one after the other."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        while (length := self._head()) is not None:
            kind, _, count = json.loads(self.rfile.read(length))["model"].rpartition("-")
            self.wfile.write(HEAD)
            if kind == "paced":
                self._paced(int(count))
            else:
                self._bulk(int(count))
            self._chunk(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

    def _head(self) -> int | None:
        """Reads what comes before a body; its length, or None at the end."""
        length = 0
        if not self.rfile.readline():
            return None
        while (line := self.rfile.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def _paced(self, count: int) -> None:
        due = time.monotonic()
        for number in range(count):
            due += INTERVAL_S
            time.sleep(max(0.0, due - time.monotonic()))
            self._event(WORDS[number % len(WORDS)] + " ")

    def _bulk(self, count: int) -> None:
        text = " ".join(WORDS * (BULK // 100))[:BULK]
        for _ in range(count // BULK):
            self._event(text)

    def _event(self, text: str) -> None:
        chunk = {
            "id": "chatcmpl-paced", "object": "chat.completion.chunk",
            "created": time.monotonic_ns(), "model": "paced",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
        }
        self._chunk(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection."""

    daemon_threads = True
    allow_reuse_address = True
    address_family = socket.AF_INET


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()
