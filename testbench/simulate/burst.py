"""What a simulated burst is: everything the generator needs to know about it."""

from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.intervals import Interval, outside
from eclgrmd.model.observation import Floats
from testbench.simulate.physics.pulses import Pulse, holding_interval
from testbench.simulate.physics.spectra import PhotonSpectrum

__all__ = ["Burst", "Cut", "Trap"]


class Trap(StrEnum):
    """What is known to be odd in real files; each is a switch, off unless asked for."""

    UNSORTED = "unsorted"
    """Events of a GRM detector are not in the order of time."""
    UNDECLARED_GAP = "undeclared-gap"
    """0.6 s without events inside a good time interval of the GRM."""
    DEPLETED = "depleted"
    """Three GRM channels at the seam of the gains have lost most of their counts."""
    TIME_STEPS = "time-steps"
    """TIME of ECLAIRs events steps back by tens of microseconds now and then."""
    MJDREFF = "mjdreff"
    """GRM files round MJDREFF differently from ECLAIRs files."""
    VERSIONS = "versions"
    """A lower version of the GRM event file lies beside the right one, with half its events."""
    SAA = "saa"
    """The satellite enters the South Atlantic Anomaly during the burst: no data from there on."""
    HOUR = "hour"
    """t0 is moved to 3 s before a full hour: the GRM events lie in two files."""
    AUXILIARY = "auxiliary"
    """Attitude and orbit files lie beside the data."""
    NO_TRIGGER = "no-trigger"
    """GRM event files do not tell the trigger time, as those of an hour cannot."""
    EARTH = "earth"
    """The Earth is out of view at first, then in part of it, and fills it at last."""
    DEAD_TIME = "dead-time"
    """The burst is so bright that at its peak a GRM detector is dead half of the time."""


class Cut(Struct, frozen=True):
    """Time without data, as the good time intervals declare it."""

    start_s: float
    stop_s: float
    cause: str
    """The criterion that fails: `NSA` (in the SAA), `STA` (not stable), `TLM` (telemetry lost),
    `TEO` (nothing but the Earth in view)."""


class Burst(Struct, frozen=True, kw_only=True):
    """A burst to simulate; times are seconds after t0."""

    name: str
    """A word to choose it by."""
    burst_id: str
    """Mission style: sbYYMMDDnn."""
    story: str
    """One sentence for people."""
    t0_met_s: float
    """Trigger time, seconds since 2017-01-01T00:00:00 UTC."""
    pulses: tuple[Pulse, ...]
    """No pulse: there is no burst."""
    spectrum: PhotonSpectrum | None
    """Spectrum of all its photons."""
    fluence_erg_cm2: float
    """Energy of all its photons from 10 to 1000 keV."""
    window_s: Interval
    """Start and stop of the data."""
    theta_deg: float = 10.0
    """Angle from the ECLAIRs axis."""
    phi_deg: float = 20.0
    """Azimuth around the ECLAIRs axis; GRD01 leans to 0, GRD02 to 120, GRD03 to 240 degrees."""
    width_index: float = 0.4
    """Pulses are (E / 100 keV)^-width_index times as long; 0: no spectral evolution at all."""
    eclairs: bool = True
    """ECLAIRs has data."""
    grm: bool = True
    """The GRM has data."""
    events: bool = True
    """Event files are made (else only light curves and spectra, as in the first DC-0)."""
    cuts: tuple[Cut, ...] = ()
    traps: tuple[Trap, ...] = ()
    orbit_phase: float = 0.8
    """Phase of the ECLAIRs background, radians: 0 when the Earth is out of view at t0."""
    drift: tuple[float, float] = (0.08, 0.1)
    """Linear and quadratic drift of the GRM background over 600 s, relative."""

    @property
    def amplitude(self) -> float:
        """Photons/cm2/keV at 100 keV (of the Band function's parametrisation), whole burst."""
        if self.spectrum is None:
            return 0.0
        return self.fluence_erg_cm2 / self.spectrum.energy_erg(10.0, 1000.0)

    @property
    def interval_s(self) -> Interval:
        """Holds nearly all photons at all energies: what to integrate the spectrum over."""
        if not self.pulses:
            return (0.0, 10.0)
        return holding_interval(self.pulses, self.width_index)

    def good_s(self) -> Floats:
        """Good time intervals: the window less all cuts, shape (k, 2)."""
        return outside([(cut.start_s, cut.stop_s) for cut in self.cuts], *self.window_s)

    def good_by(self, cause: str) -> Floats:
        """Good time intervals of one criterion alone, shape (k, 2)."""
        mine = [(cut.start_s, cut.stop_s) for cut in self.cuts if cut.cause == cause]
        return outside(mine, *self.window_s)
