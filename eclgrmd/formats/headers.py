"""Read single keywords of a FITS header, whatever type their writers gave them."""

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["Header", "flag", "integer", "number", "text"]

Header = Mapping[str, Any]


def number(header: Header, key: str) -> float | None:
    """Return a finite number, also where it was written as text; None where there is none."""
    value = header.get(key)
    if isinstance(value, bool):
        return None
    try:
        result = float(value)  # type: ignore[arg-type]  # refused values raise, as intended
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) else None


def integer(header: Header, key: str) -> int | None:
    """Return a whole number; None where there is none."""
    value = number(header, key)
    return None if value is None else int(value)


def text(header: Header, key: str) -> str:
    """Return a text, stripped; empty where there is none or it says `none`."""
    value = header.get(key)
    if not isinstance(value, str) or value.strip().lower() == "none":
        return ""
    return value.strip()


def flag(header: Header, key: str) -> bool | None:
    """Return a logical value; None where there is none."""
    value = header.get(key)
    return value if isinstance(value, bool) else None
