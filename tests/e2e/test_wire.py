"""Requests that no client library would send: each gets a clear answer, and the service goes on."""

from __future__ import annotations

import json
import socket
from typing import Any

import openai
import pytest

from conftest import Wire
from service import LIMIT_S, Gateway
from test_chat import MODEL, user

HOST = b"Host: gateway\r\n"


def exchange(gateway: Gateway, sent: bytes, ends: bool = False) -> bytes:
    """Sends these bytes and reads until the other side has said everything."""
    with socket.create_connection(gateway.address, timeout=LIMIT_S) as connection:
        connection.sendall(sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            # It does not read what is left of a request that it has refused.
            assert answer
    return answer


def parsed(answer: bytes) -> tuple[int, Any]:
    """The status and the JSON body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 "), answer[:200]
    return int(head.split(b" ", 2)[1]), json.loads(body) if body else None


def post(gateway: Gateway, body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    """A request with `body`, as bytes."""
    size = len(body) if length is None else length
    lines = [b"POST /v1/chat/completions HTTP/1.1", HOST.strip(), b"Connection: close",
             b"Authorization: Bearer " + gateway.key.encode(), b"Content-Length: %d" % size]
    if not any(header.lower().startswith(b"content-type") for header in headers):
        lines.append(b"Content-Type: application/json")
    return b"\r\n".join([*lines, *headers]) + b"\r\n\r\n" + body


def chat(**members: Any) -> bytes:
    request: dict[str, Any] = {"model": MODEL, "messages": user("Hello")}
    return json.dumps(request | members).encode()


BODIES = {
    "empty": (b"", 400, "invalid_json", None),
    "cut": (chat()[:-5], 400, "invalid_json", None),
    "more behind": (chat() + b"x", 400, "invalid_json", None),
    "twice the same": (b'{"model":"a","model":"b","messages":[]}', 400, "invalid_json", None),
    "too deep": (b"[" * 5000 + b"]" * 5000, 400, "invalid_json", None),
    "half a surrogate": (chat().replace(b"Hello", b"\\ud83d"), 400, "invalid_json", None),
    "no utf-8": (chat().replace(b"Hello", b"\xff\xfe"), 400, "invalid_encoding", None),
    "a list": (b"[]", 400, "invalid_value", "body"),
    "no model": (b'{"messages":[]}', 400, "invalid_value", None),
    "model a number": (chat(model=7), 400, "invalid_value", "model"),
    "model with a line break": (chat(model="a\nb"), 400, "invalid_value", "model"),
    "no messages": (chat(messages=[]), 400, "invalid_value", "messages"),
    "a message a text": (chat(messages=["hi"]), 400, "invalid_value", "messages[0]"),
    "an unknown role": (chat(messages=[{"role": "root", "content": "x"}]), 400, "invalid_value",
                        "messages[0].role"),
    "content a number": (chat(messages=[{"role": "user", "content": 1}]), 400, "invalid_value",
                         "messages[0].content"),
    "stream a text": (chat(stream="yes"), 400, "invalid_value", "stream"),
    "tools an object": (chat(tools={}), 400, "invalid_value", "tools"),
    "too large": (chat(pad="x" * 70000), 413, "body_too_large", None),
}


@pytest.mark.parametrize(("body", "status", "code", "param"), BODIES.values(), ids=BODIES.keys())
def test_bodies(gateway: Gateway, body: bytes, status: int, code: str, param: str | None) -> None:
    told, answer = parsed(exchange(gateway, post(gateway, body)))
    error = answer["error"]
    assert (told, error["code"]) == (status, code)
    assert error["type"] == "invalid_request_error"
    if param is not None:
        assert error["param"] == param


def head(*lines: bytes) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


def test_heads(gateway: Gateway) -> None:
    key = b"Authorization: Bearer " + gateway.key.encode()
    end = b"Connection: close"
    long = b"x-long: " + b"a" * 9000
    for sent, status, code in [
        (head(b"GET /nowhere HTTP/1.1", HOST.strip(), end), 404, "not_found"),
        (head(b"GET /v1/chat/completions HTTP/1.1", HOST.strip(), end, key), 405,
         "method_not_allowed"),
        (head(b"GET /v1/models HTTP/1.1", HOST.strip(), end), 401, "invalid_api_key"),
        (head(b"GET /v1/models HTTP/1.1", HOST.strip(), end, b"Authorization: Basic eA=="), 401,
         "invalid_api_key"),
        (head(b"GET /healthz HTTP/1.1", HOST.strip(), end, long), 431, "headers_too_large"),
        (post(gateway, chat(), b"Content-Type: text/plain"), 415, "unsupported_media_type"),
        (post(gateway, chat(), b"Content-Encoding: gzip"), 415, "unsupported_media_type"),
    ]:
        told, answer = parsed(exchange(gateway, sent))
        assert (told, answer["error"]["code"]) == (status, code)


@pytest.mark.parametrize("sent", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"GET\r\n\r\n",
    b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
], ids=["tls", "no path", "length", "two lengths", "header"])
def test_what_is_no_http(gateway: Gateway, sent: bytes) -> None:
    told, answer = parsed(exchange(gateway, sent, ends=True))
    assert (told, answer["error"]["code"]) == (400, "invalid_request")
    assert gateway.get("/healthz") == 200


def test_a_body_that_never_comes(gateway: Gateway) -> None:
    told, answer = parsed(exchange(gateway, post(gateway, b"{", length=500)))
    assert (told, answer["error"]["code"]) == (408, "request_timeout")


def test_a_body_that_breaks_off(gateway: Gateway) -> None:
    told, answer = parsed(exchange(gateway, post(gateway, b"{", length=500), ends=True))
    assert (told, answer["error"]["code"]) == (400, "body_incomplete")


def test_a_head_that_never_ends(gateway: Gateway) -> None:
    told, answer = parsed(exchange(gateway, b"GET /healthz HTTP/1.1\r\nHost: a\r\n"))
    assert (told, answer["error"]["code"]) == (408, "request_timeout")


def test_it_still_serves(client: openai.OpenAI, gateway: Gateway, wire: Wire) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=user("Still there?"))
    assert completion.choices[0].message.content == "Still there?"
    assert gateway.process.poll() is None
    wire.assert_reached()
