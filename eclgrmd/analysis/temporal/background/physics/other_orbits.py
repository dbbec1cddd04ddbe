"""The background of other orbits: the rates one or two days before and after the burst."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.temporal.curve.bands import band_mask
from eclgrmd.errors import InputError
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, History, Observation, Orbit

__all__ = ["period_of", "rates_of_other_orbits"]

_OFFSETS = ((30,), (14, 16))
"""Numbers of orbits before and after the burst whose rates are averaged; the first choice that the
data cover is used. After 30 orbits, two days, a satellite is where it was above the Earth
(Fitzpatrick et al. 2011, arXiv:1111.3779); after 14 and 16 it is so on average. All are even,
because Fermi points north and south in turns."""
_LONGEST_GAP_S = 150.0
"""Longest distance between the middles of bins, seconds, that is interpolated; a choice."""


def period_of(orbit: Orbit) -> float | None:
    """Return the period of an orbit, seconds, averaged over whole turns; None: it has no turn."""
    before, after = orbit.position_km[:-1], orbit.position_km[1:]
    cross = np.linalg.norm(np.cross(before, after), axis=1)
    angle = np.arctan2(cross, np.sum(before * after, axis=1))
    turned = np.concatenate([[0.0], np.cumsum(angle)]) / (2.0 * np.pi)
    turns = int(turned[-1])
    if turns == 0:
        return None
    return float(np.interp(turns, turned, orbit.time_s) - orbit.time_s[0]) / turns


def rates_of_other_orbits(
    observation: Observation,
    instrument: Instrument,
    detectors: Sequence[str],
    band_kev: Interval | None,
    time_s: Floats,
) -> tuple[Floats | None, str]:
    """Return the mean rate at the same orbital phase before and after the burst.

    Parameters
    ----------
    observation
        With an orbit, and binned data of other orbits.
    instrument, detectors, band_kev
        Detectors whose counts are summed, and the band; None: all channels.
    time_s
        Times, seconds after t0, shape (n,).

    Returns
    -------
    tuple
        Counts/s at the times, shape (n,), or None with the reason. The reason is empty if there
        are no data of other orbits at all.
    """
    mine = {
        h.detector: h
        for h in sorted(observation.other_orbits, key=lambda h: len(h.start_s))
        if h.instrument == instrument
    }
    if not mine or observation.orbit is None:
        return None, ""
    if missing := [name for name in detectors if name not in mine]:
        return None, f"no data of other orbits of {', '.join(missing)}"
    period_s = period_of(observation.orbit)
    if period_s is None:
        return None, "the orbit is shorter than a turn, so that its period is not known"
    for offsets in _OFFSETS:
        shifts = [sign * number * period_s for number in offsets for sign in (-1.0, 1.0)]
        try:
            rates = [
                np.sum([_rate_at(mine[name], band_kev, time_s + by) for name in detectors], axis=0)
                for by in shifts
            ]
        except InputError as error:  # no channel in the band
            return None, f"other orbits: {error}"
        mean = np.mean(rates, axis=0)
        if np.isfinite(mean).all() and (mean > 0.0).all():
            return np.asarray(mean), ""
    return None, "the data do not cover 30 orbits before and after the burst, nor 14 and 16"


def _rate_at(history: History, band_kev: Interval | None, time_s: Floats) -> Floats:
    """Return the rate at each time, counts/s; NaN where there are no data."""
    mask = band_mask(history.channels, band_kev)
    rate = history.counts[:, mask].sum(axis=1) / history.exposure_s
    middle = 0.5 * (history.start_s + history.stop_s)
    if len(middle) < 2:
        return np.full(len(time_s), np.nan)
    after = np.clip(np.searchsorted(middle, time_s), 1, len(middle) - 1)
    near = middle[after] - middle[after - 1] <= _LONGEST_GAP_S
    inside = (time_s >= middle[0]) & (time_s <= middle[-1])
    return np.where(near & inside, np.interp(time_s, middle, rate), np.nan)
