"""T90 and T50 of the photons of a burst instead of its counts.

The durations of the Fermi-GBM catalogue are of this kind (Paciesas et al. 2012, ApJS 199, 18): they
are measured on the cumulative photon flux in 50-300 keV from time-resolved fits. Here the
cumulative curve of the counts is used, with each net count weighted by the photons per count of its
interval. What lies before and after uses the nearest interval: with method `blocks` the tails, with
method `gbm_catalogue` everything between the plateaus.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.catalogue import catalogue_widths
from eclgrmd.analysis.temporal.results import (
    DurationMeasurement,
    PhotonDuration,
    TemporalAnalysis,
)
from eclgrmd.analysis.temporal.width.calibration import undetected_after
from eclgrmd.analysis.temporal.width.cumulative import Layout
from eclgrmd.analysis.temporal.width.resolution import with_bin_errors
from eclgrmd.analysis.temporal.width.widths import Widths, measure_widths
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats, Observation

from .conversion import MODEL, Conversion, convert

__all__ = ["in_photons", "photon_durations"]

_LEAST_VARIANCE = 0.5
"""Smallest variance of the counts of a cell, whose Poisson noise is approximated as Gaussian."""


def photon_durations(
    observation: Observation, temporal: TemporalAnalysis, configuration: TaskConfiguration
) -> tuple[PhotonDuration | None, ...]:
    """Return the photon duration of each measurement, in the same order.

    An element is None if the counts cannot be converted to photons.
    """
    return tuple(
        _measured(observation, found, temporal.backgrounds, configuration.of(found.instrument))
        for found in temporal.durations
    )


def _measured(
    observation: Observation,
    found: DurationMeasurement,
    backgrounds: Sequence[BackgroundFit],
    configuration: TaskConfiguration,
) -> PhotonDuration | None:
    if found.layout is None:
        return None
    conversion = convert(observation, found, backgrounds, configuration)
    if conversion is None:
        return None
    if configuration.duration.method == "gbm_catalogue":
        recipe = catalogue_widths(found, _weights(found, conversion))
        if recipe is None:
            return None
        t90, t50, cumulative = recipe
        fluence = recipe.fluence
    else:
        widths = _bootstrapped(found, found.layout, conversion, configuration)
        t90, t50 = (with_bin_errors(each, found.curve) for each in (widths.t90, widths.t50))
        cumulative, fluence = widths.cumulative, widths.fluence
    replaced = Flag(FlagCode.WHOLE_BURST_SPECTRUM, detail=str(conversion.replaced))
    return PhotonDuration(
        band_kev=conversion.band_kev,
        model=MODEL,
        intervals_s=tuple(conversion.edges_s.tolist()),
        photons_per_count=tuple(conversion.photons_per_count.tolist()),
        relative_errors=tuple(conversion.relative_error.tolist()),
        t90=t90,
        t50=t50,
        cumulative=cumulative,
        fluence=fluence,
        flags=(replaced,) if conversion.replaced else (),
        files=conversion.files,
    )


def _bootstrapped(
    found: DurationMeasurement,
    layout: Layout,
    conversion: Conversion,
    configuration: TaskConfiguration,
) -> Widths:
    """Measure the durations of the weighted counts, tails included, with a bootstrap."""
    edges_s = layout.cells.time_s
    interval = _interval_at(0.5 * (edges_s[1:] + edges_s[:-1]), conversion.edges_s)
    number = configuration.duration.bootstrap
    rng = np.random.default_rng(configuration.seed + 1)
    drawn = rng.standard_normal((number, len(conversion.relative_error)))
    return measure_widths(
        in_photons(layout, conversion.photons_per_count[interval]),
        number,
        configuration.seed,
        undetected=undetected_after(found.significance, found.last, searched=False),
        scales=np.exp(drawn * conversion.relative_error)[:, interval],
    )


def _weights(found: DurationMeasurement, conversion: Conversion) -> Floats:
    """Return the photons/cm2 per count of each bin of the light curve, shape (n,)."""
    middle = 0.5 * (found.curve.start_s + found.curve.stop_s)
    return conversion.photons_per_count[_interval_at(middle, conversion.edges_s)]


def _interval_at(time_s: Floats, edges_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the index of the interval at each time; tails belong to the first and the last."""
    index = np.searchsorted(edges_s, time_s, side="right") - 1
    return np.clip(index, 0, len(edges_s) - 2)


def in_photons(layout: Layout, photons_per_count: Floats) -> Layout:
    """Return a layout in photons/cm2; its Poisson noise is approximated as Gaussian.

    Parameters
    ----------
    layout
        The layout in counts, n cells.
    photons_per_count
        Photons/cm2 per count of each cell, shape (n,).
    """
    cells = layout.cells
    expected = np.maximum(cells.net * cells.live + cells.background, _LEAST_VARIANCE)
    variance = np.where(cells.variance > 0.0, cells.variance, expected)
    first, last = photons_per_count[[0, -1]]
    return replace(
        layout,
        cells=cells._replace(
            net=cells.net * photons_per_count,
            background=cells.background * photons_per_count,
            variance=variance * photons_per_count**2,
            modes=cells.modes * photons_per_count,
        ),
        counts=layout.counts * photons_per_count,
        before=layout.before._replace(rate=layout.before.rate * first),
        after=layout.after._replace(rate=layout.after.rate * last),
    )
