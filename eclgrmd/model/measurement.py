"""A measured value with its errors."""

from math import sqrt

from msgspec import Struct

__all__ = ["NOT_MEASURED", "Measurement", "difference"]


class Measurement(Struct, frozen=True):
    """A value with asymmetric 1-sigma errors, both positive."""

    value: float | None
    """Best value; None: not measured."""
    err_minus: float | None
    """1-sigma error downwards, positive; None: not bounded, or not known."""
    err_plus: float | None
    """1-sigma error upwards, positive; None: not bounded, or not known."""

    def times(self, factor: float) -> "Measurement":
        """Scale value and errors by a positive factor."""
        numbers = (self.value, self.err_minus, self.err_plus)
        return Measurement(*(None if each is None else each * factor for each in numbers))


NOT_MEASURED = Measurement(None, None, None)
"""What could not be measured."""


def difference(before: Measurement, after: Measurement) -> tuple[float | None, float | None]:
    """Compute how far a value moved, also in units of the errors that face each other.

    Returns
    -------
    tuple
        The later value less the earlier one, and the same divided by the upper error of the lower
        value and the lower error of the upper one, added in quadrature. None: not known.

    Examples
    --------
    >>> difference(Measurement(10.0, 9.0, 3.0), Measurement(15.0, 4.0, 9.0))
    (5.0, 1.0)
    """
    if before.value is None or after.value is None:
        return None, None
    moved = after.value - before.value
    if moved == 0.0:
        return 0.0, 0.0
    facing = (
        (before.err_plus, after.err_minus) if moved > 0.0 else (before.err_minus, after.err_plus)
    )
    error = sqrt(sum(each**2 for each in facing if each is not None))
    return moved, moved / error if error > 0.0 else None
