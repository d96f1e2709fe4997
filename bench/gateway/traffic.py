"""What is asked and what is answered: the same for every target."""

from __future__ import annotations

import json

MODEL = "bench-model"

SYSTEM = (
    "You are the assistant of a small hardware shop. Answer in two or three sentences, name the "
    "aisle when you know it, and say so when something is out of stock."
)
QUESTION = (
    "Hello, I am putting up shelves in my workshop this weekend and I would like to check what I "
    "need before I drive over. The wall is brick with about a finger of plaster on it, the boards "
    "are oak, 120 by 30 centimetres, and each of the four shelves has to carry roughly forty "
    "kilograms of paint tins and tools. I have a hammer drill and a set of masonry bits from six "
    "to ten millimetres. Which brackets and plugs would you take, how many of them for each shelf, "
    "and do I have to pre-drill the oak? I would also like to oil the boards first: is there one "
    "that dries overnight and does not smell too much?"
)
ANSWER = (
    "For forty kilograms on brick I would take two steel brackets for each shelf, at least 250 "
    "millimetres deep, with 10 by 80 millimetre nylon plugs, so that they hold behind the plaster. "
    "Both are in aisle seven. Pre-drill the oak with a four millimetre bit, otherwise it splits "
    "near the ends, and put the brackets about a fifth of the length in from each side. The hard "
    "wax oil in aisle three is dry to the touch in eight hours and smells less than linseed; two "
    "thin coats with a cloth are enough. Bring the paint tins in after a full day."
)
PERSONAL = (
    " You can reach me at erika.mustermann@example.com or on (415) 555-2671, the invoice went to "
    "the card 4111 1111 1111 1111."
)


def request(personal: bool = False) -> bytes:
    """A chat message of about one kilobyte, on one line."""
    question = QUESTION + PERSONAL if personal else QUESTION
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    return json.dumps({"model": MODEL, "messages": messages, "temperature": 0.2}).encode()


def answer() -> bytes:
    """A chat completion of about one kilobyte."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": ANSWER, "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    return json.dumps({
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": [choice],
        "usage": {"prompt_tokens": 210, "completion_tokens": 150, "total_tokens": 360},
    }).encode()
