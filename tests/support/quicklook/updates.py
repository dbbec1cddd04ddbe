"""Updates of the quick look, without an analysis."""

from typing import Any

import msgspec

from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.result import Duration, Width

__all__ = ["update"]


def update(t90: float, **more: Any) -> QuickLookUpdate:
    """Return an update about burst `sb1` with this T90, seconds."""
    width = Width(t90, 1.0, 1.0, 0.0, t90)
    duration = Duration("GRM", ("GRD01",), (15.0, 5000.0), "", width, width, ())
    seen = InstrumentUpdate(
        instrument="GRM", progress="quiet", until_s=1.0, bins=9, duration=duration,
        hardness=None, peak_rates=(), restarts=0,
    )  # fmt: skip
    base = QuickLookUpdate(
        burst_id="sb1", t0_utc="2026-01-01T00:00:00Z", t0_met_s=0.0, packets=1, missing=0,
        newest_met_s=0.0, instruments=(seen,), reference="GRM",
    )  # fmt: skip
    return msgspec.structs.replace(base, **more)
