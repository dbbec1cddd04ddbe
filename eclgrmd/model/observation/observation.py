"""All data of one burst."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from eclgrmd.model.flags import Flag
from eclgrmd.model.names import BurstId, Instrument

from .auxiliary import Attitude, BackgroundModel, Criterion, Orbit
from .series import EventList, History, LightCurve
from .spectra import Response, Spectrum

__all__ = ["Observation"]


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """All data of one burst before the analysis."""

    burst_id: BurstId
    """The burst."""
    t0_utc: str
    """Reference time, ISO-8601 UTC; empty: no file has an absolute time."""
    t0_met_s: float
    """Reference time in the time system of the first file, seconds."""
    events: tuple[EventList, ...] = ()
    """Event lists, one per detector."""
    histories: tuple[History, ...] = ()
    """Binned data with energy channels, one per detector."""
    light_curves: tuple[LightCurve, ...] = ()
    """Light curves that came as files."""
    spectra: tuple[Spectrum, ...] = ()
    """Spectra that came as files."""
    responses: tuple[Response, ...] = field(default=())
    """One per detector and validity range."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful in the observation as a whole."""
    criteria: tuple[Criterion, ...] = ()
    """Good times by criterion, which explain why data are missing."""
    attitude: Attitude | None = None
    """Orientation of the satellite; None: unknown."""
    background_models: tuple[BackgroundModel, ...] = ()
    """Background models that came as files."""
    orbit: Orbit | None = None
    """Position of the satellite; None: unknown."""
    other_orbits: tuple[History, ...] = ()
    """Binned data of one or two days before and after the burst, in wide bins."""

    @property
    def detectors(self) -> frozenset[tuple[Instrument, str]]:
        """Instrument and name of every detector with data."""
        single: tuple[EventList | History | Spectrum, ...] = (
            *self.events,
            *self.histories,
            *self.spectra,
        )
        return frozenset(
            {
                *((data.instrument, data.detector) for data in single),
                *((c.instrument, name) for c in self.light_curves for name in c.detectors),
            }
        )

    def only(self, wanted: Callable[[Instrument, Sequence[str]], bool]) -> "Observation":
        """Return the observation with the data and responses of some detectors only.

        Parameters
        ----------
        wanted
            Called with an instrument and the detectors whose data are summed; returns whether to
            keep them.
        """
        return replace(
            self,
            events=tuple(e for e in self.events if wanted(e.instrument, [e.detector])),
            histories=tuple(h for h in self.histories if wanted(h.instrument, [h.detector])),
            light_curves=tuple(c for c in self.light_curves if wanted(c.instrument, c.detectors)),
            spectra=tuple(s for s in self.spectra if wanted(s.instrument, [s.detector])),
            responses=tuple(r for r in self.responses if wanted(r.instrument, [r.detector])),
        )
