"""The published form of results: declared fields, plain numbers, null for what is not finite."""

from typing import Any, TypeVar

import msgspec
import numpy as np

__all__ = ["encode", "published"]

T = TypeVar("T")


def published(value: object, kind: type[T]) -> T:
    """Return a result as `kind` declares it.

    Fields that only the products need (arrays, curves, fits) are left out, and numbers that are not
    finite become None.

    Parameters
    ----------
    value
        A value of `kind` whose parts may be of classes derived from those that `kind` declares.
    kind
        Class of `eclgrmd.model`.

    Raises
    ------
    msgspec.ValidationError
        If a number that `kind` requires is not finite.
    """
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_plain), type=kind)


def encode(value: object) -> bytes:
    """Return a value as indented JSON; the same value gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _plain(value: object) -> Any:
    """Return a plain number for a numpy one, and None for an array, which is not published."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return None
    raise NotImplementedError(f"{type(value).__name__} cannot be published")
