"""Personal data is taken out wherever it stands, on the way in and on the way out."""

from __future__ import annotations

import json
from typing import Any

import openai

from conftest import Wire
from service import Gateway, stage
from test_chat import MODEL, user

EMAIL = ("ann.lee@example.com", "[EMAIL]")
CARD = ("4111 1111 1111 1111", "[CREDIT_CARD]")
SSN = ("536-22-8765", "[SSN]")


def ask(client: openai.OpenAI, messages: list[Any], **more: Any) -> str:
    completion = client.chat.completions.create(model=MODEL, messages=messages, **more)
    return completion.choices[0].message.content or ""


def call(arguments: str) -> dict[str, Any]:
    function = {"name": "send_mail", "arguments": arguments}
    return {"role": "assistant", "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}


def result(content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "call_1", "content": content}


def test_in_an_old_message(client: openai.OpenAI, gateway: Gateway, wire: Wire) -> None:
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=[
        {"role": "user", "content": f"I am {EMAIL[0]}, SSN {SSN[0]}."},
        {"role": "assistant", "content": f"Noted, {EMAIL[0]}."},
        {"role": "user", "content": "Thanks."},
    ])
    wire.assert_reached(EMAIL, SSN)
    record = gateway.record(raw.headers["x-mofa-request-decision"])
    found = [one["category"] for one in stage(record, "pii")["findings"]]
    assert sorted(found) == ["email", "email", "ssn"]


def test_in_a_message_with_quotes_and_other_letters(client: openai.OpenAI, wire: Wire) -> None:
    told = ask(client, user(f'Grüße:\n\t"{EMAIL[0]}" \\ 🙂'))
    assert told == 'Grüße:\n\t"[EMAIL]" \\ 🙂'
    assert json.loads(wire.reached) == json.loads(wire.sent.replace(
        EMAIL[0].encode(), EMAIL[1].encode()))


def test_in_content_parts_and_names(client: openai.OpenAI, wire: Wire) -> None:
    parts = [{"type": "text", "text": f"one {CARD[0]}"}, {"type": "text", "text": "two"}]
    message = {"role": "user", "name": EMAIL[0], "content": parts}
    ask(client, [message], metadata={"owner": EMAIL[0]}, extra_body={"x_note": [SSN[0]]})
    wire.assert_reached(CARD, EMAIL, SSN)


def test_in_tool_arguments(client: openai.OpenAI, wire: Wire) -> None:
    arguments = json.dumps({"to": EMAIL[0], "copies": [{"to": EMAIL[0]}], "text": "Hi"})
    ask(client, [*user("Send it"), call(arguments), result("sent"), *user("Done?")])
    wire.assert_reached(EMAIL)


def test_in_json_within_json_of_a_tool_result(client: openai.OpenAI, wire: Wire) -> None:
    inner = json.dumps({"customer": {"mail": EMAIL[0], "cards": [CARD[0]]}})
    outer = json.dumps({"status": 200, "body": inner, "notes": ["ssn", SSN[0]]})
    ask(client, [*user("Look it up"), call("{}"), result(outer), *user("And?")])
    wire.assert_reached(EMAIL, CARD, SSN)


def test_in_a_tool_description(client: openai.OpenAI, wire: Wire) -> None:
    tool = {"type": "function", "function": {
        "name": "send_mail",
        "description": f"Sends mail; ask {EMAIL[0]} for access.",
        "parameters": {"type": "object", "properties": {
            "to": {"type": "string", "description": "who", "default": EMAIL[0]}}},
    }}
    ask(client, user("Hello"), tools=[tool])
    wire.assert_reached(EMAIL)


def test_in_a_plain_answer(client: openai.OpenAI, wire: Wire) -> None:
    assert ask(client, user("who do I write to?")) == "Write to [EMAIL] by noon."
    wire.assert_reached()


def test_split_over_the_chunks_of_a_stream(client: openai.OpenAI, gateway: Gateway) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=user("who do I write to?"), stream=True)
    chunks = list(raw.parse())
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "Write to [EMAIL] by noon."
    assert chunks[-1].choices[0].finish_reason == "stop"
    record = gateway.record(raw.headers["x-mofa-decision"])
    assert record["stream"] == "complete"
    assert [one["category"] for one in stage(record, "pii")["findings"]] == ["email"]


def test_in_the_tool_arguments_of_an_answer(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=user("mail the report"))
    calls = completion.choices[0].message.tool_calls or []
    arguments = [call.function.arguments for call in calls if call.type == "function"]
    assert arguments == [
        '{"to":"[EMAIL]","note":"card [CREDIT_CARD]"}', '{"done":true}']


def test_in_the_tool_arguments_of_a_stream(client: openai.OpenAI) -> None:
    arguments = {0: "", 1: ""}
    finish = None
    for chunk in client.chat.completions.create(
            model=MODEL, messages=user("mail the report"), stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            assert finish is None
            if call.function:
                arguments[call.index] += call.function.arguments or ""
        finish = chunk.choices[0].finish_reason
    assert arguments == {
        0: '{"to":"[EMAIL]","note":"card [CREDIT_CARD]"}', 1: '{"done":true}'}
    assert finish == "tool_calls"


def test_no_record_repeats_what_was_found(client: openai.OpenAI, gateway: Gateway) -> None:
    ask(client, user(f"I am {EMAIL[0]}, card {CARD[0]}, SSN {SSN[0]}."))
    kept = gateway.audit.read_text() + gateway.log
    for value in [EMAIL[0], CARD[0], SSN[0], CARD[0].replace(" ", ""), SSN[0].replace("-", "")]:
        assert value not in kept
