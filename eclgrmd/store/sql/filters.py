"""Filters of a listing as parameters of SQL: NULL matches everything."""

from datetime import UTC, datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from eclgrmd.model.mission_time import read_utc

__all__ = ["given", "time_of"]

T = TypeVar("T")


def given(value: T | UnsetType) -> T | None:
    """Return the value of a filter, or None if it is not set."""
    return None if value is UNSET else value


def time_of(text: str | UnsetType) -> datetime | None:
    """Return a time filter as the tables store times, or None if it is not set.

    Raises
    ------
    InputError
        If there is no such day.
    """
    return None if text is UNSET else read_utc(text).astimezone(UTC).replace(tzinfo=None)
