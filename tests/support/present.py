"""Narrows a value that a test knows to be there."""

from typing import TypeVar

__all__ = ["present"]

T = TypeVar("T")


def present(value: T | None) -> T:
    """Return the value, or fail the test if there is none."""
    assert value is not None, "there is no value"
    return value
