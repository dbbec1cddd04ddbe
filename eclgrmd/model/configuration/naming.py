"""Names of configuration keys, as people write them: `models` or `spectral.models`."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from eclgrmd.errors import InputError

from .layers import Path, nested, patched, pointer
from .sections import TaskConfiguration

__all__ = ["changes_by_name", "one_change"]


def one_change(name: str, value: Any) -> dict[str, Any]:
    """Return the nested change of the key that a name means.

    Parameters
    ----------
    name
        JSON pointer of the key, its last part if only one key has it, the last parts joined by
        dots, or the singular of the name of a list.
    value
        The new value; a single one for a list becomes its only item.

    Raises
    ------
    InputError
        If no key, or more than one, has this name.

    Examples
    --------
    >>> one_change("/background/order", 1)
    {'background': {'order': 1}}
    >>> one_change("model", "cpl")
    {'spectral': {'models': ['cpl']}}
    >>> one_change("energy_kev", {"GRM": [20, 900]})
    {'spectral': {'energy_kev': {'GRM': [20, 900]}}}
    """
    if name.startswith("/"):
        return nested({tuple(name[1:].split("/")): value})
    path, is_list = _known(name)
    alone = is_list and value is not None and not isinstance(value, list)
    return nested({path: [value] if alone else value})


def changes_by_name(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested changes of several keys and sections, by name.

    Raises
    ------
    InputError
        If no key, or more than one, has a name.

    Examples
    --------
    >>> changes_by_name({"background": {"order": 1}, "models": ["band"]})
    {'background': {'order': 1}, 'spectral': {'models': ['band']}}
    """
    found: dict[str, Any] = {}
    for name, value in changes.items():
        top = name in TaskConfiguration.__struct_fields__
        change = {name: value} if top else one_change(name, value)
        found = patched(found, change, keep_null=True)
    return found


def _built_in() -> Iterator[tuple[Path, Any]]:
    """Yield the paths and built-in values of all keys; also of those that are an empty table."""
    built_in = TaskConfiguration()
    for name in built_in.__struct_fields__:
        section = getattr(built_in, name)
        if isinstance(section, Struct):
            yield from (((name, key), getattr(section, key)) for key in section.__struct_fields__)
        else:
            yield (name,), section


def _known(name: str) -> tuple[Path, bool]:
    """Return the path of the only key of this name, and whether its value is a list."""
    values = dict(_built_in())
    steps = tuple(name.split("."))
    for wanted in (steps, (*steps[:-1], f"{steps[-1]}s")):
        found = [path for path in values if path[-len(wanted) :] == wanted]
        if len(found) > 1:
            those = ", ".join(map(pointer, found))
            raise InputError(f"{name}: several keys have this name: must be one of {those}")
        if found:
            return found[0], wanted != steps or isinstance(values[found[0]], list | tuple)
    near = get_close_matches(pointer(steps), map(pointer, values), n=3, cutoff=0.4)
    raise InputError(f"{name}: no key has this name (near it: {', '.join(near) or 'none'})")
