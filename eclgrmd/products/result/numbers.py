"""Numbers that JSON can hold: finite, or null."""

from math import isfinite
from typing import Protocol

import numpy as np

from eclgrmd.model.result import Measurement

__all__ = ["EstimateLike", "finite", "interval", "measurement", "numbers"]


class EstimateLike(Protocol):
    """A value with asymmetric 1-sigma errors, as both analyses give it."""

    @property
    def value(self) -> float | None:
        """Best value."""

    @property
    def err_minus(self) -> float | None:
        """Error downwards, positive."""

    @property
    def err_plus(self) -> float | None:
        """Error upwards, positive."""


def finite(value: float | None) -> float | None:
    """Give a number as Python has it; null stands for what is not a finite number."""
    return None if value is None or not isfinite(value) else float(value)


def interval(pair: tuple[float, float]) -> tuple[float, float]:
    """Give an interval with plain numbers."""
    return float(pair[0]), float(pair[1])


def measurement(estimate: EstimateLike) -> Measurement:
    """Give a value and its errors, each finite or null."""
    return Measurement(
        finite(estimate.value), finite(estimate.err_minus), finite(estimate.err_plus)
    )


def numbers(array: np.ndarray) -> list[object]:
    """Give an array as nested lists; what is not finite becomes null."""
    return [
        numbers(row) if isinstance(row, np.ndarray) else finite(row) for row in np.asarray(array)
    ]
