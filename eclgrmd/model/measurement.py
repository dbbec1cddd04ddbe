"""A measured value, as all results give it."""

from msgspec import Struct

__all__ = ["Measurement"]


class Measurement(Struct, frozen=True):
    """A value with asymmetric 1-sigma errors, both positive."""

    value: float | None
    err_minus: float | None
    err_plus: float | None
