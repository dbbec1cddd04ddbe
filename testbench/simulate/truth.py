"""The truth of a simulated burst: what an ideal analysis would find."""

from datetime import UTC, datetime, timedelta

import numpy as np
from msgspec import Struct
from scipy.optimize import brentq

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from testbench.simulate.physics.detectors import Detector, detectors_of
from testbench.simulate.physics.pulses import arrived

from .burst import Burst

__all__ = ["DurationTruth", "SpectrumTruth", "Truth", "WidthTruth", "truth_of", "utc_of"]

BANDS_KEV: dict[Instrument, tuple[Interval, ...]] = {
    Instrument.ECLAIRS: ((4.0, 120.0), (4.0, 20.0), (20.0, 120.0)),
    Instrument.GRM: ((15.0, 5000.0), (15.0, 50.0), (50.0, 300.0)),
}
"""Bands of the true durations, keV; the instrument's whole band first."""

_TRUNCATION = 0.002
"""Part of the photons at 20 keV after the data above which a burst counts as truncated."""


class WidthTruth(Struct, frozen=True):
    """A true duration and its ends."""

    value_s: float
    """Duration, seconds."""
    start_s: float
    """Start, seconds after t0."""
    stop_s: float
    """Stop, seconds after t0."""


class DurationTruth(Struct, frozen=True):
    """T90 and T50 of the noise-free source counts of an instrument in a band.

    Uses the channels fully inside the band, all detectors of the instrument together.
    """

    instrument: Instrument
    """Instrument that records the counts."""
    detectors: tuple[str, ...]
    """Names of its detectors."""
    band_kev: Interval
    """Lower and upper edge of the band, keV."""
    t90: WidthTruth
    """T90 of the counts inside good time: what the data can show."""
    t50: WidthTruth
    """T50 of the counts inside good time."""
    whole_t90: WidthTruth
    """T90 of all counts of the burst, including those lost in a cut."""
    whole_t50: WidthTruth
    """T50 of all counts of the burst, including those lost in a cut."""
    counts: float
    """Expected source counts inside the good time intervals."""
    background_counts: float
    """Expected background counts between start and stop of T90."""


class SpectrumTruth(Struct, frozen=True):
    """The true spectrum over the good time within an interval."""

    model: str
    """Name of the model: `band` or `cpl`."""
    interval_s: Interval
    """Start and stop of the interval, seconds after t0."""
    live_s: float
    """Good time within the interval, seconds."""
    epeak_kev: float
    """Peak energy of E^2 N(E), keV."""
    alpha: float
    """Low-energy photon index."""
    beta: float | None
    """High-energy photon index. None: exponential cutoff."""
    amplitude: float
    """Mean over the good time, photons/cm2/s/keV at 100 keV."""
    flux_erg_cm2_s: float
    """Mean energy flux from 10 to 1000 keV over the good time, erg/cm2/s."""
    fluence_erg_cm2: float
    """Energy from 10 to 1000 keV in the good time, erg/cm2."""
    whole_fluence_erg_cm2: float
    """Energy from 10 to 1000 keV of the whole burst, erg/cm2."""


class Truth(Struct, frozen=True):
    """Everything that is known about a simulated burst."""

    name: str
    """Name of the burst."""
    burst_id: str
    """Burst id in the mission's form."""
    story: str
    """One sentence that describes it."""
    t0_utc: str
    """Trigger time, UTC, ISO 8601."""
    t0_met_s: float
    """Trigger time, seconds since 2017-01-01T00:00:00 UTC."""
    durations: tuple[DurationTruth, ...]
    """By instrument and band. Empty: no burst."""
    spectrum: SpectrumTruth | None
    """Spectrum over the burst's interval. None: no burst."""
    good_s: tuple[Interval, ...]
    """Good time intervals, seconds after t0."""
    flags: tuple[str, ...]
    """`no_burst`, `truncated` (continues after the data), `gap` (good time is interrupted)."""
    traps: tuple[str, ...]
    """Names of the traps that are switched on."""


def truth_of(burst: Burst) -> Truth:
    """Return the truth of a burst to which traps have been applied (`traps.prepare`)."""
    return Truth(
        name=burst.name,
        burst_id=burst.burst_id,
        story=burst.story,
        t0_utc=utc_of(burst.t0_met_s),
        t0_met_s=burst.t0_met_s,
        durations=_durations(burst) if burst.pulses else (),
        spectrum=_spectrum(burst),
        good_s=tuple((float(a), float(b)) for a, b in burst.good_s()),
        flags=_flags(burst),
        traps=tuple(burst.traps),
    )


def utc_of(met_s: float) -> str:
    """Return the UTC of a mission time, ISO 8601 with microseconds (no leap second since 2017)."""
    moment = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(seconds=met_s)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _durations(burst: Burst) -> tuple[DurationTruth, ...]:
    found = []
    for instrument, bands in BANDS_KEV.items():
        mine = tuple(d for d in detectors_of(burst) if d.instrument == instrument)
        if mine:
            found += [_duration(burst, mine, band) for band in bands]
    return tuple(found)


def _duration(burst: Burst, detectors: tuple[Detector, ...], band: Interval) -> DurationTruth:
    inside = detectors[0].response.channels.inside(*band)
    counts = sum(d.photon_counts(burst)[:, inside].sum(axis=1) for d in detectors)
    curve = _Cumulative(burst, detectors[0].energy_kev, np.asarray(counts))
    good, everything = burst.good_s(), np.array([[-np.inf, np.inf]])
    t90 = curve.width(0.9, good)
    during = np.array([[t90.start_s, t90.stop_s]])
    return DurationTruth(
        instrument=detectors[0].instrument,
        detectors=tuple(d.name for d in detectors),
        band_kev=band,
        t90=t90,
        t50=curve.width(0.5, good),
        whole_t90=curve.width(0.9, everything),
        whole_t50=curve.width(0.5, everything),
        counts=curve.until(np.inf, good),
        background_counts=sum(float(d.background.counts(during)[inside].sum()) for d in detectors),
    )


class _Cumulative:
    """Cumulative expected source counts, without noise."""

    def __init__(self, burst: Burst, energy_kev: Floats, counts: Floats) -> None:
        self._burst, self._energy_kev, self._counts = burst, energy_kev, counts

    def until(self, time_s: float, good_s: Floats) -> float:
        """Return the counts in good time before a time."""
        edges = np.minimum(good_s.ravel(), time_s)
        fraction = arrived(self._burst.pulses, self._burst.width_index, self._energy_kev, edges)
        return float((self._counts @ fraction).reshape(-1, 2) @ (-1.0, 1.0) @ np.ones(len(good_s)))

    def width(self, share: float, good_s: Floats) -> WidthTruth:
        """Return the interval with the central share of the counts in good time."""
        total = self.until(np.inf, good_s)
        low, high = self._limits(good_s)
        ends = [
            brentq(lambda t, c=level * total: self.until(t, good_s) - c, low, high, xtol=1e-9)
            for level in (0.5 - 0.5 * share, 0.5 + 0.5 * share)
        ]
        return WidthTruth(ends[1] - ends[0], ends[0], ends[1])

    def _limits(self, good_s: Floats) -> Interval:
        start, stop = self._burst.interval_s
        length = 10.0 * (stop - start)
        return max(start - 1.0, good_s[0, 0]), min(stop + length, good_s[-1, 1])


def _spectrum(burst: Burst) -> SpectrumTruth | None:
    if burst.spectrum is None:
        return None
    good = np.clip(burst.good_s(), *burst.interval_s)
    live = float((good[:, 1] - good[:, 0]).sum())
    fraction = arrived(burst.pulses, burst.width_index, np.array([100.0]), good.ravel())
    seen = float(np.diff(fraction[0].reshape(-1, 2)).sum())
    return SpectrumTruth(
        model=burst.spectrum.model,
        interval_s=burst.interval_s,
        live_s=live,
        epeak_kev=burst.spectrum.epeak_kev,
        alpha=burst.spectrum.alpha,
        beta=burst.spectrum.beta,
        amplitude=burst.amplitude * seen / live,
        flux_erg_cm2_s=burst.fluence_erg_cm2 * seen / live,
        fluence_erg_cm2=burst.fluence_erg_cm2 * seen,
        whole_fluence_erg_cm2=burst.fluence_erg_cm2,
    )


def _flags(burst: Burst) -> tuple[str, ...]:
    if not burst.pulses:
        return ("no_burst",)
    good = burst.good_s()
    late = arrived(burst.pulses, burst.width_index, np.array([20.0]), good[-1:, 1])[0, 0]
    flags = ("truncated",) if late < 1.0 - _TRUNCATION else ()
    return (*flags, "gap") if len(good) > 1 else flags
