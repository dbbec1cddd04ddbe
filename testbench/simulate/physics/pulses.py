"""Arrival times of a burst's photons: sums of pulses that are shorter at higher energy.

A pulse is the fast-rise-exponential-decay of Norris et al. (2005, ApJ 627, 324),
`f(x) ~ exp(-rise / x - x / decay)` for x = t - start > 0. At energy E its time scale is stretched
by `(E / 100 keV)^-index`, with index 0.4 after Fenimore et al. (1995, ApJ 448, L101).

Each pulse keeps **unit area at every energy**, and the weights of the pulses do not depend on
energy. The spectrum of all photons of the burst is therefore exactly the given one, although it
evolves from hard to soft within each pulse. The same holds for any interval that contains the whole
burst, and for every interval if the index is 0.
"""

from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

from .spectra import PIVOT_KEV

__all__ = ["Pulse", "arrived", "draw_times", "holding_interval", "stretch"]

_DECADES_BELOW_PEAK = 3.0
"""Start of a pulse's table, decades in time before its peak."""
_DECAYS_ABOVE_PEAK = 40.0
"""End of a pulse's table, decay times after its peak."""
_POINTS = 6001
"""Points of a pulse's table."""


class Pulse(Struct, frozen=True):
    """A pulse; its time scales are those at 100 keV."""

    start_s: float
    """Start of the pulse, seconds after t0."""
    rise_s: float
    """Rise parameter, seconds (tau_1 of Norris et al.)."""
    decay_s: float
    """Decay parameter, seconds (tau_2 of Norris et al.)."""
    weight: float = 1.0
    """Number of photons relative to the other pulses."""


def stretch(energy_kev: Floats, width_index: float) -> Floats:
    """Return the length of a pulse relative to its length at 100 keV."""
    return np.power(energy_kev / PIVOT_KEV, -width_index)


def arrived(
    pulses: tuple[Pulse, ...], width_index: float, energy_kev: Floats, time_s: Floats
) -> Floats:
    """Return the fraction of the photons of each energy that arrive before each time.

    Returns
    -------
    Array of shape (energies, times), from 0 to 1.
    """
    scale = stretch(energy_kev, width_index)
    total = np.zeros((energy_kev.size, time_s.size))
    for pulse, share in zip(pulses, _shares(pulses), strict=True):
        x, cumulative = _table(pulse.rise_s, pulse.decay_s)
        since = time_s - pulse.start_s
        # Outside the table no photon arrives, and most times are there.
        low, high = x[0] * scale.min(), x[-1] * scale.max()
        begun, over = since > low, since >= high
        during = begun & ~over
        total[:, over] += share
        total[:, during] += share * np.interp(since[during] / scale[:, None], x, cumulative)
    return total


def draw_times(
    rng: np.random.Generator, pulses: tuple[Pulse, ...], width_index: float, energy_kev: Floats
) -> Floats:
    """Draw an arrival time for each photon, seconds after t0, with the shape of `energy_kev`."""
    which = rng.choice(len(pulses), size=energy_kev.size, p=_shares(pulses))
    time = stretch(energy_kev, width_index) * _quantiles(rng, pulses, which)
    start: Floats = np.array([pulse.start_s for pulse in pulses])[which]
    return time + start


@lru_cache(maxsize=256)
def holding_interval(pulses: tuple[Pulse, ...], width_index: float) -> tuple[float, float]:
    """Return the interval from the first start to the 99.7 % quantile at 8 keV, rounded outward."""
    start = min(pulse.start_s for pulse in pulses)
    energy = np.array([8.0])
    longest = _DECAYS_ABOVE_PEAK * float(stretch(energy, width_index)[0])
    last = max(pulse.start_s + longest * (pulse.rise_s + pulse.decay_s) for pulse in pulses)
    time = np.linspace(start, last, 20001)
    stop = np.interp(0.997, arrived(pulses, width_index, energy, time)[0], time)
    unit = 10.0 ** (np.floor(np.log10(stop - start)) - 2.0)
    first, last = np.floor(start / unit) * unit, np.ceil(stop / unit) * unit
    return round(float(first), 6), round(float(last), 6)


def _quantiles(
    rng: np.random.Generator, pulses: tuple[Pulse, ...], which: NDArray[np.int64]
) -> Floats:
    level = rng.random(which.size)
    for i, pulse in enumerate(pulses):
        x, cumulative = _table(pulse.rise_s, pulse.decay_s)
        mine = which == i
        level[mine] = np.interp(level[mine], cumulative, x)
    return level


def _shares(pulses: tuple[Pulse, ...]) -> Floats:
    weight = np.array([pulse.weight for pulse in pulses])
    shares: Floats = weight / weight.sum()
    return shares


@lru_cache(maxsize=256)
def _table(rise_s: float, decay_s: float) -> tuple[Floats, Floats]:
    """Tabulate the cumulative distribution of an unstretched pulse on a logarithmic grid."""
    peak = np.sqrt(rise_s * decay_s)
    low, high = (
        np.log(peak) - _DECADES_BELOW_PEAK * np.log(10),
        np.log(peak + _DECAYS_ABOVE_PEAK * decay_s),
    )
    u = np.linspace(low, high, _POINTS)
    x = np.exp(u)
    density = x * np.exp(2.0 * np.sqrt(rise_s / decay_s) - rise_s / x - x / decay_s)
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return x, cumulative / cumulative[-1]
