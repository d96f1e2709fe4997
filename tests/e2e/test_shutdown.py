"""A gateway that is asked to stop finishes what it has begun, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from conftest import Wire, client_of
from service import Gateway, HeldModel, ScriptedModel, wait_until
from test_chat import user


@pytest.fixture
def own_gateway(
    tmp_path: Path, model: ScriptedModel, held: HeldModel, request: pytest.FixtureRequest
) -> Iterator[Gateway]:
    running = Gateway(tmp_path, model.url, held.url, grace_s=request.param)
    yield running
    running.stop()


def begin(gateway: Gateway, wire: Wire) -> tuple[str, Iterator[Any]]:
    """Asks for a stream that does not end by itself, and reads its beginning."""
    client = client_of(gateway, wire)
    stream = iter(client.chat.completions.create(
        model="chat-held", messages=user("Tell me a story"), stream=True))
    text = ""
    while not text:
        text += next(stream).choices[0].delta.content or ""
    return text, stream


@pytest.mark.parametrize("own_gateway", [20], indirect=True)
def test_a_stream_under_way_is_finished(
    own_gateway: Gateway, held: HeldModel, wire: Wire
) -> None:
    text, stream = begin(own_gateway, wire)
    own_gateway.ask_to_stop()
    wait_until(lambda: own_gateway.get("/healthz") == 0, "no new connections")
    held.let_go()
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
        finish = chunk.choices[0].finish_reason
    assert text == HeldModel.BEGIN + HeldModel.END
    assert finish == "stop"
    assert own_gateway.wait() == 0
    [record] = [one for one in own_gateway.records() if one.get("stream")]
    assert record["stream"] == "complete"


@pytest.mark.parametrize("own_gateway", [1], indirect=True)
def test_a_stream_that_takes_too_long_ends_with_an_error(own_gateway: Gateway, wire: Wire) -> None:
    _, stream = begin(own_gateway, wire)
    own_gateway.ask_to_stop()
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    error: Any = caught.value
    assert error.code == "shutting_down"
    assert own_gateway.wait() == 0
    assert own_gateway.record(error.body["decision_id"])["stream"] == "aborted"
