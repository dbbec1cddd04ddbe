"""Layers of a task configuration: built-in values, overridden by the site, overridden by the task.

Within a layer, values for one instrument override those for all. A higher layer overrides both.
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
"""The keys from the root to a value."""
PER_INSTRUMENT = "per_instrument"
"""Key of the values for single instruments."""
SECTIONS = ("background", "duration")
"""Sections that can differ between instruments."""


class Layer(NamedTuple):
    """A part of a configuration: the keys that one source sets."""

    name: str
    """The source: built-in, site or task."""
    values: Mapping[str, Any]
    """Plain values, as decoded from JSON or YAML."""


class Resolved(Struct, frozen=True):
    """The complete configuration that results from all layers."""

    configuration: TaskConfiguration
    """All values."""
    sources: dict[str, str]
    """Name of the layer that each value came from, by JSON pointer."""

    @property
    def sha256(self) -> str:
        """Checksum of the values, independent of the layers that they came from."""
        return canonical_sha256(self.configuration)


def _plain(configuration: TaskConfiguration) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(configuration))
    return values


BUILT_IN = Layer("built-in", _plain(TaskConfiguration()))
"""The lowest layer: the defaults of all keys."""


def resolve(*layers: Layer) -> Resolved:
    """Combine the built-in values and these layers, the lowest first.

    Raises
    ------
    InputError
        If a value is wrong; the text names its layer, its JSON pointer, and what would be right.
    """
    for layer in layers:
        _check(layer)
    stack = (BUILT_IN, *layers)
    found = _merged([Layer(layer.name, _without_instruments(layer.values)) for layer in stack])
    for instrument in sorted({name for layer in layers for name in _instruments(layer.values)}):
        own = _merged(list(_sections_of(stack, instrument)))
        found |= {(PER_INSTRUMENT, instrument, *path): leaf for path, leaf in own.items()}
    configuration = convert_value(
        nested({path: value for path, (value, _) in found.items()}),
        TaskConfiguration,
        what="task configuration",
    )
    check_configuration(configuration)
    return Resolved(configuration, {pointer(path): name for path, (_, name) in found.items()})


def configuration_from_json(text: bytes | str) -> TaskConfiguration:
    """Decode a task configuration, and complete it by the built-in values.

    Raises
    ------
    InputError
        If a value is wrong; the text names its JSON pointer and what would be right.
    """
    values = decode_json(text, dict[str, Any], what="task configuration")
    return resolve(Layer("task", values)).configuration


def canonical_sha256(value: object) -> str:
    """Return the checksum of a value as JSON with sorted keys, 64 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def patched(
    values: Mapping[str, Any], changes: Mapping[str, Any], *, keep_null: bool = False
) -> dict[str, Any]:
    """Apply a JSON merge patch (RFC 7396) to a layer, and return the result.

    Parameters
    ----------
    values
        The layer.
    changes
        The patch; null removes a key from the layer.
    keep_null
        True: keep null in the result, which is then a patch itself.
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
    """Return the keys and values in which a configuration differs from the built-in one."""
    usual = dict(leaves(BUILT_IN.values))
    own = leaves(_plain(configuration))
    return nested({path: value for path, value in own if usual.get(path, ...) != value})


def leaves(values: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the path and value of every value that is not a table."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
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


def _merged(layers: Sequence[Layer]) -> dict[Path, tuple[Any, str]]:
    """Return the value of the highest layer, and the name of that layer, by path."""
    return {path: (value, layer.name) for layer in layers for path, value in leaves(layer.values)}


def _sections_of(layers: Sequence[Layer], instrument: str) -> Iterator[Layer]:
    """Yield each layer's sections for all instruments, then those for one instrument."""
    for layer in layers:
        yield Layer(layer.name, {key: layer.values[key] for key in SECTIONS if key in layer.values})
        yield Layer(f"{layer.name}, {instrument}", _instruments(layer.values).get(instrument, {}))


def _instruments(values: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = values.get(PER_INSTRUMENT, {})
    return found


def _without_instruments(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != PER_INSTRUMENT}


def nested(flat: Mapping[Path, Any]) -> dict[str, Any]:
    """Return nested tables of values that are given by path."""
    root: dict[str, Any] = {}
    for path, value in flat.items():
        table = root
        for step in path[:-1]:
            table = table.setdefault(step, {})
        table[path[-1]] = value
    return root
