"""Quoting of table and column names that come from data, as from a backup."""

import re
from collections.abc import Collection, Iterable

from eclgrmd.errors import InputError

__all__ = ["columns", "identifier", "placeholders"]

_NAME = re.compile(r"[0-9A-Za-z_$-]{1,64}")
"""MySQL's limit for names is 64 characters; the set is narrower than what quoting would allow."""


def identifier(name: str) -> str:
    """Return the quoted name of a database, table or column.

    Raises
    ------
    InputError
        If it contains anything but letters, digits, `_`, `$` and `-`.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name of a database, table or column: must be 1 to 64 letters, digits, "
            "or any of _ $ -"
        )
    return f"`{name}`"


def columns(names: Iterable[str]) -> str:
    """Return quoted column names, separated by commas."""
    return ", ".join(map(identifier, names))


def placeholders(names: Iterable[str], *, binary: Collection[str] = ()) -> str:
    """Return a placeholder for each column; those in `binary` take hexadecimal digits."""
    checked = (identifier(name).strip("`") for name in names)
    return ", ".join(f"UNHEX(%({name})s)" if name in binary else f"%({name})s" for name in checked)
