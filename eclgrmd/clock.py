"""Times as the database tables store them: UTC without zone, to the microsecond."""

from datetime import UTC, datetime, timedelta

__all__ = ["microseconds", "moment", "utc_now"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the tables have UTC without zone


def utc_now() -> datetime:
    """Return the current time in UTC, without time zone information."""
    return datetime.now(UTC).replace(tzinfo=None)


def microseconds(at: datetime) -> int:
    """Return a time of the tables (UTC without zone) as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(since_1970_us: int) -> datetime:
    """Return the time of the tables so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=since_1970_us)
