"""The description of a simulated burst: everything that the generator needs."""

from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.intervals import Interval, outside
from eclgrmd.model.observation import Floats
from testbench.simulate.physics.pulses import Pulse, holding_interval
from testbench.simulate.physics.spectra import PhotonSpectrum

__all__ = ["Burst", "Cut", "Trap"]


class Trap(StrEnum):
    """Oddities of real files; each is a switch, off by default."""

    UNSORTED = "unsorted"
    """Events of a GRM detector are not sorted by time."""
    UNDECLARED_GAP = "undeclared-gap"
    """0.6 s without events inside a good time interval of the GRM."""
    DEPLETED = "depleted"
    """Three GRM channels where the gain changes have lost most of their counts."""
    TIME_STEPS = "time-steps"
    """TIME of ECLAIRs events occasionally decreases by tens of microseconds."""
    MJDREFF = "mjdreff"
    """GRM files round MJDREFF differently from ECLAIRs files."""
    VERSIONS = "versions"
    """A lower version of the GRM event file, with half the events, is delivered, too."""
    SAA = "saa"
    """The satellite enters the South Atlantic Anomaly during the burst: no data from there on."""
    HOUR = "hour"
    """The trigger is moved to 3 s before a full hour, so that the GRM events are in two files."""
    AUXILIARY = "auxiliary"
    """Attitude and orbit files are delivered with the data."""
    NO_TRIGGER = "no-trigger"
    """GRM event files have no trigger time, like real hourly files."""
    EARTH = "earth"
    """The Earth is first out of view, then in part of it, and finally fills it."""
    DEAD_TIME = "dead-time"
    """At its peak the burst is so bright that a GRM detector is dead half of the time."""


class Cut(Struct, frozen=True):
    """An interval without data, as the good time intervals declare it."""

    start_s: float
    """Start, seconds after t0."""
    stop_s: float
    """Stop, seconds after t0."""
    cause: str
    """The criterion that fails: `NSA` (in the SAA), `STA` (not stable), `TLM` (telemetry lost),
    `TEO` (nothing but the Earth in view)."""


class Burst(Struct, frozen=True, kw_only=True):
    """A burst to simulate. All times are seconds after t0."""

    name: str
    """Short name by which it is selected."""
    burst_id: str
    """Burst id in the mission's form, sbYYMMDDnn."""
    story: str
    """One sentence that describes it."""
    t0_met_s: float
    """Trigger time, seconds since 2017-01-01T00:00:00 UTC."""
    pulses: tuple[Pulse, ...]
    """Pulses of its light curve. Empty: no burst."""
    spectrum: PhotonSpectrum | None
    """Spectrum of all photons. None: no burst."""
    fluence_erg_cm2: float
    """Energy of all photons from 10 to 1000 keV, erg/cm2."""
    window_s: Interval
    """Start and stop of the data, seconds after t0."""
    theta_deg: float = 10.0
    """Angle from the ECLAIRs axis, degrees."""
    phi_deg: float = 20.0
    """Azimuth around the ECLAIRs axis, degrees; GRD01, 02, 03 are tilted to 0, 120, 240."""
    width_index: float = 0.4
    """Exponent: pulse widths go with (E / 100 keV)^-width_index; 0: no spectral evolution."""
    eclairs: bool = True
    """Whether ECLAIRs has data."""
    grm: bool = True
    """Whether the GRM has data."""
    events: bool = True
    """Whether event files are written; light curves and spectra always are."""
    cuts: tuple[Cut, ...] = ()
    """Intervals without data."""
    traps: tuple[Trap, ...] = ()
    """Oddities that are switched on."""
    orbit_phase: float = 0.8
    """Phase of the ECLAIRs background, radians; 0: the Earth is out of view at t0."""
    drift: tuple[float, float] = (0.08, 0.1)
    """Linear and quadratic drift of the GRM background in 600 s, relative."""

    @property
    def amplitude(self) -> float:
        """Photons/cm2/keV at 100 keV over the whole burst, as the Band function has it."""
        if self.spectrum is None:
            return 0.0
        return self.fluence_erg_cm2 / self.spectrum.energy_erg(10.0, 1000.0)

    @property
    def interval_s(self) -> Interval:
        """Interval with nearly all photons at all energies, over which spectra are integrated."""
        if not self.pulses:
            return (0.0, 10.0)
        return holding_interval(self.pulses, self.width_index)

    def good_s(self) -> Floats:
        """Return the good time intervals: the window minus all cuts, shape (k, 2)."""
        return outside([(cut.start_s, cut.stop_s) for cut in self.cuts], *self.window_s)

    def good_by(self, cause: str) -> Floats:
        """Return the good time intervals of one criterion, shape (k, 2)."""
        mine = [(cut.start_s, cut.stop_s) for cut in self.cuts if cut.cause == cause]
        return outside(mine, *self.window_s)
