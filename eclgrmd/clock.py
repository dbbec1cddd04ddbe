"""The clock of day, in the form that the tables hold."""

from datetime import UTC, datetime

__all__ = ["utc_now"]


def utc_now() -> datetime:
    """Return the present in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
