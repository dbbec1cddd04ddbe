"""State of the satellite around a burst: slews, Earth occultation, South Atlantic Anomaly."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, intersection, outside, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Criterion, Floats, Observation

from .slews import find_slews

__all__ = ["SatelliteState", "satellite_state_of"]

_CAUSES = {"NSA": "SAA", "TEO": "Earth", "STA": "unstable pointing", "TLM": "lost telemetry"}
"""Causes of missing data, by the name of the criterion of good times that shows them."""
_OTHER_SOURCE = "another source"
"""Cause of data that the search of the burst leaves out."""
_EARTH = ("NEO", "PEO", "TEO")
"""Criteria for the Earth in the field of view: not, partly or totally occulted."""
_SAME_S = 1.0
"""Largest difference between equal times, seconds."""
_SAA_PAD = np.array([-10.0, 10.0])
"""Extension of SAA passages, seconds, in which particles still affect the background; a choice."""


def _none() -> Floats:
    return union([])


@dataclass(frozen=True, slots=True, eq=False)
class SatelliteState:
    """The known state of the satellite for one instrument; empty if no file describes it."""

    slews_s: Floats = field(default_factory=_none)
    """Start and stop of slews, seconds after t0, shape (k, 2)."""
    missing_s: tuple[tuple[str, Floats], ...] = ()
    """Causes of missing data, each with its times, seconds after t0, shape (k, 2)."""
    earth_s: Floats = field(default_factory=lambda: np.empty(0))
    """Times, seconds after t0, at which the Earth began or ceased to occult (part of) the field of
    view, shape (k,)."""

    @property
    def unsteady_s(self) -> Floats:
        """Times unsuitable for a background fit, shape (k, 2).

        They are slews, times next to the SAA, and times of other sources.
        """
        saa = [times + _SAA_PAD for cause, times in self.missing_s if cause == "SAA"]
        other = [times for cause, times in self.missing_s if cause == _OTHER_SOURCE]
        return union(np.concatenate([self.slews_s, *saa, *other]))

    def without(self, times_s: Floats) -> Self:
        """Return the state with times of other sources, shape (k, 2), as missing data."""
        return replace(self, missing_s=(*self.missing_s, (_OTHER_SOURCE, times_s)))

    def causes(self, start_s: float, stop_s: float) -> tuple[str, ...]:
        """Return the causes of missing data between two times, as far as the files show them."""
        asked = union([(start_s, stop_s)])
        return tuple(cause for cause, times in self.missing_s if len(intersection(asked, times)))

    def flags(self, t100_s: Interval | None, background_s: Floats | None) -> tuple[Flag, ...]:
        """Return flags for a slew during the burst and for the Earth crossing the field of view.

        Parameters
        ----------
        t100_s
            Extent of the burst, seconds after t0; None if there is none.
        background_s
            Background intervals, shape (k, 2); None if nothing was fitted.
        """
        flags = []
        if t100_s is not None and len(intersection(union([t100_s]), self.slews_s)):
            flags.append(Flag(FlagCode.SLEW))
        if background_s is not None and len(background_s):
            low, high = float(background_s[0, 0]), float(background_s[-1, 1])
            if ((self.earth_s > low) & (self.earth_s < high)).any():
                flags.append(Flag(FlagCode.EARTH))
        return tuple(flags)


def satellite_state_of(observation: Observation, instrument: Instrument) -> SatelliteState:
    """Return the state of the satellite for an instrument, from attitude and good-time criteria."""
    criteria = [c for c in observation.criteria if instrument in {c.instrument, Instrument.ECLGRM}]
    slews = find_slews(observation.attitude)
    known = [c.gti_s for c in criteria if len(c.gti_s)]
    if not known:
        return SatelliteState(slews)
    low, high = float(min(t[0, 0] for t in known)), float(max(t[-1, 1] for t in known))
    missing = {
        cause: times
        for name, cause in _CAUSES.items()
        if len(times := _missing(criteria, name, low, high))
    }
    return SatelliteState(slews, tuple(missing.items()), _earth_edges(criteria, low, high))


def _missing(criteria: Sequence[Criterion], name: str, low: float, high: float) -> Floats:
    """Return the times that a criterion excludes; TEO lists the excluded times directly."""
    named = [c.gti_s for c in criteria if c.name == name]
    if not named:
        return _none()
    united = union(np.concatenate(named))
    bad = united if name == "TEO" else outside(united, low, high)
    return np.asarray(bad)


def _earth_edges(criteria: Sequence[Criterion], low: float, high: float) -> Floats:
    edges = [c.gti_s.ravel() for c in criteria if c.name in _EARTH]
    times = np.unique(np.concatenate([np.empty(0), *edges]))
    return np.asarray(times[(times > low + _SAME_S) & (times < high - _SAME_S)])
