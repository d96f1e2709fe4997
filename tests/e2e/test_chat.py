"""What may pass passes: plain, streamed, with tools, whole and unchanged."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import openai

from conftest import Wire, client_of
from service import LIMIT_S, UPSTREAM_KEY, Gateway

MODEL = "chat-small"
TOOLS: list[Any] = [{"type": "function", "function": {
    "name": "get_weather",
    "description": "Looks up the weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}}]


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def test_plain(client: openai.OpenAI, gateway: Gateway, wire: Wire) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=user("Good morning!"), temperature=0.5)
    completion = raw.parse()
    assert completion.choices[0].message.content == "Good morning!"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None and completion.usage.total_tokens == 2
    wire.assert_reached()
    for header, direction in [("x-mofa-request-decision", "input"), ("x-mofa-decision", "output")]:
        record = gateway.record(raw.headers[header])
        assert (record["verdict"], record["direction"]) == ("allow", direction)
        assert record["resource"] == "model:chat-small"
        assert record["subject"]["id"] == "chatter-1"


def test_only_the_gateways_own_credential_reaches_the_model(
    client: openai.OpenAI, gateway: Gateway, wire: Wire
) -> None:
    client.chat.completions.create(
        model=MODEL, messages=user("Hello"), extra_headers={"x-private": "mine", "cookie": "a=b"})
    [reached] = wire.all_reached
    assert reached.headers["authorization"] == f"Bearer {UPSTREAM_KEY}"
    assert not {"x-private", "cookie"} & reached.headers.keys()
    assert gateway.key not in json.dumps(reached.headers)


def test_streamed(client: openai.OpenAI, wire: Wire) -> None:
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=user("Good morning to you all!"), stream=True))
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(texts) == "Good morning to you all!"
    assert sum(bool(text) for text in texts) > 1, "it came in one piece"
    assert chunks[-1].choices[0].finish_reason == "stop"
    wire.assert_reached()


def test_usage_of_a_stream_comes_last(client: openai.OpenAI, wire: Wire) -> None:
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=user("Count"), stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None and chunks[-1].usage.total_tokens == 2
    assert chunks[-2].choices[0].finish_reason == "stop"
    wire.assert_reached()


def test_tools(client: openai.OpenAI, wire: Wire) -> None:
    completion = client.chat.completions.create(
        model=MODEL, messages=user("What is the weather in Paris?"), tools=TOOLS)
    assert completion.choices[0].finish_reason == "tool_calls"
    [call] = completion.choices[0].message.tool_calls or []
    assert call.type == "function" and call.function.name == "get_weather"
    assert call.function.arguments == '{"city":"Paris","days":[1,2],"unit":"celsius"}'
    wire.assert_reached()


def test_tools_streamed(client: openai.OpenAI, wire: Wire) -> None:
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=user("What is the weather in Paris?"), tools=TOOLS, stream=True))
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    named = [call.function.name for call in calls if call.function and call.function.name]
    pieces = [call.function.arguments or "" for call in calls if call.function]
    assert named == ["get_weather"]
    assert "".join(pieces) == '{"city":"Paris","days":[1,2],"unit":"celsius"}'
    assert {call.index for call in calls} == {0}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    wire.assert_reached()


def test_unknown_fields_pass(client: openai.OpenAI, wire: Wire) -> None:
    extra = {"x_vendor": {"weights": [1, 2.5, -3e-7, None, True], "mode": "quick"}, "top_a": 0.125}
    completion = client.chat.completions.create(
        model=MODEL, messages=user("Show me unusual fields"), extra_body=extra)
    told: Any = completion
    assert told.x_vendor == {"trace": [1, 2.5, None]}
    assert told.choices[0].x_score == 0.25
    assert told.choices[0].message.x_mood == "calm"
    wire.assert_reached()


def test_odd_spelling_passes_byte_for_byte(gateway: Gateway, wire: Wire) -> None:
    body = (
        b'\n{ "model" :\t"chat-small",\r\n "seed":12345678901234567890, "t":1.50e+01, "x": [ ],'
        b' "messages" : [ {"content":"caf\\u00e9 \\ud83d\\ude00 \xc3\xa9 a\\/b", "role":"user" } ]'
        b" } \n"
    )
    status, answer = gateway.post(body)
    assert status == 200
    content = json.loads(answer)["choices"][0]["message"]["content"]
    assert content == "caf\u00e9 \U0001f600 \u00e9 a/b"
    assert wire.reached == body


def test_several_choices_streamed(client: openai.OpenAI, wire: Wire) -> None:
    texts = {0: "", 1: ""}
    ends = {}
    for chunk in client.chat.completions.create(
            model=MODEL, messages=user("Give me two opinions"), n=2, stream=True):
        for choice in chunk.choices:
            assert choice.index not in ends, "a choice goes on after its end"
            texts[choice.index] += choice.delta.content or ""
            if choice.finish_reason:
                ends[choice.index] = choice.finish_reason
    assert texts == {0: "First: ask [EMAIL] about it.", 1: "Second: SSN [SSN] is in the file."}
    assert ends == {0: "stop", 1: "stop"}
    wire.assert_reached()


def test_asynchronous_client(gateway: Gateway, wire: Wire) -> None:
    async def ask() -> tuple[str | None, str]:
        hooks = {"request": [wire.note_async]}
        http_client = openai.DefaultAsyncHttpxClient(event_hooks=hooks)
        async with openai.AsyncOpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0,
                                      timeout=LIMIT_S, http_client=http_client) as client:
            plain = await client.chat.completions.create(model=MODEL, messages=user("One"))
            stream = await client.chat.completions.create(
                model=MODEL, messages=user("Two and three"), stream=True)
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return plain.choices[0].message.content, "".join(pieces)

    assert asyncio.run(ask()) == ("One", "Two and three")
    assert len(wire.all_reached) == 2


def test_models_are_those_one_may_use(gateway: Gateway, wire: Wire) -> None:
    with client_of(gateway, wire) as client:
        assert {one.id for one in client.models.list()} == {"chat-small", "chat-held", "chat-gone"}
    with client_of(gateway, wire, gateway.insider_key) as client:
        assert [one.id for one in client.models.list()] == ["chat-secret"]
