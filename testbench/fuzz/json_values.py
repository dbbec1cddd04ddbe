"""Damages JSON documents: their values and keys, not their bytes."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["mutated_json"]

_ODD = (
    "null", "true", "0", "-0", "1", "-1", "1e999", "-1e308", "5e-324", "NaN", "-Infinity", '""',
    '"NaN"', '" "', '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"' + "A" * 70_000 + '"', "[]",
    "{}", "[[[]]]", "9" * 5000, "-" + "9" * 400, "0." + "0" * 3000 + "1", "18446744073709551616",
    "9223372036854775808", "[" * 200 + "]" * 200, "[" * 3000 + "]" * 3000,
    '{"a":' * 3000 + "1" + "}" * 3000, '{"a":1,"a":2}', "[1" + ",1" * 999 + "]", '"../../etc"',
    '"9999-12-31T23:59:59.999999Z"', '"0001-01-01T00:00:00+23:59"', '"2026-02-30T00:00:00Z"', "1.5",
    "2147483648", "-2147483649", '"http://[::1"', '"http://h:99999/"', '"a\\nb"', '"\\u202e"',
)  # fmt: skip
"""JSON texts that replace a value."""


class _Location(NamedTuple):
    """A value within its parent."""

    parent: Any
    key: Any


class _Text(NamedTuple):
    """JSON as it shall stand in the document, valid or not."""

    text: str


class _Pairs(list[tuple[str, Any]]):
    """An object, in which a key may come twice."""


def mutated_json(document: bytes, draw: random.Random) -> bytes:
    """Return a document with one to five values or keys changed."""
    root = [json.loads(document, object_pairs_hook=_Pairs)]
    for _ in range(draw.choice((1, 1, 2, 5))):
        _change(draw.choice(list(_locations(root))), draw)
    return _written(root[0]).encode("utf-8", "surrogatepass")


def _locations(node: Any) -> Iterator[_Location]:
    keys = range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield _Location(node, key)
        yield from _locations(_value(node, key))


def _value(node: Any, key: int) -> Any:
    return node[key][1] if isinstance(node, _Pairs) else node[key]


def _change(location: _Location, draw: random.Random) -> None:
    parent, key = location
    odd = _Text(draw.choice(_ODD))
    match draw.randrange(6):
        case 0 if isinstance(parent, _Pairs):
            del parent[key]
        case 1:
            parent.append(parent[key])
        case 2 if isinstance(parent, _Pairs):
            parent[key] = (draw.choice(("x", "", "type", "\ud800", "a" * 5000)), parent[key][1])
        case 3 if isinstance(parent, _Pairs):
            parent[key] = (parent[key][0], draw.choice(parent)[1])
        case _:
            parent[key] = (parent[key][0], odd) if isinstance(parent, _Pairs) else odd


def _written(node: Any) -> str:
    match node:
        case _Text(text):
            return text
        case _Pairs():
            return "{" + ",".join(f"{json.dumps(key)}:{_written(one)}" for key, one in node) + "}"
        case list():
            return "[" + ",".join(map(_written, node)) + "]"
        case _:
            return json.dumps(node)
