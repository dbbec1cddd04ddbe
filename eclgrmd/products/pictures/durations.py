"""Durations of a measured burst, with the rates of its blocks and what can be drawn of it."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.character.bands import BANDS_SHOWN_KEV
from eclgrmd.analysis.character.series import InstrumentData
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.rest.pictures import MeasuredDurations, MeasuredInstrument, SeriesKind
from eclgrmd.model.result import Duration

from .curves import data_of, detectors_of
from .measured import MeasuredBurst

__all__ = ["measured_durations"]


def measured_durations(burst: MeasuredBurst, published: Sequence[Duration]) -> MeasuredDurations:
    """Return the durations of a burst.

    Parameters
    ----------
    burst
        The burst.
    published
        Its durations as the result states them, in the same order.
    """
    return MeasuredDurations(
        burst_id=burst.observation.burst_id,
        t0_utc=burst.observation.t0_utc or None,
        instruments=[
            _instrument(burst, measured, stated)
            for measured, stated in zip(burst.durations, published, strict=True)
        ],
    )


def _instrument(
    burst: MeasuredBurst, measured: DurationMeasurement, stated: Duration
) -> MeasuredInstrument:
    data, curve = data_of(burst, measured), measured.curve
    kind = _kind(data)
    free = kind is not SeriesKind.CURVES
    return MeasuredInstrument(
        duration=stated,
        block_rates_per_s=measured.block_rates.tolist(),
        series=kind,
        detectors=detectors_of(burst, measured),
        bands_kev=BANDS_SHOWN_KEV.get(measured.instrument, ()) if free else (),
        span_s=(float(curve.start_s[0]), float(curve.stop_s[-1])),
        bin_s=float(np.median(curve.stop_s - curve.start_s)),
    )


def _kind(data: InstrumentData) -> SeriesKind:
    if data.events:
        return SeriesKind.EVENTS
    return SeriesKind.HISTORIES if data.histories else SeriesKind.CURVES
