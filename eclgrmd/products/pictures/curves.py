"""Light curves of a measured burst in any window, bins, bands and detectors."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from eclgrmd.analysis.character.series import InstrumentData
from eclgrmd.analysis.temporal.background.spline import BackgroundFit, background_of
from eclgrmd.analysis.temporal.curve.bands import band_mask
from eclgrmd.analysis.temporal.curve.bins import part_of
from eclgrmd.analysis.temporal.curve.chosen import choose
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History, LightCurve
from eclgrmd.model.rest.pictures import BandCurve, LightCurveQuery, LightCurves
from eclgrmd.products.formatting import band_name

from .measured import MeasuredBurst

__all__ = ["data_of", "detectors_of", "light_curves", "strongest"]

_MOST_BINS = 1_000_000
"""Largest number of bins in a window; more take seconds and gigabytes."""
_FINEST_S = 1e-6
"""Smallest bin width that is chosen, seconds."""


def light_curves(burst: MeasuredBurst, wanted: LightCurveQuery) -> LightCurves:
    """Return the light curves that a query asks for.

    The background of the measured band and detectors is that of the measurement. Any other is the
    sum of the backgrounds of the channels of each detector, which are those of the spectra.

    Raises
    ------
    InputError
        If the instrument or a detector is not among the data, the window or a band is empty, or
        the bins are too many.
    PermanentError
        If no durations were measured.
    """
    duration = _duration_of(burst.durations, wanted.instrument or "")
    window_s = _window(wanted, duration)
    bin_s = _bin_s(wanted, window_s, duration)
    bands = _bands(wanted) or [duration.curve.asked_kev]
    curves: list[BandCurve] = []
    left_out: list[str] = []
    for data in _sums(burst, duration, wanted):
        for band_kev in bands:
            found = data.cut(band_kev, _with_data(data, window_s), bin_s)
            if found is None:
                names = "+".join(data.detectors)
                left_out.append(f"{names}: no data at {band_name(band_kev)} in the window")
                continue
            kept = strongest(found.counts / found.exposure_s, wanted.points)
            shown = part_of(found, kept)
            background = _background(burst, duration, data, shown)
            curves.append(_column_curve(found, shown, background, band_kev))
    return LightCurves(
        burst_id=burst.observation.burst_id,
        t0_utc=burst.observation.t0_utc or None,
        instrument=duration.instrument,
        window_s=window_s,
        curves=curves,
        left_out=left_out,
    )


def data_of(burst: MeasuredBurst, duration: DurationMeasurement) -> InstrumentData:
    """Return the data that a duration was measured with."""
    found = InstrumentData.of(burst.observation, duration)
    if found.events or found.histories or found.curves:
        return found
    # ECLAIRs and GRM together: only their sum was kept.
    return replace(found, curves=(duration.curve,))


def detectors_of(burst: MeasuredBurst, duration: DurationMeasurement) -> tuple[str, ...]:
    """Return the names of all detectors of the instrument of a duration that have data."""
    own = data_of(burst, duration).detectors
    every: list[EventList | History] = [*burst.observation.events, *burst.observation.histories]
    curve = duration.curve
    others = (
        data.detector
        for data in every
        if (data.instrument, data.maker) == (curve.instrument, curve.maker)
    )
    return tuple(dict.fromkeys((*own, *others)))


def strongest(rate: Floats, points: int) -> NDArray[np.bool_]:
    """Return which bins to keep so that a picture shows every extreme, shape (n,).

    Adjacent bins form groups of equal size; the lowest and the highest bin of each are kept.

    Parameters
    ----------
    rate
        Rate of each bin, shape (n,).
    points
        Most bins to keep, at least 2.
    """
    n = len(rate)
    if n <= points:
        return np.ones(n, dtype=np.bool_)
    size = math.ceil(n / (points // 2))
    groups = math.ceil(n / size)
    first = np.arange(groups) * size

    def extreme(filler: float) -> Floats:
        padded = np.full(groups * size, filler)
        padded[:n] = rate
        return padded.reshape(groups, size)

    kept = np.zeros(n, dtype=np.bool_)
    kept[first + np.argmin(extreme(np.inf), axis=1)] = True
    kept[first + np.argmax(extreme(-np.inf), axis=1)] = True
    return kept


def _duration_of(durations: Sequence[DurationMeasurement], name: str) -> DurationMeasurement:
    if not durations:
        raise PermanentError("this task measured no durations: there are no light curves")
    if not name:
        return durations[0]
    for each in durations:
        if each.instrument == name:
            return each
    allowed = ", ".join(each.instrument for each in durations)
    raise InputError(f"query: instrument is {name!r}: must be one of {allowed}")


def _window(wanted: LightCurveQuery, duration: DurationMeasurement) -> Interval:
    curve = duration.curve
    start_s = float(curve.start_s[0]) if wanted.start_s is UNSET else wanted.start_s
    stop_s = float(curve.stop_s[-1]) if wanted.stop_s is UNSET else wanted.stop_s
    if not start_s < stop_s:
        raise InputError(f"query: start_s is {start_s:g} and stop_s is {stop_s:g}: must be rising")
    return start_s, stop_s


def _bin_s(wanted: LightCurveQuery, window_s: Interval, duration: DurationMeasurement) -> float:
    length_s = window_s[1] - window_s[0]
    if wanted.bin_s is UNSET:
        curve = duration.curve
        with_data_s = min(window_s[1], curve.stop_s[-1]) - max(window_s[0], curve.start_s[0])
        shown_s = with_data_s if with_data_s > 0.0 else length_s
        least_s = max(shown_s / wanted.points, length_s / _MOST_BINS, _FINEST_S)
        # A power of two of a millisecond: neighbouring windows have the same bins.
        return float(1e-3 * 2.0 ** np.ceil(np.log2(least_s / 1e-3)))
    if not length_s / wanted.bin_s <= _MOST_BINS:
        raise InputError(
            f"query: bin_s is {wanted.bin_s:g}, which makes more than {_MOST_BINS} bins in the "
            f"window: must be at least {length_s / _MOST_BINS:.3g}"
        )
    return wanted.bin_s


def _with_data(data: InstrumentData, window_s: Interval) -> Interval:
    """Return the part of a window in which there can be data, so that no bins are made beside."""
    ends = [(each.gti_s[0, 0], each.gti_s[-1, 1]) for each in data.events if len(each.gti_s)]
    if not ends:
        return window_s
    low = max(window_s[0], min(float(start) for start, _ in ends))
    return low, max(low, min(window_s[1], max(float(stop) for _, stop in ends)))


def _bands(wanted: LightCurveQuery) -> list[Interval | None]:
    found: list[Interval | None] = []
    for text in wanted.band_kev:
        low, _, high = text.partition("-")
        if not float(low) < float(high):
            raise InputError(f"query: band_kev is {text}: must be two rising energies")
        found.append((float(low), float(high)))
    return found


def _sums(
    burst: MeasuredBurst, duration: DurationMeasurement, wanted: LightCurveQuery
) -> list[InstrumentData]:
    """Return the data of each light curve."""
    own = data_of(burst, duration)
    names = wanted.detector or own.detectors
    known = detectors_of(burst, duration)
    for name in names:
        if name not in known:
            raise InputError(f"query: detector is {name!r}: must be one of {', '.join(known)}")
    if wanted.separate:
        return [_of_detectors(burst, duration, own, (name,)) for name in dict.fromkeys(names)]
    return [_of_detectors(burst, duration, own, tuple(dict.fromkeys(names)))]


def _of_detectors(
    burst: MeasuredBurst,
    duration: DurationMeasurement,
    own: InstrumentData,
    names: tuple[str, ...],
) -> InstrumentData:
    """Return the data of some detectors: those of the measurement, or as a measurement chooses."""
    if set(names) == set(own.detectors):
        return own
    if set(names) <= set(own.detectors):
        return replace(
            own,
            events=tuple(each for each in own.events if each.detector in names),
            histories=tuple(each for each in own.histories if each.detector in names),
            curves=tuple(each for each in own.curves if "+".join(each.detectors) in names),
        )
    curve = duration.curve
    chosen = choose(burst.observation, Instrument(curve.instrument), names, curve.maker)
    return replace(own, events=chosen.events, histories=chosen.histories, curves=chosen.curves)


def _background(
    burst: MeasuredBurst, duration: DurationMeasurement, data: InstrumentData, curve: LightCurve
) -> tuple[Floats, Floats] | None:
    """Return the background counts of each bin of a curve and their errors; None: unknown."""
    bins = (curve.start_s, curve.stop_s, curve.exposure_s)
    same = set(curve.detectors) == set(duration.curve.detectors)
    if same and curve.asked_kev == duration.curve.asked_kev:
        fit = duration.background_fit
        return None if fit is None else _evaluated([fit], bins)
    fits: list[BackgroundFit] = []
    parts: list[EventList | History] = [*data.events, *data.histories]
    for each in parts:
        fit = background_of(burst.backgrounds, each)
        if fit is None or each.channels is None:
            return None
        fits.append(fit.summed(band_mask(each.channels, curve.asked_kev)))
    return _evaluated(fits, bins) if fits else None


def _evaluated(
    fits: Sequence[BackgroundFit], bins: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats]:
    counts = np.sum([fit.counts(*bins).sum(axis=1) for fit in fits], axis=0)
    variances = [np.square(fit.errors(*bins)).sum(axis=1) for fit in fits]
    return counts, np.sqrt(np.sum(variances, axis=0))


def _column_curve(
    whole: LightCurve,
    shown: LightCurve,
    background: tuple[Floats, Floats] | None,
    band_kev: Interval | None,
) -> BandCurve:
    return BandCurve(
        detectors=shown.detectors,
        band_kev=shown.band_kev,
        asked_kev=band_kev,
        bins=len(whole.counts),
        bin_s=float(np.median(whole.stop_s - whole.start_s)),
        decimated=len(shown.counts) < len(whole.counts),
        background_subtracted=shown.background_subtracted,
        start_s=shown.start_s.tolist(),
        stop_s=shown.stop_s.tolist(),
        counts=shown.counts.tolist(),
        exposure_s=shown.exposure_s.tolist(),
        error_counts=None if shown.error is None else shown.error.tolist(),
        background_counts=None if background is None else background[0].tolist(),
        background_error_counts=None if background is None else background[1].tolist(),
    )
