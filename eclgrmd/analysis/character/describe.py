"""The door: an observation and its measured duration go in, the burst's character comes out."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.observation import Observation

from .bands import SOFT_AND_HARD_KEV
from .classification import classify
from .hardness import hardness_ratio
from .lag import spectral_lag
from .morphology import Blocks, blocks_of, describe_shape
from .peaks import PEAK_SCALES_S, STEPS_PER_WINDOW, peak_rate
from .results import (
    NO_ESTIMATE,
    BurstCharacter,
    DetectorSignificance,
    Estimate,
    HardnessRatio,
    Interval,
    PeakRate,
    SpectralLag,
    VariabilityScale,
)
from .series import NetCurve, Series
from .significance import detector_significance
from .smooth import smooth_model
from .variability import variability_scale

__all__ = ["describe"]

_FINEST_S = 0.0005
_LAG_BINS = 8192
_LAG_FINEST_S = 0.001
_BINS_PER_BLOCK = 16.0
_VARIABILITY_BINS = 16384
_PAD_FRACTION = 0.25
_CLASS_BAND_KEV = (50.0, 300.0)


def describe(
    observation: Observation,
    measurement: DurationMeasurement,
    configuration: TaskConfiguration,
    hardness: Estimate | None = None,
) -> BurstCharacter:
    """Tell what the light curves of one instrument say beside its duration.

    Parameters
    ----------
    observation
        What the duration was measured with.
    measurement
        Of one instrument: its detectors, band, T100, blocks and background intervals are used.
    configuration
        Its seed.
    hardness
        Energy fluence in 100-300 keV over that in 50-100 keV, from a spectral fit, for the class;
        None: not known.

    Returns
    -------
    BurstCharacter
        What cannot be given is None or empty, and a flag says why.
    """
    if measurement.t100_s is None:
        return _nothing(measurement, "no significant excess")
    series, seed = Series.of(observation, measurement), configuration.seed
    truncated = any(flag.startswith("truncated") for flag in measurement.flags)
    blocks = blocks_of(measurement)
    morphology = describe_shape(blocks)
    significances = _significances(series, measurement, measurement.t100_s)
    variability, unknown = _variability(series, measurement, measurement.t100_s, seed)
    ratio, lag, missing = _colours(series, measurement, blocks, seed)
    flags = (*unknown, *missing, *_flags(measurement))
    return BurstCharacter(
        instrument=measurement.instrument,
        detectors=measurement.detectors,
        band_kev=measurement.band_kev,
        interval_s=measurement.t100_s,
        significances=significances,
        peak_rates=_peaks(series, measurement, measurement.t100_s, seed),
        count_fluence=measurement.net_counts,
        hardness=ratio,
        lag=lag,
        variability=variability,
        classification=classify(_estimate_of_t90(measurement), hardness, truncated=truncated),
        morphology=morphology,
        flags=tuple(dict.fromkeys(flags)),
    )


def _nothing(measurement: DurationMeasurement, flag: str) -> BurstCharacter:
    return BurstCharacter(
        instrument=measurement.instrument,
        detectors=measurement.detectors,
        band_kev=measurement.band_kev,
        interval_s=None,
        significances=(),
        peak_rates=(),
        count_fluence=NO_ESTIMATE,
        hardness=None,
        lag=None,
        variability=None,
        classification=None,
        morphology=None,
        flags=(flag,),
    )


def _flags(measurement: DurationMeasurement) -> list[str]:
    flags = [flag for flag in measurement.flags if flag.startswith("truncated")]
    if "gap in the burst" in measurement.flags:
        flags.append("gap in the burst")
    low, high = measurement.band_kev
    if low < 0.5 * _CLASS_BAND_KEV[0] or high < 0.5 * _CLASS_BAND_KEV[1]:
        flags.append("class from a T90 outside 50-300 keV")
    return flags


def _estimate_of_t90(measurement: DurationMeasurement) -> Estimate:
    t90 = measurement.t90
    return Estimate(t90.value_s, t90.err_minus_s, t90.err_plus_s)


def _band(measurement: DurationMeasurement) -> Interval | None:
    """Give the measured band; None where the data do not tell energies, and everything was."""
    return None if measurement.band_kev == (0.0, 0.0) else measurement.band_kev


def _bin_in_burst(measurement: DurationMeasurement, t100_s: Interval) -> float:
    curve = measurement.curve
    inside = (curve.stop_s > t100_s[0]) & (curve.start_s < t100_s[1])
    return float(np.median((curve.stop_s - curve.start_s)[inside]))


def _significances(
    series: Series, measurement: DurationMeasurement, t100_s: Interval
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


def _peaks(
    series: Series, measurement: DurationMeasurement, t100_s: Interval, seed: int
) -> tuple[PeakRate, ...]:
    model = smooth_model(measurement)
    found = []
    for scale in PEAK_SCALES_S:
        window = (t100_s[0] - scale, t100_s[1] + scale)
        net = series.net(_band(measurement), window, scale / STEPS_PER_WINDOW)
        if net is None:
            found.append(PeakRate(scale, None, NO_ESTIMATE, None, ("no data",)))
        else:
            found.append(peak_rate(net, scale, model, seed))
    return tuple(found)


def _variability(
    series: Series, measurement: DurationMeasurement, t100_s: Interval, seed: int
) -> tuple[VariabilityScale | None, tuple[str, ...]]:
    bin_s = max(_FINEST_S, _power_of_two((t100_s[1] - t100_s[0]) / _VARIABILITY_BINS))
    net = series.net(_band(measurement), _padded(t100_s), bin_s)
    if net is None or not _regular(net):
        return None, ("no variability: bins of unequal width",)
    return variability_scale(net, seed), ()


def _colours(
    series: Series, measurement: DurationMeasurement, blocks: Blocks, seed: int
) -> tuple[HardnessRatio | None, SpectralLag | None, tuple[str, ...]]:
    """Compare the soft with the hard band."""
    bands = SOFT_AND_HARD_KEV.get(measurement.instrument)
    t100 = measurement.t100_s
    if bands is None or t100 is None:
        return None, None, ("no soft and hard band defined",)
    window = _padded(t100)
    soft, hard = (series.net(band, window, _lag_bin(blocks, window)) for band in bands)
    if soft is None or hard is None:
        return None, None, ("no data in the soft or the hard band",)
    sums = soft.total(t100), hard.total(t100)
    ratio = None
    if sums[0] is not None and sums[1] is not None:
        ratio = hardness_ratio(sums[0], sums[1], bands[0], bands[1], t100)
    comparable = _regular(soft) and _regular(hard) and np.isclose(soft.bin_s, hard.bin_s, rtol=0.01)
    if not comparable:
        return ratio, None, ("no lag: bins of unequal width",)
    lag = spectral_lag(soft, hard, seed)
    return ratio, replace(lag, soft_band_kev=bands[0], hard_band_kev=bands[1]), ()


def _lag_bin(blocks: Blocks, window_s: Interval) -> float:
    """A sixteenth of the brightest block or finer: the peak of the correlation is wider still."""
    highest = int(np.argmax(blocks.rate))
    width = float(blocks.edges_s[highest + 1] - blocks.edges_s[highest])
    fine = _power_of_two(width / _BINS_PER_BLOCK)
    return max(_LAG_FINEST_S, fine, _power_of_two((window_s[1] - window_s[0]) / _LAG_BINS))


def _power_of_two(width_s: float) -> float:
    """Give the next lower power of two of a millisecond, seconds."""
    return float(0.001 * 2.0 ** np.floor(np.log2(width_s / 0.001)))


def _padded(interval_s: Interval) -> Interval:
    pad = _PAD_FRACTION * (interval_s[1] - interval_s[0])
    return interval_s[0] - pad, interval_s[1] + pad


def _regular(net: NetCurve) -> bool:
    """Tell whether all bins have one width."""
    width = net.curve.stop_s - net.curve.start_s
    return bool(np.all(np.abs(width - net.bin_s) < 0.01 * net.bin_s))
