"""Describes the distribution of one quantity over all choices."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.model.study.spread import QuantitySpread, Space

from .shares import first_order_shares
from .space import Choice

__all__ = ["quantity_spread"]


def quantity_spread(
    quantity: str,
    usual: tuple[float | None, float | None],
    found: Sequence[tuple[Choice, float]],
    space: Space,
) -> QuantitySpread:
    """Return the spread of one quantity.

    Parameters
    ----------
    quantity
        Its name.
    usual
        Value and statistical error by the burst's own configuration.
    found
        Choices with their values, at least one.
    space
        Questions.
    """
    values = np.array([value for _, value in found])
    answers = list(zip(*(choice.answers for choice, _ in found), strict=True))
    shares = first_order_shares(values, answers)
    named = sorted(
        zip((question.name for question in space.questions), shares, strict=True),
        key=lambda pair: -pair[1],
    )
    low95, low, median, high, high95 = np.percentile(values, [2.5, 16.0, 50.0, 84.0, 97.5])
    return QuantitySpread(
        quantity=quantity,
        value=usual[0],
        statistical=usual[1],
        choices=len(found),
        median=float(median),
        low_68=float(low),
        high_68=float(high),
        low_95=float(low95),
        high_95=float(high95),
        shares={name: round(share, 4) for name, share in named},
    )
