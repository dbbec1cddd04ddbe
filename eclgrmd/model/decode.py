"""From bytes or plain values to typed ones, with errors that say what would be right."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, overload

import msgspec

from eclgrmd.errors import InputError

__all__ = ["convert_value", "decode_json"]

T = TypeVar("T")
_PLACE = re.compile(r"at (?:`key` in )?`\$(.*)`$")
_STEPS = re.compile(r"\.([A-Za-z_0-9]+)|\[(?:(\d+)|\.\.\.)\]")


@overload
def decode_json(payload: bytes | str, kind: type[T], *, what: str) -> T: ...
@overload
def decode_json(payload: bytes | str, kind: Any, *, what: str) -> Any: ...
def decode_json(payload: bytes | str, kind: Any, *, what: str) -> Any:
    """Decode JSON into `kind`.

    Raises
    ------
    InputError
        With `what`, the path of the wrong value and what would be right.
    """
    return _explained(lambda: msgspec.json.decode(payload, type=kind), kind, what)


@overload
def convert_value(value: object, kind: type[T], *, what: str, strict: bool = True) -> T: ...
@overload
def convert_value(value: object, kind: Any, *, what: str, strict: bool = True) -> Any: ...
def convert_value(value: object, kind: Any, *, what: str, strict: bool = True) -> Any:
    """Convert plain values (from TOML, environment) into `kind`.

    Raises
    ------
    InputError
        With `what`, the path of the wrong value and what would be right.
    """
    return _explained(lambda: msgspec.convert(value, kind, strict=strict), kind, what)


def _explained(read: Callable[[], Any], kind: Any, what: str) -> Any:
    try:
        return read()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = str(error)
        hint = _hint(text, kind)
        raise InputError(f"{what}: {_with_pointer(text)}{hint}") from error


def _with_pointer(text: str) -> str:
    """Name the place of a msgspec error by its JSON pointer (RFC 6901)."""
    return _PLACE.sub(lambda found: f"at `{_pointer(found[1])}`", text)


def _pointer(path: str) -> str:
    return "".join(f"/{name or index or '*'}" for name, index in _STEPS.findall(path)) or "/"


def _hint(text: str, kind: Any) -> str:
    """Look up what the schema allows at the path of a msgspec error."""
    if not text.startswith(("Invalid ", "Object contains unknown")):
        return ""
    path = _PLACE.search(text)
    steps = _STEPS.findall(path.group(1) if path else "")
    (schema,), components = msgspec.json.schema_components([kind])
    nodes = list(_resolve(schema, components))
    for name, index in steps:
        nodes = [
            resolved
            for node in nodes
            for child in _children(node, name, index)
            for resolved in _resolve(child, components)
        ]
    if text.startswith("Object contains unknown"):
        allowed = {key for node in nodes for key in node.get("properties", {})}
    else:
        allowed = {str(v) for node in nodes for v in node.get("enum", [])}
        allowed |= {str(node["const"]) for node in nodes if "const" in node}
    return f" (allowed: {', '.join(sorted(allowed))})" if allowed else ""


def _resolve(schema: dict[str, Any], components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        yield from _resolve(components[schema["$ref"].rsplit("/", 1)[1]], components)
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
