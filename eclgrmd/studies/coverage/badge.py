"""The coverage badge of a burst: the content of `coverage.json`."""

from math import sqrt

from msgspec import Struct

from eclgrmd import __version__

__all__ = ["COVERAGE_NAME", "Badge", "Cover", "cover"]

COVERAGE_NAME = "coverage.json"
"""Name of the file beside `result.json`."""


class Cover(Struct, frozen=True, kw_only=True):
    """How often the stated intervals of one quantity held the truth."""

    quantity: str
    """t90_s, t50_s or epeak_kev."""
    truth: float
    """True value of the twins, in the unit of the quantity's name."""
    twins: int
    """Twins with a value and its error."""
    covered_68: float | None
    """Part of them whose 68 % interval held the truth; None: no twin has one."""
    error_68: float | None
    """Its 1-sigma binomial error."""
    covered_95: float | None
    """Part of them whose 95 % interval held the truth; None: the result states none."""
    error_95: float | None
    """Its 1-sigma binomial error."""
    mean: float | None
    """Mean of the values."""


class Badge(Struct, frozen=True, kw_only=True):
    """The coverage of a burst's stated intervals."""

    schema: str = "eclgrmd.coverage/1"
    """Version of this schema."""
    software: str = __version__
    """Version of eclgrmd."""
    burst_id: str
    """Burst."""
    twins: int
    """Simulated twins."""
    undetected: int
    """Twins in which no burst was found."""
    seed: int
    """Seed of the twins."""
    configuration_sha256: str
    """Checksum of the configuration by which they were analysed."""
    cpu_s: float
    """CPU time of all twins, seconds."""
    covers: tuple[Cover, ...]
    """Coverage by quantity."""

    def text(self) -> str:
        """Return the badge as lines for people."""
        lines = [
            f"{self.burst_id}: {self.twins} twins, {self.undetected} without a significant burst"
        ]
        for each in self.covers:
            name = each.quantity.partition("_")[0]
            lines.append(
                f"{name:6} 68 %: {_share(each.covered_68, each.error_68)}  "
                f"95 %: {_share(each.covered_95, each.error_95)}  "
                f"(truth {each.truth:.4g}, mean {_number(each.mean)}, {each.twins} twins)"
            )
        return "\n".join(lines)


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


def _share(share: float | None, error: float | None) -> str:
    if share is None or error is None:
        return "-"
    return f"{100 * share:.1f} +- {100 * error:.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
