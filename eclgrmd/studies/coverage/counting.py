"""Counts how often the stated intervals of one quantity held the truth."""

from math import sqrt

from eclgrmd.model.study.coverage import Cover

__all__ = ["cover"]


def cover(
    quantity: str,
    truth: float,
    found: list[tuple[float, float, float, tuple[float, float] | None]],
) -> Cover:
    """Return the coverage of one quantity.

    Parameters
    ----------
    quantity
        Its name.
    truth
        True value.
    found
        Value, downward error, upward error and 95 % interval of each twin that has them.
    """
    inside = [value - minus <= truth <= value + plus for value, minus, plus, _ in found]
    wide = [low <= truth <= high for *_, limits in found if limits for low, high in [limits]]
    one, two = _covered(inside), _covered(wide)
    return Cover(
        quantity=quantity,
        truth=truth,
        twins=len(found),
        covered_68=one[0],
        error_68=one[1],
        covered_95=two[0],
        error_95=two[1],
        mean=sum(value for value, *_ in found) / len(found) if found else None,
    )


def _covered(inside: list[bool]) -> tuple[float | None, float | None]:
    """Return a share and its error; that of 0 or 1 is as if one twin more had been otherwise."""
    number = len(inside)
    if not number:
        return None, None
    share = sum(inside) / number
    smoothed = (sum(inside) + 1) / (number + 2)
    return share, sqrt(smoothed * (1.0 - smoothed) / number)
