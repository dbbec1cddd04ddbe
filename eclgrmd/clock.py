"""The current time as the database tables store it."""

from datetime import UTC, datetime

__all__ = ["utc_now"]


def utc_now() -> datetime:
    """Return the current time in UTC, without time zone information."""
    return datetime.now(UTC).replace(tzinfo=None)
