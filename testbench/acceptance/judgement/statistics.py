"""The rule by which measured values are compared with the truth.

A measured value x with errors and a true value X have the pull (x - X) / error, the error being the
one that points from x to X. Errors are right when |pull| < 1, 2, 3 in 68.27, 95.45 and 99.73 % of
all cases. For each quantity by itself (T90, T50, Epeak, ...) the number of pulls inside each limit
is compared with the binomial distribution: as few or fewer, and as many or more, must each have a
probability of at least `TAIL`. Beside that, nothing may be farther than `FAR` sigma from the truth
unless a flag warns of it.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from scipy.stats import binom

__all__ = ["FAR", "TAIL", "Count", "Pull", "counts_of", "judge"]

TAIL = 1e-3
FAR = 5.0
_FRACTIONS = {1: 0.682689, 2: 0.954500, 3: 0.997300}


class Pull(Struct, frozen=True):
    """One measured value beside its truth."""

    burst_id: str
    quantity: str
    """T90, T50, epeak_kev, ...; values of one quantity are judged together."""
    measured: float
    err_minus: float
    err_plus: float
    true: float
    flags: tuple[str, ...] = ()
    of: str = ""
    """Whose it is: instrument and band, or model."""

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
    """How many pulls of a quantity are inside a limit."""

    quantity: str
    limit: int
    """Sigma."""
    inside: int
    total: int
    as_few: float
    """Probability of as few or fewer, if the errors are right."""
    as_many: float
    """Probability of as many or more."""

    @property
    def right(self) -> bool:
        """Tell whether this may well be chance."""
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
    """Apply the rule; give everything that breaks it, in words (empty: all is right)."""
    found = [
        f"{count}, chance of as few {count.as_few:.1e}, of as many {count.as_many:.1e}"
        for count in counts_of(pulls)
        if not count.right
    ]
    far = [f"{p}, no flag" for p in pulls if abs(p.pull) > FAR and not p.flags]
    return found + far
