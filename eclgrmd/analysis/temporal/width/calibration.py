"""Corrections and errors for the emission below detection, which the bootstrap does not contain.

Replicas are drawn from the detected emission. Weak pulses and tails without a block of their own,
and the shape of a pulse inside a block, are missing in them. Their effect was measured on simulated
bursts of mixed shape and brightness:

- the median fraction of the duration that is lost, and
- the relative errors which, added in quadrature to those of the replicas, leave the truth above and
  below the 68 % interval in 15.9 % of the bursts each (2.3 % for the 95 % interval).

The tables were derived by ``python -m testbench accuracy/undetected`` from ``python -m testbench
accuracy/temporal --first 31000 --bursts 1500`` (for re-segmented replicas from 600 bursts of
``accuracy/temporal_resegmented``) and then smoothed. Other seeds (``--first 10000``) measure the
coverage that results. They were derived with the significance of the whole burst, and are used with
that of its last episode, in proportion to its counts, and with the flatness of its end. For
replicas without a new search, only half of the measured loss of T90 is corrected, because real
bursts of the Fermi-GBM catalogue lose less than the simulated ones.

The tables are older than the present background and the use of the flatness. With these the same
derivation (the first 995 bursts) gives for T90 a loss of 25 % at 9 sigma and 17 % at 14 sigma,
errors down of 38 and 32 % and up of 0 % there, with all of the loss corrected. The tables were kept
because the coverage that results is right.
"""

from typing import NamedTuple

import numpy as np

from eclgrmd.model.observation import Floats

from .ends import BurstEnd

__all__ = [
    "NOTHING",
    "SIGMA",
    "TYPICAL_FLATNESS",
    "Undetected",
    "Unknown",
    "flatness_of",
    "undetected_after",
    "unknown_of",
]


class Unknown(NamedTuple):
    """Effects of undetected emission on a duration, as fractions of the duration."""

    lost: float
    """Median loss, by which the measured duration is increased."""
    down: float
    """1-sigma error downwards."""
    up: float
    """1-sigma error upwards."""
    far_down: float
    """2-sigma error downwards."""
    far_up: float
    """2-sigma error upwards."""

    def times(self, factor: float) -> "Unknown":
        """Return the effects multiplied by a factor."""
        return Unknown(*(factor * each for each in self))


TYPICAL_FLATNESS = (4.0, 2.5)
"""Flatness at the end of T90 and T50 for which the tables hold; chosen so that the errors of all
shapes of simulated bursts cover alike (``accuracy/shapes`` with seeds from 5,100,000)."""
_RATIOS = (0.25, 2.0)
"""Smallest and largest factor that the flatness may cause; a choice."""
_POWER = 0.5
"""Power of the last episode's share of the counts with which its effects grow. With 1, the errors
of weak emission after a spike held the truth in 58 %, with 0 in 82 %, with 0.5 in 70 %
(``accuracy/shapes`` with seeds from 5,100,000)."""
NOTHING = Unknown(0.0, 0.0, 0.0, 0.0, 0.0)
"""No effect."""


class Undetected(NamedTuple):
    """Emission that is missed beside that of a burst, and in which proportion it counts."""

    whole: Unknown
    """Effects on a burst as bright as the whole."""
    last: Unknown
    """Effects on a burst as bright as the last episode."""
    share: float
    """Part of the counts in the last episode, 0 to 1."""
    typical: float
    """One of `TYPICAL_FLATNESS`."""

    def at_flatness(self, flatness: float) -> Unknown:
        """Return the effects on a burst whose cumulative curve has this flatness at its end.

        Counts that are missed move a crossing by their number over the rate there. What is missed
        after a weak episode is small beside the whole if the episode is. The effects are at least
        those on a burst as bright as the whole. The ratio to the typical flatness is limited.

        Parameters
        ----------
        flatness
            From `flatness_of`.
        """
        ratio = flatness / self.typical
        whole = self.whole.times(float(np.clip(ratio, *_RATIOS)))
        last = self.last.times(min(self.share**_POWER * ratio, _RATIOS[1]))
        return Unknown(*map(max, whole, last))


SIGMA = (9.0, 14.0, 25.0, 40.0, 65.0, 110.0, 250.0)
"""Significance, in sigma, of the burst in each column of the tables."""
_SEARCHED = {
    0.9: (
        (0.09, 0.065, 0.007, 0.002, 0.002, 0.001, 0.0),
        (0.14, 0.09, 0.02, 0.01, 0.006, 0.004, 0.0),
        (0.63, 0.37, 0.185, 0.08, 0.03, 0.03, 0.0),
        (0.45, 0.18, 0.05, 0.05, 0.05, 0.01, 0.0),
        (1.5, 0.56, 0.38, 0.19, 0.08, 0.075, 0.004),
    ),
    0.5: (
        (0.07, 0.025, 0.002, 0.0, 0.0, 0.0, 0.0),
        (0.17, 0.07, 0.012, 0.012, 0.01, 0.006, 0.004),
        (0.35, 0.13, 0.085, 0.03, 0.03, 0.007, 0.0),
        (0.22, 0.04, 0.035, 0.034, 0.034, 0.03, 0.0),
        (2.1, 0.45, 0.27, 0.08, 0.08, 0.028, 0.0),
    ),
}
"""Fields of `Unknown` (rows) by significance (columns), for re-segmented replicas.

The key is the fraction of the fluence in the duration: 0.9 for T90, 0.5 for T50.
"""
_CUMULATED = {
    0.9: (
        (0.1, 0.06, 0.015, 0.002, 0.0, 0.0, 0.0),
        (0.2, 0.14, 0.1, 0.05, 0.012, 0.011, 0.003),
        (0.65, 0.33, 0.18, 0.075, 0.042, 0.024, 0.002),
        (0.5, 0.36, 0.3, 0.14, 0.1, 0.045, 0.022),
        (2.1, 0.8, 0.47, 0.19, 0.085, 0.08, 0.014),
    ),
    0.5: (
        (0.05, 0.01, 0.001, 0.001, 0.001, 0.001, 0.0),
        (0.17, 0.09, 0.03, 0.03, 0.016, 0.011, 0.004),
        (0.39, 0.175, 0.1, 0.02, 0.02, 0.007, 0.0),
        (0.31, 0.1, 0.05, 0.045, 0.045, 0.03, 0.008),
        (2.0, 0.76, 0.31, 0.095, 0.065, 0.032, 0.003),
    ),
}
"""The same for replicas that are not segmented again."""


def flatness_of(times_s: Floats, fractions: Floats, length_s: float) -> float:
    """Return how long all counts would take at the rate at the end of a width, in units of it.

    For T90 that is 1.1 if the rate is constant and 4.7 if it decays exponentially.

    Parameters
    ----------
    times_s, fractions
        Two times beside the end of the width, seconds, and the fractions of the fluence there.
    length_s
        The width, seconds.
    """
    slow_s = float(np.diff(times_s)[0] / np.diff(fractions)[0])
    return slow_s / length_s if length_s > 0.0 else 1.0


def unknown_of(significance: float | None, *, searched: bool) -> tuple[Unknown, Unknown]:
    """Return the effects of undetected emission on T90 and on T50.

    Parameters
    ----------
    significance
        Significance of the burst, in sigma; None is treated as the faintest. The tables are
        interpolated in its logarithm and constant beyond their ends.
    searched
        True if replicas are segmented and searched again.
    """
    sigma = SIGMA[0] if significance is None else max(significance, SIGMA[0])
    table = _SEARCHED if searched else _CUMULATED
    t90, t50 = (
        Unknown(*(float(np.interp(np.log(sigma), np.log(SIGMA), row)) for row in table[fraction]))
        for fraction in (0.9, 0.5)
    )
    return t90, t50


def undetected_after(
    significance: float | None, last: BurstEnd | None, *, searched: bool
) -> tuple[Undetected, Undetected]:
    """Return what is missed of T90 and of T50.

    Parameters
    ----------
    significance
        Significance of the whole burst, in sigma; None is treated as the faintest.
    last
        The last episode; None is treated as the whole burst.
    searched
        True if replicas are segmented and searched again.
    """
    last = last or BurstEnd(significance or SIGMA[0], 1.0)
    whole = unknown_of(significance, searched=searched)
    after = unknown_of(last.significance, searched=searched)
    t90, t50 = (
        Undetected(one, other, last.share, typical)
        for one, other, typical in zip(whole, after, TYPICAL_FLATNESS, strict=True)
    )
    return t90, t50
