"""The rule for the comparison of measured values with the truth.

The pull of a value x with the true value X is (x - X) / error, with the error on the side of X.
Errors are right if |pull| < 1, 2, 3 in 68.27, 95.45 and 99.73 % of all cases. For each quantity
(T90, T50, Epeak, ...) the number of pulls inside each limit is compared with the binomial
distribution: the probabilities of at most and of at least that number must both reach `TAIL`.
In addition, no value may be further than `FAR` sigma from the truth unless a flag warns of it.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from scipy.stats import binom

__all__ = ["FAR", "TAIL", "Count", "Pull", "counts_of", "judge"]

TAIL = 1e-3
"""Smallest tail probability that still passes for chance."""
FAR = 5.0
"""Pull beyond which a value needs a flag, sigma."""
_FRACTIONS = {1: 0.682689, 2: 0.954500, 3: 0.997300}
"""Part of a normal distribution within 1, 2, 3 sigma."""


class Pull(Struct, frozen=True):
    """A measured value with its true value."""

    burst_id: str
    """Burst that it was measured in."""
    quantity: str
    """T90, T50, epeak_kev, ...; values of one quantity are judged together."""
    measured: float
    """Measured value, in the unit of the quantity."""
    err_minus: float
    """Size of the lower error, same unit."""
    err_plus: float
    """Size of the upper error, same unit."""
    true: float
    """True value, same unit."""
    flags: tuple[str, ...] = ()
    """Flags of the result that warn about this value."""
    of: str = ""
    """Instrument and band, or name of the spectral model."""

    @property
    def pull(self) -> float:
        """Distance from the truth in units of the error that points to it."""
        error = self.err_minus if self.measured > self.true else self.err_plus
        return (self.measured - self.true) / error if error > 0 else float("inf")

    def __str__(self) -> str:
        return (
            f"{self.burst_id} {self.of} {self.quantity} {self.measured:.4g} -{self.err_minus:.2g} "
            f"+{self.err_plus:.2g}, true {self.true:.4g}: {self.pull:+.1f} sigma"
        )


class Count(Struct, frozen=True):
    """Number of pulls of a quantity inside a limit, with the probabilities of that number."""

    quantity: str
    """Quantity as in `Pull`."""
    limit: int
    """Limit of |pull|, sigma."""
    inside: int
    """Number of pulls inside the limit."""
    total: int
    """Number of all pulls of the quantity."""
    as_few: float
    """Probability of as few or fewer, if the errors are right."""
    as_many: float
    """Probability of as many or more."""

    @property
    def right(self) -> bool:
        """Return whether both tail probabilities are large enough for chance."""
        return min(self.as_few, self.as_many) >= TAIL

    def __str__(self) -> str:
        return f"{self.quantity}: {self.inside}/{self.total} within {self.limit} sigma"


def counts_of(pulls: Iterable[Pull]) -> Iterator[Count]:
    """Count, for each quantity, the pulls within 1, 2 and 3 sigma."""
    by_quantity: dict[str, list[float]] = {}
    for pull in pulls:
        by_quantity.setdefault(pull.quantity, []).append(abs(pull.pull))
    for quantity, sizes in by_quantity.items():
        for limit, fraction in _FRACTIONS.items():
            inside, total = sum(size < limit for size in sizes), len(sizes)
            yield Count(
                quantity=quantity,
                limit=limit,
                inside=inside,
                total=total,
                as_few=float(binom.cdf(inside, total, fraction)),
                as_many=float(binom.sf(inside - 1, total, fraction)),
            )


def judge(pulls: tuple[Pull, ...]) -> list[str]:
    """Apply the rule; return one sentence for each violation (empty: all is right)."""
    found = [
        f"{count}, chance of as few {count.as_few:.1e}, of as many {count.as_many:.1e}"
        for count in counts_of(pulls)
        if not count.right
    ]
    far = [f"{p}, no flag" for p in pulls if abs(p.pull) > FAR and not p.flags]
    return found + far
