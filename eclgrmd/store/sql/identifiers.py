"""Names of tables and columns that no source line can spell out, as of a backup, in SQL text."""

import re
from collections.abc import Collection, Iterable

from eclgrmd.errors import InputError

__all__ = ["columns", "identifier", "placeholders"]

_NAME = re.compile(r"[0-9A-Za-z_$-]{1,64}")


def identifier(name: str) -> str:
    """Return the name of a database, a table or a column, quoted.

    Raises
    ------
    InputError
        When it holds anything but letters, digits, and the signs `_`, `$` and `-`.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} names no database, table or column: must be up to 64 letters and digits, "
            "or any of _ $ -"
        )
    return f"`{name}`"


def columns(names: Iterable[str]) -> str:
    """Return the names of columns as a list of SQL."""
    return ", ".join(map(identifier, names))


def placeholders(names: Iterable[str], *, binary: Collection[str] = ()) -> str:
    """Return a place for the value of each column; those of bytes take hexadecimal digits."""
    checked = (identifier(name).strip("`") for name in names)
    return ", ".join(f"UNHEX(%({name})s)" if name in binary else f"%({name})s" for name in checked)
