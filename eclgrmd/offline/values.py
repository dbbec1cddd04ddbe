"""A measured value as people use it: a number with errors and a unit, or a quantity of astropy."""

from dataclasses import dataclass
from math import nan
from typing import Any

from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.products.formatting import with_errors

__all__ = ["Value"]


@dataclass(frozen=True, slots=True, repr=False)
class Value:
    """A measured value with asymmetric 1-sigma errors and a unit.

    Examples
    --------
    >>> t90 = Value(Measurement(12.5, 0.25, 0.5), "s")
    >>> print(t90)
    12.50 (+0.50, -0.25) s
    >>> f"T90 = {t90:.1f} s"
    'T90 = 12.5 s'
    >>> t90.quantity.to_string()
    '12.5 s'
    """

    measurement: Measurement = NOT_MEASURED
    """Value and errors as numbers, in `unit`."""
    unit: str = ""
    """Unit, as astropy reads it; empty: none."""

    @property
    def value(self) -> float | None:
        """Best value; None: not measured."""
        return self.measurement.value

    @property
    def err_minus(self) -> float | None:
        """1-sigma error downwards, positive; None: not bounded, or not known."""
        return self.measurement.err_minus

    @property
    def err_plus(self) -> float | None:
        """1-sigma error upwards, positive; None: not bounded, or not known."""
        return self.measurement.err_plus

    @property
    def quantity(self) -> Any:
        """Best value as a `Quantity` of astropy; NaN: not measured."""
        return self._quantity(self.value)

    @property
    def errors(self) -> tuple[Any, Any]:
        """1-sigma errors downwards and upwards as `Quantity`, positive; NaN: not known."""
        return self._quantity(self.err_minus), self._quantity(self.err_plus)

    def __float__(self) -> float:
        """Return the best value as a number in `unit`; NaN: not measured."""
        return nan if self.value is None else self.value

    def __str__(self) -> str:
        """Return value, errors and unit as text, with two digits of the smaller error."""
        if self.value is None:
            return "not measured"
        return with_errors(self.value, self.err_minus, self.err_plus, self.unit)

    def __repr__(self) -> str:
        """Return what `str` does in angle brackets."""
        return f"<Value {self}>"

    def __format__(self, form: str) -> str:
        """Return the best value in the form of a number; without a form, what `str` does."""
        return format(float(self), form) if form else str(self)

    def _quantity(self, number: float | None) -> Any:
        # A value is a number until somebody asks for a unit: astropy's units take 0.2 s to import.
        from astropy.units import Quantity  # noqa: PLC0415

        return Quantity(nan if number is None else number, self.unit)
