"""Takes optional values that a test knows to be there."""

from typing import TypeVar

__all__ = ["required"]

T = TypeVar("T")


def required(value: T | None) -> T:
    """Return a value that must not be None."""
    assert value is not None
    return value
