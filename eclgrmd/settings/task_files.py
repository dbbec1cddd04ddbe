"""Task configuration files in YAML, TOML or JSON."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from eclgrmd.errors import InputError, brief
from eclgrmd.model.configuration.layers import Layer, resolve

from .bounded import read_small_file

__all__ = ["read_layer", "read_value", "site_layers"]

_MALFORMED = (
    YAMLError, ValueError, RecursionError, TypeError, LookupError, AttributeError, AssertionError,
    ArithmeticError,
)  # fmt: skip
"""Errors that the libraries raise for malformed text; `{[1, [2]]: 3}` raises TypeError."""
_MOST_VALUES = 100_000
"""Most values in a file, counting those that YAML aliases repeat."""
_DEEPEST = 100
"""Most levels of nesting."""
_BRACKETS = re.compile(r"[][{}]")
_LARGEST_YAML = 100_000
"""Most characters of YAML: the library takes about 0.1 ms per value, so 10 s at most."""


def read_layer(path: Path, name: str) -> Layer:
    """Read a file without checking its keys; `.toml` is TOML, everything else YAML 1.2 or JSON.

    Parameters
    ----------
    path
        The file.
    name
        Name of the layer, which the resolved configuration shows as the origin of its values.

    Raises
    ------
    InputError
        If the file is unreadable, malformed, too large, or not a table of keys and values.
    """
    try:
        text = read_small_file(path).decode()
        values = tomllib.loads(text) if path.suffix == ".toml" else _yaml(text, str(path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except _MALFORMED as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: neither YAML, JSON nor (as .toml) TOML: {reason}") from error
    _check_size(values, str(path))
    values = {} if values is None else values
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError(f"{path}: must be a table of keys and values")
    return Layer(name, values)


def site_layers(path: str) -> tuple[Layer, ...]:
    """Read and check the site's task configuration.

    Parameters
    ----------
    path
        The file; empty: there is none, and the result is empty too.

    Raises
    ------
    InputError
        If the file cannot be read or has a wrong key or value; the text names file and key.
    """
    if not path:
        return ()
    layer = read_layer(Path(path), "site")
    try:
        resolve(layer)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return (layer,)


def read_value(text: str) -> Any:
    """Read one value in YAML or JSON.

    Raises
    ------
    InputError
        If the text is neither.
    """
    try:
        value = _yaml(text, "value")
    except _MALFORMED as error:
        raise InputError(f"{brief(repr(text))} is neither YAML nor JSON") from error
    _check_size(value, "value")
    return value


def _check_size(value: Any, what: str) -> None:
    """Refuse values that are too many, nested too deeply, or impossible to send as JSON.

    YAML aliases make a short text with a huge or endless number of values.
    """
    pending, number = [(value, 0)], 0
    while pending:
        node, depth = pending.pop()
        number += 1
        if number > _MOST_VALUES or depth > _DEEPEST:
            raise InputError(
                f"{what}: at most {_MOST_VALUES} values are read, {_DEEPEST} levels deep, "
                "including those that aliases repeat"
            )
        match node:
            case dict():
                pending += [(inner, depth + 1) for pair in node.items() for inner in pair]
            case list() | tuple() | set():
                pending += [(inner, depth + 1) for inner in node]
            case int() if not -(2**63) <= node < 2**64:
                raise InputError(f"{what}: contains an integer of more than 64 bits")
            case str() if any("\ud800" <= letter <= "\udfff" for letter in node):
                raise InputError(f"{what}: contains an unpaired surrogate, which is not valid text")
            case _:
                pass


def _yaml(text: str, what: str) -> Any:
    """Parse JSON or YAML into plain values, never objects; a repeated key is an error."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, object_pairs_hook=_table, parse_constant=_no_number)
        except (ValueError, RecursionError):
            pass  # YAML may start with a brace too, and its library explains what is wrong
    if len(text) > _LARGEST_YAML:
        raise InputError(f"{what}: {len(text)} characters: YAML may have at most {_LARGEST_YAML}")
    if _nesting(text) > _DEEPEST:
        raise InputError(f"{what}: brackets are nested more than {_DEEPEST} levels deep")
    return YAML(typ="safe", pure=True).load(text)


def _nesting(text: str) -> int:
    """Return how deeply brackets are nested; the time of the YAML library grows with the square.

    Brackets in strings and comments count too, but no sensible text leaves a hundred of them open.
    """
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key is repeated")
    return table


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not valid JSON")
