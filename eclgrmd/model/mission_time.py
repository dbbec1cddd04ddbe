"""Mission elapsed time of SVOM: seconds since 2017-01-01 UTC, as in all packets and files."""

import re
from datetime import UTC, datetime, timedelta

from eclgrmd.errors import InputError

__all__ = ["met_of_utc", "read_utc", "utc_of_met"]

_REFERENCE = datetime(2017, 1, 1, tzinfo=UTC)
"""MJDREFI 57754, MJDREFF 0.000800740741 (TT) of the mission's product definition."""
_END_OF_DAY = re.compile(r"(?<=[T ])24:00(:00([.,]0+)?)?(?=Z|[+-]|$)")
"""The end of a day as ISO 8601 allows it."""
_LEAP = re.compile(r"(?<=:59:)60(?=\D|$)")
"""The seconds of a leap second."""


def read_utc(text: str) -> datetime:
    """Parse an ISO-8601 time; without a time zone it is UTC.

    A leap second (23:59:60.x) and the end of a day (24:00:00) become times of the next day, as in a
    count of seconds without leap seconds.

    Raises
    ------
    InputError
        If the text is not a time.
    """
    plain, days = _END_OF_DAY.subn("00:00:00", text.strip())
    plain, leaps = _LEAP.subn("59", plain)
    try:
        moment = datetime.fromisoformat(plain) + timedelta(days=days, seconds=leaps)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r}: must be an ISO-8601 time") from error


def met_of_utc(text: str) -> float:
    """Return the mission elapsed time of an ISO-8601 time, seconds.

    No leap second was added since the reference; the last one was the second before it. Therefore
    differences of UTC equal differences of TT.
    """
    return (read_utc(text) - _REFERENCE) / timedelta(seconds=1)


def utc_of_met(met_s: float) -> str:
    """Return a mission elapsed time as ISO-8601 UTC with microseconds.

    Raises
    ------
    InputError
        If the time is not finite or outside the years 1 to 9999.
    """
    try:
        moment = _REFERENCE + timedelta(seconds=met_s)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{met_s:g} s since 2017: must lie in the years 1 to 9999") from error
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
