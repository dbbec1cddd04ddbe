"""Numbers with errors, energy bands and clauses in the text of a circular."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from eclgrmd.model.interval import Interval

__all__ = ["Band", "Number", "bands", "clauses", "numbers", "plain_text", "without_bands"]

_DIGITS = r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_VALUE = re.compile(
    rf"""(?<![\w.^{{+-])(?P<open>\(\s*)?(?P<value>[-+]?\s?{_DIGITS})
    (?:\s*\(?\s*\+/-\s*(?P<both>{_DIGITS})
      |\s*\(\s*-\s*(?P<minus>{_DIGITS})\s*[,/]?\s*\+\s*(?P<plus>{_DIGITS})\s*\)
      |\s*[\^_{{(]*\s*\+\s*(?P<plus2>{_DIGITS})\}}?\s*[,/_{{^]*\s*-\s*(?P<minus2>{_DIGITS})\s*[)}}]?
    )?
    (?:\s*\)?\s*(?:[eE]\s?(?P<power>[-+]?\d+)
      |[xX*]\s*10\s*\^?\*{{0,2}}\s*[({{]?\s*(?P<power2>[-+]?\d+)\s*[)}}]?))?\s*\)?""",
    re.VERBOSE,
)
"""A number, perhaps with errors, perhaps with a power of ten for all of them."""
_BAND = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(keV|MeV)?\s*(?:-|to|and)\s*(\d+(?:\.\d+)?)\s*(keV|MeV)\b"
)
_CLAUSE = re.compile(r"(?<=[\w)\]])\.\s+(?=[A-Z[(])|;\s")
"""What ends a sentence, or a part of one."""
_SIGNS = str.maketrans({"–": "-", "—": "-", "−": "-", "×": "x", "~": " ", "≈": " ", "\u00a0": " "})
_KEV = {"keV": 1.0, "MeV": 1000.0}


class Number(NamedTuple):
    """A number with its errors as they stand in the text."""

    value: float
    """The value."""
    err_minus: float | None
    """Error downwards, positive; None: none is stated."""
    err_plus: float | None
    """Error upwards, positive; None: none is stated."""
    start: int
    """Where it begins in the text."""
    stop: int
    """Where it ends."""


class Band(NamedTuple):
    """An energy band in a text."""

    band_kev: Interval
    """The band, keV."""
    start: int
    """Where it begins in the text."""
    stop: int
    """Where it ends."""


def plain_text(text: str) -> str:
    """Return a text on one line, with plain signs."""
    text = text.translate(_SIGNS).replace("±", "+/-")
    text = re.sub(r"\+\s?/?\s?-(?=\s*\d)", "+/-", text)
    return " ".join(text.split())


def numbers(text: str, unit: str) -> Iterator[Number]:
    """Yield the numbers of a text that a unit follows.

    Parameters
    ----------
    text
        The text.
    unit
        Pattern of the unit; empty: there is none.
    """
    follows = re.compile(rf"\s*(?:{unit})")
    for found in _VALUE.finditer(text):
        if not unit or follows.match(text, found.end()):
            yield _number(found)


def bands(text: str) -> list[Band]:
    """Return the energy bands of a text."""
    found = []
    for each in _BAND.finditer(text):
        low, low_unit, high, high_unit = each.groups()
        band_kev = float(low) * _KEV[low_unit or high_unit], float(high) * _KEV[high_unit]
        if band_kev[0] < band_kev[1]:
            found.append(Band(band_kev, each.start(), each.end()))
    return found


def without_bands(text: str) -> str:
    """Return a text with blanks in place of its energy bands."""
    for band in bands(text):
        text = text[: band.start] + " " * (band.stop - band.start) + text[band.stop :]
    return text


def clauses(text: str) -> Iterator[str]:
    """Yield the sentences of a text, and their parts between semicolons."""
    start = 0
    for end in _CLAUSE.finditer(text):
        yield text[start : end.start() + 1]
        start = end.end()
    yield text[start:]


def _number(found: re.Match[str]) -> Number:
    parts = found.groupdict()
    power = parts["power"] or parts["power2"]
    factor = 10.0 ** int(power) if power else 1.0

    def scaled(*names: str) -> float | None:
        text = next((parts[name] for name in names if parts[name]), None)
        return None if text is None else float(text.replace(" ", "")) * factor

    return Number(
        value=scaled("value") or 0.0,
        err_minus=scaled("both", "minus", "minus2"),
        err_plus=scaled("both", "plus", "plus2"),
        start=found.start(),
        stop=found.end(),
    )
