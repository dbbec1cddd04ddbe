"""SVOM's time: seconds since 2017-01-01 UTC (MJDREFI 57754), as all packets and files count it."""

import re
from datetime import UTC, datetime, timedelta

from eclgrmd.errors import InputError

__all__ = ["met_of_utc", "read_utc", "utc_of_met"]

_REFERENCE = datetime(2017, 1, 1, tzinfo=UTC)
_END_OF_DAY = re.compile(r"(?<=[T ])24:00(:00([.,]0+)?)?(?=Z|[+-]|$)")
_LEAP = re.compile(r"(?<=:59:)60(?=\D|$)")


def read_utc(text: str) -> datetime:
    """Read an ISO-8601 time; one without a zone is UTC.

    A leap second (23:59:60.x) and the end of a day (24:00:00) are times of the next day, as they
    are in a count of seconds without leap seconds.

    Raises
    ------
    InputError
        When it is none.
    """
    plain, days = _END_OF_DAY.subn("00:00:00", text.strip())
    plain, leaps = _LEAP.subn("59", plain)
    try:
        moment = datetime.fromisoformat(plain) + timedelta(days=days, seconds=leaps)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r}: must be an ISO-8601 time") from error


def met_of_utc(text: str) -> float:
    """Give the seconds since the reference.

    No leap second was added since the reference: the last one came the second before it. So
    differences of UTC are differences of TT.
    """
    return (read_utc(text) - _REFERENCE) / timedelta(seconds=1)


def utc_of_met(met_s: float) -> str:
    """Return ISO-8601 UTC with microseconds.

    Raises
    ------
    InputError
        When it lies outside the years 1 to 9999, or is no number.
    """
    try:
        moment = _REFERENCE + timedelta(seconds=met_s)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{met_s:g} s since 2017: must lie in the years 1 to 9999") from error
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
