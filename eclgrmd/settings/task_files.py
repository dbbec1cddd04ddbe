"""Task configuration files: YAML, TOML or JSON become a layer."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from eclgrmd.errors import InputError, brief
from eclgrmd.model.configuration.layers import Layer, resolve

__all__ = ["read_layer", "read_value", "site_layers"]

_MALFORMED = (
    YAMLError, ValueError, RecursionError, TypeError, LookupError, AttributeError, AssertionError,
    ArithmeticError,
)  # fmt: skip
"""What the libraries raise at malformed text: `{[1, [2]]: 3}` is a TypeError."""
_MOST_VALUES = 100_000
_DEEPEST = 100
_BRACKETS = re.compile(r"[][{}]")
LARGEST_BYTES = 1_000_000
_LARGEST_YAML = 100_000
"""Characters; the YAML library takes some 0.1 ms for each value."""


def read_layer(path: Path, name: str) -> Layer:
    """Read what a file sets; `.toml` is TOML, all else YAML 1.2, of which JSON is a part.

    Raises
    ------
    InputError
        When it cannot be read, or is no table; its keys are not looked at yet.
    """
    try:
        content = path.read_bytes()
        if len(content) > LARGEST_BYTES:
            raise InputError(f"{path}: {len(content)} bytes: a configuration has at most 1 MB")
        text = content.decode()
        values = tomllib.loads(text) if path.suffix == ".toml" else _yaml(text, str(path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except _MALFORMED as error:
        told = " ".join(str(error).split())
        raise InputError(f"{path}: neither YAML, JSON nor (as .toml) TOML: {told}") from error
    _check_size(values, str(path))
    values = {} if values is None else values
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError(f"{path}: must be a table of keys and values")
    return Layer(name, values)


def site_layers(path: str) -> tuple[Layer, ...]:
    """Read the site's task configuration, and check it; empty: there is none.

    Raises
    ------
    InputError
        With file, JSON pointer and what would be right.
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
        When it is neither.
    """
    try:
        value = _yaml(text, "value")
    except _MALFORMED as error:
        raise InputError(f"{brief(repr(text))} is neither YAML nor JSON") from error
    _check_size(value, "value")
    return value


def _check_size(value: Any, what: str) -> None:
    """Refuse what is small as text and huge or endless as values, and what no message can hold."""
    left, number = [(value, 0)], 0
    while left:
        each, depth = left.pop()
        number += 1
        if number > _MOST_VALUES or depth > _DEEPEST:
            raise InputError(
                f"{what}: at most {_MOST_VALUES} values are read, {_DEEPEST} levels deep, "
                "those that aliases repeat included"
            )
        match each:
            case dict():
                left += [(inner, depth + 1) for pair in each.items() for inner in pair]
            case list() | tuple() | set():
                left += [(inner, depth + 1) for inner in each]
            case int() if not -(2**63) <= each < 2**64:
                raise InputError(f"{what}: holds a whole number of more than 64 bits")
            case str() if any("\ud800" <= letter <= "\udfff" for letter in each):
                raise InputError(f"{what}: holds half a pair of surrogates, which is no text")
            case _:
                pass


def _yaml(text: str, what: str) -> Any:
    """Read plain values, never objects; a key that comes twice is an error."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, object_pairs_hook=_table, parse_constant=_no_number)
        except (ValueError, RecursionError):
            pass  # YAML may begin like that, too; what is neither is explained by its library
    if len(text) > _LARGEST_YAML:
        raise InputError(f"{what}: {len(text)} characters: at most {_LARGEST_YAML} are YAML")
    if _nesting(text) > _DEEPEST:
        raise InputError(f"{what}: brackets are nested more than {_DEEPEST} levels deep")
    return YAML(typ="safe", pure=True).load(text)


def _nesting(text: str) -> int:
    """Return how deep brackets are nested; the library takes a time that grows with its square.

    Those in texts and comments count as well: more than a hundred of them stay open in none.
    """
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key comes twice")
    return table


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
