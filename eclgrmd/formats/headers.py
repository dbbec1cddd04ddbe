"""Read single keywords of a FITS header, whatever type their writers gave them."""

import math
import re
from collections.abc import Mapping
from typing import Any

from astropy.io.fits import VerifyError
from astropy.io.fits.card import Undefined

from eclgrmd.errors import InputError

__all__ = [
    "Header",
    "comment_unit",
    "flag",
    "integer",
    "number",
    "strict_integer",
    "strict_number",
    "text",
]

Header = Mapping[str, Any]
UNPARSABLE = object()
"""The value of a card that breaks the standard, such as a bare NaN."""


def number(header: Header, key: str) -> float | None:
    """Return a finite number, also where it was written as text; None where there is none."""
    value = _value(header, key)
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().upper().replace("D", "E", 1)
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def strict_number(header: Header, key: str) -> float | None:
    """Return a finite number; None where the keyword is missing or blank.

    Raises
    ------
    InputError
        Where its value is anything else: what the keyword scales or shifts would be wrong.
    """
    result = number(header, key)
    if result is not None:
        return result
    value = _value(header, key)
    if value is None or isinstance(value, Undefined) or (isinstance(value, str) and not value):
        return None
    told = "cannot be parsed" if value is UNPARSABLE else f"is {value!r}"
    raise InputError(f"keyword {key} {told}: must be a number")


def strict_integer(header: Header, key: str) -> int | None:
    """Return a whole number as `strict_number` does, also one too long for a float."""
    value = _value(header, key)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    result = strict_number(header, key)
    return None if result is None else int(result)


def integer(header: Header, key: str) -> int | None:
    """Return a whole number; None where there is none."""
    value = number(header, key)
    return None if value is None else int(value)


def text(header: Header, key: str) -> str:
    """Return a text, stripped; empty where there is none or it says `none`."""
    value = _value(header, key)
    if not isinstance(value, str) or value.strip().lower() == "none":
        return ""
    return value.strip()


def flag(header: Header, key: str) -> bool | None:
    """Return a logical value; None where there is none."""
    value = _value(header, key)
    return value if isinstance(value, bool) else None


def comment_unit(header: Header, key: str) -> str:
    """Return the unit that a comment begins with in brackets, `[keV]`; empty where none does."""
    comments = getattr(header, "comments", {})
    match = re.match(r"\s*\[\s*([A-Za-z]+)\s*\]", str(comments[key]) if key in header else "")
    return match[1] if match else ""


def _value(header: Header, key: str) -> Any:
    try:
        return header.get(key)
    except VerifyError:
        return UNPARSABLE
