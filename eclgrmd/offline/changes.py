"""Changed keys of a configuration, as Python's keyword arguments."""

from collections.abc import Mapping
from typing import Any

import msgspec

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.naming import changes_by_name

__all__ = ["nested_changes"]


def nested_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changed keys as a nested table of plain values.

    Parameters
    ----------
    changes
        Values by the name of the key or section; tuples, arrays and numbers of numpy are allowed.

    Raises
    ------
    InputError
        If a key is unknown, or a value is none of JSON.

    Examples
    --------
    >>> nested_changes({"intervals_s": [(-50, -10), (60, 120)]})
    {'background': {'intervals_s': [[-50, -10], [60, 120]]}}
    """
    try:
        plain = msgspec.to_builtins(dict(changes), enc_hook=_plain)
    except TypeError as error:
        raise InputError(f"changes: {error}: must be numbers, texts, lists and dicts") from error
    return changes_by_name(msgspec.json.decode(msgspec.json.encode(plain)))


def _plain(value: Any) -> Any:
    """Return a value of numpy as plain numbers."""
    if hasattr(value, "unit"):  # its number may be in any unit, and the key has one
        raise InputError(f"{value}: has a unit of its own: must be numbers in the unit of the key")
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no value of a configuration")
