"""Energy bands of light curves, and the channels that approximate them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, EventList, LightCurve

__all__ = [
    "DEFAULT_BANDS_KEV",
    "band_mask",
    "common_band",
    "hull",
    "in_band",
    "overlap",
    "own_band",
]

DEFAULT_BANDS_KEV: dict[Instrument, Interval] = {
    Instrument.ECLAIRS: (4.0, 120.0),
    Instrument.GRM: (15.0, 5000.0),
    Instrument.GBM: (50.0, 300.0),
}
"""Energy bands, keV, in which durations are measured; other instruments use all channels."""

_ROUNDING = 1e-6
"""Relative error of an edge in single precision."""


def band_mask(channels: Channels, band_kev: Interval | None) -> NDArray[np.bool_]:
    """Return a mask of the channels that approximate a band best, shape (n,).

    Parameters
    ----------
    channels
        The n channels.
    band_kev
        The band, keV; None for all usable channels.

    Raises
    ------
    InputError
        If no channel lies by more than half inside the band.
    """
    if band_kev is None:
        return channels.usable
    mask = channels.nearest(*band_kev)
    if not mask.any():
        low, high = channels.e_min_kev.min(), channels.e_max_kev.max()
        raise InputError(
            f"no channel lies by more than half inside {band_kev[0]:g}-{band_kev[1]:g} keV: "
            f"the data span {low:g}-{high:g} keV in {len(mask)} channels"
        )
    return mask


def own_band(channels: Channels, band_kev: Interval | None) -> Interval | None:
    """Return the nominal edges, keV, of the channels of `band_mask`, or None if not known."""
    return channels.edges_of(band_mask(channels, band_kev))


def hull(bands_kev: Iterable[Interval | None]) -> Interval | None:
    """Return the band that covers several bands, keV, or None if one of them is not known."""
    known = []
    for band in bands_kev:
        if band is None:
            return None
        known.append(band)
    return min(low for low, _ in known), max(high for _, high in known)


def common_band(lists: Sequence[EventList], band_kev: Interval | None) -> Interval | None:
    """Return the band if all event lists have channel energies, or None (count all events)."""
    return None if any(events.channels is None for events in lists) else band_kev


def in_band(curves: Sequence[LightCurve], band_kev: Interval | None) -> list[LightCurve]:
    """Return the light curves whose band lies inside the given one; all of them if it is None."""
    if band_kev is None:
        return list(curves)
    return [c for c in curves if c.band_kev is not None and _within(c.band_kev, band_kev)]


def overlap(one_kev: Interval, other_kev: Interval) -> bool:
    """Return whether two bands share more than an edge."""
    low = max(one_kev[0], other_kev[0])
    return low * (1.0 + _ROUNDING) < min(one_kev[1], other_kev[1])


def _within(inner_kev: Interval, outer_kev: Interval) -> bool:
    low, high = outer_kev[0] * (1.0 - _ROUNDING), outer_kev[1] * (1.0 + _ROUNDING)
    return inner_kev[0] >= low and inner_kev[1] <= high
