"""What an ideal analysis of a simulated burst would find."""

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
"""Bands of the true durations, the instrument's own first."""

_TRUNCATION = 0.002


class WidthTruth(Struct, frozen=True):
    """True duration, seconds, and its ends, seconds after t0."""

    value_s: float
    start_s: float
    stop_s: float


class DurationTruth(Struct, frozen=True):
    """T90 and T50 of the noise-free source counts of an instrument in a band.

    Channels fully inside the band count, all detectors of the instrument together.
    """

    instrument: Instrument
    detectors: tuple[str, ...]
    band_kev: Interval
    t90: WidthTruth
    """Of the counts inside the good time intervals: what the data can tell."""
    t50: WidthTruth
    whole_t90: WidthTruth
    """Of all counts of the burst, seen or lost in a cut."""
    whole_t50: WidthTruth
    counts: float
    """Expected source counts inside the good time intervals."""
    background_counts: float
    """Expected background counts between start and stop of T90."""


class SpectrumTruth(Struct, frozen=True):
    """The spectrum over `interval_s`, as far as good time intervals hold it."""

    model: str
    interval_s: Interval
    live_s: float
    """Good time within the interval."""
    epeak_kev: float
    alpha: float
    beta: float | None
    amplitude: float
    """Mean over the good time, photons/cm2/s/keV at 100 keV, as the model is parametrised."""
    flux_erg_cm2_s: float
    """Mean energy flux over the good time, 10-1000 keV."""
    fluence_erg_cm2: float
    """Energy that came in the good time, 10-1000 keV."""
    whole_fluence_erg_cm2: float
    """Energy of the whole burst, 10-1000 keV."""


class Truth(Struct, frozen=True):
    """All that is known of a simulated burst; times are seconds after t0."""

    name: str
    burst_id: str
    story: str
    t0_utc: str
    t0_met_s: float
    durations: tuple[DurationTruth, ...]
    """Empty where there is no burst."""
    spectrum: SpectrumTruth | None
    """None where there is no burst."""
    good_s: tuple[Interval, ...]
    flags: tuple[str, ...]
    """`no_burst`, `truncated` (goes on after the last datum), `gap` (good time has a hole)."""
    traps: tuple[str, ...]


def truth_of(burst: Burst) -> Truth:
    """Compute the truth of a burst whose traps are already part of it (`traps.prepare`)."""
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
    """Tell the UTC of a mission time, ISO-8601 with microseconds (no leap second since 2017)."""
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
    """Expected source counts until a time, without noise."""

    def __init__(self, burst: Burst, energy_kev: Floats, counts: Floats) -> None:
        self._burst, self._energy_kev, self._counts = burst, energy_kev, counts

    def until(self, time_s: float, good_s: Floats) -> float:
        """Counts inside good time before a time."""
        edges = np.minimum(good_s.ravel(), time_s)
        fraction = arrived(self._burst.pulses, self._burst.width_index, self._energy_kev, edges)
        return float((self._counts @ fraction).reshape(-1, 2) @ (-1.0, 1.0) @ np.ones(len(good_s)))

    def width(self, share: float, good_s: Floats) -> WidthTruth:
        """Time between the central shares of the counts inside good time."""
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
