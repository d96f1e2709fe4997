"""One gateway and one scripted model for all tests that only ask things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from service import LIMIT_S, Gateway, HeldModel, Received, ScriptedModel


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mofa")


@pytest.fixture(scope="session")
def model(folder: Path) -> Iterator[ScriptedModel]:
    running = ScriptedModel(folder)
    yield running
    running.stop()


@pytest.fixture
def held() -> Iterator[HeldModel]:
    running = HeldModel()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def gateway(folder: Path, model: ScriptedModel) -> Iterator[Gateway]:
    running = Gateway(folder, model.url, "http://127.0.0.1:9/v1")
    yield running
    # It was asked everything that the tests could think of.
    running.ask_to_stop()
    code = running.wait()
    assert code == 0, f"exit code {code}:\n{running.log}"
    assert "panicked" not in running.log


class Wire:
    """What a client sent and what reached the model server, byte for byte."""

    def __init__(self, model: ScriptedModel) -> None:
        self._model = model
        self._before = len(model.received())
        self._sent: list[bytes] = []

    def note(self, request: Any) -> None:
        """The hook of the HTTP client."""
        self._sent.append(request.content)

    async def note_async(self, request: Any) -> None:
        self.note(request)

    @property
    def sent(self) -> bytes:
        [sent] = self._sent
        return sent

    @property
    def all_reached(self) -> list[Received]:
        return self._model.received()[self._before:]

    @property
    def reached(self) -> bytes:
        [reached] = self.all_reached
        return reached.body

    def assert_reached(self, *redactions: tuple[str, str]) -> None:
        """What reached the model is what was sent, with exactly these values replaced."""
        expected = self.sent
        for value, placeholder in redactions:
            assert value.encode() in expected, f"the request has no {value}"
            expected = expected.replace(value.encode(), placeholder.encode())
        assert self.reached == expected

    def assert_nothing_reached(self) -> None:
        assert self._sent, "nothing was sent"
        assert self.all_reached == []


@pytest.fixture
def wire(model: ScriptedModel) -> Wire:
    return Wire(model)


def client_of(gateway: Gateway, wire: Wire, key: str | None = None) -> openai.OpenAI:
    """The official client; it does not try again, so that each test sees one request."""
    return openai.OpenAI(
        base_url=gateway.url, api_key=key or gateway.key, max_retries=0, timeout=LIMIT_S,
        http_client=openai.DefaultHttpxClient(event_hooks={"request": [wire.note]}))


@pytest.fixture
def client(gateway: Gateway, wire: Wire) -> Iterator[openai.OpenAI]:
    with client_of(gateway, wire) as running:
        yield running
