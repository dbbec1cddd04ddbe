"""Durations and trigger times in the text of a circular."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from eclgrmd.model.circular import CircularQuantity, CircularValue
from eclgrmd.model.measurement import Measurement

from .clause import nearest_band, value_of
from .numbers import bands, clauses, numbers, without_bands

__all__ = ["read_durations", "read_trigger"]

_T90 = re.compile(r"T_?\s?\{?90\}?(?![\d.])")
_SECONDS = r"(?P<unit>ms|msec|milliseconds?|s|sec|secs|seconds?)\b"
_MILLI = re.compile(r"\s*(?:ms|msec|milli)")
_FAR = 120
"""Most characters between T90 and its value."""
_CLOCK = r"(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)[T ]\s?{_CLOCK}")
_SPOKEN = re.compile(
    rf"{_CLOCK}\s*(?:UTC?)?,?\s*(?:on)?\s*(\d{{1,2}})\s+([A-Za-z]{{3,9}})\.?,?\s+(\d{{4}})"
)
_TRIGGERED = re.compile(
    rf"(?:\bAt\s+|T_?0\s*=\s*[\d.]+\s*s\s*UT\s*\(|trigger(?:ed)?[^.]{{0,60}}?){_CLOCK}"
)
_NAME = re.compile(r"GRB\s?(\d\d)(\d\d)(\d\d)[A-Z]?")
_HEADER = re.compile(r"DATE:\s*\S+\s\S+\s*(?:GMT|UTC?)?", re.IGNORECASE)
"""The circular's own date is no trigger time."""


def read_durations(text: str) -> Iterator[CircularValue]:
    """Yield each T90 that a text states."""
    seen = set()
    for clause in clauses(text):
        blank, known = without_bands(clause), bands(clause)
        for name in _T90.finditer(clause):
            part = blank[name.end() : name.end() + _FAR]
            # The value of another duration is none of this one.
            part = re.split(r"T_?\s?\{?(?:50|90|100)\}?\b", part)[0]
            number = next(numbers(part, _SECONDS), None)
            if number is None:
                continue
            milli = _MILLI.match(part, number.stop) is not None
            stop = name.end() + number.stop
            value = value_of(
                CircularQuantity.T90, "s", number, clause[name.start() : stop + 20],
                factor=1e-3 if milli else 1.0, band_kev=nearest_band(known, stop),
            )  # fmt: skip
            key = (value.measurement, value.band_kev)
            if key not in seen:
                seen.add(key)
                yield value


def read_trigger(text: str) -> Iterator[CircularValue]:
    """Yield the trigger time that a text states first, if it states a day, too."""
    text = _HEADER.sub(lambda found: " " * len(found.group()), text)
    found: list[tuple[int, datetime, str]] = []
    for each in _ISO.finditer(text):
        year, month, day, *clock = each.groups()
        found += _moment(each, int(year), int(month), int(day), clock)
    for each in _SPOKEN.finditer(text):
        *clock, day, name, year = each.groups()
        if (month_name := name[:3].lower()) in _MONTHS:
            month_number = _MONTHS.index(month_name) + 1
            found += _moment(each, int(year), month_number, int(day), clock)
    named = _NAME.search(text)
    if not found and named is not None:
        year, month, day = map(int, named.groups())
        for each in _TRIGGERED.finditer(text):
            found += _moment(each, 2000 + year, month, day, list(each.groups()))
    if found:
        _, at, words = min(found)
        yield CircularValue(
            quantity=CircularQuantity.TRIGGER_TIME,
            unit="UTC",
            measurement=Measurement(None, None, None),
            utc=at.replace(tzinfo=None).isoformat() + "Z",
            text=words,
        )


def _moment(
    found: re.Match[str], year: int, month: int, day: int, clock: list[str]
) -> list[tuple[int, datetime, str]]:
    """Return a time with its place; none if there is no such time."""
    hours, minutes, seconds = int(clock[0]), int(clock[1]), float(clock[2])
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return []
    at = midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return [(found.start(), at, found.group())]
