"""The coverage badge of a burst: the content of `coverage.json`."""

from msgspec import Struct

__all__ = ["COVERAGE_NAME", "Badge", "Cover"]

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
    software: str
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


def _share(share: float | None, error: float | None) -> str:
    if share is None or error is None:
        return "-"
    return f"{100 * share:.1f} +- {100 * error:.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
