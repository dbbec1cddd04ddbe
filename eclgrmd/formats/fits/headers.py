"""Values of single keywords of a FITS header, which may be stored with a wrong type."""

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
"""Texts that stand for a missing value, lower case."""
LOGICAL = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
"""Texts that stand for logical values, lower case."""
OF_COLUMN = re.compile(r"T(?:SCAL|ZERO|NULL|UNIT|TYPE|FORM|DIM|DISP|LMIN|LMAX)(\d{1,3})")
"""Keywords of a column, with its number."""
NUMBERS_OF_COLUMNS = ("TSCAL", "TZERO", "TNULL", "TLMIN", "TLMAX")
"""Keywords of a column whose values are numbers."""
LONGEST_NAME = 68
"""Most characters of a column name: a keyword has room for so many (FITS 4.0, section 4.2.1)."""
UNPARSABLE = object()
"""Stands for a value that violates the standard, such as NaN without quotes."""


def number(header: Header, key: str) -> float | None:
    """Return a finite number, even if it is stored as text; None: there is none."""
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
    """Return a finite number; None if the keyword is missing, blank or `none`.

    Raises
    ------
    InputError
        If it has any other value. Ignoring it would give wrong results, as it scales or shifts
        data.
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
    """Return an integer like `strict_number`, even one beyond the precision of a float."""
    value = _value(header, key)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    result = strict_number(header, key)
    return None if result is None else int(result)


def integer(header: Header, key: str) -> int | None:
    """Return an integer; None: there is none."""
    value = number(header, key)
    return None if value is None else int(value)


def text(header: Header, key: str) -> str:
    """Return a text without surrounding blanks; empty if it is missing or `none`.

    A number without quotes becomes the text of its digits.

    Raises
    ------
    InputError
        If the value violates the standard, such as other texts without quotes.
    """
    check_readable(header, key)
    value = _value(header, key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or value.strip().lower() == "none":
        return ""
    return value.strip()


def flag(header: Header, key: str) -> bool | None:
    """Return a logical value; None: there is none."""
    value = _value(header, key)
    return value if isinstance(value, bool) else None


def strict_flag(header: Header, key: str) -> bool | None:
    """Return a logical value, even if it is stored as text or as 0 or 1; None: there is none.

    Raises
    ------
    InputError
        If the keyword has any other value.
    """
    value = _value(header, key)
    if value is None or isinstance(value, Undefined | bool):
        return value if isinstance(value, bool) else None
    written = value.strip().lower() if isinstance(value, str) else str(value)
    if written in NOTHING:
        return None
    if written not in LOGICAL:
        raise wrong_value(header, key, "T or F")
    return LOGICAL[written]


def check_readable(header: Header, key: str) -> None:
    """Check that the value of a keyword can be parsed.

    Raises
    ------
    InputError
        If it violates the standard, such as a text without quotes; the text says what is right.
    """
    value = _value(header, key)
    if key.startswith("TTYPE") and not _is_name(value):
        raise wrong_value(header, key, "a text in quotes of at most 68 characters")
    if value is UNPARSABLE:
        right = "a number" if key.startswith(NUMBERS_OF_COLUMNS) else "a text in quotes"
        raise wrong_value(header, key, right)


def _is_name(value: object) -> bool:
    """Return whether a value is a valid column name; a column may also have none."""
    if isinstance(value, str):
        return len(value) <= LONGEST_NAME
    return value is None or isinstance(value, Undefined)


def wrong_value(header: Header, key: str, right: str) -> InputError:
    """Return the error for a keyword with a wrong value; `right` says what it must be."""
    value = _value(header, key)
    wrong = "cannot be parsed" if value is UNPARSABLE else f"is {value!r}"
    column = ""
    if (match := OF_COLUMN.fullmatch(key)) is not None:
        column = f" (column {_text_or_empty(header, f'TTYPE{match[1]}') or match[1]})"
    where = f" of {name}" if (name := _text_or_empty(header, "EXTNAME")) else ""
    return InputError(f"keyword {key}{column}{where} {wrong}: must be {right}")


def _text_or_empty(header: Header, key: str) -> str:
    value = _value(header, key)
    return value.strip() if isinstance(value, str) else ""


def comment_unit(header: Header, key: str) -> str:
    """Return the unit in brackets at the start of a keyword's comment, `[keV]`; empty: none."""
    comments = getattr(header, "comments", {})
    match = re.match(r"\s*\[\s*([A-Za-z]+)\s*\]", str(comments[key]) if key in header else "")
    return match[1] if match else ""


def _value(header: Header, key: str) -> Any:
    try:
        return header.get(key)
    except VerifyError:
        return UNPARSABLE
