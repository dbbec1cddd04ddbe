"""What the satellite did while the burst went on: slews, Earth, South Atlantic Anomaly."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from eclgrmd.model.intervals import Interval, intersection, outside, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Criterion, Floats, Observation

from .slews import find_slews

__all__ = ["Surroundings", "surroundings_of"]

_CAUSES = {"NSA": "SAA", "TEO": "Earth", "STA": "unstable pointing", "TLM": "lost telemetry"}
"""What takes data away, by the criterion that tells it."""
_EARTH = ("NEO", "PEO", "TEO")
_SAME_S = 1.0
"""Times that differ by less are the same."""
_SAA_PAD = np.array([-10.0, 10.0])
"""Seconds; next to the SAA particles still change the background."""


def _none() -> Floats:
    return union([])


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What is known of an instrument's circumstances; nothing where no file tells it."""

    slews_s: Floats = field(default_factory=_none)
    """Shape (k, 2)."""
    missing_s: tuple[tuple[str, Floats], ...] = ()
    """Causes with the times, each of shape (k, 2), at which they took data away."""
    earth_s: Floats = field(default_factory=lambda: np.empty(0))
    """When the Earth began or ceased to be in the field of view, in part or in all of it."""

    @property
    def unsteady_s(self) -> Floats:
        """Times that tell nothing of the background elsewhere: slews, and beside the SAA."""
        saa = [times for cause, times in self.missing_s if cause == "SAA"]
        return union(np.concatenate([self.slews_s, *(times + _SAA_PAD for times in saa)]))

    def causes(self, start_s: float, stop_s: float) -> tuple[str, ...]:
        """Name what took the data between two times away; no name where no file tells it."""
        asked = union([(start_s, stop_s)])
        return tuple(cause for cause, times in self.missing_s if len(intersection(asked, times)))

    def flags(self, t100_s: Interval | None, background_s: Floats | None) -> tuple[str, ...]:
        """Tell what makes a burst or the background under it doubtful."""
        flags = []
        if t100_s is not None and len(intersection(union([t100_s]), self.slews_s)):
            flags.append("slew in the burst")
        if background_s is not None and len(background_s):
            low, high = float(background_s[0, 0]), float(background_s[-1, 1])
            if ((self.earth_s > low) & (self.earth_s < high)).any():
                flags.append("the Earth crosses the field of view")
        return tuple(flags)


def surroundings_of(observation: Observation, instrument: Instrument) -> Surroundings:
    """Read the circumstances of an instrument from attitude and criteria of good times."""
    criteria = [c for c in observation.criteria if instrument in {c.instrument, Instrument.ECLGRM}]
    slews = find_slews(observation.attitude)
    told = [c.gti_s for c in criteria if len(c.gti_s)]
    if not told:
        return Surroundings(slews)
    low, high = float(min(t[0, 0] for t in told)), float(max(t[-1, 1] for t in told))
    missing = {
        cause: times
        for name, cause in _CAUSES.items()
        if len(times := _missing(criteria, name, low, high))
    }
    return Surroundings(slews, tuple(missing.items()), _earth_edges(criteria, low, high))


def _missing(criteria: Sequence[Criterion], name: str, low: float, high: float) -> Floats:
    """Give the times that a criterion does not let through; TEO names the bad times itself."""
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
