"""The smallest real task: a light curve of a hundred bins, analysed in milliseconds."""

from typing import Any

import numpy as np

from eclgrmd.formats import Provenance, light_curve_to_fits
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve

__all__ = ["TINY_CONFIGURATION", "tiny_light_curve", "tiny_task"]

TINY_CONFIGURATION: dict[str, dict[str, Any]] = {
    "duration": {"bootstrap": 100},
    "products": {"figures": "never", "tables": False},
}
"""Configuration that keeps the analysis of a tiny light curve short."""
_BINS = 100
"""Number of bins."""
_START_S = -20.0
"""Start of the first bin, seconds after t0."""
_BIN_S = 0.5
"""Width of a bin, seconds."""


def tiny_light_curve(seed: int) -> bytes:
    """Simulate a pulse over a constant background; return an OGIP light-curve file."""
    edges_s = np.linspace(_START_S, _START_S + _BIN_S * _BINS, _BINS + 1)
    start_s, stop_s = edges_s[:-1], edges_s[1:]
    expected = 200.0 + 300.0 * np.exp(-0.5 * (start_s / 3.0) ** 2)
    counts = np.random.default_rng(seed).poisson(expected).astype(float)
    curve = LightCurve(
        instrument=Instrument.GRM,
        detectors=("GRD01",),
        band_kev=(15.0, 5000.0),
        start_s=start_s,
        stop_s=stop_s,
        counts=counts,
        exposure_s=np.full(_BINS, _BIN_S),
    )
    provenance = Provenance(
        burst_id=f"tiny{seed}",
        card="QLC_GRM",
        instrument="GRM",
        date_utc="2026-01-01T00:00:00Z",
        t0_met_s=0.0,
    )
    return light_curve_to_fits(curve, provenance)


def tiny_task(
    task_id: str, burst_id: str, inputs: list[dict[str, Any]], *, figures: bool = False
) -> dict[str, Any]:
    """Return a task message: temporal analysis of tiny light curves, with or without figures."""
    configuration: dict[str, Any] = dict(TINY_CONFIGURATION)
    if figures:
        configuration["products"] = {**TINY_CONFIGURATION["products"], "figures": "now"}
    return {
        "type": "task",
        "id": task_id,
        "burst_id": burst_id,
        "analysis": "temporal",
        "inputs": inputs,
        "configuration": configuration,
    }
