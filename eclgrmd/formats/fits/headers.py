"""Read single keywords of a FITS header, whatever type their writers gave them."""

import math
import re
from collections.abc import Mapping
from typing import Any

from astropy.io.fits import VerifyError
from astropy.io.fits.card import Undefined

from eclgrmd.errors import InputError

__all__ = [
    "OF_COLUMN",
    "Header",
    "check_readable",
    "comment_unit",
    "flag",
    "integer",
    "number",
    "strict_flag",
    "strict_integer",
    "strict_number",
    "text",
    "wrong_value",
]

Header = Mapping[str, Any]
NOTHING = frozenset({"", "none", "null", "n/a", "undefined"})
"""Texts that stand for no value, lower case."""
LOGICAL = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
OF_COLUMN = re.compile(r"T(?:SCAL|ZERO|NULL|UNIT|TYPE|FORM|DIM|DISP|LMIN|LMAX)(\d{1,3})")
NUMBERS_OF_COLUMNS = ("TSCAL", "TZERO", "TNULL", "TLMIN", "TLMAX")
LONGEST_NAME = 68
"""Longest name of a column, characters."""
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
    """Return a finite number; None where the keyword is missing, blank or says `none`.

    Raises
    ------
    InputError
        Where its value is anything else: what the keyword scales or shifts would be wrong.
    """
    result = number(header, key)
    if result is not None:
        return result
    value = _value(header, key)
    if value is None or isinstance(value, Undefined):
        return None
    if isinstance(value, str) and value.strip().lower() in NOTHING:
        return None
    raise wrong_value(header, key, "a number")


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
    """Return a text, stripped; empty where there is none or it says `none`.

    A number that was written without quotes is the text of its digits.

    Raises
    ------
    InputError
        Where the value breaks the standard, as other texts without quotes do.
    """
    check_readable(header, key)
    value = _value(header, key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or value.strip().lower() == "none":
        return ""
    return value.strip()


def flag(header: Header, key: str) -> bool | None:
    """Return a logical value; None where there is none."""
    value = _value(header, key)
    return value if isinstance(value, bool) else None


def strict_flag(header: Header, key: str) -> bool | None:
    """Return a logical value, also where it was written as a text or 0 or 1; None without.

    Raises
    ------
    InputError
        Where its value is anything else.
    """
    value = _value(header, key)
    if value is None or isinstance(value, Undefined | bool):
        return value if isinstance(value, bool) else None
    told = value.strip().lower() if isinstance(value, str) else str(value)
    if told in NOTHING:
        return None
    if told not in LOGICAL:
        raise wrong_value(header, key, "T or F")
    return LOGICAL[told]


def check_readable(header: Header, key: str) -> None:
    """Refuse a keyword whose value breaks the standard, as a text without quotes does.

    Raises
    ------
    InputError
        With what would be right.
    """
    value = _value(header, key)
    if key.startswith("TTYPE") and not _is_name(value):
        raise wrong_value(header, key, "a text in quotes of at most 68 characters")
    if value is UNPARSABLE:
        right = "a number" if key.startswith(NUMBERS_OF_COLUMNS) else "a text in quotes"
        raise wrong_value(header, key, right)


def _is_name(value: object) -> bool:
    """Return whether a value can name a column; a blank one leaves it without a name."""
    if isinstance(value, str):
        return len(value) <= LONGEST_NAME
    return value is None or isinstance(value, Undefined)


def wrong_value(header: Header, key: str, right: str) -> InputError:
    """Return the error that a keyword's value is of the wrong type: which, where, what is right."""
    value = _value(header, key)
    told = "cannot be parsed" if value is UNPARSABLE else f"is {value!r}"
    column = ""
    if (match := OF_COLUMN.fullmatch(key)) is not None:
        column = f" (column {_word(header, f'TTYPE{match[1]}') or match[1]})"
    where = f" of {name}" if (name := _word(header, "EXTNAME")) else ""
    return InputError(f"keyword {key}{column}{where} {told}: must be {right}")


def _word(header: Header, key: str) -> str:
    value = _value(header, key)
    return value.strip() if isinstance(value, str) else ""


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
