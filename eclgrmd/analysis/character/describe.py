"""Measurement of all light-curve properties other than durations, for one instrument."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from eclgrmd.analysis.temporal.curve.bins import part_of
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import TRUNCATED, Flag, FlagCode, FlagText, has_flag
from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.observation import Observation
from eclgrmd.model.result import (
    Character,
    DetectorSignificance,
    HardnessRatio,
    Morphology,
    PeakRate,
    SpectralLag,
    VariabilityScale,
)

from .bands import SOFT_AND_HARD_KEV
from .classification import classify
from .failures import FailureRecorder
from .hardness import hardness_ratio
from .lag import spectral_lag
from .morphology import Blocks, blocks_of, describe_shape
from .peaks import PEAK_SCALES_S, STEPS_PER_WINDOW, peak_rate
from .series import InstrumentData, NetCurve
from .significance import detector_significance
from .variability import variability_scale

__all__ = ["describe", "hardness_over", "peak_rates_over"]

_Variability = tuple[VariabilityScale | None, tuple[Flag, ...]]
_Colour = tuple[NetCurve, Interval]
"""Light curve of one band, and the edges of the channels that it counts, keV."""
_HardnessAndLag = tuple[HardnessRatio | None, SpectralLag | None, tuple[Flag, ...]]

_NO_VARIABILITY: _Variability = (None, ())
"""Result if the variability cannot be computed."""
_NO_HARDNESS: _HardnessAndLag = (None, None, ())
"""Result if hardness and lag cannot be computed."""

# The numbers of bins bound the time of a measurement; all of these values are choices.
_FINEST_S = 0.0005
"""Smallest bin of the variability time-scale, seconds."""
_LAG_BINS = 8192
"""Approximate largest number of bins of the spectral lag."""
_LAG_FINEST_S = 0.001
"""Smallest bin of the spectral lag, seconds."""
_BINS_PER_BLOCK = 16.0
"""Number of bins of the spectral lag in the brightest block."""
_VARIABILITY_BINS = 8192
"""Approximate largest number of bins of the variability time-scale."""
_PEAK_BINS = 16384
"""Largest number of bins of a peak rate."""
_LEAST_STEPS = 2
"""Smallest number of positions within the width of a window of a peak rate."""
_PAD_FRACTION = 0.25
"""Time before and after the burst for lag and variability, as a fraction of its length."""
_CLASS_BAND_KEV = (50.0, 300.0)
"""Band in which the duration classes are defined."""


def describe(
    observation: Observation,
    measurement: DurationMeasurement,
    configuration: TaskConfiguration,
    hardness: Measurement | None = None,
) -> Character | None:
    """Measure the light-curve properties of a burst other than its durations.

    Parameters
    ----------
    observation
        The data that the duration was measured with.
    measurement
        Duration of one instrument, with the detectors, band, T100, blocks and background intervals
        to use.
    configuration
        Task configuration, of which the seed is used.
    hardness
        Energy fluence in 100-300 keV over that in 50-100 keV, from a spectral fit, for the class;
        None if unknown.

    Returns
    -------
    Character | None
        Unknown properties are None or empty, with a flag that gives the reason. None if nothing is
        significant.
    """
    if measurement.t100_s is None:
        return None
    t100, seed = measurement.t100_s, configuration.seed
    series, attempt = InstrumentData.of(observation, measurement), FailureRecorder()
    truncated = has_flag(measurement.flags, *TRUNCATED)
    data = (series, measurement, t100)
    variability, unknown = attempt("variability", _NO_VARIABILITY, _variability, *data)
    ratio, lag, missing = attempt("hardness and lag", _NO_HARDNESS, _hardness_and_lag, *data, seed)
    found = Character(
        interval_s=t100,
        significances=attempt("significances", (), _significances, *data),
        peak_rates=attempt("peak rates", (), peak_rates_over, *data, seed),
        count_fluence=measurement.net_counts or NOT_MEASURED,
        hardness=ratio,
        lag=lag,
        variability=variability,
        classification=attempt(
            "class", None, classify, measurement.t90.measurement, hardness, truncated=truncated
        ),
        morphology=attempt("morphology", None, _shape, measurement),
    )
    flags = (*unknown, *missing, *_flags(measurement), *attempt.flags)
    return replace(found, flags=tuple(dict.fromkeys(flags)))


def _shape(measurement: DurationMeasurement) -> Morphology | None:
    return describe_shape(blocks_of(measurement))


def _flags(measurement: DurationMeasurement) -> list[FlagText]:
    flags = [flag for flag in measurement.flags if flag.code in TRUNCATED]
    flags += [flag for flag in measurement.flags if flag.code is FlagCode.GAP]
    if measurement.band_kev is None:
        return [*flags, Flag(FlagCode.BAND_UNKNOWN)]
    low, high = measurement.band_kev
    if low < 0.5 * _CLASS_BAND_KEV[0] or high < 0.5 * _CLASS_BAND_KEV[1]:
        flags.append(Flag(FlagCode.CLASS_OF_OTHER_BAND))
    return flags


def _band(measurement: DurationMeasurement) -> Interval | None:
    """Return the band for which the channels were chosen, or None if all were counted."""
    return measurement.curve.asked_kev


def _bin_in_burst(measurement: DurationMeasurement, t100_s: Interval) -> float:
    curve = measurement.curve
    inside = (curve.stop_s > t100_s[0]) & (curve.start_s < t100_s[1])
    return float(np.median((curve.stop_s - curve.start_s)[inside]))


def _significances(
    series: InstrumentData, measurement: DurationMeasurement, t100_s: Interval
) -> tuple[DetectorSignificance, ...]:
    bin_s = _bin_in_burst(measurement, t100_s)
    window = (t100_s[0] - bin_s, t100_s[1] + bin_s)
    found = []
    for detector in series.detectors:
        net = series.only(detector).net(_band(measurement), window, bin_s)
        significance = None if net is None else detector_significance(detector, net, t100_s)
        if significance is not None:
            found.append(significance)
    return tuple(found)


def peak_rates_over(
    series: InstrumentData,
    measurement: DurationMeasurement,
    t100_s: Interval,
    seed: int,
    scales_s: Sequence[float] = PEAK_SCALES_S,
) -> tuple[PeakRate, ...]:
    """Find the highest rates in windows of several widths (`peak_rate`) over T100.

    Of a series whose bins have several widths, only those as wide as in the brightest block count.
    """
    found = []
    for scale in scales_s:
        window = (t100_s[0] - scale, t100_s[1] + scale)
        bin_s = scale / _steps(scale, window)
        net = series.net(_band(measurement), window, bin_s)
        if net is None:
            found.append(PeakRate(scale, None, NOT_MEASURED, None, (Flag(FlagCode.NO_DATA),)))
        else:
            found.append(peak_rate(_of_one_width(net, measurement), scale, seed))
    return tuple(found)


def hardness_over(
    series: InstrumentData, measurement: DurationMeasurement, t100_s: Interval
) -> HardnessRatio | None:
    """Compare the counts of the hard band with those of the soft one over T100.

    None: the instrument has no such bands, or no data in one of them.
    """
    nets = _soft_and_hard(series, measurement, t100_s, _bin_in_burst(measurement, t100_s))
    return None if nets is None else _ratio(series, *nets, t100_s)


def _steps(scale_s: float, window_s: Interval) -> int:
    """Return the number of positions within a window's width: fewer in a long burst."""
    steps = STEPS_PER_WINDOW
    while steps > _LEAST_STEPS and (window_s[1] - window_s[0]) * steps > _PEAK_BINS * scale_s:
        steps //= 2
    return steps


def _variability(
    series: InstrumentData, measurement: DurationMeasurement, t100_s: Interval
) -> _Variability:
    bin_s = max(_FINEST_S, _power_of_two((t100_s[1] - t100_s[0]) / _VARIABILITY_BINS))
    net = series.net(_band(measurement), _padded(t100_s), bin_s)
    if net is None or not _regular(net):
        return None, (Flag(FlagCode.UNEQUAL_BINS, subject="variability"),)
    return variability_scale(net), ()


def _hardness_and_lag(
    series: InstrumentData, measurement: DurationMeasurement, t100_s: Interval, seed: int
) -> _HardnessAndLag:
    """Return hardness and lag between the soft and the hard band, and flags."""
    if measurement.instrument not in SOFT_AND_HARD_KEV:
        return None, None, (Flag(FlagCode.NO_BANDS),)
    bin_s = _lag_bin(blocks_of(measurement), _padded(t100_s))
    nets = _soft_and_hard(series, measurement, t100_s, bin_s)
    if nets is None:
        return None, None, (Flag(FlagCode.NO_BAND_DATA),)
    (soft, soft_kev), (hard, hard_kev) = nets
    ratio = _ratio(series, *nets, t100_s)
    comparable = _regular(soft) and _regular(hard) and np.isclose(soft.bin_s, hard.bin_s, rtol=0.01)
    if not comparable:
        return ratio, None, (Flag(FlagCode.UNEQUAL_BINS, subject="lag"),)
    lag = spectral_lag(soft, hard, soft_kev, hard_kev, seed)
    return ratio, replace(lag, flags=(*lag.flags, *_own_flags(series, soft, hard))), ()


def _soft_and_hard(
    series: InstrumentData, measurement: DurationMeasurement, t100_s: Interval, bin_s: float
) -> tuple[_Colour, _Colour] | None:
    """Cut the light curves of the soft and the hard band; None: one of them has no data."""
    bands = SOFT_AND_HARD_KEV.get(measurement.instrument)
    if bands is None:
        return None
    soft, hard = (series.net(band, _padded(t100_s), bin_s) for band in bands)
    if soft is None or hard is None or soft.band_kev is None or hard.band_kev is None:
        return None
    return (soft, soft.band_kev), (hard, hard.band_kev)


def _ratio(
    series: InstrumentData, soft: _Colour, hard: _Colour, t100_s: Interval
) -> HardnessRatio | None:
    sums = soft[0].total(t100_s), hard[0].total(t100_s)
    if sums[0] is None or sums[1] is None:
        return None
    ratio = hardness_ratio(sums[0], sums[1], soft[1], hard[1], t100_s)
    return replace(ratio, flags=(*ratio.flags, *_own_flags(series, soft[0], hard[0])))


def _own_flags(series: InstrumentData, *nets: NetCurve) -> tuple[Flag, ...]:
    """Return the flags of cut light curves that the data do not have already."""
    return tuple(f for net in nets for f in net.curve.flags if f not in series.flags)


def _lag_bin(blocks: Blocks, window_s: Interval) -> float:
    """Return the bin width of the lag, seconds: at most 1/16 of the brightest block.

    The peak of the correlation is wider than the block. Wider bins limit their number, and the
    width is at least 1 ms.
    """
    highest = int(np.argmax(blocks.rate))
    width = float(blocks.edges_s[highest + 1] - blocks.edges_s[highest])
    fine = _power_of_two(width / _BINS_PER_BLOCK)
    return max(_LAG_FINEST_S, fine, _power_of_two((window_s[1] - window_s[0]) / _LAG_BINS))


def _power_of_two(width_s: float) -> float:
    """Return the largest power of two times 1 ms that does not exceed a width, seconds."""
    return float(0.001 * 2.0 ** np.floor(np.log2(width_s / 0.001)))


def _padded(interval_s: Interval) -> Interval:
    pad = _PAD_FRACTION * (interval_s[1] - interval_s[0])
    return interval_s[0] - pad, interval_s[1] + pad


def _regular(net: NetCurve) -> bool:
    """Return True if all bins have the same width, within 1 %."""
    width = net.curve.stop_s - net.curve.start_s
    return bool(np.all(np.abs(width - net.bin_s) < 0.01 * net.bin_s))


def _of_one_width(net: NetCurve, measurement: DurationMeasurement) -> NetCurve:
    """Keep the bins that are as wide as those of the brightest block, if widths differ."""
    if _regular(net):
        return net
    curve = net.curve
    brightest = int(np.argmax(measurement.block_rates))
    first = int(np.searchsorted(curve.start_s, measurement.block_edges_s[brightest] - 1e-9))
    width = curve.stop_s - curve.start_s
    wanted = width[min(first, len(width) - 1)]
    return NetCurve(part_of(curve, np.abs(width - wanted) < 0.01 * wanted), net.fit)
