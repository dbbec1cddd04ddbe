"""Layers of a task configuration: built-in, below the site's, below the task's.

What a layer says of one instrument goes before what it says of all; a layer above goes before
both.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError
from eclgrmd.model.decode import convert_value, decode_json
from eclgrmd.model.names import Instrument

from .sections import TaskConfiguration, check_configuration

__all__ = [
    "BUILT_IN",
    "Layer",
    "Path",
    "Resolved",
    "canonical_sha256",
    "configuration_from_json",
    "leaves",
    "nested",
    "patched",
    "pointer",
    "resolve",
    "sparse",
]

Path = tuple[str, ...]
"""Keys from the root to a value."""
PER_INSTRUMENT = "per_instrument"
SECTIONS = ("background", "duration")
"""What can differ between instruments."""


class Layer(NamedTuple):
    """Part of a configuration: the keys that somebody set."""

    name: str
    """Who set them: built-in, site, task."""
    values: Mapping[str, Any]
    """Plain values, as decoded from JSON or YAML."""


class Resolved(Struct, frozen=True):
    """The whole configuration that the layers give."""

    configuration: TaskConfiguration
    sources: dict[str, str]
    """Name of the layer that each value came from, by JSON pointer."""

    @property
    def sha256(self) -> str:
        """Checksum of the whole, however it was put together."""
        return canonical_sha256(self.configuration)


def _plain(configuration: TaskConfiguration) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(configuration))
    return values


BUILT_IN = Layer("built-in", _plain(TaskConfiguration()))


def resolve(*layers: Layer) -> Resolved:
    """Put the built-in values and these layers, lowest first, together.

    Raises
    ------
    InputError
        With the layer, the JSON pointer of the wrong value and what would be right.
    """
    for layer in layers:
        _check(layer)
    every = (BUILT_IN, *layers)
    found = _laid([Layer(each.name, _without_instruments(each.values)) for each in every])
    for instrument in sorted({name for each in layers for name in _instruments(each.values)}):
        parts = _laid(list(_parts_of(every, instrument)))
        found |= {(PER_INSTRUMENT, instrument, *path): leaf for path, leaf in parts.items()}
    configuration = convert_value(
        nested({path: value for path, (value, _) in found.items()}),
        TaskConfiguration,
        what="task configuration",
    )
    check_configuration(configuration)
    return Resolved(configuration, {pointer(path): name for path, (_, name) in found.items()})


def configuration_from_json(text: bytes | str) -> TaskConfiguration:
    """Read a task configuration that stands alone, above the built-in values.

    Raises
    ------
    InputError
        With the JSON pointer of the wrong value and what would be right.
    """
    values = decode_json(text, dict[str, Any], what="task configuration")
    return resolve(Layer("task", values)).configuration


def canonical_sha256(value: object) -> str:
    """Checksum of a value as JSON with sorted keys and without spaces, 64 hex digits."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def patched(
    values: Mapping[str, Any], changes: Mapping[str, Any], *, keep_null: bool = False
) -> dict[str, Any]:
    """Change a layer by a JSON merge patch (RFC 7396): null takes a key out of the layer.

    With `keep_null` it stays: the outcome is a patch itself.
    """
    result = dict(values)
    for key, change in changes.items():
        if change is None and not keep_null:
            result.pop(key, None)
        elif isinstance(change, Mapping):
            below = result.get(key)
            table = below if isinstance(below, Mapping) else {}
            result[key] = patched(table, change, keep_null=keep_null)
        else:
            result[key] = change
    return result


def sparse(configuration: TaskConfiguration) -> dict[str, Any]:
    """Give the keys in which a configuration differs from the built-in one."""
    usual = dict(leaves(BUILT_IN.values))
    own = leaves(_plain(configuration))
    return nested({path: value for path, value in own if usual.get(path, ...) != value})


def leaves(values: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Walk all values that are no tables themselves."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def pointer(path: Path) -> str:
    """Write a path as a JSON pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _check(layer: Layer) -> None:
    what, per_instrument = f"{layer.name} configuration", layer.values.get(PER_INSTRUMENT)
    for name in per_instrument if isinstance(per_instrument, Mapping) else ():
        if name not in list(Instrument):
            raise InputError(
                f"{what}: no instrument {name!r} - at `/{PER_INSTRUMENT}` "
                f"(allowed: {', '.join(sorted(Instrument))})"
            )
    convert_value(layer.values, TaskConfiguration, what=what)


def _laid(layers: Sequence[Layer]) -> dict[Path, tuple[Any, str]]:
    """Lay tables over each other: by path, the last value and who said it."""
    return {path: (value, each.name) for each in layers for path, value in leaves(each.values)}


def _parts_of(layers: Sequence[Layer], instrument: str) -> Iterator[Layer]:
    for each in layers:
        yield Layer(each.name, {key: each.values[key] for key in SECTIONS if key in each.values})
        yield Layer(f"{each.name}, {instrument}", _instruments(each.values).get(instrument, {}))


def _instruments(values: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = values.get(PER_INSTRUMENT, {})
    return found


def _without_instruments(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != PER_INSTRUMENT}


def nested(flat: Mapping[Path, Any]) -> dict[str, Any]:
    """Make tables again of values by path."""
    root: dict[str, Any] = {}
    for path, value in flat.items():
        table = root
        for step in path[:-1]:
            table = table.setdefault(step, {})
        table[path[-1]] = value
    return root
