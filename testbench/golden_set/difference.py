"""Compares two documents and lists the differences: path, golden value, our value."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["RELATIVE_TOLERANCE", "Difference", "differences", "report"]

RELATIVE_TOLERANCE = 1e-6
"""Between floating-point numbers. NumPy and BLAS choose other instructions on other CPUs, which add
up in another order; minima and quantiles then differ in the last digits. Whole numbers, texts and
flags must be equal."""
_ABSOLUTE_TOLERANCE = 1e-12
"""Absolute tolerance, for numbers that are zero except for rounding."""
_NUMBER = re.compile(r"[-+]?\d+\.\d+(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+")
_MOST_SHOWN = 25
"""Differences that the report lists; the others are counted."""
_LONGEST = 160
"""Longest value in the report, characters."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between two documents."""

    path: str
    """JSON pointer, after the name of the document."""
    golden: str
    """Value in the golden set, as JSON."""
    ours: str
    """Our value, as JSON."""

    def __str__(self) -> str:
        """Return the difference as three lines."""
        return f"{self.path}\n  golden: {_short(self.golden)}\n  ours:   {_short(self.ours)}"


def differences(golden: Any, ours: Any, path: str = "") -> Iterator[Difference]:
    """Yield every difference between two documents."""
    match golden, ours:
        case dict(), dict():
            for key in sorted({*golden, *ours}):
                yield from _entry(golden, ours, key, f"{path}/{key}")
        case list(), list():
            if len(golden) != len(ours):
                yield Difference(path, f"{len(golden)} entries", f"{len(ours)} entries")
            for number, (one, other) in enumerate(zip(golden, ours, strict=False)):
                yield from differences(one, other, f"{path}/{number}")
        case _:
            if not _equal(golden, ours):
                yield Difference(path, repr(golden), repr(ours))


def report(found: list[Difference]) -> str:
    """Return a short list of differences for people."""
    shown = [str(each) for each in found[:_MOST_SHOWN]]
    more = len(found) - len(shown)
    return "\n".join([f"{len(found)} differences", *shown, *([f"and {more} more"] if more else [])])


def _entry(golden: Any, ours: Any, key: str, path: str) -> Iterator[Difference]:
    if key not in ours:
        yield Difference(path, repr(golden[key]), "is missing")
    elif key not in golden:
        yield Difference(path, "is not there", repr(ours[key]))
    else:
        yield from differences(golden[key], ours[key], path)


def _equal(golden: Any, ours: Any) -> bool:
    if isinstance(golden, bool) or isinstance(ours, bool):
        return golden is ours
    match golden, ours:
        case (float(), int() | float()) | (int(), float()):
            return _close(golden, ours)
        case str(), str():
            return golden == ours or _equal_texts(golden, ours)
        case _:
            return bool(golden == ours)


def _close(golden: float, ours: float) -> bool:
    return math.isclose(golden, ours, rel_tol=RELATIVE_TOLERANCE, abs_tol=_ABSOLUTE_TOLERANCE)


def _equal_texts(golden: str, ours: str) -> bool:
    """Compare texts word by word, and the decimal numbers in them as numbers."""
    if _NUMBER.split(golden) != _NUMBER.split(ours):
        return False
    pairs = zip(_NUMBER.findall(golden), _NUMBER.findall(ours), strict=True)
    return all(_close(float(one), float(other)) for one, other in pairs)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
