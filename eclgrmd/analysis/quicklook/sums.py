"""Light curves by band, hardness and peak rates from the bins of packets."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.character.bands import SOFT_AND_HARD_KEV
from eclgrmd.analysis.character.hardness import hardness_ratio
from eclgrmd.analysis.character.peaks import peak_rate
from eclgrmd.analysis.character.series import NetCurve, Sum
from eclgrmd.analysis.character.smooth import smooth_model
from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.curve.curves import hull
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve
from eclgrmd.model.result import HardnessRatio, PeakRate

from .bins import Bins

__all__ = ["band_curves", "hardness_so_far", "peaks_so_far"]

_PEAK_SCALES_S = (0.064, 1.0)
"""Widths of the windows of peak rates, seconds."""


def band_curves(
    bins: Bins,
    instrument: Instrument,
    detectors: tuple[str, ...],
    bands_kev: tuple[Interval, ...],
    offset_s: float,
) -> tuple[LightCurve, ...]:
    """Return the light curve of each band, summed over detectors, in seconds after t0.

    Parameters
    ----------
    bins
        Bins with the counts of each detector and band.
    instrument, detectors, bands_kev
        Names of the instrument and detectors, and the bands.
    offset_s
        t0, seconds after the origin of the bins.
    """
    return tuple(
        LightCurve(
            instrument=instrument,
            detectors=detectors,
            band_kev=band,
            start_s=bins.start_s - offset_s,
            stop_s=bins.stop_s - offset_s,
            counts=bins.counts[:, :, i].sum(axis=1),
            exposure_s=(bins.stop_s - bins.start_s) * bins.live,
        )
        for i, band in enumerate(bands_kev)
    )


def hardness_so_far(
    curves: tuple[LightCurve, ...], measured: DurationMeasurement
) -> HardnessRatio | None:
    """Return the hardness over T100 (for GRM the product QHR_GRM), or None if it is not possible.

    The bands of the packets are assigned to the soft and the hard band of the instrument by their
    geometric centres.
    """
    ranges = SOFT_AND_HARD_KEV.get(measured.instrument)
    fit, t100 = measured.background_fit, measured.t100_s
    if ranges is None or fit is None or t100 is None:
        return None
    sums: list[Sum] = []
    bands: list[Interval] = []
    for low, high in ranges:
        mine = [c for c in curves if c.band_kev and low <= np.sqrt(np.prod(c.band_kev)) <= high]
        band = hull(c.band_kev for c in mine) if mine else None
        if band is None:
            return None
        curve = replace(
            mine[0],
            counts=np.sum([c.counts for c in mine], axis=0),
            band_kev=band,
        )
        total = _net(curve, measured).total(t100)
        if total is None:
            return None
        sums.append(total)
        bands.append(band)
    return hardness_ratio(sums[0], sums[1], bands[0], bands[1], t100)


def _net(curve: LightCurve, measured: DurationMeasurement) -> NetCurve:
    """Return a band with its background, fitted with the intervals and order of the whole band."""
    whole = measured.background_fit
    if whole is None:
        raise ValueError("there is no background to follow")
    return NetCurve(curve, fit_curve(curve, whole.intervals_s, order=whole.order))


def peaks_so_far(measured: DurationMeasurement, seed: int) -> tuple[PeakRate, ...]:
    """Return the highest rates in windows of 64 ms and 1 s.

    Windows need bins of one width, so only bins with the width of those in the brightest block are
    used.
    """
    fit = measured.background_fit
    if measured.t100_s is None or fit is None:
        return ()
    curve, model = measured.curve, smooth_model(measured)
    width = curve.stop_s - curve.start_s
    brightest = int(np.argmax(measured.block_rates))
    first = int(np.searchsorted(curve.start_s, measured.block_edges_s[brightest] - 1e-9))
    near = np.abs(width - width[first]) < 0.01 * width[first]
    low, high = measured.t100_s
    near &= (curve.stop_s > low - 1.0) & (curve.start_s < high + 1.0)
    part = replace(
        curve,
        start_s=curve.start_s[near],
        stop_s=curve.stop_s[near],
        counts=curve.counts[near],
        exposure_s=curve.exposure_s[near],
    )
    net = NetCurve(part, fit)
    return tuple(peak_rate(net, scale, model, seed) for scale in _PEAK_SCALES_S)
