"""Examples of the OpenAPI document: real responses, from the golden set."""

from typing import Any

import msgspec

from eclgrmd.api.routes import TABLE
from eclgrmd.api.routing.table import Route
from testbench.checkout import CHECKOUT
from testbench.golden_set.rest import CALLS

__all__ = ["encode_examples", "recorded_answers"]

_ANSWERS = CHECKOUT / "tests/golden/made/rest.json"
_MASKS: dict[str, Any] = {
    "<time>": "2026-11-26T10:15:30.250000Z",
    "<id>": 17,
    "<size>": 4096,
    "<now>": 0,
    "<elapsed>": 0.4,
    "<sha256>": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "<version>": "0.2.0",
    "<ids>": "5c3e2a10-7f4e-5d1c-9a0b-1f2e3d4c5b6a",
}
"""Values in place of those that differ from run to run."""
_REST = "http://127.0.0.1:8641"
_MOST_ENTRIES = 1
"""Entries of a list that an example has."""
_PAIR = 2
"""Numbers of an interval or a band, which is shown whole."""
_LONGEST = 200
"""Characters of a text in an example."""


def encode_examples() -> bytes:
    """Return one response for each operation and status, as indented JSON."""
    found: dict[str, dict[str, Any]] = {}
    for name, status, body in recorded_answers():
        found.setdefault(name, {}).setdefault(str(status), _short(body))
    document = {name: found[name] for name in sorted(found)}
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def recorded_answers() -> list[tuple[str, int, Any]]:
    """Return operation, status and JSON body of every response of the golden set."""
    answers = msgspec.json.decode(_ANSWERS.read_bytes())
    by_route = {(route.method, route.path): route for route in TABLE}
    found = []
    for call in CALLS:
        route, answer = by_route.get((call.method, call.full_route)), answers.get(call.name)
        if route and answer and _is_described(route, answer):
            found.append((route.name, answer["status"], _unmasked(answer["body"])))
    return found


def _is_described(route: Route, answer: dict[str, Any]) -> bool:
    """Return whether a response is JSON of ours, and not a file."""
    described = route.answers.get(answer["status"])
    if described is not None and (described.body is None or isinstance(described.body, str)):
        return False
    media_type: str = answer["headers"].get("Content-Type", "")
    return media_type.endswith("json")


def _unmasked(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _unmasked(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_unmasked(value) for value in node]
    if isinstance(node, str):
        text = node.replace("{rest}", _REST)
        return _MASKS.get(text, text.replace("<time>", _MASKS["<time>"]))
    return node


def _short(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _short(value) for key, value in node.items()}
    if isinstance(node, list):
        is_pair = len(node) == _PAIR and all(isinstance(each, int | float) for each in node)
        return node if is_pair else [_short(value) for value in node[:_MOST_ENTRIES]]
    return node[:_LONGEST] if isinstance(node, str) else node
