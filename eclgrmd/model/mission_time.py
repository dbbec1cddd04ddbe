"""SVOM's time: seconds since 2017-01-01 UTC (MJDREFI 57754), as all packets and files count it."""

from datetime import UTC, datetime, timedelta

from eclgrmd.errors import InputError

__all__ = ["met_of_utc", "read_utc", "utc_of_met"]

_REFERENCE = datetime(2017, 1, 1, tzinfo=UTC)


def read_utc(text: str) -> datetime:
    """Read an ISO-8601 time; one without a zone is UTC.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
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
    """Give ISO-8601 UTC with microseconds."""
    moment = _REFERENCE + timedelta(seconds=met_s)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
