"""Decoding of JSON, MessagePack and plain values into typed ones, with explained errors."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, overload

import msgspec

from eclgrmd.errors import InputError

__all__ = ["convert_value", "decode_json", "decode_msgpack", "explained_errors"]

T = TypeVar("T")
_LOCATION = re.compile(r"at (?:`key` in )?`\$(.*)`$")
"""End of a msgspec error: the path of the wrong value."""
_PATTERN = re.compile(r"Expected `str` matching regex '.*'(?= - at |$)", re.DOTALL)
"""Text of a msgspec error about a string that does not match its pattern."""
_STEPS = re.compile(r"\.([A-Za-z_0-9]+)|\[(?:(\d+)|\.\.\.)\]")
"""One step of a path: a key, an index, or any key of a table (``...``)."""


@overload
def decode_json(payload: bytes | str, kind: type[T], *, what: str) -> T: ...
@overload
def decode_json(payload: bytes | str, kind: Any, *, what: str) -> Any: ...
def decode_json(payload: bytes | str, kind: Any, *, what: str) -> Any:
    """Decode JSON into a value of type `kind`.

    Parameters
    ----------
    payload
        The text.
    kind
        A type that msgspec knows.
    what
        Name of the document in error messages.

    Raises
    ------
    InputError
        If the text does not fit; it names `what`, the wrong value's path, and what would be right.
    """
    return _explained(lambda: msgspec.json.decode(payload, type=kind), kind, what)


def decode_msgpack(payload: bytes, kind: Any, *, what: str) -> Any:
    """Decode MessagePack into a value of type `kind`.

    Parameters
    ----------
    payload
        The bytes.
    kind
        A type that msgspec knows.
    what
        Name of the document in error messages.

    Raises
    ------
    InputError
        If the bytes do not fit; it names `what`, the wrong value's path, and what would be right.
    """
    return _explained(lambda: msgspec.msgpack.decode(payload, type=kind), kind, what)


@overload
def convert_value(value: object, kind: type[T], *, what: str, strict: bool = True) -> T: ...
@overload
def convert_value(value: object, kind: Any, *, what: str, strict: bool = True) -> Any: ...
def convert_value(value: object, kind: Any, *, what: str, strict: bool = True) -> Any:
    """Convert plain values, such as those of TOML or environment variables, to type `kind`.

    Parameters
    ----------
    value
        The plain values.
    kind
        A type that msgspec knows.
    what
        Name of the values in error messages.
    strict
        False: also convert strings to numbers and booleans.

    Raises
    ------
    InputError
        If the values do not fit; it names `what`, the wrong value's path, and what would be right.
    """
    return _explained(lambda: msgspec.convert(value, kind, strict=strict), kind, what)


@contextmanager
def explained_errors(what: str) -> Iterator[None]:
    """Raise an `InputError` for errors of a library at deep nesting, huge numbers or broken text.

    These errors are permanent: the same text fails at each attempt.
    """
    try:
        yield
    except InputError:
        raise
    except RecursionError as error:
        raise InputError(f"{what}: nested too deeply, at most some hundred levels") from error
    except OverflowError as error:
        raise InputError(f"{what}: contains a number that is too large: {error}") from error
    except UnicodeError as error:
        raise InputError(f"{what}: contains text that is not UTF-8: {error}") from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{what}: {error}") from error


def _explained(read: Callable[[], Any], kind: Any, what: str) -> Any:
    with explained_errors(what):
        try:
            return read()
        except msgspec.DecodeError as error:
            text = str(error)
            raise InputError(f"{what}: {_with_rule(text, kind)}{_hint(text, kind)}") from error


def _with_rule(text: str, kind: Any) -> str:
    """Replace a pattern in a msgspec error by its description, and the path by a JSON pointer."""
    rules = {rule for node in _nodes(text, kind) if (rule := node.get("description"))}
    if _PATTERN.search(text) and len(rules) == 1:
        text = _PATTERN.sub(lambda _: f"must be {rules.copy().pop()}", text)
    return _with_pointer(text)


def _with_pointer(text: str) -> str:
    """Replace the path in a msgspec error by a JSON pointer (RFC 6901)."""
    return _LOCATION.sub(lambda found: f"at `{_pointer(found[1])}`", text)


def _pointer(path: str) -> str:
    return "".join(f"/{name or index or '*'}" for name, index in _STEPS.findall(path)) or "/"


def _hint(text: str, kind: Any) -> str:
    """Return the values or keys that the schema allows at the path of a msgspec error."""
    if not text.startswith(("Invalid ", "Object contains unknown")):
        return ""
    nodes = _nodes(text, kind)
    if text.startswith("Object contains unknown"):
        allowed = {key for node in nodes for key in node.get("properties", {})}
    else:
        allowed = {str(v) for node in nodes for v in node.get("enum", [])}
        allowed |= {str(node["const"]) for node in nodes if "const" in node}
    return f" (allowed: {', '.join(sorted(allowed))})" if allowed else ""


def _nodes(text: str, kind: Any) -> list[dict[str, Any]]:
    """Return the schemas of the value at the path of a msgspec error."""
    path = _LOCATION.search(text)
    steps = _STEPS.findall(path.group(1) if path else "")
    schema, components = _schema(kind)
    nodes = list(_resolve(schema, components))
    for name, index in steps:
        nodes = [
            resolved
            for node in nodes
            for child in _children(node, name, index)
            for resolved in _resolve(child, components)
        ]
    return nodes


@cache
def _schema(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of a type; cached, since building one takes longer than most decoding."""
    (schema,), components = msgspec.json.schema_components([kind])
    return schema, components


def _resolve(schema: dict[str, Any], components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        # A part that refers to another schema document has no component here.
        yield from _resolve(components.get(schema["$ref"].rsplit("/", 1)[1], {}), components)
        return
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _resolve(option, components)
        return
    yield schema


def _children(node: dict[str, Any], name: str, index: str) -> Iterator[dict[str, Any]]:
    if name:
        if name in node.get("properties", {}):
            yield node["properties"][name]
        elif isinstance(node.get("additionalProperties"), dict):
            yield node["additionalProperties"]
        return
    if not index and isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]
        return
    prefix = node.get("prefixItems")
    if prefix and index.isdigit():
        yield prefix[min(int(index), len(prefix) - 1)]
    elif isinstance(node.get("items"), dict):
        yield node["items"]
